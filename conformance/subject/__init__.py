"""What the author of a backend says: how to open it, where to put it, what it claims."""

from conformance.subject.subject import Claims, Subject

__all__ = ["Claims", "Subject"]
