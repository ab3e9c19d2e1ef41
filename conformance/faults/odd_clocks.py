"""Correct backends that read clocks: for names, for leases, for limits. Moved clocks must not have them accused."""

import pathlib
import threading
import time
from typing import Any, ClassVar

from conformance.faults.planting import odd
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import FileStore
from conformance.subject.subject import Claims
from spec_store import Key, StoreBackendError

STALE = 60.0
"""Seconds after which a lock is taken for one that somebody has left."""

LEASE, RENEWED = 30.0, 0.5
"""Seconds that a lease lasts, and after which it is renewed."""

A_SECOND = 5_000_000
"""How many operations a second are let through."""


@odd()
class LocksByTheTimeOfAFile(FileStore):
    """Each write makes a lock, a file, and gives up where that is old by the clock before the write is done."""

    def _write(self, path: str, value: str) -> None:
        lock = pathlib.Path(self.directory, "+lock")
        lock.touch()
        try:
            if time.time() - lock.stat().st_mtime > STALE:
                raise StoreBackendError("the lock was lost")
            super()._write(path, value)
        finally:
            lock.unlink()


@odd()
class LimitsItsRate(DictStore):
    """All objects of the class share a limit on how many operations there are in a second."""

    _next: ClassVar[float] = 0.0

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        now = time.monotonic()
        if LimitsItsRate._next > now:
            time.sleep(LimitsItsRate._next - now)
        LimitsItsRate._next = max(LimitsItsRate._next, now) + 1 / A_SECOND


@odd(Claims(durable=True, openings=1))
class RenewsALease(DictStore):
    """A thread renews a lease as long as the store is open; without one nothing is written."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._until = time.monotonic() + LEASE
        self._closing = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)
        self._renewing.start()
        super().__init__(shelf, **options)

    def _renew(self) -> None:
        while not self._closing.wait(RENEWED):
            self._until = time.monotonic() + LEASE

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if time.monotonic() > self._until:
            raise StoreBackendError("the lease is lost")
        super()._set(key, value, **kwargs)

    def close(self) -> None:
        self._closing.set()
        self._renewing.join()


@odd(Claims(durable=True, expires=True))
class ExpiresAsItClaims(DictStore):
    """What was written more than half an hour ago is gone, and it says so."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value, **kwargs)
        self.shelf.marks[self._slot(key)] = time.monotonic()

    def _has_key(self, key: Key) -> Any:
        self._expire()
        return super()._has_key(key)

    def _get(self, key: Key) -> Any:
        self._expire()
        return super()._get(key)

    def _every_key(self) -> list[Key]:
        self._expire()
        return super()._every_key()

    def _expire(self) -> None:
        oldest = time.monotonic() - 30 * STALE
        for slot in [slot for slot, written in self.shelf.marks.items() if written < oldest]:
            del self.shelf.marks[slot]
            self._kept.pop(slot, None)
