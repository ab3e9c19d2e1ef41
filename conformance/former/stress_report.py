"""Where histories under load were told; printed scripts of version 0.1 import the timeline from here."""

from conformance.scripting import timeline

__all__ = ["timeline"]
