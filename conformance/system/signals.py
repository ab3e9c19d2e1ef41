"""Signals of this process, and its end when the process that it works for is gone.

A process of the kit must not outlive the one that has started it. There are three ways to see to that, for no one of
them does everywhere:

| function                   | who waits  | how this process ends         | used by                             |
|----------------------------|------------|-------------------------------|-------------------------------------|
| `end_with_parent`          | the kernel | SIGKILL                       | forked children, the guarded worker |
| `exit_with_standard_input` | a thread   | exit status 1, nothing tidied | the worker                          |
| `terminate_with_parent`    | a thread   | SIGTERM, whose handler tidies | the processes of a pool             |

The kernel ends even what is stuck in native code, but only Linux does, and it leaves nobody the time to tidy up. A
thread does on every system, as long as it gets to run; what it can wait for is what ties the two processes together:
a pipe, or the module `multiprocessing`. The worker has two of the three, as there need be no guard above it.
"""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

PR_SET_PDEATHSIG = 1
"""The number of prctl(2) by which a process asks for a signal at the end of its parent."""


@contextlib.contextmanager
def sigterm_interrupts() -> Iterator[list[int]]:
    """Let SIGTERM raise KeyboardInterrupt, as Ctrl-C does; the list that it gives holds the signals that arrived."""
    arrived: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield arrived
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def sigterm_exits() -> Iterator[None]:
    """Let SIGTERM unwind as an exit does, with status 143, so that what runs is ended and cleaned up."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def sigterm_ends_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does, but with a status of its own, 143."""
    with sigterm_interrupts() as arrived:
        try:
            yield
        except KeyboardInterrupt:
            if arrived:
                sys.exit(128 + arrived[0])
            raise


def end_with_parent() -> None:
    """Have this process killed when the thread that forked it ends. Only Linux can; elsewhere nothing is done."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def exit_with_standard_input() -> None:
    """Have this process end when its standard input does, whose other end the process holds that it works for."""

    def leave() -> None:
        sys.stdin.read()
        os._exit(1)

    _in_background(leave)


def terminate_with_parent() -> None:
    """Have this process, which `multiprocessing` has started, send itself SIGTERM when its parent is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def leave() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    _in_background(leave)


def _in_background(wait: Callable[[], None]) -> None:
    threading.Thread(target=wait, daemon=True).start()
