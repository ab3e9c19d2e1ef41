"""Correct backends that are odd about names: which they take, how they are kept. None may be accused of anything."""

import base64
import unicodedata
from collections.abc import Hashable
from typing import Any

from conformance.faults.planting import odd
from conformance.faults.stores.dict_store import DictStore
from spec_store import Key, StoreBackendError


@odd()
class NamesInBase32(DictStore):
    """Each element is kept as base32 of its UTF-8, in lower case; what has no UTF-8 is refused."""

    def _slot(self, key: Key) -> Hashable:
        try:
            return "/".join(base64.b32encode(b"_" + element.encode()).decode().lower() for element in key)
        except UnicodeEncodeError:
            return None  # nothing is stored there

    def _refuse(self, key: Key) -> None:
        if self._slot(key) is None:
            raise StoreBackendError(f"no UTF-8 for {key!r}")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._refuse(key)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._get(source_key)
        self._refuse(dest_key)
        super()._move(source_key, dest_key)


@odd()
class ComposedNamesOnly(DictStore):
    """A key that is not in Unicode's normal form C is refused when it is written, and missing when it is read."""

    def _refuse(self, key: Key) -> None:
        if not all(unicodedata.is_normalized("NFC", element) for element in key):
            raise StoreBackendError(f"not in normal form C: {key!r}")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._refuse(key)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._get(source_key)
        self._refuse(dest_key)
        super()._move(source_key, dest_key)
