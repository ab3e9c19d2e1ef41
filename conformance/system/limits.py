"""A time limit for one operation, by an alarm signal where the system has one.

The alarm interrupts Python code and the system calls that Python restarts (a sleep, a lock, a socket). Native
code that never returns, and systems without the signal, are left to the supervisor of `conformance run`, which
ends the whole worker process.

The limit counts served time (`system.starvation`): an operation that waits for a server, or computes, for so long is
hung; one that other processes on the machine have not let run gets as much more as they have taken. The alarm rings by
the wall, so it looks again when it rings; the first row that applies:

| when it rings                                                     | what is done                               |
|-------------------------------------------------------------------|--------------------------------------------|
| the main thread was starved in the meantime                       | it rings again after what is left          |
| others, which may be at work for it, have been starved since they | a second look, `SECOND_LOOK` of it later;  |
| began: other threads of this process, or children of it           | how much they are starved while it waits   |
|                                                                   | is taken for the whole time                |
| none of these, or the second look says that all was served        | the operation has hung                     |

An operation costs one reading of a clock for this, and now and then one of what the thread was starved, and no more
unless the alarm rings.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import attrs

from conformance.system.interruption import Interruption
from conformance.system.starvation import Reading, main_thread_waited, served, starved_seconds

DEFAULT_SECONDS = 10.0
"""How long one operation may take before it counts as hung."""

ALARM_AGAIN = 0.1
"""Seconds after which the alarm rings again: an exception raised in a callback of the interpreter's is lost."""

SECOND_LOOK = 0.2
"""What part of the limit the second look takes; and how long others must have been starved at all for it."""

ENOUGH = 0.99
"""What part of the limit must have been served: clocks are read one after the other."""

RECENT = 0.05
"""For how many seconds a reading of how long the main thread was starved will do for the operations that begin.

What it was starved in that time, before the operation began, is counted as if it had been meanwhile: a limit, of a
second at least, ends so much later at most.
"""


class OperationTimeoutError(Interruption):
    """Raised inside an operation that ran out of time; no Exception, so that a backend does not catch it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not done after {seconds:g} s")
        self.seconds = seconds


@attrs.define
class _Stopwatch:
    """The operation that is being performed: one at a time, as there is one alarm of a process."""

    seconds: float = 0.0
    began: float = 0.0
    waited: float = 0.0
    look: Reading | None = None
    over: bool = False
    read: float = float("-inf")

    def start(self, seconds: float) -> None:
        """An operation begins that has so many seconds."""
        self.seconds, self.look, self.over = seconds, None, False
        self.began = began = time.monotonic()
        if began - self.read > RECENT:
            self.read, self.waited = began, main_thread_waited()

    def rest(self) -> float:
        """Seconds after which to look again, by the wall; 0.0 where the time that was served is over."""
        if self.over:  # it has been told, and that was lost
            return 0.0
        wall = time.monotonic() - self.began
        if self.look is not None:
            since = max(time.monotonic() - self.look.wall, 1e-6)
            return self._left(wall * self.look.since() / since)
        left = self._left(served(wall, main_thread_waited() - self.waited))
        if left or starved_seconds() - main_thread_waited() < SECOND_LOOK * self.seconds:
            return left
        self.over, self.look = False, Reading.now()
        return SECOND_LOOK * self.seconds

    def _left(self, done: float) -> float:
        self.over = done >= self.seconds * ENOUGH
        return 0.0 if self.over else self.seconds - done


_stopwatch = _Stopwatch()

if hasattr(os, "register_at_fork"):
    # What the parent's thread was starved is nothing to a child's, whose count begins with it.
    os.register_at_fork(after_in_child=lambda: setattr(_stopwatch, "read", float("-inf")))


@attrs.frozen
class TimeLimit:
    """Use as a context manager round one operation. `seconds` 0 means no limit."""

    seconds: float = 0.0

    def __enter__(self) -> None:
        if self.seconds:
            _stopwatch.start(self.seconds)
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
        rest = _stopwatch.rest()
        if rest:
            signal.setitimer(signal.ITIMER_REAL, rest, ALARM_AGAIN)
        else:
            raise OperationTimeoutError(_stopwatch.seconds)

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        with _lost_quietly():
            yield TimeLimit(seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if timer[0]:
            signal.setitimer(signal.ITIMER_REAL, *timer)


@contextmanager
def _lost_quietly() -> Iterator[None]:
    """Say nothing of a time limit that was raised where no exception can be: the alarm rings again."""
    before = sys.unraisablehook

    def hook(lost: "sys.UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, OperationTimeoutError):
            before(lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
