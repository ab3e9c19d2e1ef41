"""Running rounds: by threads on one backend, by processes with a backend each on one place, and one after another."""

import ast
import contextlib
import mmap
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random
from types import FrameType
from typing import Any, TypeAlias

import attrs

from conformance.harness.harness import Bench
from conformance.harness.store import Store, close_backend
from conformance.histories import Record
from conformance.programs.calls import call
from conformance.programs.operations import HasKey, Operation, Program
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned
from conformance.stress_rounds import Round, Run, Seen, as_text, recorded
from conformance.system.children import START_SECONDS, Acknowledge, Child, born

Runner: TypeAlias = Callable[[Iterable[Round]], Generator[Run, None, None]]
"""Runs rounds, each on a new store, and gives what came of each; it may run some before their turn."""

PATIENCE = 10.0
"""Seconds without any operation's end after which a round counts as stuck, where the bench has no limit."""

SWITCH = 1e-6
"""Seconds between two switches of threads: as often as Python can."""

OPCODES = sys.version_info < (3, 12)
"""Whether a thread may pause at each opcode, not at each line: later versions rewrite code for that."""

PAUSED, OF = 3, 5
"""In how many of so many rounds threads and processes pause, a number that the kinds of rounds do not share."""

PAUSES = 0.008
"""The share of the events of the trace function at which a thread, or a process, pauses."""

PAUSE = 1e-5
"""Seconds that it pauses, at least."""

POLL = 0.05
LEAD = 500_000
"""Nanoseconds from the signal to start to the start."""

BATCH = 6
"""How many rounds the same processes run."""

NUMBER = 8
"""How many bytes a signal to a process has."""


_installing = threading.Lock()


def patience(bench: Bench) -> float:
    """Seconds that one operation may take."""
    return bench.limit.seconds or PATIENCE


def pauses(number: int) -> bool:
    """Whether threads and processes pause in the round that has the number."""
    return number % OF < PAUSED


# Threads


def by_threads(bench: Bench, rounds: Iterable[Round]) -> Generator[Run, None, None]:
    """Run rounds with a thread for each side; in three of five, they pause at random in Python code.

    Raises:
        SubjectError: the backend cannot be opened.
    """
    for number, one in enumerate(rounds):
        store = bench.open(**bench.quick)
        run = _threads(store.backend, one, patience(bench), random=Random(number) if pauses(number) else None)
        if run.stuck:
            _abandon(store)
        else:
            bench.close(store)
        yield run


def _threads(backend: object, one: Round, seconds: float, random: Random | None) -> Run:
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
        return Run(one, cannot="an operation ended its thread")
    stuck = tuple((number + 1, _not_ended(one.sides[number], len(logs[number]), seconds)) for number in short)
    after = () if stuck else tuple(Seen(0, recorded(operation, backend)) for operation in one.reads)
    return Run(one, (*seen, *after), stuck)


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


def pausing(random: Random) -> Callable[[FrameType, str, object], Any]:
    """A trace function that has its thread pause at random moments of Python code, so that others run meanwhile."""

    def pause(frame: FrameType, _event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = OPCODES
        if random.random() < PAUSES:
            time.sleep(PAUSE)
        return pause

    return pause


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


def alone(bench: Bench, program: Program) -> Run:
    """Run operations one after another, in this thread, and then the reads that show what they have left.

    Raises:
        SubjectError: the backend cannot be opened.
    """
    one = Round((), (program,))
    store = bench.open(**bench.quick)
    seen: list[Seen] = []
    try:
        for operation in (*program, *one.reads):
            record = recorded(operation, store.backend, bench.perform)
            if isinstance(record.outcome, Hung):
                return Run(one, tuple(seen), ((1, str(record.outcome)),))
            seen.append(Seen(0, record))
    finally:
        bench.close(store)
    return Run(one, tuple(seen))


# Processes


@attrs.frozen
class _Member:
    """A process of a batch: the child, the pipe by which it is told to go on, and how many operations it has done."""

    child: Child
    commands: int
    progress: mmap.mmap

    def tell(self, number: int = 0) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self.commands, number.to_bytes(NUMBER))


def by_processes(bench: Bench, rounds: Iterable[Round]) -> Generator[Run, None, None]:
    """Run rounds with a process for each side, all of the same number of sides; the first one does what is alone.

    In three of five they pause at random in Python code, so that few are needed to show what is short there.
    This process opens nothing there, for what is open in it would be open in its children too.
    """
    coming = enumerate(rounds)
    if not hasattr(os, "fork"):
        yield Run(next(coming)[1], cannot="this system cannot fork a process")
        return
    while batch := list(islice(coming, BATCH)):
        try:
            yield from _batch(bench, batch)
        except OSError as error:
            yield Run(batch[0][1], cannot=f"no process can be made here: {error}")
            return


def _batch(bench: Bench, rounds: Sequence[tuple[int, Round]]) -> Iterator[Run]:
    """What comes of rounds, each with its number."""
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(bench.subject.place()) for _ in rounds]
        sides = range(len(rounds[0][1].sides))
        crew = [stack.enter_context(_member(bench, side, rounds, places)) for side in sides]
        for _, one in rounds:
            run = _together(crew, one, patience(bench))
            yield run
            if run.stuck or run.cannot:
                return


@contextlib.contextmanager
def _member(
    bench: Bench, side: int, rounds: Sequence[tuple[int, Round]], places: Sequence[object]
) -> Iterator[_Member]:
    ours, theirs = os.pipe()
    progress = mmap.mmap(-1, 1)
    try:
        with born(partial(_live, bench, side, rounds, places, ours, progress)) as child:
            yield _Member(child, theirs, progress)
    finally:
        os.close(ours)
        os.close(theirs)


def _live(
    bench: Bench,
    side: int,
    rounds: Sequence[tuple[int, Round]],
    places: Sequence[object],
    commands: int,
    progress: mmap.mmap,
    say: Acknowledge,
) -> None:
    """What a process does: for each round it opens, starts at the moment it is told, and says what it has seen."""
    for (number, one), place in zip(rounds, places, strict=True):
        os.read(commands, NUMBER)
        backend = bench.subject.open(place, **bench.quick)
        recorded(HasKey(bench.material.plain_key(0)), backend)
        say(sent([recorded(operation, backend) for operation in (() if side else one.initial)]))
        random = Random(number * len(one.sides) + side) if pauses(number) else None
        start = int.from_bytes(os.read(commands, NUMBER))
        while time.monotonic_ns() < start:
            pass
        say(sent(_counted(one.sides[side], backend, progress, random)))
        if not side:
            os.read(commands, NUMBER)
            say(sent([recorded(operation, backend) for operation in one.reads]))
        close_backend(backend)


def _counted(program: Program, backend: object, progress: mmap.mmap, random: Random | None) -> list[Record]:
    progress[0] = 0
    records: list[Record] = []
    sys.settrace(pausing(random) if random else None)
    for operation in program:
        records.append(recorded(operation, backend))
        progress[0] = len(records) % 256
    sys.settrace(None)
    return records


def _together(crew: Sequence[_Member], one: Round, seconds: float) -> Run:
    """Have the processes run their next round."""
    opened: list[list[Record]] = []
    for number, member in enumerate(crew):
        member.tell()
        told = _answer(member, one.initial if not number else (), START_SECONDS)
        if told is None:
            return Run(one, cannot=f"a forked process does not open the backend: {_ending(member)}")
        opened.append(told)
    start = time.monotonic_ns() + LEAD
    for member in crew:
        member.tell(start)
    came = _answers(crew, one, seconds)
    seen = [Seen(0, record) for record in opened[0]]
    seen += [Seen(number, record) for number, records in enumerate(came, 1) for record in records or ()]
    stuck = tuple((number, _ending(crew[number - 1])) for number, told in enumerate(came, 1) if told is None)
    if stuck:
        return Run(one, tuple(seen), stuck)
    crew[0].tell()
    after = _answer(crew[0], one.reads, seconds * len(one.reads))
    if after is None:
        return Run(one, tuple(seen), ((1, f"reading afterwards: {_ending(crew[0])}"),))
    return Run(one, (*seen, *(Seen(0, record) for record in after)))


def _answers(crew: Sequence[_Member], one: Round, seconds: float) -> list[list[Record] | None]:
    """What each has seen; None for one that did not end although for so many seconds no operation of any has."""
    came: dict[int, list[Record] | None] = {}
    done, since = [-1], time.monotonic()
    while len(came) < len(crew):
        for number, member in enumerate(crew):
            told = came.get(number) or _answer(member, one.sides[number], POLL)
            if told is not None or member.child.ended():
                came[number] = told
        now = [member.progress[0] for member in crew]
        if now != done:
            done, since = now, time.monotonic()
        elif time.monotonic() - since > seconds:
            break
    return [came.get(number) for number in range(len(crew))]


def _answer(member: _Member, program: Program, seconds: float) -> list[Record] | None:
    """The next message of a process, about operations; None if there is none within so many seconds."""
    child, before = member.child, len(member.child.acknowledged)
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(child.channel, select.POLLIN)
    while len(child.acknowledged) == before:
        rest = deadline - time.monotonic()
        if rest <= 0 or (poll.poll(rest * 1000) and not child.hear() and len(child.acknowledged) == before):
            return None
    return received(child.acknowledged[before], program)


def _ending(member: _Member) -> str:
    """How a process ended that gave no answer."""
    ended = member.child.ended()
    outcome = member.child.outcome("died")
    if outcome.error:
        return f"it raised {outcome.error.strip().splitlines()[-1]}"
    return f"it ended with status {outcome.status}" if ended else "it did not end"


def sent(records: Sequence[Record]) -> bytes:
    """What was seen of operations, as text; their order says which they were."""
    return ascii([(one.begin, one.end, *_told(one.outcome)) for one in records]).encode()


def _told(outcome: Outcome | None) -> tuple[str, object, str]:
    if isinstance(outcome, Returned):
        return ("returned", outcome.value, "")
    return ("raised", outcome.kind, outcome.text) if isinstance(outcome, Raised) else ("ended", str(outcome), "")


def received(message: bytes, program: Sequence[Operation]) -> list[Record]:
    """What was seen of the operations of a program, from the message that says it."""
    return [
        Record(begin, end, as_text(operation), Returned(value) if verb == "returned" else Raised(value, text))
        for operation, (begin, end, verb, value, text) in zip(program, ast.literal_eval(message.decode()), strict=True)
    ]


def alone_in_a_process(bench: Bench, program: Program) -> Run:
    """Run operations one after another in one process, and then the reads that show what they have left."""
    with contextlib.closing(by_processes(bench, [Round((), (program,))])) as runs:
        return next(runs)
