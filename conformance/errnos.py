"""How a call is made to fail: with the errors of a full disk, a broken one, or one that forbids it; or by a cut."""

import errno

from conformance.crash import CUT
from conformance.probes.syscalls import Action, Cut, Refuse, Stop

SYNCING = ("fsync", "fdatasync", "sync_file_range", "syncfs")
UNNAMING = ("unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2")
WRITING = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "splice"),
    *("ftruncate", "fallocate"),
)


def refusals(stop: Stop) -> tuple[tuple[Action, str], ...]:
    """The ways in which a call may fail, each with its name: of the error, or `CUT`."""
    if stop.to_server:
        return ((Cut(), CUT),)
    return tuple((Refuse(number), errno.errorcode[number]) for number in _errnos(stop.name))


def _errnos(name: str) -> tuple[int, ...]:
    """What the system refuses a call with: writing needs no permission, and what takes a name away needs no room."""
    if name in SYNCING:
        return (errno.EIO,)
    if name in UNNAMING:
        return (errno.EIO, errno.EACCES)
    return (errno.ENOSPC, errno.EIO) if name in WRITING else (errno.ENOSPC, errno.EACCES)
