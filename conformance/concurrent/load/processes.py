"""Rounds run by processes with a backend each on one place.

The clients of a round are forked from this process, and run up to `BATCH` rounds, for a fork costs more than a round.
So they talk, this process to each client::

    this process                                             client n
         |                                                      |
         |  pipe: 0, go on                                      |
         |----------------------------------------------------->|  opens the backend on the next place; the first
         |                                 socket: what it saw  |  client does what comes before the round
         |<-----------------------------------------------------|
         |                                                      |
         |  pipe: the moment to start, by time.monotonic_ns     |
         |----------------------------------------------------->|  waits for it, awake, and runs its program
         |     mapped memory: how many operations it has done   |
         |<.....................................................|
         |                                 socket: what it saw  |
         |<-----------------------------------------------------|
         |                                                      |
         |  pipe: 0, go on, to the first client alone           |
         |----------------------------------------------------->|  reads what the round has left
         |                                 socket: what it saw  |
         |<-----------------------------------------------------|  all close their backends; the next round

Signals are numbers of `SIGNAL` bytes; what was seen is as `recording.sent` writes it. The socket is that of a forked
`Child`. The memory tells a client that is slow from one that is stuck, at no system call, which would order what the
processes do. The clients start at a moment, not at a message: messages reach one after another.
"""

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

from conformance.concurrent.histories.records import Record, Who
from conformance.concurrent.limits import patience
from conformance.concurrent.load.pausing import pauses, pausing
from conformance.concurrent.load.recording import received, recorded, sent
from conformance.concurrent.load.rounds import Round, RoundResult, Seen
from conformance.concurrent.load.runner import LOOK_SECONDS
from conformance.harness.harness import Harness
from conformance.harness.store import close_backend
from conformance.programs.operations import HasKey, Program
from conformance.system.budget import Allowance
from conformance.system.children import START_SECONDS, Acknowledge, Child, born

LEAD = 500_000
"""Nanoseconds from the signal to start to the start."""

BATCH = 6
"""How many rounds the same processes run."""

SIGNAL = 8
"""How many bytes a signal to a client has."""


@attrs.frozen
class ProcessRunner:
    """Runs rounds with a process for each client; in three of every five, they pause at random in Python code.

    So few rounds are needed to show what is short there. This process opens nothing on their places, for what is open
    in it would be open in its children too.
    """

    harness: Harness

    @property
    def who(self) -> Who:
        return "process"

    def run(self, rounds: Iterable[Round]) -> Generator[RoundResult, None, None]:
        coming = enumerate(rounds)
        if not hasattr(os, "fork"):
            yield RoundResult(next(coming)[1], impediment="this system cannot fork a process")
            return
        while batch := list(islice(coming, BATCH)):
            try:
                yield from _run_batch(self.harness, batch)
            except OSError as error:
                yield RoundResult(batch[0][1], impediment=f"no process can be made here: {error}")
                return

    def alone(self, program: Program) -> RoundResult:
        with contextlib.closing(self.run([Round((), (program,))])) as results:
            return next(results)


@attrs.frozen
class _Turn:
    """A round that a batch of clients runs, with its number and the place for it."""

    number: int
    round: Round
    place: object


def _run_batch(harness: Harness, rounds: Sequence[tuple[int, Round]]) -> Iterator[RoundResult]:
    """What comes of rounds, each with its number."""
    with contextlib.ExitStack() as stack:
        turns = [_Turn(number, round_, stack.enter_context(harness.subject.place())) for number, round_ in rounds]
        clients = [stack.enter_context(_client(harness, index, turns)) for index in range(len(rounds[0][1].clients))]
        for turn in turns:
            result = _at_once(clients, turn.round, patience(harness))
            yield result
            if result.stuck or result.impediment is not None:
                return


# The clients' side


@attrs.frozen
class _Work:
    """What a client is forked with.

    Args:
        harness: how it opens the backend.
        index: its place among the clients of each round, from 0; the first does what is alone, too.
        turns: the rounds.
        commands: the end of its pipe at which it reads signals.
        progress: the mapped memory: a byte.
    """

    harness: Harness
    index: int
    turns: Sequence[_Turn]
    commands: int
    progress: mmap.mmap

    def signal(self) -> int:
        """The next signal; it waits for it."""
        return int.from_bytes(os.read(self.commands, SIGNAL))

    def count(self, operations: int) -> None:
        """Show how many operations of its program the client has done."""
        self.progress[0] = operations % 256


def _live(work: _Work, say: Acknowledge) -> None:
    """What a client does, round after round."""
    is_first = work.index == 0
    for turn in work.turns:
        work.signal()
        backend = work.harness.subject.open(turn.place, **work.harness.cheap)
        # Much is connected, made or compiled at the first operation only, which is not to be part of the round.
        recorded(HasKey(work.harness.material.plain_key(0)), backend)
        say(sent([recorded(operation, backend) for operation in (turn.round.initial if is_first else ())]))
        records = _run_program(work, turn, backend)
        say(sent(records))
        if is_first:
            work.signal()
            say(sent([recorded(operation, backend) for operation in turn.round.reads]))
        close_backend(backend)


def _run_program(work: _Work, turn: _Turn, backend: object) -> list[Record]:
    """What a client sees of its program, which it runs from the moment that it is told."""
    clients = turn.round.clients
    random = Random(turn.number * len(clients) + work.index) if pauses(turn.number) else None
    start = work.signal()
    while time.monotonic_ns() < start:
        pass
    work.count(0)
    records: list[Record] = []
    sys.settrace(pausing(random) if random else None)
    for operation in clients[work.index]:
        records.append(recorded(operation, backend))
        work.count(len(records))
    sys.settrace(None)
    return records


# This process's side


@attrs.frozen
class _Client:
    """A client as this process has it: the child, the pipe to it, and how many operations it has done."""

    child: Child
    commands: int
    progress: mmap.mmap

    def tell(self, number: int = 0) -> None:
        """Send a signal."""
        with contextlib.suppress(BrokenPipeError):  # it has died, which is noticed when it gives no answer
            os.write(self.commands, number.to_bytes(SIGNAL))

    def answer(self, program: Program, seconds: float) -> list[Record] | None:
        """The next message, about the operations of a program; None if none comes in so many served seconds."""
        child, before = self.child, len(self.child.acknowledged)
        allowance = Allowance(seconds)
        poll = select.poll()
        poll.register(child.channel, select.POLLIN)
        while len(child.acknowledged) == before:
            if poll.poll(min(seconds, LOOK_SECONDS) * 1000):
                if not child.hear() and len(child.acknowledged) == before:
                    return None
            elif allowance.over():
                return None
        return received(child.acknowledged[before], program)

    def ending(self) -> str:
        """How it ended, if it gave no answer."""
        ended = self.child.ended()
        outcome = self.child.outcome("died")
        if outcome.error:
            return f"it raised {outcome.error.strip().splitlines()[-1]}"
        return f"it ended with status {outcome.status}" if ended else "it did not end"


@contextlib.contextmanager
def _client(harness: Harness, index: int, turns: Sequence[_Turn]) -> Iterator[_Client]:
    ours, theirs = os.pipe()
    progress = mmap.mmap(-1, 1)
    try:
        with born(partial(_live, _Work(harness, index, turns, ours, progress))) as child:
            yield _Client(child, theirs, progress)
    finally:
        os.close(ours)
        os.close(theirs)


def _at_once(clients: Sequence[_Client], round_: Round, seconds: float) -> RoundResult:
    """Have the clients run their next round."""
    first = clients[0]
    before: list[Record] = []
    for client in clients:  # one after another, so that they open a place that is empty, or has been opened
        client.tell()
        records = client.answer(round_.initial if client is first else (), START_SECONDS)
        if records is None:
            return RoundResult(round_, impediment=f"a forked process does not open the backend: {client.ending()}")
        before += records
    start = time.monotonic_ns() + LEAD
    for client in clients:
        client.tell(start)
    answers = _answers(clients, round_, seconds)
    seen = [Seen(0, record) for record in before]
    seen += [Seen(number, record) for number, records in enumerate(answers, 1) for record in records or ()]
    stuck = tuple(
        (number, clients[number - 1].ending()) for number, records in enumerate(answers, 1) if records is None
    )
    if stuck:
        return RoundResult(round_, tuple(seen), stuck)
    first.tell()
    after = first.answer(round_.reads, seconds * len(round_.reads))
    if after is None:
        return RoundResult(round_, tuple(seen), ((1, f"reading afterwards: {first.ending()}"),))
    return RoundResult(round_, (*seen, *(Seen(0, record) for record in after)))


def _answers(clients: Sequence[_Client], round_: Round, seconds: float) -> list[list[Record] | None]:
    """What each has seen; None for one that did not end although for so many served seconds none of any has."""
    answers: dict[int, list[Record] | None] = {}
    done, allowance = [-1], Allowance(seconds)
    while len(answers) < len(clients):
        for index, client in enumerate(clients):
            records = answers.get(index) or client.answer(round_.clients[index], LOOK_SECONDS)
            if records is not None or client.child.ended():
                answers[index] = records
        now = [client.progress[0] for client in clients]
        if now != done:
            done, allowance = now, Allowance(seconds)
        elif allowance.over():
            break
    return [answers.get(index) for index in range(len(clients))]
