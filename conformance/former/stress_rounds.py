"""Where rounds under load were; printed scripts of version 0.1 import what is seen of them from here."""

from conformance.scripting import Seen, recorded

__all__ = ["Seen", "recorded"]
