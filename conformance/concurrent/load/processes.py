"""Rounds run by processes with a backend each on one place."""

import ast
import contextlib
import mmap
import os
import select
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random

import attrs

from conformance.concurrent.histories.records import Record
from conformance.concurrent.load.pausing import pauses, pausing
from conformance.concurrent.load.rounds import POLL, Round, RoundResult, Seen, as_text, patience, recorded
from conformance.harness.harness import Harness
from conformance.harness.store import close_backend
from conformance.programs.operations import HasKey, Operation, Program
from conformance.programs.outcomes import Outcome, Raised, Returned
from conformance.system.children import START_SECONDS, Acknowledge, Child, born

LEAD = 500_000
"""Nanoseconds from the signal to start to the start."""

BATCH = 6
"""How many rounds the same processes run."""

NUMBER = 8
"""How many bytes a signal to a process has."""


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


def by_processes(harness: Harness, rounds: Iterable[Round]) -> Generator[RoundResult, None, None]:
    """Run rounds with a process for each side, all of the same number of sides; the first one does what is alone.

    In three of five they pause at random in Python code, so that few are needed to show what is short there.
    This process opens nothing there, for what is open in it would be open in its children too.
    """
    coming = enumerate(rounds)
    if not hasattr(os, "fork"):
        yield RoundResult(next(coming)[1], cannot="this system cannot fork a process")
        return
    while batch := list(islice(coming, BATCH)):
        try:
            yield from _batch(harness, batch)
        except OSError as error:
            yield RoundResult(batch[0][1], cannot=f"no process can be made here: {error}")
            return


def _batch(harness: Harness, rounds: Sequence[tuple[int, Round]]) -> Iterator[RoundResult]:
    """What comes of rounds, each with its number."""
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(harness.subject.place()) for _ in rounds]
        sides = range(len(rounds[0][1].sides))
        crew = [stack.enter_context(_member(harness, side, rounds, places)) for side in sides]
        for _, one in rounds:
            run = _together(crew, one, patience(harness))
            yield run
            if run.stuck or run.cannot:
                return


@contextlib.contextmanager
def _member(
    harness: Harness, side: int, rounds: Sequence[tuple[int, Round]], places: Sequence[object]
) -> Iterator[_Member]:
    ours, theirs = os.pipe()
    progress = mmap.mmap(-1, 1)
    try:
        with born(partial(_live, harness, side, rounds, places, ours, progress)) as child:
            yield _Member(child, theirs, progress)
    finally:
        os.close(ours)
        os.close(theirs)


def _live(
    harness: Harness,
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
        backend = harness.subject.open(place, **harness.cheap)
        recorded(HasKey(harness.material.plain_key(0)), backend)
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


def _together(crew: Sequence[_Member], one: Round, seconds: float) -> RoundResult:
    """Have the processes run their next round."""
    opened: list[list[Record]] = []
    for number, member in enumerate(crew):
        member.tell()
        told = _answer(member, one.initial if not number else (), START_SECONDS)
        if told is None:
            return RoundResult(one, cannot=f"a forked process does not open the backend: {_ending(member)}")
        opened.append(told)
    start = time.monotonic_ns() + LEAD
    for member in crew:
        member.tell(start)
    came = _answers(crew, one, seconds)
    seen = [Seen(0, record) for record in opened[0]]
    seen += [Seen(number, record) for number, records in enumerate(came, 1) for record in records or ()]
    stuck = tuple((number, _ending(crew[number - 1])) for number, told in enumerate(came, 1) if told is None)
    if stuck:
        return RoundResult(one, tuple(seen), stuck)
    crew[0].tell()
    after = _answer(crew[0], one.reads, seconds * len(one.reads))
    if after is None:
        return RoundResult(one, tuple(seen), ((1, f"reading afterwards: {_ending(crew[0])}"),))
    return RoundResult(one, (*seen, *(Seen(0, record) for record in after)))


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


def alone_in_a_process(harness: Harness, program: Program) -> RoundResult:
    """Run operations one after another in one process, and then the reads that show what they have left."""
    with contextlib.closing(by_processes(harness, [Round((), (program,))])) as runs:
        return next(runs)
