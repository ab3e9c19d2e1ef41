"""A correct store that writes a journal and recovers by it, for faults to be planted in.

Two files hold everything. A write appends one record to the journal, which is a line of JSON with a number; every so
many records, and at each opening that finds some, a checkpoint writes a snapshot of all that is stored, with the number
of the last record that is in it, and removes the journal. So a crash leaves one of these, and recovery sees to each:

| what is left                              | what comes of it                                               |
|-------------------------------------------|----------------------------------------------------------------|
| a torn record at the end of the journal   | nobody reads it; it is cut off before the next one is appended |
| a new snapshot that is not renamed yet    | nobody reads it; the next one is written over it               |
| a snapshot, and the journal that is in it | a record is passed over whose number the snapshot has passed   |
"""

import contextlib
import json
import os
import pathlib
from typing import Any, ClassVar

import attrs

from conformance.faults.stores.file_store import FileStore
from spec_store import InvalidKeyError, Key, StoreBackendError

BLOCK = 4096
"""How many bytes one write takes."""


@attrs.frozen
class Journal:
    """What the two files say.

    Args:
        stored: the values.
        number: of the last record.
        records: how many are in the journal.
        size: of the journal up to the end of the last one, in bytes.
    """

    stored: dict[Key, str]
    number: int = 0
    records: int = 0
    size: int = 0


class JournalStore(FileStore):
    """Appends to a journal, and makes a snapshot of it now and then."""

    fewest_records: ClassVar[int] = 1
    most_records: ClassVar[int] = 6
    syncs: ClassVar[bool] = False

    def __init__(self, directory: str, **options: Any) -> None:
        self.journal = pathlib.Path(directory, "journal")
        self.snapshot = pathlib.Path(directory, "snapshot")
        self._known: tuple[Any, Journal] | None = None
        self._recover()
        super().__init__(directory, **options)

    # Reading

    def _marks(self) -> list[tuple[int, int, int] | None]:
        """What tells that nobody has written since: both files by their inodes, sizes and times."""
        marks: list[tuple[int, int, int] | None] = []
        for path in (self.snapshot, self.journal):
            try:
                status = path.stat()
                marks.append((status.st_ino, status.st_size, status.st_mtime_ns))
            except FileNotFoundError:
                marks.append(None)
        return marks

    def _read_all(self) -> Journal:
        marks = self._marks()
        if self._known is None or self._known[0] != marks:
            self._known = marks, self._replayed()
        return self._known[1]

    def _replayed(self) -> Journal:
        """The snapshot, and on it the records that it does not have."""
        stored, number = self._read_snapshot()
        records = size = 0
        content = self.journal.read_bytes() if self.journal.exists() else b""
        for line in content.splitlines(keepends=True):
            record = self._parsed(line)
            if record is None:
                break
            records, size = records + 1, size + len(line)
            if self._is_due(record[0], number):
                self._apply(stored, *record[1:])
                number = record[0]
        return Journal(stored, number, records, size)

    def _read_snapshot(self) -> tuple[dict[Key, str], int]:
        if not self.snapshot.exists():
            return {}, 0
        number, stored = json.loads(self.snapshot.read_bytes())
        return {tuple(key): value for key, value in stored}, number

    def _parsed(self, line: bytes) -> list[Any] | None:
        """A record; None where it is torn."""
        record: list[Any] | None = None
        if line.endswith(b"\n"):
            with contextlib.suppress(ValueError):
                record = json.loads(line)
        return record

    def _is_due(self, number: int, known: int) -> bool:
        """Whether a record is to be applied, the last one that was having been the `known`."""
        return number > known

    def _apply(self, stored: dict[Key, str], kind: str, key: list[str], more: Any) -> None:
        """Do once more what a record says."""
        if kind == "set":
            stored[tuple(key)] = more
        elif kind == "remove":
            stored.pop(tuple(key), None)
        elif tuple(key) in stored:
            stored[tuple(more)] = stored.pop(tuple(key))

    # Writing

    def _append(self, kind: str, key: Key, more: Any = None) -> None:
        known = self._read_all()
        line = json.dumps([known.number + 1, kind, key, more]).encode() + b"\n"
        try:
            self._write_record(line, known.size)
        except OSError as error:
            raise StoreBackendError(f"cannot be written: {error}") from error
        self._known = None
        if known.records + 1 >= self.most_records:
            with contextlib.suppress(OSError):  # the journal has it; there will be another time
                self._checkpoint()

    def _write_record(self, line: bytes, size: int) -> None:
        """Write a record behind so many bytes of whole ones, in blocks."""
        is_new = not self.journal.exists()
        descriptor = os.open(self.journal, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            if os.fstat(descriptor).st_size > size:
                os.ftruncate(descriptor, size)
            for start in range(0, len(line), BLOCK):
                os.pwrite(descriptor, line[start : start + BLOCK], size + start)
            self._sync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            self._sync_directory()

    def _recover(self) -> None:
        """What is done at each opening, where the files may be written."""
        with contextlib.suppress(OSError):
            if self.journal.exists() and self._read_all().records >= self.fewest_records:
                self._checkpoint()

    def _checkpoint(self) -> None:
        """Make a snapshot of all, and remove the journal."""
        known = self._read_all()
        self._write_snapshot(json.dumps([known.number, list(known.stored.items())]).encode())
        self._remove_journal()
        self._known = None

    def _write_snapshot(self, content: bytes) -> None:
        new = self.snapshot.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            for start in range(0, len(content), BLOCK):
                os.write(descriptor, content[start : start + BLOCK])
            self._sync_snapshot(descriptor)
        finally:
            os.close(descriptor)
        new.replace(self.snapshot)
        self._sync_directory()

    def _remove_journal(self) -> None:
        self.journal.unlink(missing_ok=True)
        self._sync_directory()

    def _sync_snapshot(self, descriptor: int) -> None:
        self._sync(descriptor)

    def _sync(self, descriptor: int) -> None:
        if self.syncs:
            os.fsync(descriptor)

    def _sync_directory(self) -> None:
        descriptor = os.open(self.journal.parent, os.O_RDONLY)
        try:
            self._sync(descriptor)
        finally:
            os.close(descriptor)

    # The interface

    def _get(self, key: Key) -> Any:
        try:
            return self._read_all().stored[key]
        except KeyError:
            raise InvalidKeyError(f"{key!r} is not there") from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._bytes(value)
        self._append("set", key, value)

    def _create(self, key: Key, value: str) -> None:
        if self._is_file(key):
            raise StoreBackendError(f"{key!r} is there already")
        try:
            self._bytes(value)
        except ValueError as error:
            raise StoreBackendError(f"cannot store {key!r}: {error}") from error
        self._append("set", key, value)

    def _is_file(self, key: Key) -> bool:
        return key in self._read_all().stored

    def _every_key(self) -> list[Key]:
        return list(self._read_all().stored)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if not self._is_file(source_key):
            raise InvalidKeyError(f"{source_key!r} is not there")
        if source_key != dest_key:
            self._append("move", source_key, dest_key)

    def _drop(self, key: Key) -> bool:
        if not self._is_file(key):
            return False
        self._append("remove", key)
        return True
