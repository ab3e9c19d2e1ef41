"""What a tuple-key store backend is: the interface, the in-memory reference, and the requirements as data.

It needs `attrs` alone. `SPEC.md` beside this file is the specification as text.
"""

from spec_store.backend import StoreBackend
from spec_store.copying import Compared, Copied, compare, copy
from spec_store.errors import InvalidKeyError, StoreBackendError, StoreError
from spec_store.identity import (
    STORE_BACKEND_ID_KEY,
    STORE_BACKEND_ID_PREFIX,
    STORE_BACKEND_INVALID_CONFIGURATION_ID,
)
from spec_store.keys import Key
from spec_store.memory import InMemoryStoreBackend
from spec_store.requirements import CLASSES, REQUIREMENTS, SPEC_VERSION, Requirement, requirement

__all__ = [
    "CLASSES",
    "REQUIREMENTS",
    "SPEC_VERSION",
    "STORE_BACKEND_ID_KEY",
    "STORE_BACKEND_ID_PREFIX",
    "STORE_BACKEND_INVALID_CONFIGURATION_ID",
    "Compared",
    "Copied",
    "InMemoryStoreBackend",
    "InvalidKeyError",
    "Key",
    "Requirement",
    "StoreBackend",
    "StoreBackendError",
    "StoreError",
    "compare",
    "copy",
    "requirement",
]
