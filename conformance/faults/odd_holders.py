"""Correct backends that hold more of the machine for a while than they need, and not more and more of it."""

import contextlib
import itertools
import os
import pathlib
import threading
from typing import Any

from conformance.faults.planting import odd
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import TEMPORARY, FileStore
from spec_store import Key

POOL = 8
VERSIONS = 30


class _Descriptor:
    """A descriptor that the end of the object closes."""

    def __init__(self, path: str) -> None:
        self.number = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        os.close(self.number)


@odd()
class HasAPoolThatFills(FileStore):
    """The first eight reads each open one more descriptor, which stays; others use them in turn."""

    def __init__(self, directory: str, **options: Any) -> None:
        self._pool: list[_Descriptor] = []
        super().__init__(directory, **options)

    def _read(self, path: str) -> Any:
        if len(self._pool) < POOL:
            self._pool.append(_Descriptor(self.directory))
        return super()._read(path)

    def close(self) -> None:
        self._pool.clear()


@odd()
class LeavesFilesToTheCollector(FileStore):
    """What a read opens is closed when garbage is collected, for it refers to itself."""

    def _read(self, path: str) -> Any:
        held: list[Any] = [_Descriptor(path)]
        held.append(held)
        return super()._read(path)


@odd()
class CompactsItsVersions(FileStore):
    """Values that are overwritten stay in files of their own until there are thirty; then all of these are removed."""

    _versions = itertools.count()

    def _write(self, path: str, value: str) -> None:
        old = sorted(pathlib.Path(self.directory).glob(f"{TEMPORARY}-old-*"))
        if len(old) >= VERSIONS:
            for each in old:
                each.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.link(path, f"{self.directory}/{TEMPORARY}-old-{os.getpid()}-{next(self._versions)}")
        super()._write(path, value)


@odd()
class TidiesUpBehind(DictStore):
    """remove_key leaves something to a thread of its own, which ends a moment later."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._pause = threading.Event()
        super().__init__(shelf, **options)

    def remove_key(self, key: Key) -> Any:
        threading.Thread(target=self._pause.wait, args=(0.02,), daemon=True).start()
        return super().remove_key(key)
