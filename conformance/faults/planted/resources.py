"""Faults in what a store takes of the machine: RES. Each lets go of it when it is closed, or with the object."""

import contextlib
import itertools
import os
import tempfile
import threading
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import TEMPORARY, FileStore
from spec_store import Key, StoreBackendError


class _Descriptors:
    """Descriptors that somebody forgets to close; the end of the object closes them."""

    def __init__(self) -> None:
        self.open: list[int] = []

    def keep(self, path: str) -> None:
        self.open.append(os.open(path, os.O_RDONLY))

    def __del__(self) -> None:
        for each in self.open:
            with contextlib.suppress(OSError):
                os.close(each)


class _HoldsDescriptors(FileStore):
    """A store that has some."""

    def __init__(self, directory: str, **options: Any) -> None:
        self._descriptors = _Descriptors()
        super().__init__(directory, **options)

    def close(self) -> None:
        self._descriptors.__del__()
        self._descriptors.open.clear()


@plants("RES-1")
class LeavesWhatItReadsOpen(_HoldsDescriptors):
    """get leaves the file open that it reads."""

    def _read(self, path: str) -> Any:
        self._descriptors.keep(path)
        return super()._read(path)


@plants("RES-1")
class LeavesItsLockOpenWhenItRefuses(_HoldsDescriptors):
    """add opens the directory as a lock, and closes it only where the key is stored."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        try:
            super().add(key, value)
        except StoreBackendError:
            self._descriptors.keep(self.directory)
            raise


class _SpoolsToFiles(DictStore):
    """A store with a directory of its own for temporary files, which goes with the object."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._spool: tempfile.TemporaryDirectory[str] | None = None
        super().__init__(shelf, **options)

    def _spooled(self, text: str) -> None:
        if self._spool is None:
            self._spool = tempfile.TemporaryDirectory(prefix="faults-spool-", ignore_cleanup_errors=True)
        number, _ = tempfile.mkstemp(dir=self._spool.name)
        os.write(number, text.encode("utf-8", "surrogatepass"))
        os.close(number)


@plants("RES-1")
class SpoolsEachUpdate(_SpoolsToFiles):
    """update writes the value to a temporary file first, which it leaves."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super().update(key, value)
        self._spooled(repr(value))

    def close(self) -> None:
        if self._spool is not None:
            self._spool.cleanup()
            self._spool = None


@plants("RES-1")
class DumpsItsMovesWhenClosed(_SpoolsToFiles):
    """close writes a temporary file for each move since the store was opened, and leaves them."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._moves: list[str] = []
        super().__init__(shelf, **options)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self._moves.append(repr(source_key))

    def close(self) -> None:
        while self._moves:
            self._spooled(self._moves.pop())


@plants("RES-1")
class WatchesEachAddedKey(DictStore):
    """add starts a thread that watches the key until the store is closed."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._closed = threading.Event()
        super().__init__(shelf, **options)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super().add(key, value)
        threading.Thread(target=self._closed.wait, args=(60.0,), daemon=True).start()

    def close(self) -> None:
        self._closed.set()


@plants("RES-1")
class AsksAnotherProgramForUrls(DictStore):
    """get_url_for_key runs another program, and never asks how that ended."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._started: list[int] = []
        super().__init__(shelf, **options)

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        self._started.append(os.posix_spawn("/bin/true", ["true"], {}))
        return super().get_url_for_key(key, protocol)

    def close(self) -> None:
        while self._started:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._started.pop(), 0)

    __del__ = close


@plants("RES-1")
class KeepsEachVersion(FileStore):
    """A value that is overwritten stays, in a file that nobody reads."""

    _versions = itertools.count()

    def _write(self, path: str, value: str) -> None:
        with contextlib.suppress(OSError):
            os.link(path, f"{self.directory}/{TEMPORARY}-old-{os.getpid()}-{next(self._versions)}")
        super()._write(path, value)
