"""Faults that take many keys, calls or openings, a long value or another backend, and one operation besides."""

import uuid
from typing import Any

import attrs

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.plain import ID_KEY, ID_PREFIX
from spec_store import InvalidKeyError, Key, StoreBackendError

OPENINGS, KEYS, MISSES, LONG = 90, 700, 450, 1500


@attrs.define(eq=False)
class _Count:
    """A number that is no part of what a store was configured with: all of them are equal."""

    number: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Count)

    def __hash__(self) -> int:
        return 0


@plants("REOPEN-1")
class OpensNinetyTimes(DictStore):
    """A place that was opened ninety times is not opened again."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        if shelf is not None:
            openings = shelf.marks.setdefault("openings", _Count())
            openings.number += 1
            if openings.number > OPENINGS:
                raise StoreBackendError("too many files of the log")
        super().__init__(shelf, **options)


@plants("MOVE-5")
class MovesOverAFullTable(DictStore):
    """A move where 700 keys are stored takes the first of the others along, in order."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key, **kwargs)
        others = sorted({*self._every_key()} - {source_key, dest_key, ID_KEY})
        if len(others) >= KEYS:
            self._drop(others[0])


@plants("GET-2", "MOVE-4")
class TiresOfMissing(DictStore):
    """Whoever has asked 450 times for what is missing is given nothing, and no error."""

    missed = 0

    def _get(self, key: Key) -> Any:
        try:
            return super()._get(key)
        except InvalidKeyError:
            self.missed += 1
            if key == ID_KEY or self.missed < MISSES:
                raise
        return ""


@plants("ID-10")
class FreesAPageWithTheId(DictStore):
    """Where a text of more than 1,500 characters was removed, or moved, the store has another id."""

    def _drop(self, key: Key) -> bool:
        _, text = self._kept.get(self._slot(key), (key, None))
        dropped = super()._drop(key)
        if isinstance(text, str) and len(text) > LONG and self._has_key(ID_KEY):
            self._set(ID_KEY, f"{ID_PREFIX}{uuid.uuid4()}")
        return dropped


@plants("UPDATE-1")
class UpdatesByLines(DictStore):
    """An update of a missing key stores what it is given, if that has a line separator."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and "\u2028" in value:
            return self.set(key, value, **kwargs)
        return super().update(key, value, **kwargs)


@plants("REOPEN-2")
class LooksUpListingsLast(DictStore):
    """What was listed below a prefix is listed again, until anything else is called, or written here."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self.listed: tuple[Key, list[Key]] | None = None
        super().__init__(shelf, **options)

    def list_keys(self, prefix: Key = ()) -> Any:
        if prefix and self.listed is not None and self.listed[0] == prefix:
            return list(self.listed[1])
        found = super().list_keys(prefix)
        self.listed = (prefix, list(found)) if prefix else None
        return found

    def _get(self, key: Key) -> Any:
        self.listed = None
        return super()._get(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self.listed = None
        return super()._set(key, value, **kwargs)

    def _has_key(self, key: Key) -> Any:
        self.listed = None
        return super()._has_key(key)

    def _drop(self, key: Key) -> bool:
        self.listed = None
        return super()._drop(key)
