"""The reference backend: a dict, to be read as the specification of what each operation does."""

import copy
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from spec_store.backend import StoreBackend
from spec_store.errors import InvalidKeyError
from spec_store.keys import Key, starts_with

# Nobody can change these, so a copy would be the same object; deepcopy takes long to find that out.
_IMMUTABLE = frozenset({str, bytes, int, float, bool, type(None)})


class InMemoryStoreBackend(StoreBackend):
    """A store that lasts as long as its object, for values of any type that `copy.deepcopy` copies.

    Values are copied on their way in and out, so that nobody can change the store but through its methods (SET-5); a
    value that is equal to nothing but itself therefore comes back as one that is not equal to it.

    A lock is held for each operation, so that it is done as one step, whatever threads there are (LIN-1).

    Args:
        runtime_environment: what Great Expectations hands to the backends that it builds; kept for `config` alone.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.
    """

    def __init__(
        self,
        runtime_environment: Mapping[str, Any] | None = None,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = None,
    ) -> None:
        super().__init__(fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        self._runtime_environment = runtime_environment
        self._values: dict[Key, Any] = {}
        self._lock = threading.RLock()
        if not suppress_store_backend_id:
            _ = self.store_backend_id  # the first read creates it

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, in no order to rely on (LIST-1, LIST-2, LIST-3, LIST-4).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
        """
        self._validate_key(prefix)
        with self._lock:
            return [key for key in self._values if starts_with(key, prefix)]

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value (REMOVE-1); True if it was stored (REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
        """
        self._validate_key(key)
        with self._lock:
            stored = key in self._values
            self._values.pop(key, None)
            return stored

    def _get(self, key: Key) -> Any:
        with self._lock:
            if key not in self._values:
                raise InvalidKeyError(f"{type(self).__name__} has no key {key!r}")
            return _copied(self._values[key])

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        copied = _copied(value)
        with self._lock:
            self._values[key] = copied

    def _add(self, key: Key, value: Any, **kwargs: Any) -> None:
        with self._lock:
            super()._add(key, value, **kwargs)  # which looks, and then sets

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        with self._lock:
            value = self._get(source_key)
            del self._values[source_key]  # first, so that a move onto itself keeps the value (MOVE-3)
            self._values[dest_key] = value

    def _has_key(self, key: Key) -> bool:
        with self._lock:
            return key in self._values


def _copied(value: Any) -> Any:
    return value if type(value) in _IMMUTABLE else copy.deepcopy(value)
