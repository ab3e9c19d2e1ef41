"""Running one call whole at a chosen line of another: every single preemption of two calls, one at a time.

The first call runs in this thread under `sys.settrace`. Before its line number `at`, counted over the files that are
traced, the second call is run in another thread; the first one goes on when the second has ended or waits for
something that only the first can give it, such as a lock.
"""

import platform
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

POLL = 0.0005
"""Seconds between two looks at a call that has not ended."""

STILL = 3
"""At how many looks a call must stand at one place, asleep for a lock, to count as waiting."""

STILL_ELSEWHERE = 40
"""At how many, asleep for something else: a server takes its time to answer one that does not wait for the other."""

FUTEX = {"x86_64": ("202", "449"), "aarch64": ("98", "449")}.get(platform.machine(), ())
"""The numbers of the system calls of a lock."""

PATIENCE = 1.0
"""Seconds that a call may take that does not wait."""

STUCK = 30.0
"""Seconds after which a call that waits for nothing more than itself counts as stuck."""


class StuckError(Exception):
    """The second call has not ended although the first one has: a deadlock, or an endless loop."""


@attrs.frozen
class Interleaving:
    """What came of two calls.

    Args:
        first: what the first call returned.
        second: what the second call returned; None if the first one has not so many lines.
        waited: whether the second one had to wait for the first.
        file: the file, and `line` the number of the line, before which the second call ran; "" and 0 if it did not.
        occurrence: how often that line had been reached then, this time included.
    """

    first: Any
    second: Any
    waited: bool
    file: str
    line: int
    occurrence: int

    @property
    def reached(self) -> bool:
        """Whether the first call has so many lines."""
        return bool(self.file)


@attrs.define
class Partner:
    """A thread that runs calls, one at a time. Use it as a context manager."""

    # No SimpleQueue: that of Python 3.11 waits for ever at times, when it is to wait for less than a millisecond.
    _calls: "queue.Queue[Callable[[], Any] | None]" = attrs.field(factory=queue.Queue)
    _answers: "queue.Queue[Any]" = attrs.field(factory=queue.Queue)
    _thread: threading.Thread = attrs.field(init=False)
    _begun: threading.Event = attrs.field(factory=threading.Event)

    def __enter__(self) -> "Partner":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            self._begun.set()
            self._answers.put(call())

    def start(self, call: Callable[[], Any]) -> None:
        """Begin a call."""
        self._begun.clear()
        self._calls.put(call)
        self._begun.wait(PATIENCE)

    def ended(self, seconds: float) -> tuple[Any] | None:
        """What the call returned, in a tuple, or None if it has not ended by then."""
        try:
            return (self._answers.get(timeout=seconds),)
        except queue.Empty:
            return None

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
            if still >= STILL and (still >= STILL_ELSEWHERE or self._wants_a_lock()):
                return None
            place = now
        return None

    def _sleeps(self) -> bool:
        """Whether the system has put the thread to sleep, as for a lock; it may just be waiting for a processor."""
        try:
            with Path(f"/proc/self/task/{self._thread.native_id}/stat").open("rb") as file:
                return file.read().rpartition(b")")[2].split()[0] == b"S"
        except OSError:  # not Linux
            return True

    def _wants_a_lock(self) -> bool:
        """Whether the system call that it sleeps in is that of a lock of this process."""
        try:
            with Path(f"/proc/self/task/{self._thread.native_id}/syscall").open() as file:
                return file.read().split()[0] in FUTEX
        except OSError:  # not Linux, or a system that does not tell
            return True

    def _place(self) -> tuple[int, int] | None:
        frame = sys._current_frames().get(self._thread.ident or 0)
        return (id(frame.f_code), frame.f_lasti) if frame is not None else None


def interleave(
    first: Callable[[], Any], second: Callable[[], Any], at: int, traced: Callable[[str], bool], partner: Partner
) -> Interleaving:
    """Run `first`, and `second` whole before line number `at` of it.

    Args:
        first: the call that is stopped; it returns its outcome, and raises nothing.
        second: the call that is run meanwhile, in `partner`; it returns its outcome, and raises nothing.
        at: the number of the line, counted from 1 over the lines that are run in files that are traced.
        traced: whether the lines of a file, by its name, count.
        partner: the thread for the second call.

    Raises:
        StuckError: the second call has not ended half a minute after the first one.
    """
    stop = _Stop(second, at, traced, partner)
    before = sys.gettrace()
    sys.settrace(stop.call)
    try:
        outcome = first()
    finally:
        sys.settrace(before)
    if not stop.file:
        return Interleaving(outcome, None, False, "", 0, 0)
    waited = stop.answer is None
    answer = stop.answer if stop.answer is not None else partner.ended(STUCK)
    if answer is None:
        raise StuckError(f"not done {STUCK:g} s after the other call, which it was run beside")
    return Interleaving(outcome, answer[0], waited, stop.file, stop.line, stop.reached[stop.file, stop.line])


@attrs.define
class _Stop:
    """The trace function: counts lines, and starts the second call."""

    second: Callable[[], Any]
    left: int
    traced: Callable[[str], bool]
    partner: Partner
    file: str = ""
    line: int = 0
    answer: tuple[Any] | None = None
    reached: Counter[tuple[str, int]] = attrs.field(factory=Counter)

    def call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        return self.step if self.left and self.traced(frame.f_code.co_filename) else None

    def step(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line" and self.left:
            self.left -= 1
            self.reached[frame.f_code.co_filename, frame.f_lineno] += 1
            if not self.left:
                self.file, self.line = frame.f_code.co_filename, frame.f_lineno
                self.partner.start(self.second)
                self.answer = self.partner.ended_or_waits()
        return self.step
