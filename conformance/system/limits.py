"""A time limit for one operation, by an alarm signal where the system has one.

The alarm interrupts Python code and the system calls that Python restarts (a sleep, a lock, a socket). Native
code that never returns, and systems without the signal, are left to the supervisor of `conformance run`, which
ends the whole worker process.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import attrs

DEFAULT_SECONDS = 10.0
"""How long one operation may take before it counts as hung."""

ALARM_AGAIN = 0.1
"""Seconds after which the alarm rings again: an exception raised in a callback of the interpreter's is lost."""


class OperationTimeoutError(BaseException):
    """Raised inside an operation that ran out of time; no Exception, so that a backend does not catch it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not done after {seconds:g} s")
        self.seconds = seconds


@attrs.frozen
class TimeLimit:
    """Use as a context manager round one operation. `seconds` 0 means no limit."""

    seconds: float = 0.0

    def __enter__(self) -> None:
        if self.seconds:
            signal.setitimer(signal.ITIMER_REAL, self.seconds, ALARM_AGAIN)

    def __exit__(self, *_: object) -> None:
        if self.seconds:
            signal.setitimer(signal.ITIMER_REAL, 0)


def can_ring() -> bool:
    """Whether this thread, on this system, can be interrupted by an alarm."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


@contextmanager
def alarm(seconds: float) -> Iterator[TimeLimit]:
    """Give a TimeLimit of `seconds` for operations, or one without effect where there is no alarm.

    The alarm's earlier handler and running timer (another tool's) are put back at the end.
    """
    if not seconds or not can_ring():
        yield TimeLimit()
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OperationTimeoutError(seconds)

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield TimeLimit(seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if timer[0]:
            signal.setitimer(signal.ITIMER_REAL, *timer)
