"""Where rounds under load were run; printed scripts of version 0.1 import the pieces from here."""

from conformance.scripting import Gate, pauses, pausing, received, sent

__all__ = ["Gate", "pauses", "pausing", "received", "sent"]
