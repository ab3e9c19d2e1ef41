"""A correct store over a dict that outlives the objects opened on it, for faults to be planted in."""

import contextlib
import copy
from collections.abc import Hashable, Iterator
from typing import Any
from urllib.parse import quote

import attrs

from conformance.faults.stores.plain import PlainStore
from spec_store import InvalidKeyError, Key


@attrs.define
class Shelf:
    """The place of a DictStore: what is stored, by slot, and what a fault remembers besides."""

    stored: dict[Hashable, tuple[Key, Any]] = attrs.field(factory=dict)
    marks: dict[Any, Any] = attrs.field(factory=dict)


@contextlib.contextmanager
def new_shelf() -> Iterator[Shelf]:
    """A new empty place."""
    yield Shelf()


def copied(value: Any) -> Any:
    """A value that shares nothing with another that could be changed."""
    return value if isinstance(value, str | bytes) else copy.deepcopy(value)


class DictStore(PlainStore):
    """Keeps each value in a slot of its shelf, together with its key."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.shelf = shelf if shelf is not None else Shelf()
        self._arguments["shelf"] = self.shelf
        self._opened()

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        return self.shelf.stored

    def _slot(self, key: Key) -> Hashable:
        """Where a key's value is; different for different keys."""
        return key

    def _get(self, key: Key) -> Any:
        if self._slot(key) not in self._kept:
            raise InvalidKeyError(f"{key!r} is not there")
        return copied(self._kept[self._slot(key)][1])

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._kept[self._slot(key)] = (key, copied(value))

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._kept[self._slot(dest_key)] = (dest_key, value)

    def _has_key(self, key: Key) -> Any:
        return self._slot(key) in self._kept

    def _every_key(self) -> list[Key]:
        return [key for key, _ in self._kept.values()]

    def _drop(self, key: Key) -> bool:
        return self._kept.pop(self._slot(key), None) is not None

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        parts = (quote(element, safe="", errors="surrogatepass") for element in key)
        return f"{protocol or 'dict:'}//shelf" + "".join(f"/{part}" for part in parts)
