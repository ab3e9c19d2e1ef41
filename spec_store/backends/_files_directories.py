"""Directories below a store's root, each opened from the one above it, so that nothing leads out of the root.

What is opened, listed or removed is named by a descriptor of its directory and one name in there, which is not followed
if it is a symbolic link. So it does not matter what somebody puts in a directory's place meanwhile: what is reached is
below the root, or nothing is. The root itself is the caller's, and may be a symbolic link; it is looked up each time,
so that one which takes its place is noticed.

A directory is a descriptor here, or a path: if it is the root, for what has one name below that needs no descriptor,
and where the system has no functions for descriptors (Windows). There, symbolic links on the way are looked for before.
"""

import contextlib
import errno
import functools
import operator
import os
import stat
from typing import TypeAlias

import attrs

Names: TypeAlias = tuple[str, ...]
"""Names of directories below a root, each in the one before."""

Directory: TypeAlias = str | int
"""A directory that can be used until `left` is called with it."""

Spot: TypeAlias = tuple[str, int | None]
"""Where something is, as functions of `os` take it: a path, and what they call `dir_fd`."""

SEPARATOR = os.sep

BY_DESCRIPTOR = {os.open, os.stat, os.mkdir, os.rmdir, os.unlink, os.rename, os.link} <= os.supports_dir_fd and (
    os.scandir in os.supports_fd
)
"""Whether the system has functions for descriptors of directories."""


def flags_of(*names: str) -> int:
    """Flags for `os.open`, as far as the system has them."""
    return functools.reduce(operator.or_, (getattr(os, name, 0) for name in names))


READABLE = flags_of("O_RDONLY", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW")
"""Flags for a directory that is to be listed or synced."""

PASSED = READABLE | flags_of("O_PATH")
"""Flags for one that is only on the way, which is opened faster, and need not be readable."""

NOT_FOLLOWED = {errno.ELOOP, *(getattr(errno, name) for name in ("EMLINK", "EFTYPE") if hasattr(errno, name))}
"""What systems say of a symbolic link that is not to be followed; Linux has ENOTDIR for that as well."""

KEPT = 32
"""How many directories on the way to a deep one are open at once, beside that."""


def spot(directory: Directory, name: str) -> Spot:
    """Where a name in a directory is."""
    return (name, directory) if isinstance(directory, int) else (f"{directory}{SEPARATOR}{name}", None)


def left(directory: Directory) -> None:
    """Close a directory."""
    if isinstance(directory, int):
        os.close(directory)


def below(directory: Directory, name: str, flags: int = PASSED) -> Directory:
    """A directory in a directory.

    Raises:
        FileNotFoundError: it is not there.
        NotADirectoryError: it is something else, such as a symbolic link.
        OSError: it cannot be opened.
    """
    path, descriptor = spot(directory, name)
    if BY_DESCRIPTOR:
        try:
            return os.open(path, flags, dir_fd=descriptor)
        except OSError as error:
            if error.errno in NOT_FOLLOWED:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
            raise
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return path


def entered(root: str, names: Names, flags: int = PASSED) -> Directory:
    """A directory below the root, to which these names lead.

    Raises:
        FileNotFoundError: it is not there.
        NotADirectoryError: something else is there or on the way, such as a symbolic link.
        OSError: it, or one on the way, cannot be opened.
    """
    if not names:
        return root
    if not BY_DESCRIPTOR:
        path: Directory = root
        for name in names:
            path = below(path, name)
        return path
    try:
        directory = os.open(f"{root}{SEPARATOR}{names[0]}", flags)
        for name in names[1:]:
            try:
                lower = os.open(name, flags, dir_fd=directory)
            finally:
                os.close(directory)
            directory = lower
    except OSError as error:
        if error.errno in NOT_FOLLOWED:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
        raise
    return directory


@attrs.define
class Descent:
    """Opens directories in the order of a walk, each from one that is open, and few of them at once.

    Of those on the way to where it is, the first ones are kept open, and this itself. So it takes one opening to go
    from a directory to one in it or beside it; to go up from very deep takes more of them, instead of a descriptor for
    each element of a key.
    """

    root: str
    _names: Names = ()
    _open: list[Directory] = attrs.field(factory=list)

    def to(self, names: Names) -> Directory:
        """Go to a directory; it is open until `to` or `close` is called next.

        Raises:
            OSError: as `entered` does. It is somewhere above that directory then.
        """
        depth = max(0, len(names) - 1)
        if self._names[:depth] != names[:depth]:
            depth = next(at for at, name in enumerate(names) if self._names[at : at + 1] != (name,))
        self._up(depth)
        for name in names[len(self._names) :]:
            lower = below(self._open[-1] if self._open else self.root, name, READABLE)
            if len(self._names) > KEPT:
                left(self._open.pop())
            self._open.append(lower)
            self._names = (*self._names, name)
        return self._open[-1] if self._open else self.root

    def _up(self, depth: int) -> None:
        """Go up to a directory on the way to where it is, or to the last one above that which is open."""
        if depth >= len(self._names):
            return
        if len(self._names) > KEPT:
            left(self._open.pop())
        while len(self._open) > depth:
            left(self._open.pop())
        self._names = self._names[: len(self._open)]

    def close(self) -> None:
        """Close all that is open."""
        self._up(0)


def make_directories(root: str, names: Names, sync: bool) -> None:
    """Make the root and directories below it, as far as they are missing; if `sync`, with entries that last.

    Raises:
        FileNotFoundError: another process has removed one of them meanwhile.
        NotADirectoryError: something else is in the way.
        OSError: one of them cannot be made.
    """
    make_root(root, sync)
    directory: Directory = root
    try:
        for name in names:
            lower = _made(directory, name, sync)
            left(directory)
            directory = lower
    finally:
        left(directory)


def _made(directory: Directory, name: str, sync: bool) -> Directory:
    """A directory in a directory, made if it was missing."""
    try:
        return below(directory, name, READABLE)
    except FileNotFoundError:
        path, descriptor = spot(directory, name)
        with contextlib.suppress(FileExistsError):  # another process made it
            os.mkdir(path, dir_fd=descriptor)
    if sync:
        sync_directory(directory)
    return below(directory, name, READABLE)


def make_root(root: str, sync: bool) -> None:
    """Make the root and the directories above it, as far as they are missing; if `sync`, with entries that last.

    Raises:
        OSError: one of them cannot be made.
    """
    missing, path = [], root
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for one in reversed(missing):
        try:
            os.mkdir(one)
        except FileExistsError:  # another process made it
            if not os.path.isdir(one):
                raise
        if sync:
            sync_directory(os.path.dirname(one))


def prune(root: str, names: Names) -> None:
    """Remove a directory and those that it is in, but not the root, as far as they are empty."""
    try:
        if len(names) == 1:  # as most have, and most often there is more in it
            os.rmdir(f"{root}{SEPARATOR}{names[0]}")
            return
        while names:
            names = _pruned(root, names)
    except OSError:
        return


def _pruned(root: str, names: Names) -> Names:
    """What is left of a way of which the last directories were removed, as many as may be open at once.

    Raises:
        OSError: one of them is not empty, or not there.
    """
    passed = max(0, len(names) - KEPT)
    parents = [entered(root, names[:passed])]
    try:
        for name in names[passed:-1]:
            parents.append(below(parents[-1], name))
        for name, parent in zip(reversed(names), reversed(parents), strict=False):
            path, descriptor = spot(parent, name)
            os.rmdir(path, dir_fd=descriptor)
    finally:
        for parent in parents:
            left(parent)
    return names[:passed]


def sync_directory(directory: Directory) -> None:
    """Make the entries of a directory outlast the loss of power, where the system can do that.

    Args:
        directory: if it is a descriptor, one that was opened to be read.
    """
    if isinstance(directory, int):
        os.fsync(directory)
    elif os.name != "nt":
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def obstacle(root: str, names: Names) -> str:
    """What is in the way where directories are to be, in words; "" if that cannot be told."""
    if os.path.exists(root) and not os.path.isdir(root):
        return "its root is no directory"
    directory: Directory = root
    with contextlib.suppress(OSError):
        for name in names:
            path, descriptor = spot(directory, name)
            mode = os.stat(path, dir_fd=descriptor, follow_symlinks=False).st_mode
            if not stat.S_ISDIR(mode):
                left(directory)
                return "a symbolic link is in the way" if stat.S_ISLNK(mode) else "a file is in the way"
            lower = below(directory, name)
            left(directory)
            directory = lower
    left(directory)
    return ""
