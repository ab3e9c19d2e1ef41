"""A stop: a call that a child is about to make and that reaches something under the place; and what to do about it."""

import errno
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import attrs

from conformance.probes.syscalls.seccomp import Notification
from conformance.probes.syscalls.tables import CALLS, CHANGING, READS, SENDING, Call

PATH_BYTES = 4096
AT_FDCWD = -100
SOCKET = "socket:["

TO_SERVER = "to the server"
"""What the text of a call says in place of a socket."""

PLACE = "<place>"
"""What it says in place of the path of the directory that is watched."""

OPEN_FLAGS = ("O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND")


@attrs.frozen
class Continue:
    """Let the call be made."""


@attrs.frozen
class Refuse:
    """Do not make the call; the child sees it fail with this errno, such as `errno.ENOSPC`."""

    errno: int = attrs.field(validator=attrs.validators.ge(1))


@attrs.frozen
class Kill:
    """Kill the child, and all that it started, before the call is made."""


@attrs.frozen
class Cut:
    """Shut down the connection that a message is to go by, as when the server goes away; then let the call be made.

    The call, and what the child reads from there, fail as the system has it.
    """


Action = Continue | Refuse | Kill | Cut


@attrs.frozen
class Stop:
    """A call that the child is halted before.

    Attributes:
        number: counted from 1.
        name: of the system call, such as "rename".
        paths: what it changes, absolute, the links of their directories followed; a file that has no name any more
            ends in " (deleted)"; a socket is "socket:[NUMBER]".
        pid: the number of the thread that makes it (of the process, where it has one thread).
        acknowledged: the messages that the child has sent so far.
        arguments: the raw arguments, descriptors and addresses being the child's.
        text: the call in words, such as "rename('<place>/new', '<place>/a')".
        changes: whether it changes something, rather than reading it.
    """

    number: int
    name: str
    paths: tuple[str, ...]
    pid: int
    acknowledged: tuple[bytes, ...]
    arguments: tuple[int, ...] = attrs.field(repr=False)
    text: str
    changes: bool = True

    @property
    def to_server(self) -> bool:
        """Whether it is a message to a server."""
        return self.paths[0].startswith(SOCKET)


@attrs.frozen
class Network:
    """Instead of a directory: a stop is a message that the child is about to send to a server, whichever."""

    calls: ClassVar[Mapping[str, Call]] = SENDING

    def concerns(self, path: str) -> bool:
        """Whether what a call writes to is a socket."""
        return path.startswith(SOCKET)

    def shown(self, _paths: tuple[str, ...]) -> tuple[str, ...]:
        """How the text of a call tells what it writes to."""
        return (TO_SERVER,)


@attrs.frozen
class Directory:
    """A stop is a call that changes something under a directory.

    Attributes:
        path: of the directory, absolute, its links followed.
    """

    path: str
    calls: ClassVar[Mapping[str, Call]] = CALLS

    def concerns(self, path: str) -> bool:
        """Whether a path is that of the directory, or below it."""
        return path == self.path or path.startswith(self.path + "/")

    def shown(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """How the text of a call tells what it changes: by the name below the directory, where it is there."""
        return tuple(repr(PLACE + path[len(self.path) :] if self.concerns(path) else path) for path in paths)


def _real(path: "str | os.PathLike[str]") -> str:
    return os.path.realpath(path)


@attrs.frozen
class Accesses(Directory):
    """A stop is a call that changes something under a directory, or reads it: a file, a directory, what is known of it.

    Attributes:
        path: of the directory; its links are followed.
    """

    path: str = attrs.field(converter=_real)
    calls: ClassVar[Mapping[str, Call]] = {**CALLS, **READS}


REPEATS, MOST_READS = 2, 12
"""How many reads of one kind, and how many reads at all, are worth a try amid one operation."""


@attrs.define
class WorthATry:
    """Picks, of the stops of one operation, those before which it is worth while to let something else happen.

    These are all changes, and of the reads the first few of each kind: by one call of files in one directory. The
    listing of a store of a thousand files that opens each of them makes a thousand calls that differ in nothing; and a
    read that comes first of all calls has nothing before it that could have become untrue.
    """

    _seen: dict[tuple[str, str], int] = attrs.field(factory=dict)
    _stops: int = 0
    _reads: int = 0

    def __call__(self, stop: Stop) -> bool:
        """Whether a stop is worth a try; to be asked of each stop in turn, once."""
        self._stops += 1
        if stop.changes:
            return True
        kind = stop.name, str(Path(stop.paths[0]).parent)
        self._seen[kind] = self._seen.get(kind, 0) + 1
        worth = self._stops > 1 and self._seen[kind] <= REPEATS and self._reads < MOST_READS
        self._reads += worth
        return worth


def stop_of(
    call: Notification, name: str, place: Directory | Network, number: int, acknowledged: tuple[bytes, ...]
) -> Stop | None:
    """The stop of a call, or None if it is of none that are watched, or reaches nothing under the place.

    Args:
        call: what the kernel told; its thread is halted.
        name: of the system call.
        place: what is watched.
        number: for the stop.
        acknowledged: for the stop.

    Raises:
        PermissionError: this process may not look into the child.
    """
    shape = place.calls[name]
    try:
        flags = _flags(call, name, shape)
        changes = not shape.reads if flags is None else bool(flags & CHANGING)
        if not changes and not shape.reads:
            return None
        paths = _paths(call, shape)
    except PermissionError:
        raise
    except OSError:  # a bad descriptor or address, for which the kernel refuses the call; or the thread has ended
        return None
    if not any(map(place.concerns, paths)):
        return None
    text = f"{name}({', '.join([*place.shown(paths), *_details(call, shape, flags)])})"
    return Stop(number, name, paths, call.pid, acknowledged, call.arguments, text, changes)


def signed(argument: int) -> int:
    """A descriptor or another C `int` from a raw argument."""
    return (argument & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def _paths(call: Notification, shape: Call) -> tuple[str, ...]:
    if shape.descriptor is not None:
        return (_opened(call.pid, signed(call.arguments[shape.descriptor])),)
    return tuple(
        _resolved(
            call.pid,
            AT_FDCWD if directory is None else signed(call.arguments[directory]),
            os.fsdecode(_memory(call.pid, call.arguments[path], PATH_BYTES).partition(b"\0")[0]),
            shape.follows,
        )
        for directory, path in shape.paths
    )


def _opened(pid: int, descriptor: int) -> str:
    return str(Path(f"/proc/{pid}/cwd" if descriptor == AT_FDCWD else f"/proc/{pid}/fd/{descriptor}").readlink())


def _resolved(pid: int, directory: int, text: str, follows: bool) -> str:
    """A path as the kernel would take it for the child, except that a symbolic link that it ends in may stay."""
    for own in ("/proc/self/", "/proc/thread-self/", "/dev/fd/"):
        if text.startswith(own):
            text = f"/proc/{pid}/{'fd/' if own == '/dev/fd/' else ''}{text[len(own) :]}"
    if not text.startswith("/"):
        text = f"{_opened(pid, directory)}/{text}"
    head, _, tail = text.rstrip("/").rpartition("/")
    if follows or tail in ("", ".", ".."):
        return os.path.realpath(text)
    return f"{os.path.realpath(head or '/').rstrip('/')}/{tail}"


def _memory(pid: int, address: int, size: int) -> bytes:
    """Up to `size` bytes of a process's memory: fewer, where its map ends."""
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(memory, size, address)
    except OverflowError as fault:
        raise OSError(errno.EFAULT, "no address of a process") from fault
    finally:
        os.close(memory)


def _flags(call: Notification, name: str, shape: Call) -> int | None:
    """The flags of an opening; None for another call."""
    if name == "openat2":
        return int(struct.unpack("Q", _memory(call.pid, call.arguments[2], 8))[0])
    if name == "creat":
        return os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return None if shape.flags is None else call.arguments[shape.flags]


def _details(call: Notification, shape: Call, flags: int | None) -> list[str]:
    if flags is not None:
        access = {os.O_WRONLY: "O_WRONLY", os.O_RDWR: "O_RDWR"}.get(flags & os.O_ACCMODE, "O_RDONLY")
        return ["|".join([access, *(name for name in OPEN_FLAGS if flags & getattr(os, name))])]
    if shape.size is None:
        return []
    size = call.arguments[shape.size]
    return [f"{size} byte{'' if size == 1 else 's'}"]
