"""Stores that claim to outlive a loss of power, and sync one thing less than that takes: POWER-1.

What is not synced is lost when the operation that wrote it has returned, and for most of these at no earlier moment: as
long as it is in flight, it may be lost.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from conformance.faults.planted.crashing_stores import POWER, SweptStore
from conformance.faults.planting import plants_crash
from conformance.faults.stores.file_store import FileStore
from spec_store import Key


class _SyncsSome(SweptStore):
    """Leaves out, for a while, what it is told to."""

    _left_out: tuple[str, ...] = ()

    @contextlib.contextmanager
    def _without(self, *what: str) -> Iterator[None]:
        self._left_out = what
        try:
            yield
        finally:
            self._left_out = ()

    def _sync_file(self, path: str) -> None:
        if "file" not in self._left_out:
            super()._sync_file(path)

    def _sync_directory(self, path: str) -> None:
        if "directory" not in self._left_out:
            super()._sync_directory(path)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoAddedFile(_SyncsSome):
    """add syncs the directory, and not the content of the new file."""

    def _create(self, key: Key, value: str) -> None:
        with self._without("file"):
            super()._create(key, value)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoDirectoryOfAnAdd(_SyncsSome):
    """add syncs the content of the new file, and not the directory that it is linked into."""

    def _create(self, key: Key, value: str) -> None:
        with self._without("directory"):
            super()._create(key, value)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoUpdate(_SyncsSome):
    """update writes the value as set does, and syncs nothing."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self._without("file", "directory"):
            return super().update(key, value, **kwargs)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoMove(SweptStore):
    """move renames the file, and syncs neither the directory that it leaves nor the one that it goes to."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        FileStore._move(self, source_key, dest_key)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoRemoval(SweptStore):
    """remove_key removes the file, and does not sync the directory, so that the value is back without power."""

    def _drop(self, key: Key) -> bool:
        return FileStore._drop(self, key)
