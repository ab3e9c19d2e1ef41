"""Running one call whole at a chosen step of another: every single preemption of two calls, one at a time.

The first call runs in this thread under `sys.settrace` and `sys.setprofile`. Before its step number `at` the second
call is run in another thread; the first one goes on when the second has ended or waits for something that only the
first can give it, such as a lock. What a step is depends on whose code runs; `traced` says it by the name of the file:

    code                     its steps
    -----------------------  ---------------------------------------------------------------------------
    traced                   each line; within one, each call of other code after the first of the line
    anything else            each call of a function of C that reaches files or the network

A line with one call needs no step of its own for that call: before it is the line, and after it the next one. Calls of
what cannot be shared (methods of a text, `len`) are none. So a library that opens a file and writes it then is stopped
between the two, though its lines are of no interest.

A second call that does not end is *stuck*. How long that takes is counted in what the call had to itself, not by the
wall: a look at a thread that sleeps counts as the time between two looks, however late it comes on a busy machine, and
one at a thread that runs as the CPU time that it has had since. A thread that is stuck is left behind and never used
again, so nothing that it gives later can be taken for the answer to another call.
"""

import io
import os
import platform
import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import attrs

from conformance.system import signals

POLL = 0.0005
"""Seconds between two looks at a call that has not ended."""

STILL = 3
"""At how many looks a call must stand at one place, asleep for a lock, to count as waiting."""

STILL_ASLEEP = 12
"""At how many, in a sleep of its own: so waits who tries again and again for a lock, and who is slow on purpose."""

STILL_ELSEWHERE = 40
"""At how many, asleep for something else: a server takes its time to answer one that does not wait for the other."""

FUTEX = {"x86_64": ("202", "449"), "aarch64": ("98", "449")}.get(platform.machine(), ())
"""The numbers of the system calls of a lock."""

SLEEPING = {"x86_64": ("35", "230"), "aarch64": ("101", "115")}.get(platform.machine(), ())
"""The numbers of the system calls of a sleep."""

PATIENCE = 1.0
"""Seconds that a call may take that does not wait."""

LOOK = 0.05
"""Seconds between two looks at a call that may be stuck."""

STUCK = 10.0
"""Seconds after which a call that waits for nothing more than itself counts as stuck, where nothing else is said."""

REACHING = frozenset({"posix", "nt", "io", "_io", "fcntl", "mmap", "socket", "_socket", "ssl", "_ssl", "sqlite3"})
"""The modules of C whose functions and objects reach files or the network."""

AIMLESS = frozenset({"fspath", "getpid", "urandom", "getcwd", "register_at_fork"})
"""Functions of these that do not."""

BESIDES = ("<frozen importlib", str(Path(signals.__file__).parent))
"""Where the code lies that reaches files for its own ends: the import system, and the kit's own clocks and limits."""

UNSHARED = (str, bytes, int, float, tuple, frozenset)
"""What nobody can change, so that nothing of it is shared."""

BUFFERS = (io.BytesIO, io.StringIO)
"""What is like a file, but in memory."""


class StuckError(Exception):
    """The second call has not ended although the first one has: a deadlock, or an endless loop.

    Args:
        message: how long it was waited for.
        moment: where the first one was stopped.
    """

    def __init__(self, message: str, moment: "Moment") -> None:
        super().__init__(message)
        self.moment = moment


@attrs.frozen
class Moment:
    """A moment of a call.

    Args:
        file: the file of the line that is run.
        line: its number.
        occurrence: how often that line, or a call in it, had been reached then, this time included.
        event: "line" before the line; "c_call" or "call" before a call in it, by the names that `sys.setprofile` has.
        calling: the name of the function that is called; "" for a line.
    """

    file: str
    line: int
    occurrence: int
    event: str = "line"
    calling: str = ""


@attrs.frozen
class Interleaving:
    """What came of two calls.

    Args:
        first: what the first call returned.
        second: what the second call returned; None if the first one has not so many steps.
        waited: whether the second one had to wait for the first.
        moment: the step at which the second call ran; None if it did not.
    """

    first: Any
    second: Any
    waited: bool
    moment: Moment | None

    @property
    def reached(self) -> bool:
        """Whether the first call has so many steps."""
        return self.moment is not None


@attrs.define
class _Call:
    """A call that a thread is to run, with what comes of it."""

    run: Callable[[], Any]
    begun: threading.Event = attrs.field(factory=threading.Event)
    ended: threading.Event = attrs.field(factory=threading.Event)
    answer: tuple[Any] | None = None


@attrs.define
class Partner:
    """A thread that runs calls, one at a time. Use it as a context manager.

    Args:
        seconds: how long a call may take before it is stuck.
    """

    seconds: float = STUCK
    # No SimpleQueue: that of Python 3.11 waits for ever at times, when it is to wait for less than a millisecond.
    _calls: "queue.Queue[_Call | None]" = attrs.field(factory=queue.Queue)
    _thread: threading.Thread | None = None
    _call: _Call | None = None

    def __enter__(self) -> "Partner":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Leave the thread to itself: it ends once its call has, and the next call gets another one."""
        self._calls.put(None)
        self._calls, self._thread, self._call = queue.Queue(), None, None

    def start(self, call: Callable[[], Any]) -> None:
        """Begin a call."""
        if self._call is not None and not self._call.ended.is_set():
            self.leave()
        if self._thread is None:
            self._thread = threading.Thread(target=_run_calls, args=(self._calls,), daemon=True)
            self._thread.start()
        self._call = _Call(call)
        self._calls.put(self._call)
        self._call.begun.wait(PATIENCE)

    def ended(self, seconds: float) -> tuple[Any] | None:
        """What the call returned, in a tuple, or None if it has not ended by then."""
        call = self._call
        return call.answer if call is not None and call.ended.wait(seconds) else None

    def ended_or_stuck(self) -> tuple[Any] | None:
        """What the call returned, in a tuple, or None once it is stuck; its thread is left then."""
        spent, used = 0.0, self._used()
        while spent < self.seconds:
            answer = self.ended(min(LOOK, self.seconds))
            if answer is not None:
                return answer
            now = self._used()
            spent += min(LOOK, self.seconds) if self._sleeps() else now - used
            used = now
        self.leave()
        return None

    def done(self, call: Callable[[], Any]) -> tuple[Any] | None:
        """Run a call: what it returned, in a tuple, or None once it is stuck; its thread is left then."""
        self.start(call)
        return self.ended_or_stuck()

    def ended_or_waits(self) -> tuple[Any] | None:
        """What the call returned, in a tuple, or None once it stands still."""
        place, still, looks = None, 0, 0
        while looks * POLL < PATIENCE:
            answer = self.ended(POLL)
            if answer is not None:
                return answer
            looks += 1
            now = self._place()
            still = still + 1 if now == place and self._sleeps() else 0
            if still >= STILL and still >= self._looks_that_tell():
                return None
            place = now
        return None

    def _told(self, name: str) -> bytes | None:
        """What the system tells of the thread in a file; None where it does not."""
        try:
            return Path(f"/proc/self/task/{self._thread.native_id if self._thread else 0}/{name}").read_bytes()
        except OSError:  # not Linux, or a system that does not tell
            return None

    def _sleeps(self) -> bool:
        """Whether the system has put the thread to sleep, as for a lock; it may just be waiting for a processor."""
        told = self._told("stat")
        return told is None or told.rpartition(b")")[2].split()[0] == b"S"

    def _used(self) -> float:
        """The CPU seconds that the thread has used; where the system does not tell, those of the wall."""
        told = self._told("stat")
        if told is None:
            return time.monotonic()
        return sum(map(int, told.rpartition(b")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def _looks_that_tell(self) -> int:
        """At how many looks it counts as waiting, by the system call that it sleeps in."""
        told = self._told("syscall")
        number = told.decode().split()[0] if told else ""
        if told is None or number in FUTEX:
            return STILL
        return STILL_ASLEEP if number in SLEEPING else STILL_ELSEWHERE

    def _place(self) -> tuple[int, int] | None:
        frame = sys._current_frames().get((self._thread.ident if self._thread else 0) or 0)
        return (id(frame.f_code), frame.f_lasti) if frame is not None else None


def _run_calls(calls: "queue.Queue[_Call | None]") -> None:
    while (call := calls.get()) is not None:
        call.begun.set()
        call.answer = (call.run(),)
        call.ended.set()


def interleave(
    first: Callable[[], Any], second: Callable[[], Any], at: int, traced: Callable[[str], bool], partner: Partner
) -> Interleaving:
    """Run `first`, and `second` whole before step number `at` of it.

    Args:
        first: the call that is stopped; it returns its outcome, and raises nothing.
        second: the call that is run meanwhile, in `partner`; it returns its outcome, and raises nothing.
        at: the number of the step, counted from 1.
        traced: whether the lines of a file, by its name, are steps.
        partner: the thread for the second call.

    Raises:
        StuckError: the second call is stuck, after the first one has ended.
    """
    stop = _Stop(second, at, traced, partner)
    with _watched(stop):
        outcome = first()
    if stop.moment is None:
        return Interleaving(outcome, None, False, None)
    answer = stop.answer or partner.ended_or_stuck()
    if answer is None:
        raise StuckError(f"not done {partner.seconds:g} s after the other call, which it was run beside", stop.moment)
    return Interleaving(outcome, answer[0], stop.answer is None, stop.moment)


@contextmanager
def _watched(stop: "_Stop") -> Iterator[None]:
    """Have the steps of this thread told to a stop; what another tool has set is put back."""
    before = sys.gettrace(), sys.getprofile()
    # Held here until the end: CPython 3.11 lends a trace function to the call of it, without a reference of its own. If
    # that call collects garbage first, whose finalizer is traced, and ends the tracing at its step, it would be gone.
    on_call, on_function = stop.on_call, stop.on_function
    sys.setprofile(on_call)
    sys.settrace(on_function)
    try:
        yield
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])


@attrs.define
class _Stop:
    """Counts steps, and starts the second call at one."""

    second: Callable[[], Any]
    left: int
    traced: Callable[[str], bool]
    partner: Partner
    moment: Moment | None = None
    answer: tuple[Any] | None = None
    called: bool = False
    """Whether anything has been called since the line of traced code was begun that is run now."""
    reached: Counter[tuple[str, str, int]] = attrs.field(factory=Counter)

    def on_function(self, frame: FrameType, _event: str, _argument: object) -> Any:
        """The trace function of a thread: called with each function that begins."""
        return self.on_line if self.left and self.traced(frame.f_code.co_filename) else None

    def on_line(self, frame: FrameType, event: str, _argument: object) -> Any:
        """The trace function of one call of a function."""
        if event == "line" and self.left:
            self.called = False
            self._count(frame, "line", "")
        return self.on_line

    def on_call(self, frame: FrameType, event: str, argument: Any) -> None:
        """The profile function of a thread."""
        if not self.left:
            return
        if event == "c_call":
            own = self.traced(frame.f_code.co_filename)
            self._count_call(frame, event, argument.__name__, counts=is_shared(argument) if own else None)
            if not own and reaches(argument) and not frame.f_code.co_filename.startswith(BESIDES):
                self._count(frame, event, argument.__name__)
        elif frame.f_back is not None and self.traced(frame.f_back.f_code.co_filename):
            if event == "call":
                own = self.traced(frame.f_code.co_filename)
                self._count_call(frame.f_back, event, frame.f_code.co_name, counts=None if own else True)
            elif event == "return":
                self.called = True

    def _count_call(self, frame: FrameType, event: str, name: str, *, counts: bool | None) -> None:
        """Count a call by traced code, if it is not the first of its line; None if it never counts."""
        if counts:
            if self.called:
                self._count(frame, event, name)
            self.called = True

    def _count(self, frame: FrameType, event: str, calling: str) -> None:
        self.left -= 1
        file, line = frame.f_code.co_filename, frame.f_lineno
        self.reached[event, file, line] += 1
        if not self.left:
            self.moment = Moment(file, line, self.reached[event, file, line], event, calling)
            self.partner.start(self.second)
            self.answer = self.partner.ended_or_waits()
            sys.settrace(None)  # what follows is of no interest, and costs as much
            sys.setprofile(None)


def reaches(function: Any) -> bool:
    """Whether a function of C, or a method of an object of C, reaches files or the network."""
    owner = _owner_of(function)
    if owner is None:
        module, _, _ = str(function.__module__).partition(".")
        return module in REACHING and function.__name__ not in AIMLESS
    return type(owner).__module__ in REACHING and not isinstance(owner, BUFFERS)


def is_shared(function: Any) -> bool:
    """Whether what a function of C does may bear on others: `len`, or a method of a text, does not."""
    owner = _owner_of(function)
    if owner is None:
        return function.__module__ != "builtins" and function.__name__ not in AIMLESS
    return not isinstance(owner, UNSHARED)


def _owner_of(function: Any) -> Any:
    """The object that a function of C is a method of; None for a function of a module."""
    owner = getattr(function, "__self__", None)
    return None if isinstance(owner, ModuleType) else owner
