"""Stores that recover by a journal, and get that wrong: what a second crash, a long program or further writes show.

A kill amid one operation, on a store that was closed before, shows none of these. It takes

| fault                         | what shows it                                                                       |
|-------------------------------|-------------------------------------------------------------------------------------|
| `ReplaysMovesTwice`           | a crash amid the recovery from another, with a move and a set in the journal        |
| `RemovesItsJournalFirst`      | a crash amid the recovery from another, with four records in it                     |
| `RecoversInPlace`             | likewise                                                                            |
| `CompactsAFullJournalInPlace` | a program that fills the journal                                                    |
| `WritesOverItsSnapshotAtClose` | a program in which the store is closed                                             |
| `LosesTheSecondWriteAfterATornRecord` | two writes after a crash that has torn a long record, and another reader    |
| `RemovesByAQueue`             | the moment at which a removal has returned                                          |
| `SyncsNoFullJournal`          | a loss of power after the write that fills the journal                              |
| `SyncsNoRecovery`             | a loss of power after the recovery from a crash                                     |

They begin a recovery with four records: a store that was closed after two writes has three, the id's among them.
"""

import contextlib
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar

from conformance.faults.planted.crashing_stores import POWER, SweptStore
from conformance.faults.planting import plants_crash
from conformance.faults.stores.journal_store import Journal, JournalStore
from spec_store import Key

RECORDS = 4
WRITER = "writer"


class _Unfilled(JournalStore):
    """Makes a snapshot at openings alone, and of four records."""

    fewest_records = RECORDS
    most_records = 10**9

    def _snapshot_of(self, known: Journal) -> bytes:
        return json.dumps([known.number, list(known.stored.items())]).encode()


@plants_crash("CRASH-1", "CRASH-2")
class ReplaysMovesTwice(_Unfilled):
    """The snapshot has all of the journal, which is replayed on it once more where a crash came before its removal."""

    fewest_records = 1

    def _is_due(self, number: int, known: int) -> bool:
        return True


@plants_crash("CRASH-1")
class RemovesItsJournalFirst(_Unfilled):
    """The opening that recovers removes the journal, and then writes the snapshot that is to stand for it."""

    def _checkpoint(self) -> None:
        content = self._snapshot_of(self._read_all())
        self._remove_journal()
        self._write_snapshot(content)


@plants_crash("CRASH-1")
class RecoversInPlace(_Unfilled):
    """The opening that recovers writes over the snapshot."""

    def _write_snapshot(self, content: bytes) -> None:
        self.snapshot.write_bytes(content)


@plants_crash("CRASH-1")
class CompactsAFullJournalInPlace(JournalStore):
    """A journal of five records is emptied before the snapshot is written; at openings it is done in order."""

    most_records = 5

    def _checkpoint(self) -> None:
        known = self._read_all()
        if known.records >= self.most_records:
            os.truncate(self.journal, 0)
        self._write_snapshot(json.dumps([known.number, list(known.stored.items())]).encode())
        self._remove_journal()
        self._known = None


@plants_crash("CRASH-1")
class WritesOverItsSnapshotAtClose(_Unfilled):
    """close writes over the snapshot, and removes the journal then."""

    fewest_records = 100

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.snapshot.write_bytes(self._snapshot_of(self._read_all()))
            self._remove_journal()


@plants_crash("CRASH-3")
class LosesTheSecondWriteAfterATornRecord(_Unfilled):
    """The first record after a torn one is written over its beginning, the next one behind what is left of it."""

    fewest_records = 100
    _appended = False

    def _write_record(self, line: bytes, size: int) -> None:
        end = self.journal.stat().st_size if self._appended else size
        descriptor = os.open(self.journal, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            half = len(line) // 2
            os.pwrite(descriptor, line[:half], end)
            os.pwrite(descriptor, line[half:], end + half)
        finally:
            os.close(descriptor)
        self._appended = True

    def _append(self, kind: str, key: Key, more: Any = None) -> None:
        known = self._read_all()
        super()._append(kind, key, more)
        self._apply(known.stored, kind, list(key), more)
        number, records = known.number + 1, known.records + 1
        self._known = self._marks(), Journal(known.stored, number, records, self.journal.stat().st_size)


@plants_crash("CRASH-1")
class RemovesByAQueue(SweptStore):
    """remove_key is given to a pool of one thread; what reads waits for it."""

    pools: ClassVar[dict[int, ThreadPoolExecutor]] = {}
    last: ClassVar[dict[tuple[int, str], Future[Any]]] = {}

    def _wait(self) -> None:
        if threading.current_thread().name.startswith(WRITER):
            return
        if last := self.last.pop((os.getpid(), os.fspath(self.directory)), None):
            with contextlib.suppress(Exception):  # nobody is there to be told
                last.result()

    def _later(self, work: Callable[[], Any]) -> None:
        self._wait()
        pool = self.pools.setdefault(os.getpid(), ThreadPoolExecutor(1, WRITER))
        self.last[os.getpid(), os.fspath(self.directory)] = pool.submit(work)

    def _drop(self, key: Key) -> bool:
        if not self._is_file(key):
            return False
        drop = super()._drop
        self._later(lambda: drop(key))
        return True

    def _is_file(self, key: Key) -> bool:
        self._wait()
        return super()._is_file(key)

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        self._wait()
        super()._put(path, value, place)

    def _every_key(self) -> list[Key]:
        self._wait()
        return super()._every_key()


@plants_crash("POWER-1", durability=POWER)
class SyncsNoFullJournal(JournalStore):
    """The snapshot of a journal that is full is not synced before that is removed."""

    syncs = True
    fewest_records = 100

    def _sync_snapshot(self, descriptor: int) -> None:
        pass


@plants_crash("POWER-1", durability=POWER)
class SyncsNoRecovery(_Unfilled):
    """The opening that recovers syncs nothing of the snapshot, and removes the journal for good."""

    syncs = True

    def _sync_snapshot(self, descriptor: int) -> None:
        pass
