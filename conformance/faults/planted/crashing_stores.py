"""Faults that a crash, a refused system call, a loss of power or another process shows: CRASH-1 to POWER-1, LIN-2."""

import contextlib
import functools
import json
import os
import pathlib
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from conformance.faults.planting import plants_crash, plants_process
from conformance.faults.stores.file_store import FileStore, in_place
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError, Key, StoreBackendError

POWER = "power"


class SweptStore(FileStore):
    """Removes, when it is opened, the temporary files that dead processes have left; syncs what it writes."""

    def __init__(self, directory: str, **options: Any) -> None:
        self._sweep(directory)
        super().__init__(directory, **options)

    def _sweep(self, directory: str) -> None:
        """Remove what processes have left that have died, by the number of the process in the name."""
        for path in pathlib.Path(directory).glob("+new*"):
            number = path.name.removeprefix("+new").partition("-")[0]
            if not pathlib.Path("/proc", number).exists() or int(number) == os.getpid():
                path.unlink(missing_ok=True)

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        def placed(new: str, target: str) -> None:
            self._sync_file(new)
            place(new, target)
            self._sync_directories(target)

        super()._put(path, value, placed)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self._sync_directories(self._path(dest_key))

    def _drop(self, key: Key) -> bool:
        removed = super()._drop(key)
        if removed:
            self._sync_directories(self._path(key))
        return removed

    def _sync_file(self, path: str) -> None:
        _sync(path)

    def _sync_directories(self, path: str) -> None:
        """Sync the directories of a file, each of which may be new, up to that of the store."""
        directory, top = pathlib.Path(path).parent, pathlib.Path(self.directory)
        for one in (directory, *directory.parents):
            self._sync_directory(str(one))
            if one == top:
                return

    def _sync_directory(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # it was the last key in it
            _sync(path)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _InPlace(SweptStore):
    """Writes a value into its file."""

    def _write(self, path: str, value: str) -> None:
        in_place(path, lambda: self._overwrite(path, value))

    def _overwrite(self, path: str, value: str) -> None:
        pathlib.Path(path).write_bytes(self._bytes(value))


@plants_crash("CRASH-1", "FAULT-1")
class WritesInPlace(_InPlace):
    """A value is written into its file, which is empty or torn until that is done."""


@plants_crash("CRASH-1", "FAULT-1")
class WritesBelowOthersInPlace(_InPlace):
    """A value whose key has more than one element is written into its file."""

    def _write(self, path: str, value: str) -> None:
        if pathlib.Path(path).parent == pathlib.Path(self.directory):
            SweptStore._write(self, path, value)
        else:
            super()._write(path, value)


@plants_crash("CRASH-1", "FAULT-1")
class RemovesBeforeItWrites(SweptStore):
    """set removes the old file before it renames the new one into place."""

    def _write(self, path: str, value: str) -> None:
        self._bytes(value)  # a value that cannot be stored is refused before
        pathlib.Path(path).unlink(missing_ok=True)
        super()._write(path, value)


@plants_crash("CRASH-1", "FAULT-1")
class ListsItsLeftovers(SweptStore):
    """A temporary file has the suffix of a value, and what a crash leaves of it is listed as a key."""

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        new = f"{self.directory}/tmp-{os.getpid()}.v"
        pathlib.Path(new).write_bytes(self._bytes(value))
        try:
            in_place(path, lambda: place(new, path))
        finally:
            pathlib.Path(new).unlink(missing_ok=True)


@plants_crash("CRASH-1")
class CreatesItsIdInTwoSteps(SweptStore):
    """The file of the id is created first, which nobody else can do then, and its text is written after that."""

    def _stored_id(self) -> Any:
        if not self._has_key(ID_KEY):
            text = self._id_text(self._first_id())
            with contextlib.suppress(FileExistsError), pathlib.Path(self._path(ID_KEY)).open("x") as file:
                file.write(text)
        return self._parsed_id(self.get(ID_KEY))


@plants_crash("CRASH-2", "FAULT-1")
class MovesByCopying(SweptStore):
    """move writes the value under the new key, and then removes the old one."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        if source_key != dest_key:
            self._set(dest_key, value)
            self._drop(source_key)


@plants_crash("CRASH-2", "FAULT-1")
class MovesOntoItselfByCopying(SweptStore):
    """A key that is moved onto itself is removed and stored again."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if source_key != dest_key:
            super()._move(source_key, dest_key)
        else:
            value = self._get(source_key)
            self._drop(source_key)
            self._set(dest_key, value)


@plants_crash("CRASH-3")
class LeavesItsTemporaryFiles(FileStore):
    """Temporary files of processes that have died are never removed."""


@plants_crash("CRASH-3", "CRASH-1", "FAULT-1")
class IsBlockedByItsLeftovers(SweptStore):
    """A temporary file is created under one name, and nothing can be stored while a crash has left it there."""

    def _sweep(self, directory: str) -> None:
        pass

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        new, content = pathlib.Path(f"{self.directory}/+new"), self._bytes(value)
        try:
            file = new.open("xb", buffering=0)
        except FileExistsError as error:
            raise StoreBackendError("another process is writing") from error
        try:
            with file:
                file.write(content)
            in_place(path, lambda: place(str(new), path))
        finally:
            new.unlink(missing_ok=True)


@plants_crash("FAULT-1", "KEY-5")
class SwallowsErrors(SweptStore):
    """set passes over an error of the system, such as a full disk, and returns as if the value were stored."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(StoreBackendError, OSError):
            super()._set(key, value)


@plants_crash("FAULT-1")
class SwallowsAMissingPermission(SweptStore):
    """set passes over the system's saying that a file may not be made, and returns as if the value were stored."""

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        with contextlib.suppress(PermissionError):
            super()._put(path, value, place)


@plants_crash("FAULT-1", "RES-1")
class LeaksItsFile(SweptStore):
    """When the system refuses to write or to rename, the temporary file stays open."""

    opened: list[Any]

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        new = f"{self.directory}/+new{os.getpid()}-0"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(descriptor, self._bytes(value))
        in_place(path, lambda: place(new, path))
        os.close(descriptor)
        pathlib.Path(new).unlink(missing_ok=True)


@plants_crash("POWER-1", durability=POWER)
class SyncsNoFile(SweptStore):
    """The content of a new file is not synced before it is renamed."""

    def _sync_file(self, path: str) -> None:
        pass


@plants_crash("POWER-1", durability=POWER)
class SyncsNoDirectory(SweptStore):
    """The directory is not synced after a file was renamed into it."""

    def _sync_directory(self, path: str) -> None:
        pass


@plants_crash("CRASH-1", "CRASH-2", "KEY-5")
class AnswersBeforeItHasWritten(SweptStore):
    """set returns while a thread still writes the value; what reads waits for it, and so does the process's end."""

    writers: ClassVar[dict[tuple[int, str], threading.Thread]] = {}

    def _wait(self) -> None:
        self._wait_for(self.directory)

    def _wait_for(self, directory: str) -> None:
        if writer := self.writers.get((os.getpid(), os.fspath(directory))):
            writer.join()

    def _sweep(self, directory: str) -> None:
        self._wait_for(directory)  # its file would be taken for one that was left
        super()._sweep(directory)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._path(key).encode()
        self._bytes(value)
        self._wait()
        write = functools.partial(super()._set, key, value)

        def written() -> None:
            with contextlib.suppress(StoreBackendError):  # nobody is there to be told, as where it was removed
                write()

        writer = threading.Thread(target=written)
        self.writers[os.getpid(), os.fspath(self.directory)] = writer
        writer.start()

    def _create(self, key: Key, value: str) -> None:
        self._wait()
        super()._create(key, value)

    def _is_file(self, key: Key) -> bool:
        self._wait()
        return super()._is_file(key)

    def _every_key(self) -> list[Key]:
        self._wait()
        return super()._every_key()


@plants_crash("CRASH-3", "FAULT-1", atomic_move=False)
class AppendsBehindATornRecord(FileStore):
    """A log's record is written in two pieces; behind a torn one, what is appended is read as part of it, and lost."""

    def _append(self, *record: Any) -> None:
        line = json.dumps(record).encode() + b"\n"
        try:
            with pathlib.Path(self.directory, "log").open("ab", buffering=0) as log:
                log.write(line[: len(line) // 2])
                log.write(line[len(line) // 2 :])
        except OSError as error:
            raise StoreBackendError(f"cannot be written: {error}") from error

    def _stored(self) -> dict[Key, str]:
        stored: dict[Key, str] = {}
        log = pathlib.Path(self.directory, "log")
        for line in log.read_bytes().split(b"\n") if log.exists() else ():
            with contextlib.suppress(ValueError):
                key, value = json.loads(line)
                stored.pop(tuple(key), None)
                stored |= {} if value is None else {tuple(key): value}
        return stored

    def _get(self, key: Key) -> Any:
        try:
            return self._stored()[key]
        except KeyError:
            raise InvalidKeyError(f"{key!r} is not there") from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._bytes(value)
        self._append(key, value)

    def _create(self, key: Key, value: str) -> None:
        if self._is_file(key):
            raise StoreBackendError(f"{key!r} is there already")
        self._set(key, value)

    def _is_file(self, key: Key) -> bool:
        return key in self._stored()

    def _every_key(self) -> list[Key]:
        return list(self._stored())

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._append(dest_key, value)
        if source_key != dest_key:
            self._append(source_key, None)

    def _drop(self, key: Key) -> bool:
        if not self._is_file(key):
            return False
        self._append(key, None)
        return True


@plants_process("LIN-2")
class RemovesAndMovesApart(FileStore):
    """move reads the value, removes the old key and stores the value under the new one."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)


@plants_process("LIN-4", "LIN-2", "ADD-2", "ID-9")
class SharesItsTemporaryName(FileStore):
    """All processes write to one temporary name, so that one renames what another has written, which loses its own."""

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        new = pathlib.Path(f"{self.directory}/+new")
        new.write_bytes(self._bytes(value))
        with contextlib.suppress(FileNotFoundError):
            pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
            place(str(new), path)
        new.unlink(missing_ok=True)


@plants_process("ADD-2")
class AddsAfterLookingForTheFile(FileStore):
    """add looks whether there is a file, and renames one into place then."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key == ID_KEY:
            return super().add(key, value)
        if self._has_key(key):
            raise StoreBackendError(f"{key!r} is there already")
        return self.set(key, value, **kwargs)


@plants_process("ID-9")
class RenamesItsIdIntoPlace(FileStore):
    """Opening looks whether there is an id, and renames a file with one into place then, over that of another."""

    def _stored_id(self) -> Any:
        try:
            return self._parsed_id(self.get(ID_KEY))
        except InvalidKeyError:
            text = self._id_text(self._first_id())
            self._set(ID_KEY, text)
            return self._parsed_id(text)
