"""Files and directories for the file system backend: names, reading, temporary files, what a crash has left.

Paths are `str`, and functions of `os` are called on them, for `pathlib` would take half of the time of an operation.
"""

import contextlib
import errno
import functools
import os
import re
import stat
from collections.abc import Callable, Iterator

import attrs

from spec_store.backends._names import element_of, name_of
from spec_store.keys import Key

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LONGEST = 200
"""How long a name may be before it is split, in characters; file systems take 255 bytes."""

MORE = "+"
"""What the name of a directory ends with whose name goes on in the next one; no name of an element has it."""

TEMPORARY = "+new"
"""The directory of temporary files; no key leads there."""

EMPTY_KEY = "+"
"""The name of `()`, which has no element to be named after."""

OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
CHUNK = 1 << 16
"""How many bytes are read at a time."""

CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def checked_suffix(suffix: str) -> str:
    """The suffix.

    Raises:
        ValueError: it is not a dot with small letters and digits after it.
    """
    if not re.fullmatch(r"\.[a-z0-9]{1,20}", suffix):
        raise ValueError(f"a suffix is a dot with small letters and digits after it, not {suffix!r}")
    return suffix


@attrs.frozen
class Names:
    """Where keys are: the root, an absolute path, and the suffix of files."""

    root: str
    suffix: str
    temporary: str = attrs.field(init=False)

    @temporary.default
    def _below_root(self) -> str:
        """The directory of temporary files."""
        return f"{self.root}{os.sep}{TEMPORARY}"

    def path(self, key: Key) -> str:
        """The file of a key."""
        return f"{self.root}{os.sep}{os.sep.join(directories(key))}{self.suffix}"

    def inside(self, key: Key) -> bool:
        """Whether no directory on the way to a key's file is a symbolic link, which might lead out of the root."""
        path = self.root
        try:
            for name in directories(key)[:-1]:
                path = f"{path}{os.sep}{name}"
                if stat.S_ISLNK(os.lstat(path).st_mode):
                    return False
        except OSError:
            return True
        return True

    def make_parents(self, key: Key, sync: bool) -> None:
        """Make the directories of a key, and, if `sync`, their entries last."""
        with contextlib.suppress(FileNotFoundError):  # another process removes one of them meanwhile
            make_directory(os.sep.join((self.root, *directories(key)[:-1])), sync)

    def prune(self, path: str) -> None:
        """Remove the directories of a file that is gone, as far as they are empty, but not the root."""
        with contextlib.suppress(OSError):
            while len(path := os.path.dirname(path)) > len(self.root):
                os.rmdir(path)

    def below(self, prefix: Key) -> Iterator[Key]:
        """The stored keys that start with `prefix` and are longer, and `()` if that is stored."""
        if prefix and not self.inside((*prefix, "")):
            return
        names = directories(prefix) if prefix else []
        yield from self._walk(os.sep.join((self.root, *names)), prefix)

    def _walk(self, directory: str, prefix: Key) -> Iterator[Key]:
        """The keys in a directory, however deep: a key may have more elements than Python has frames."""
        # Of each directory, the elements above it, and what its name says of an element that is not yet ended.
        ahead: list[tuple[str, Key, str]] = [(directory, prefix, "")]
        while ahead:
            directory, parent, beginning = ahead.pop()
            for name, is_directory in _entries(directory):
                path = f"{directory}{os.sep}{name}"
                if not is_directory:
                    yield from self._key_in(path, name, parent, beginning)
                elif name.endswith(MORE):
                    ahead.append((path, parent, beginning + name.removesuffix(MORE)))
                elif element := _element(beginning + name):
                    ahead.append((path, (*parent, element[0]), ""))

    def _key_in(self, path: str, name: str, parent: Key, beginning: str) -> Iterator[Key]:
        if not name.endswith(self.suffix) or not is_file(path):
            return
        name = beginning + name.removesuffix(self.suffix)
        if name == EMPTY_KEY and not parent:
            yield ()
        elif element := _element(name):
            yield (*parent, element[0])


@functools.lru_cache(maxsize=4096)
def directories(key: Key) -> tuple[str, ...]:
    """The names of a key's directories, and of its file without the suffix at the end."""
    names: list[str] = []
    for element in key:
        name = name_of(element, True)
        while len(name) > LONGEST:
            names.append(name[:LONGEST] + MORE)
            name = name[LONGEST:]
        names.append(name)
    return tuple(names) or (EMPTY_KEY,)


def _entries(directory: str) -> list[tuple[str, bool]]:
    """The names in a directory, and whether each is one of a directory; none if it was removed meanwhile."""
    try:
        with os.scandir(directory) as scanned:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in scanned]
    except (FileNotFoundError, NotADirectoryError):  # with the last key in it
        return []


def _element(name: str) -> tuple[str] | None:
    """The element of a name, in a tuple, or None for what is not this store's."""
    try:
        return (element_of(name, True),)
    except ValueError:
        return None


def make_directory(path: str, sync: bool) -> None:
    """Make a directory and those above it, as far as they are missing; if `sync`, with entries that last."""
    missing: list[str] = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for below in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process made it
            os.mkdir(below)
        if sync:
            sync_directory(os.path.dirname(below))


def is_file(path: str) -> bool:
    """Whether there is a file, which is no symbolic link. Other errors than that it is not there are raised."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def read(path: str) -> bytes:
    """The content of a file; one that is a symbolic link counts as not there."""
    try:
        descriptor = os.open(path, OPEN)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileNotFoundError(*error.args) from error
        raise
    try:
        parts = [os.read(descriptor, CHUNK)]
        while parts[-1]:
            parts.append(os.read(descriptor, CHUNK))
        return b"".join(parts)
    finally:
        os.close(descriptor)


def sync_directory(path: str) -> None:
    """Make the entries of a directory outlast the loss of power, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(names: Names, content: bytes, sync: bool, place: Callable[[str], None]) -> None:
    """Write a temporary file, and have `place` rename it, which it is given the path of; it is gone if that fails.

    It is locked for as long as this process lives, or until it is renamed, so that `sweep` knows whose it is.
    """
    descriptor, path = _new_file(names, sync)
    try:
        try:
            written = os.write(descriptor, content)
            while written < len(content):
                written += os.write(descriptor, memoryview(content)[written:])
            if sync:
                os.fsync(descriptor)
            if os.name == "nt":  # an open file cannot be renamed there
                os.close(descriptor)
                descriptor = -1
            place(path)
        finally:
            if descriptor >= 0:
                os.close(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _new_file(names: Names, sync: bool) -> tuple[int, str]:
    """A new temporary file, locked where the file system has locks: its descriptor and its path."""
    while True:
        try:
            if stat.S_ISLNK(os.lstat(names.temporary).st_mode):
                raise OSError(errno.ELOOP, "its directory of temporary files is a symbolic link")
            path = f"{names.temporary}{os.sep}{os.urandom(16).hex()}"
            descriptor = os.open(path, CREATE, 0o666)
        except FileNotFoundError:
            make_directory(names.temporary, sync)
            continue
        _lock(descriptor)
        if os.name == "nt" or os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # another process swept it before it was locked


def _lock(descriptor: int) -> None:
    """Lock a file for as long as it is open, where the file system has locks."""
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        return


def sweep(directory: str) -> None:
    """Remove the temporary files of processes that have died: those that nobody has locked."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            _sweep_one(entry.path)


def _sweep_one(path: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, OPEN)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)
