"""How long a process was kept waiting for a processor: time that passes by the wall and is nobody's doing here.

Whoever waits can be in one of three states, and only one of them is the machine's:

| the thread ...                                  | by the wall | CPU time | whose time it is       | served |
|-------------------------------------------------|-------------|----------|------------------------|--------|
| runs on a processor                             | passes      | passes   | the subject's          | yes    |
| is blocked: a sleep, a lock, a server's answer  | passes      | stands   | the subject's          | yes    |
| is ready to run, while others have all the CPUs | passes      | stands   | the machine's: starved | no     |

CPU time alone would never end what waits for a server that never answers; the wall alone ends what a busy machine does
not let run. So limits and budgets count *served* time: that by the wall, less that in which the thread was starved.
On a quiet machine this is the wall's; beside 20 processes that spin on two processors, a computation of 10 s is served
10 s in about 110 s by the wall, and a sleep of 10 s is served 10 s in little more than 10.

Linux counts for each thread how long it has stood in a run queue (the second number of /proc/PID/task/TID/schedstat,
in nanoseconds). What is asked of it here: of this process's threads and those of what descends from it, alive, and of
the children that `system.children` has reaped. Where several threads are starved at once their waiting is added up,
more than has passed by the wall perhaps, and by nobody's doing but their own where there are more of them than
processors. So a `Reading` never has less served than what they have used of the processors, were it all of them; and
served time never falls below one part in `STRETCHED` of the wall, so that whatever counts it comes to an end. Where the
system does not tell (it is no Linux), served time is the wall's.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

STRETCHED = 25
"""How many times as long by the wall served time may take at most."""

_PROCESSES = Path("/proc")

_reaped = [0.0]
"""For how many seconds the children were starved that have ended; only ever added to."""


def waited_for_cpu(pid: int) -> float:
    """For how many seconds the threads of a process were ready and did not run; 0.0 where the system does not tell."""
    return _scheduled(pid, 1)


def _scheduled(pid: int, column: int) -> float:
    """The sum of a column of what the system counts for each thread of a process, in seconds."""
    nanoseconds = 0
    for task in _entries(_PROCESSES / str(pid) / "task"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            nanoseconds += int((task / "schedstat").read_text("ascii").split()[column])
    return nanoseconds / 1e9


@attrs.define
class _OwnCount:
    """The count of this process's main thread, kept open: it is read at the beginning of every operation."""

    pid: int = 0
    descriptor: int = -1

    def read(self) -> float:
        if self.pid != os.getpid():  # what a fork has left open tells of the parent
            self.pid = os.getpid()
            try:
                self.descriptor = os.open(_PROCESSES / str(self.pid) / "schedstat", os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                self.descriptor = -1
        if self.descriptor < 0:
            return 0.0
        try:
            return int(os.pread(self.descriptor, 100, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0


_own = _OwnCount()


def main_thread_waited() -> float:
    """For how many seconds the main thread of this process was starved so far; quick to ask."""
    return _own.read()


def blocked_clock() -> float:
    """A clock, in seconds, that goes on only while the main thread is blocked; to be read by that thread.

    It stands while the thread runs, and while it is ready to run and others have the processors.
    """
    return time.monotonic() - time.thread_time() - main_thread_waited()


NOTICEABLE = 0.01
"""Seconds by the wall below which nobody asks how much of them a thread was blocked."""

READ_AGAIN = 0.05
"""Seconds after which `blocked_clock` is read anew for what begins then."""


@attrs.define
class _LastRead:
    """What `blocked_clock` said when it was read last, when that was by the wall, and which thread read it."""

    wall: float = float("-inf")
    blocked: float = 0.0
    thread: int = 0


_last_read = _LastRead()


def begin_blocking() -> float:
    """The moment, for `blocked_since`; quick to ask, for most operations are over before the clock is worth its cost.

    What the thread is blocked before that moment, after the clock was read last, counts as if it had been since: no
    more than `READ_AGAIN`.
    """
    now, thread = time.monotonic(), threading.get_ident()
    if not 0.0 <= now - _last_read.wall <= READ_AGAIN or thread != _last_read.thread:
        _last_read.wall, _last_read.blocked, _last_read.thread = now, blocked_clock(), thread
    return now


def blocked_since(began: float) -> float:
    """For how many seconds at most this thread has been blocked since it has asked `begin_blocking`."""
    wall = time.monotonic() - began
    if wall < NOTICEABLE or _last_read.thread != threading.get_ident():
        return wall
    return min(max(blocked_clock() - _last_read.blocked, 0.0), wall)


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []


def descendants(pid: int) -> Iterator[int]:
    """The processes that descend from one, where the system tells; not itself."""
    for task in _entries(_PROCESSES / str(pid) / "task"):
        try:
            children = [int(child) for child in (task / "children").read_text("ascii").split()]
        except (OSError, ValueError):
            continue
        for child in children:
            yield child
            yield from descendants(child)


def starved_tree(pid: int) -> float:
    """For how many seconds a process, and those that descend from it and are alive, were starved so far."""
    return waited_for_cpu(pid) + sum(map(waited_for_cpu, descendants(pid)))


def starved_seconds() -> float:
    """For how many seconds this process, those that descend from it, and its reaped children were starved so far."""
    return starved_tree(os.getpid()) + _reaped[0]


def ran_seconds() -> float:
    """For how many seconds this process, those that descend from it, and its reaped children have run so far."""
    return sum(os.times()[:4]) + sum(_scheduled(pid, 0) for pid in descendants(os.getpid()))


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def note_reaped(pid: int) -> None:
    """To be called of a child that has ended and is about to be reaped: what it was starved is remembered."""
    _reaped[0] += waited_for_cpu(pid)


def served(wall: float, starved: float) -> float:
    """How much of some seconds by the wall was served, if one was starved for so many."""
    return max(wall - max(starved, 0.0), wall / STRETCHED)


@attrs.frozen
class Reading:
    """A moment, from which served time is counted."""

    wall: float
    starved: float
    ran: float

    @classmethod
    def now(cls) -> "Reading":
        """This moment."""
        return cls(time.monotonic(), starved_seconds(), ran_seconds())

    def since(self) -> float:
        """How many seconds have been served since."""
        wall = time.monotonic() - self.wall
        if wall <= 0:
            return 0.0
        ran = (ran_seconds() - self.ran) / processors()
        return max(served(wall, starved_seconds() - self.starved), min(ran, wall))


@attrs.frozen
class Turn:
    """So many seconds that another process may take, with what descends from it, in served time."""

    pid: int
    seconds: float
    began: float
    starved: float

    @classmethod
    def of(cls, pid: int, seconds: float) -> "Turn":
        """One that begins now."""
        return cls(pid, seconds, time.monotonic(), starved_tree(pid))

    def without(self, seconds: float) -> "Turn":
        """The same, of which so many seconds that have passed by the wall do not count: nobody let it go on."""
        return attrs.evolve(self, began=self.began + seconds)

    def rest(self) -> float:
        """Seconds that are left of it; it may take longer by the wall. 0.0 where it is over."""
        wall = time.monotonic() - self.began
        if wall < self.seconds:  # less has been served, which takes longer to ask
            return self.seconds - wall
        return max(self.seconds - served(wall, starved_tree(self.pid) - self.starved), 0.0)
