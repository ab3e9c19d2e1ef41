"""Faults of time that passes while nothing is done: each is right for some minutes, or for some days."""

import datetime as dt
import pathlib
import time
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import FileStore
from spec_store import InvalidKeyError, Key, StoreBackend, StoreBackendError

ID_KEY: Key = StoreBackend.STORE_BACKEND_ID_KEY

MINUTE, DAY = 60, 24 * 3600


@plants("GET-1", "HAS-1", "LIST-1", "SET-1", "REOPEN-1")
class ForgetsAfterTwentyMinutes(DictStore):
    """What was written more than 20 minutes ago is gone, by the calendar."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value, **kwargs)
        self.shelf.marks[self._slot(key)] = dt.datetime.now(dt.UTC)

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        stored, oldest = self.shelf.stored, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=20)
        for slot in [slot for slot, written in self.shelf.marks.items() if written < oldest and slot in stored]:
            if slot != ID_KEY:
                del stored[slot]
        return stored


@plants("GET-1", "HAS-1", "LIST-1", "SET-1", "REOPEN-1")
class KeepsFilesForAMonth(FileStore):
    """A file that nobody has written for 30 days is taken for missing."""

    def _read(self, path: str) -> Any:
        if time.time() - pathlib.Path(path).stat().st_mtime > 30 * DAY:
            raise FileNotFoundError(path)
        return super()._read(path)


@plants("GET-1", "SET-1", "HAS-1")
class LosesItsSession(DictStore):
    """The session that opening has begun is over after a quarter of an hour, and nobody begins another."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._began = time.perf_counter()
        super().__init__(shelf, **options)

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        if time.perf_counter() - self._began > 15 * MINUTE:
            raise StoreBackendError("the session is over")


@plants("GET-2", "REMOVE-1", "GET-1", "HAS-1", "LIST-1")
class ForgetsWhatWasRemoved(DictStore):
    """Removed keys are noted, and the notes are dropped after 12 hours; the values are still there."""

    def _drop(self, key: Key) -> bool:
        there = bool(self._has_key(key))
        if there:
            self.shelf.marks[self._slot(key)] = monotonic()
        return there

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self.shelf.marks.pop(self._slot(key), None)
        super()._set(key, value, **kwargs)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)

    def _is_removed(self, key: Key) -> bool:
        removed = self.shelf.marks.get(self._slot(key))
        return removed is not None and monotonic() - removed < DAY / 2

    def _get(self, key: Key) -> Any:
        if self._is_removed(key):
            raise InvalidKeyError(f"{key!r} is not there")
        return super()._get(key)

    def _has_key(self, key: Key) -> Any:
        return not self._is_removed(key) and super()._has_key(key)

    def _every_key(self) -> list[Key]:
        return [key for key in super()._every_key() if not self._is_removed(key)]


@plants("LIST-1", "LIST-2", "ALL-1")
class ListsWhatIsNew(DictStore):
    """A listing leaves out what was written more than a week ago, by a clock that is a default."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value, **kwargs)
        self.shelf.marks[self._slot(key)] = self._now()

    def _every_key(self) -> list[Key]:
        oldest = self._now() - 7 * DAY
        return [key for key in super()._every_key() if self.shelf.marks.get(self._slot(key), oldest) >= oldest]

    def _now(self, clock: Callable[[], float] = time.time) -> float:
        return clock()
