"""Rounds run by threads on one backend, and operations one after another."""

import contextlib
import sys
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from random import Random

import attrs

from conformance.concurrent.histories.records import Record
from conformance.concurrent.load.pausing import pauses, pausing
from conformance.concurrent.load.rounds import POLL, Round, RoundResult, Seen, patience, recorded
from conformance.harness.harness import Harness
from conformance.harness.store import Store
from conformance.programs.calls import call
from conformance.programs.operations import Program
from conformance.programs.outcomes import Hung

SWITCH = 1e-6
"""Seconds between two switches of threads: as often as Python can."""

_installing = threading.Lock()


# Threads


def by_threads(harness: Harness, rounds: Iterable[Round]) -> Generator[RoundResult, None, None]:
    """Run rounds with a thread for each side; in three of five, they pause at random in Python code.

    Raises:
        SubjectError: the backend cannot be opened.
    """
    for number, one in enumerate(rounds):
        store = harness.open(**harness.cheap)
        run = _threads(store.backend, one, patience(harness), random=Random(number) if pauses(number) else None)
        if run.stuck:
            _abandon(store)
        else:
            harness.close(store)
        yield run


def _threads(backend: object, one: Round, seconds: float, random: Random | None) -> RoundResult:
    before = [Seen(0, recorded(operation, backend)) for operation in one.initial]
    logs: list[list[Record]] = [[] for _ in one.sides]
    gate = Gate(len(logs))
    threads = [
        threading.Thread(target=_side, args=(number, one, backend, log, gate, random), daemon=True)
        for number, log in enumerate(logs)
    ]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        for thread in threads:
            thread.start()
        gate.open.set()
        _wait(threads, logs, seconds)
    finally:
        sys.setswitchinterval(interval)
    seen = [*before, *(Seen(number, record) for number, log in enumerate(logs, 1) for record in tuple(log))]
    short = [number for number, log in enumerate(logs) if len(log) < len(one.sides[number])]
    if any(not threads[number].is_alive() for number in short):
        return RoundResult(one, cannot="an operation ended its thread")
    stuck = tuple((number + 1, _not_ended(one.sides[number], len(logs[number]), seconds)) for number in short)
    after = () if stuck else tuple(Seen(0, recorded(operation, backend)) for operation in one.reads)
    return RoundResult(one, (*seen, *after), stuck)


@attrs.frozen
class Gate:
    """What `sides` threads pass at once, when it is open."""

    sides: int
    open: threading.Event = attrs.field(factory=threading.Event)
    _there: list[None] = attrs.field(factory=list)

    def pass_through(self, *, awake: bool) -> None:
        """Wait for the others; `awake`, for what takes less time than it takes to wake up."""
        self.open.wait()
        self._there.append(None)
        while awake and len(self._there) < self.sides:
            pass


def _side(number: int, one: Round, backend: object, log: list[Record], gate: Gate, random: Random | None) -> None:
    """What a thread does: it waits until all are there."""
    if random is not None:
        with _installing, contextlib.suppress(RuntimeError):  # another thread of this process installs one
            sys.settrace(pausing(Random(random.random() + number)))
    gate.pass_through(awake=random is None)
    program = one.sides[number]
    log.extend(recorded(operation, backend) for operation in program)


def _not_ended(program: Program, done: int, seconds: float) -> str:
    return f"{call(program[done])} did not end within {seconds:g} s"


def _wait(threads: Sequence[threading.Thread], logs: Sequence[list[Record]], seconds: float) -> None:
    """Wait until all threads have ended, or no operation has for so many seconds."""
    done, since = -1, time.monotonic()
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(POLL)
        now = sum(map(len, logs))
        if now != done:
            done, since = now, time.monotonic()
        elif time.monotonic() - since > seconds:
            return


def _abandon(store: Store) -> None:
    """Leave a store that a thread hangs in, if that can be done."""
    thread = threading.Thread(target=store.close, daemon=True)
    thread.start()
    thread.join(1)


def alone(harness: Harness, program: Program) -> RoundResult:
    """Run operations one after another, in this thread, and then the reads that show what they have left.

    Raises:
        SubjectError: the backend cannot be opened.
    """
    one = Round((), (program,))
    store = harness.open(**harness.cheap)
    seen: list[Seen] = []
    try:
        for operation in (*program, *one.reads):
            record = recorded(operation, store.backend, harness.perform)
            if isinstance(record.outcome, Hung):
                return RoundResult(one, tuple(seen), ((1, str(record.outcome)),))
            seen.append(Seen(0, record))
    finally:
        harness.close(store)
    return RoundResult(one, tuple(seen))
