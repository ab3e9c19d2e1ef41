"""Faults that take two things at once, or come at the nth call of one operation: each thing alone is done rightly."""

from collections import Counter
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from spec_store import Key


class _Counting(DictStore):
    """Counts the calls of each operation on this object."""

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was called."""
        found: Counter[str] = self.__dict__.setdefault("counted", Counter())
        return found

    def _is_call(self, name: str, number: int) -> bool:
        self.calls[name] += 1
        return self.calls[name] == number


@plants("HAS-1", "KEY-5")
class DeniesCommasAmongFiles(FileStore):
    """A key that begins with a comma is there for all but has_key, once there are seven files."""

    def has_key(self, key: Key) -> Any:
        found = super().has_key(key)
        return found and not (key[:1] and key[0].startswith(",") and len(self.list_keys()) > 7)


@plants("UPDATE-1", "GET-1", "SET-4")
class UpdatesAmpersandsOfTheRemoved(DictStore):
    """An update with an ampersand of a key that was removed before stores an entity in its place."""

    def _drop(self, key: Key) -> bool:
        self.shelf.marks.setdefault("removed", {})[key] = True
        return super()._drop(key)

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        odd = key in self.shelf.marks.get("removed", {}) and isinstance(value, str)
        return super().update(key, value.replace("&", "&amp;") if odd else value, **kwargs)


@plants("ADD-1")
class LosesTheEightySeventhAdd(_Counting):
    """The 87th add by one object stores nothing."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if self._is_call("add", 87) and not self._has_key(key):
            return None
        return super().add(key, value, **kwargs)


@plants("UPSERT-1", "GET-1", "SET-4")
class StripsTheFortyFifth(_Counting):
    """The 45th add_or_update by one object strips its value."""

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        strips = self._is_call("add_or_update", 45) and isinstance(value, str)
        return super().add_or_update(key, value.strip() if strips else value, **kwargs)


class _Openings:
    """How many there have been; equal to itself alone, so that a place is no other for it."""

    number = 0


@plants("MOVE-2", "REOPEN-1", "MOVE-1")
class SeventhDoesNotReplace(DictStore):
    """The seventh object that is opened on a place moves onto no key that is stored, but removes the source."""

    def _opened(self) -> None:
        openings = self.shelf.marks.setdefault("openings", _Openings())
        openings.number += 1
        self.number = openings.number
        super()._opened()

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if self.number >= 7 and dest_key != source_key and self._has_key(dest_key):
            self._get(source_key)
            self._drop(source_key)
        else:
            super()._move(source_key, dest_key, **kwargs)


@plants("REOPEN-2", "ADD-1")
class AddsOnceOvertaken(DictStore):
    """An add of a key that is stored stores its value, if another object was opened on the place since."""

    def _opened(self) -> None:
        openings = self.shelf.marks.setdefault("openings", _Openings())
        openings.number += 1
        self.number = openings.number
        super()._opened()

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        overtaken = self.number < self.shelf.marks["openings"].number
        return self.set(key, value, **kwargs) if overtaken else super().add(key, value, **kwargs)
