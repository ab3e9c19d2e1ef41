"""Files for the file system backend: reading, temporary files, what a crash has left, the layout's marker.

Paths are `str`, and functions of `os` are called on them, for `pathlib` would take half of the time of an operation.
"""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Callable
from typing import TypeAlias

import attrs

from spec_store.backends._files_directories import (
    NOT_FOLLOWED,
    READABLE,
    Directory,
    Spot,
    below,
    entered,
    flags_of,
    left,
    make_directories,
    spot,
)
from spec_store.backends._files_names import MARKER, TEMPORARY

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LAYOUT = 1
"""The layout of files that this release writes and reads; it has no marker."""

OPEN = flags_of("O_RDONLY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
"""Flags for a file that is read: it is not followed if it is a link, nor waited for if it is a FIFO or a device."""

CREATE = flags_of("O_WRONLY", "O_CREAT", "O_EXCL", "O_CLOEXEC", "O_BINARY")

Placing: TypeAlias = Callable[[Spot, Spot], None]
"""Gives a file, the first, another place, the second."""

CHUNK = 1 << 16
"""How many bytes are read at a time of a file that has another size than the system said."""

_OF_A_WRITER = re.compile(r"[0-9a-f]{32}")


class IrregularError(OSError):
    """What has the name of a file is none, but a link, a FIFO, a device, a socket or a directory."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "what has its name is no regular file")


def is_file(directory: Directory, name: str) -> bool:
    """Whether there is a file of this name in a directory, which is no symbolic link.

    Raises:
        OSError: that cannot be told.
    """
    path, descriptor = spot(directory, name)
    try:
        return stat.S_ISREG(os.stat(path, dir_fd=descriptor, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def read(directory: Directory, name: str) -> bytes:
    """The content of the file of this name in a directory.

    Raises:
        FileNotFoundError: there is none.
        IrregularError: what is there is none.
        OSError: it cannot be read.
    """
    path, parent = spot(directory, name)
    try:
        descriptor = os.open(path, OPEN, dir_fd=parent)
    except OSError as error:
        if error.errno in NOT_FOLLOWED or error.errno in (errno.ENXIO, errno.EOPNOTSUPP):  # a link, or a socket
            raise IrregularError from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise IrregularError
        content = os.read(descriptor, status.st_size + 1)
        return content if len(content) == status.st_size else _with_the_rest(content, descriptor)
    finally:
        os.close(descriptor)


def _with_the_rest(content: bytes, descriptor: int) -> bytes:
    """What was read of a file, and all that follows."""
    parts = [content]
    while parts[-1]:
        parts.append(os.read(descriptor, CHUNK))
    return b"".join(parts)


class GoneError(Exception):
    """A file that was to be put into another place is not there any more."""


def replace(source: Spot, dest: Spot) -> None:
    """Rename a file, in place of another one."""
    os.replace(source[0], dest[0], src_dir_fd=source[1], dst_dir_fd=dest[1])


def put(directory: Directory, name: str, dest: Spot, place: Placing = replace) -> None:
    """Have `place` put a file of a directory into another place.

    Raises:
        GoneError: the file is not there any more.
        FileNotFoundError: the directory of its new place is not.
        OSError: as `place` does.
    """
    try:
        place(spot(directory, name), dest)
    except FileNotFoundError as error:
        if not is_file(directory, name):
            raise GoneError from error
        raise


@attrs.define
class Temporary:
    """A file that was written, and is to be renamed into its place; `close` is to be called with it then.

    It is locked until then, for as long as this process lives, so that `sweep` knows whose it is.
    """

    directory: Directory
    name: str
    descriptor: int

    def close(self) -> None:
        """Close it and its directory."""
        if os.name != "nt":
            os.close(self.descriptor)
        left(self.directory)

    def discard(self) -> None:
        """Close and remove it, as it came to no place."""
        path, directory = spot(self.directory, self.name)
        with contextlib.suppress(OSError):
            os.unlink(path, dir_fd=directory)
        self.close()


def written(root: str, content: bytes, sync: bool) -> Temporary:
    """A new temporary file with this content.

    Raises:
        OSError: it cannot be written.
    """
    file = _new_file(root, sync)
    try:
        count = os.write(file.descriptor, content)
        while count < len(content):
            count += os.write(file.descriptor, memoryview(content)[count:])
        if sync:
            os.fsync(file.descriptor)
    except BaseException:
        _close_on_windows(file)
        file.discard()
        raise
    _close_on_windows(file)
    return file


def _close_on_windows(file: Temporary) -> None:
    """Close a file there, where an open one can be neither renamed nor removed."""
    if os.name == "nt":
        os.close(file.descriptor)


def _new_file(root: str, sync: bool) -> Temporary:
    """A new temporary file, locked where the file system has locks."""
    while True:
        try:
            directory = below(root, TEMPORARY)
        except FileNotFoundError:
            make_directories(root, (TEMPORARY,), sync)
            continue
        name = os.urandom(16).hex()
        path, parent = spot(directory, name)
        try:
            descriptor = os.open(path, CREATE, 0o666, dir_fd=parent)
        except FileNotFoundError:  # another process has removed the directory meanwhile
            left(directory)
            continue
        except BaseException:
            left(directory)
            raise
        file = Temporary(directory, name, descriptor)
        _lock(descriptor)
        return file


def _lock(descriptor: int) -> None:
    """Lock a file for as long as it is open, where the file system has locks.

    It is not waited for another that has locked it: that is `sweep`, in a process that may be halted, and then it is as
    if the file had been swept.
    """
    if fcntl is None:
        return
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sweep(root: str) -> None:
    """Remove the temporary files of processes that have died: those that nobody has locked."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError):
        directory = entered(root, (TEMPORARY,), READABLE)
        try:
            with os.scandir(directory) as entries:
                names = [one.name for one in entries if _OF_A_WRITER.fullmatch(one.name)]
            for name in names:
                _sweep_one(*spot(directory, name))
        finally:
            left(directory)


def _sweep_one(path: str, directory: int | None) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, OPEN, dir_fd=directory)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path, dir_fd=directory)
        finally:
            os.close(descriptor)


def layout_of(root: str) -> int:
    """The layout of a store's files, by its marker; that of one without a marker is the first.

    Raises:
        NotADirectoryError: the root is none.
        OSError: the marker cannot be read.
        ValueError: there is no number in it.
    """
    try:
        text = read(root, MARKER)
    except FileNotFoundError:
        return 1
    if not re.fullmatch(rb"[0-9]{1,9}\s*", text):
        raise ValueError("there is no number in it")
    return int(text)
