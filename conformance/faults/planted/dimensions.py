"""Faults that lie in one dimension alone, and have nothing odd about them in any other: an operation on keys of which
code makes another, the shape of a value beside that of its key, an order, a cache, objects open at once."""

import bisect
from collections.abc import Hashable
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


@plants("HAS-1")
class InsertsAtTheOtherEnd(DictStore):
    """has_key searches a list into which the tenth key that comes at alternate ends is inserted at the other one."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._put_in_order(key)
        super()._set(key, value, **kwargs)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key, **kwargs)
        self._put_in_order(dest_key)

    def _drop(self, key: Key) -> bool:
        self.shelf.marks["turns"] = 0
        if key in self._order:
            self._order.remove(key)
        return super()._drop(key)

    @property
    def _order(self) -> list[Key]:
        order: list[Key] = self.shelf.marks.setdefault("order", [])
        return order

    def _put_in_order(self, key: Key) -> None:
        order, marks = self._order, self.shelf.marks
        if key in order or key == self.STORE_BACKEND_ID_KEY:
            return
        at = bisect.bisect_left(order, key)
        is_turn = at in (0, len(order)) and at != marks.get("at")
        marks["turns"] = marks.get("turns", 0) + 1 if is_turn else 0
        marks["at"] = 0 if at == 0 else len(order) + 1
        order.insert(len(order) - at if marks["turns"] == 10 else at, key)

    def has_key(self, key: Key) -> Any:
        self._validate_key(key)
        if key == self.STORE_BACKEND_ID_KEY:
            return super().has_key(key)
        at = bisect.bisect_left(self._order, key)
        return self._order[at : at + 1] == [key]


@plants("SET-2", "MOVE-2", "GET-1", "ALL-1")
class WritesBackWhatWasReplaced(DictStore):
    """A value that a move has replaced is there again once 45 others have been set."""

    @property
    def _waiting(self) -> dict[Key, tuple[int, Any]]:
        waiting: dict[Key, tuple[int, Any]] = self.shelf.marks.setdefault("waiting", {})
        return waiting

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value, **kwargs)
        self._waiting.pop(key, None)
        for other, (count, old) in list(self._waiting.items()):
            self._waiting[other] = (count + 1, old)
            if count + 1 == 45:
                del self._waiting[other]
                super()._set(other, old)

    def _drop(self, key: Key) -> bool:
        self._waiting.pop(key, None)
        return super()._drop(key)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        replaced = [self._get(dest_key)] if self._has_key(dest_key) and dest_key != source_key else []
        super()._move(source_key, dest_key, **kwargs)
        self._waiting.pop(dest_key, None)
        if replaced:
            self._waiting[dest_key] = (0, replaced[0])


@plants("REOPEN-1")
class KeepsNamedStoresApart(DictStore):
    """A store that is opened under a name has what was stored under that name alone, but for its id."""

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        if not hasattr(self, "shelf") or self.store_name in (None, "", "no_store_name"):
            return super()._kept
        kept: dict[Hashable, tuple[Key, Any]] = self.shelf.marks.setdefault("named", {}).setdefault(self.store_name, {})
        own = self._slot(self.STORE_BACKEND_ID_KEY)
        if own in self.shelf.stored:
            kept.setdefault(own, self.shelf.stored[own])
        return kept
