"""A process killed, refused a call, or without power."""
