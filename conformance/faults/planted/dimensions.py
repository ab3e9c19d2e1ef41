"""Faults that lie in one dimension alone, and have nothing odd about them in any other: an operation on keys of which
code makes another, the shape of a value beside that of its key, an order, a cache, objects open at once."""

from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from spec_store import Key


@plants("KEY-4", "UPDATE-1")
class UpdatesAfterFoldingLongS(DictStore):
    """Update takes a long s for a short one."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        return super().update(tuple(element.replace("\u017f", "s") for element in key), value, **kwargs)


@plants("HAS-1", "KEY-4")
class AsksForTheNumberInTheCircle(DictStore):
    """has_key takes a number in a circle for the number."""

    def has_key(self, key: Key) -> Any:
        self._validate_key(key)
        return super().has_key(tuple(element.replace("\u2460", "1") for element in key))


@plants("MOVE-5", "SET-2")
class EmptiesBelowAnEmptyDest(DictStore):
    """A move of an empty value removes whatever is below its dest."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        empty = self._get(source_key) == ""
        super()._move(source_key, dest_key, **kwargs)
        if empty and dest_key:
            for key in self._every_key():
                if key[: len(dest_key)] == dest_key != key:
                    self._drop(key)
