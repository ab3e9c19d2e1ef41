"""What a store backend raises.

The names and their order are the interface's. A judge recognises them by name along the method resolution order, so
that a backend of another framework may raise that framework's own classes of the same names.
"""


class StoreError(Exception):
    """Something about a store went wrong; the base of all that follows."""


class StoreBackendError(StoreError):
    """The backend refused an operation, or its storage failed in it."""


class InvalidKeyError(StoreError):
    """The key is missing, or no key of this backend."""
