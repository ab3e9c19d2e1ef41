"""Signals of this process: SIGTERM as an interrupt, and the end with the parent's."""

import contextlib
import ctypes
import signal
import sys
from collections.abc import Iterator
from types import FrameType

PR_SET_PDEATHSIG = 1
"""The number of prctl(2) by which a process asks for a signal at the end of its parent."""


@contextlib.contextmanager
def sigterm_interrupts() -> Iterator[list[int]]:
    """Let SIGTERM raise KeyboardInterrupt, as Ctrl-C does; the list that it gives holds the signals that came."""
    came: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield came
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
    with sigterm_interrupts() as came:
        try:
            yield
        except KeyboardInterrupt:
            if came:
                sys.exit(128 + came[0])
            raise


def end_with_parent() -> None:
    """Have this process killed when the thread that forked it ends. Only Linux can; elsewhere nothing is done."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)
