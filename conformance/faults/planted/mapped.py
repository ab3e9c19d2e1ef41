"""A store in memory that several processes map, between whose steps is no system call, and faults in it."""

import contextlib
import fcntl
import marshal
import mmap
import os
from collections.abc import Iterator
from typing import Any

from conformance.faults.planting import plants_process
from conformance.faults.stores.file_store import FileStore
from spec_store import InvalidKeyError, Key, StoreBackendError

SIZE = 1 << 28
"""How much can be stored, in bytes; the file is sparse."""

HEADER = 8


def _mapped(path: str) -> mmap.mmap:
    """A file in memory; only to be read where it cannot be written."""
    try:
        with open(path, "r+b") as file:
            os.truncate(path, SIZE)
            return mmap.mmap(file.fileno(), SIZE)
    except OSError:
        with open(path, "rb") as file:
            return mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ)


class MappedStore(FileStore):
    """Keeps everything in one file that is mapped into memory, under a lock of that file."""

    def __init__(self, directory: str, **options: Any) -> None:
        path = f"{os.fspath(directory)}/map"
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self.map = _mapped(path)
        super().__init__(directory, **options)

    def close(self) -> None:
        self.map.close()

    @contextlib.contextmanager
    def _stored(self) -> Iterator[dict[Key, str]]:
        """What is stored, to be looked at and changed by one alone."""
        with open(f"{self.directory}/map", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = self._loaded()
            stored = dict(before)
            yield stored
            if stored != before:
                self._store(stored)

    def _loaded(self) -> dict[Key, str]:
        size = int.from_bytes(self.map[:HEADER])
        return marshal.loads(self.map[HEADER : HEADER + size]) if size else {}

    def _store(self, stored: dict[Key, str]) -> None:
        content = marshal.dumps(stored)
        if len(content) + HEADER > SIZE:
            raise OSError("too much to be stored")
        self.map[: HEADER + len(content)] = len(content).to_bytes(HEADER) + content

    def _get(self, key: Key) -> Any:
        with self._stored() as stored:
            if key not in stored:
                raise InvalidKeyError(f"{key!r} is not there")
            return stored[key]

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self._stored() as stored:
            stored[key] = value

    def _create(self, key: Key, value: str) -> None:
        with self._stored() as stored:
            if key in stored:
                raise StoreBackendError(f"{key!r} is there already")
            stored[key] = value

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        with self._stored() as stored:
            if source_key not in stored:
                raise InvalidKeyError(f"{source_key!r} is not there")
            stored[dest_key] = stored.pop(source_key)

    def _has_key(self, key: Key) -> Any:
        with self._stored() as stored:
            return key in stored

    def _every_key(self) -> list[Key]:
        with self._stored() as stored:
            return list(stored)

    def _drop(self, key: Key) -> bool:
        with self._stored() as stored:
            return stored.pop(key, None) is not None


@plants_process("LIN-2")
class RemovesFromTheMapAfterLooking(MappedStore):
    """remove_key looks first and removes then, so that two processes both say True."""

    def _drop(self, key: Key) -> bool:
        there = self._has_key(key)
        super()._drop(key)
        return bool(there)


@plants_process("ADD-2")
class AddsToTheMapAfterLooking(MappedStore):
    """add looks whether the key is there, and stores then, without a system call under the place between."""

    def _create(self, key: Key, value: str) -> None:
        if self._has_key(key):
            raise StoreBackendError(f"{key!r} is there already")
        self._set(key, value)
