"""The kernel's side of seccomp user notification, through ctypes: Linux 5.5 or later.

See seccomp(2) and seccomp_unotify(2). A process installs a filter in itself and gets a listener, a descriptor by which
another process is told of each call that the filter picks, and answers it.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import struct
from collections.abc import Mapping

import attrs

from conformance.probes.syscalls.tables import CHANGING, ESCAPE, Architecture, Call

PR_SET_NO_NEW_PRIVS = 38
SET_MODE_FILTER = 1
NEW_LISTENER, WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
RECEIVE, SEND, ID_VALID = 0xC0502100, 0xC0182101, 0x40082102
CONTINUE = 1

KILL_PROCESS, ERRNO, NOTIFY, ALLOW = 0x80000000, 0x00050000, 0x7FC00000, 0x7FFF0000
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER, MARK, ARGUMENTS = 0, 4, 16
"""Offsets in the kernel's `struct seccomp_data`."""

X32 = 0x40000000
"""The bit of the numbers of x86-64's third table, which nobody uses."""

NOTIFICATION = struct.Struct("QIIiIQ6Q")
RESPONSE = struct.Struct("QqiI")


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


@attrs.frozen
class Notification:
    """A call that waits for an answer: its mark, the thread that makes it, its number, and its six arguments."""

    mark: int
    pid: int
    number: int
    arguments: tuple[int, ...]


def install(machine: Architecture, calls: Mapping[str, Call], unseen: int | None = None) -> int:
    """Install the filter in this process, for good, and give the listener's descriptor.

    Args:
        machine: the processor.
        calls: the calls to be told of.
        unseen: a descriptor whose calls are not told, or None.

    Raises:
        OSError: the kernel, or a sandbox, refuses it.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise _error()
    instructions = _filter(machine, calls, unseen)
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    # Without the second flag, a signal that the child handles would undo a stop and have it made twice.
    for flags in (NEW_LISTENER | WAIT_KILLABLE_RECV, NEW_LISTENER):
        listener = int(
            library.syscall(machine.numbers["seccomp"], SET_MODE_FILTER, flags, ctypes.byref(program)),
        )
        if listener >= 0:
            return listener
        if ctypes.get_errno() != errno.EINVAL:
            break
    raise _error()


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def _filter(machine: Architecture, calls: Mapping[str, Call], unseen: int | None) -> list[_Instruction]:
    """The filter, from steps (opcode, value, target if it holds, target if not).

    A target is a number of steps to skip, or what the filter returns.
    """
    steps = [
        (LOAD, MARK, 0, 0),
        (EQUAL, machine.mark, 0, KILL_PROCESS),
        (LOAD, NUMBER, 0, 0),
        (ANY_BIT, X32, ERRNO | errno.ENOSYS, 0),
        (EQUAL, machine.numbers["io_uring_setup"], ERRNO | errno.ENOSYS, 0),
    ]
    for name in (*calls, ESCAPE):
        number, call = machine.numbers.get(name), calls.get(name, Call())
        if number is None:
            continue
        if call.flags is not None and not call.reads:
            steps += [(EQUAL, number, 0, 2), (LOAD, _argument(call.flags), 0, 0), (ANY_BIT, CHANGING, NOTIFY, ALLOW)]
        elif call.descriptor is not None and unseen is not None:
            steps += [(EQUAL, number, 0, 2), (LOAD, _argument(call.descriptor), 0, 0), (EQUAL, unseen, ALLOW, NOTIFY)]
        else:
            steps.append((EQUAL, number, NOTIFY, 0))
    steps.append((RETURN, ALLOW, 0, 0))
    ends = sorted({target for _, _, *targets in steps for target in targets if target > 2})

    def skipped(place: int, target: int) -> int:
        return target if target <= 2 else len(steps) + ends.index(target) - place - 1

    return [
        *(_Instruction(code, skipped(i, yes), skipped(i, no), value) for i, (code, value, yes, no) in enumerate(steps)),
        *(_Instruction(RETURN, 0, 0, end) for end in ends),
    ]


def _argument(number: int) -> int:
    """Where an argument begins; both architectures are little-endian, and no flag or descriptor needs more bits."""
    return ARGUMENTS + 8 * number


def receive(listener: int) -> Notification | None:
    """The next call that waits, or None if its thread has ended since."""
    buffer = bytearray(NOTIFICATION.size)
    try:
        fcntl.ioctl(listener, RECEIVE, buffer, True)
    except OSError:
        return None
    mark, pid, _flags, number, _architecture, _pointer, *arguments = NOTIFICATION.unpack(buffer)
    return Notification(mark, pid, number, tuple(arguments))


def valid(listener: int, mark: int) -> bool:
    """Whether a call still waits, so that what was read by its thread's number was that thread's."""
    try:
        fcntl.ioctl(listener, ID_VALID, struct.pack("Q", mark))
    except OSError:
        return False
    return True


def answer(listener: int, mark: int, refusal: int = 0) -> None:
    """Let a call be made, or fail with an errno; nothing happens if its thread has ended since."""
    response = RESPONSE.pack(mark, 0, -refusal, 0 if refusal else CONTINUE)
    with contextlib.suppress(OSError):
        fcntl.ioctl(listener, SEND, response)
