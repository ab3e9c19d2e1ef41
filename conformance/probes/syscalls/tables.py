"""The system calls that are watched: their numbers on each architecture, and where their arguments name files."""

import os
import platform
import sys
from collections.abc import Mapping

import attrs

CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
"""Flags of which an opening that may change something has at least one."""


@attrs.frozen
class Call:
    """Where the arguments of a system call, counted from 0, say what it changes.

    Attributes:
        descriptor: the argument that is the open file which is changed.
        paths: for each path, the argument that is its directory's descriptor (None: the working directory) and the
            argument that is the path itself.
        follows: whether a path that is a symbolic link stands for what it points to.
        flags: the argument that has the flags of an opening.
        size: the argument that is a number of bytes, for the text.
        reads: whether the call counts though it changes nothing; else an opening counts by its flags alone.
    """

    descriptor: int | None = None
    paths: tuple[tuple[int | None, int], ...] = ()
    follows: bool = False
    flags: int | None = None
    size: int | None = None
    reads: bool = False


CALLS: Mapping[str, Call] = {
    "open": Call(paths=((None, 0),), follows=True, flags=1),
    "creat": Call(paths=((None, 0),), follows=True),
    "openat": Call(paths=((0, 1),), follows=True, flags=2),
    "openat2": Call(paths=((0, 1),), follows=True),
    "write": Call(descriptor=0, size=2),
    "pwrite64": Call(descriptor=0, size=2),
    "writev": Call(descriptor=0),
    "pwritev": Call(descriptor=0),
    "pwritev2": Call(descriptor=0),
    "sendfile": Call(descriptor=0, size=3),
    "copy_file_range": Call(descriptor=2, size=4),
    "splice": Call(descriptor=2, size=4),
    "truncate": Call(paths=((None, 0),), follows=True, size=1),
    "ftruncate": Call(descriptor=0, size=1),
    "fallocate": Call(descriptor=0, size=3),
    "fsync": Call(descriptor=0),
    "fdatasync": Call(descriptor=0),
    "sync_file_range": Call(descriptor=0),
    "syncfs": Call(descriptor=0),
    "rename": Call(paths=((None, 0), (None, 1))),
    "renameat": Call(paths=((0, 1), (2, 3))),
    "renameat2": Call(paths=((0, 1), (2, 3))),
    "link": Call(paths=((None, 0), (None, 1))),
    "linkat": Call(paths=((0, 1), (2, 3))),
    "symlink": Call(paths=((None, 1),)),
    "symlinkat": Call(paths=((1, 2),)),
    "unlink": Call(paths=((None, 0),)),
    "unlinkat": Call(paths=((0, 1),)),
    "rmdir": Call(paths=((None, 0),)),
    "mkdir": Call(paths=((None, 0),)),
    "mkdirat": Call(paths=((0, 1),)),
    "mknod": Call(paths=((None, 0),)),
    "mknodat": Call(paths=((0, 1),)),
    "chmod": Call(paths=((None, 0),), follows=True),
    "fchmod": Call(descriptor=0),
    "fchmodat": Call(paths=((0, 1),), follows=True),
    "fchmodat2": Call(paths=((0, 1),), follows=True),
}
"""Those that change files."""

READS: Mapping[str, Call] = {
    "open": Call(paths=((None, 0),), follows=True, flags=1, reads=True),
    "openat": Call(paths=((0, 1),), follows=True, flags=2, reads=True),
    "openat2": Call(paths=((0, 1),), follows=True, reads=True),
    "read": Call(descriptor=0, size=2, reads=True),
    "pread64": Call(descriptor=0, size=2, reads=True),
    "readv": Call(descriptor=0, reads=True),
    "preadv": Call(descriptor=0, reads=True),
    "preadv2": Call(descriptor=0, reads=True),
    "getdents": Call(descriptor=0, reads=True),
    "getdents64": Call(descriptor=0, reads=True),
    "stat": Call(paths=((None, 0),), follows=True, reads=True),
    "lstat": Call(paths=((None, 0),), reads=True),
    "newfstatat": Call(paths=((0, 1),), reads=True),
    "statx": Call(paths=((0, 1),), reads=True),
    "access": Call(paths=((None, 0),), follows=True, reads=True),
    "faccessat": Call(paths=((0, 1),), follows=True, reads=True),
    "faccessat2": Call(paths=((0, 1),), follows=True, reads=True),
    "readlink": Call(paths=((None, 0),), reads=True),
    "readlinkat": Call(paths=((0, 1),), reads=True),
}
"""Those that read files, directories, or what is known of them; an opening may do either."""

SENDING: Mapping[str, Call] = {
    "sendto": Call(descriptor=0, size=2),
    "sendmsg": Call(descriptor=0),
    "sendmmsg": Call(descriptor=0),
    "write": Call(descriptor=0, size=2),
    "writev": Call(descriptor=0),
}
"""Those by which a message goes to a server."""

ESCAPE = "setsid"
"""The call by which a process leaves the child's session; it is watched so that it can be killed all the same."""


@attrs.frozen
class Architecture:
    """A kind of processor: its mark in a seccomp filter, and the numbers of its system calls by name."""

    mark: int
    numbers: Mapping[str, int]


X86_64 = Architecture(
    0xC000003E,
    {
        "read": 0, "write": 1, "open": 2, "stat": 4, "lstat": 6, "pread64": 17, "pwrite64": 18, "readv": 19,
        "writev": 20, "access": 21, "sendfile": 40, "sendto": 44, "sendmsg": 46, "fsync": 74, "fdatasync": 75,
        "truncate": 76, "ftruncate": 77, "getdents": 78, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85,
        "link": 86, "unlink": 87, "symlink": 88, "readlink": 89, "chmod": 90, "fchmod": 91, "setsid": 112,
        "mknod": 133, "getdents64": 217, "openat": 257, "mkdirat": 258, "mknodat": 259, "newfstatat": 262,
        "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "readlinkat": 267, "fchmodat": 268,
        "faccessat": 269, "splice": 275, "sync_file_range": 277, "fallocate": 285, "preadv": 295, "pwritev": 296,
        "syncfs": 306, "sendmmsg": 307, "renameat2": 316, "seccomp": 317, "copy_file_range": 326, "preadv2": 327,
        "pwritev2": 328, "statx": 332, "io_uring_setup": 425, "openat2": 437, "faccessat2": 439, "fchmodat2": 452,
    },
)  # fmt: skip

AARCH64 = Architecture(
    0xC00000B7,
    {
        "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "truncate": 45,
        "ftruncate": 46, "fallocate": 47, "faccessat": 48, "fchmod": 52, "fchmodat": 53, "openat": 56,
        "getdents64": 61, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68,
        "preadv": 69, "pwritev": 70, "sendfile": 71, "splice": 76, "readlinkat": 78, "newfstatat": 79, "fsync": 82,
        "fdatasync": 83, "sync_file_range": 84, "setsid": 157, "sendto": 206, "sendmsg": 211, "syncfs": 267,
        "sendmmsg": 269, "renameat2": 276, "seccomp": 277, "copy_file_range": 285, "preadv2": 286, "pwritev2": 287,
        "statx": 291, "io_uring_setup": 425, "openat2": 437, "faccessat2": 439, "fchmodat2": 452,
    },
)  # fmt: skip

ARCHITECTURES: Mapping[str, Architecture] = {"x86_64": X86_64, "aarch64": AARCH64}


def architecture() -> Architecture | None:
    """That of this process, or None if it is not Linux or has no table here."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return None
    return ARCHITECTURES.get(platform.machine())


def names(numbers: Mapping[str, int], calls: Mapping[str, Call]) -> dict[int, str]:
    """The names of watched calls, `ESCAPE` among them, by their numbers."""
    return {number: name for name, number in numbers.items() if name in calls or name == ESCAPE}
