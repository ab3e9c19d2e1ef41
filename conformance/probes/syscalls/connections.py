"""Shutting down a connection of another process, as when the network or the server goes away."""

import ctypes
import os
import socket
from pathlib import Path

PIDFD_GETFD = 438
"""The number of the system call, on every architecture."""


class UnreachableError(OSError):
    """The system does not let this process reach the connection of another one."""


def cut(pid: int, descriptor: int) -> None:
    """Shut down the socket that a thread's process has under a descriptor: to both ends it is closed.

    Args:
        pid: the number of the thread; it is halted.
        descriptor: of the socket, as that process knows it.

    Raises:
        UnreachableError: this process may not reach it (Linux 5.6 or later is needed).
        OSError: it is no socket, is not connected, or that process has ended.
    """
    process = os.pidfd_open(_process_of(pid))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        copy = int(library.syscall(PIDFD_GETFD, process, descriptor, 0))
        if copy < 0:
            number = ctypes.get_errno()
            raise UnreachableError(number, os.strerror(number))
    finally:
        os.close(process)
    with socket.socket(fileno=copy) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _process_of(thread: int) -> int:
    """The process that a thread belongs to."""
    lines = Path(f"/proc/{thread}/status").read_text("utf-8", "replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Tgid:"))
