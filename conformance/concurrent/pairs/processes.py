"""Two processes on one place: one halted before system calls that reach it, the other's operation run whole.

Halted it is before each call that changes the place, and before those that read it, as far as they are worth a try
(`WorthATry`): who lists a directory and then opens each file finds one gone that another process has removed meanwhile.
Two that open a store are halted at changes alone.

Where the place is no directory, the one is halted before each message that it sends to a server. The process that is
halted is a forked child, which says two things by messages: `READY` once it has opened the backend, so that the calls
of opening do not count as those of the operation; and then the outcome. The other process is this one, in which all is
done by the partner's thread: for the operation may have to wait until the child goes on, and whatever hangs is left
behind with its thread. A child that does not get as far as `READY` has put nothing to the test (`Impeded`).
"""

import functools
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.limits import hurried, patience
from conformance.concurrent.pairs.interleaving import (
    Impeded,
    Interleaved,
    Openings,
    Stuck,
    observe_in_order,
    reads_of,
)
from conformance.concurrent.pairs.openings import opened_id
from conformance.concurrent.pairs.pairs import AtCall, Observation, OneByOne, Pair, reads_after
from conformance.harness.halting import halting_place
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import Accesses, Action, Continue, Network, Stop, WorthATry, supervised
from conformance.probes.syscalls.stops import MOST_READS
from conformance.programs.operations import Operation
from conformance.programs.outcomes import Outcome, Raised, decode_outcome, encode_outcome, raised
from conformance.system.children import Acknowledge, ChildEnd, killed_at
from conformance.system.interruption import PASSED_ON
from conformance.system.limits import TimeLimit

STOPS = 40 + MOST_READS
"""How many system calls of an operation are tried at most, the reads among them included."""

WAITING = 3
"""How many times as long as one operation a process may take, which opens the backend too; that it is halted does not
count."""

READY = b"ready"

Seat: TypeAlias = "str | os.PathLike[str] | Network | Accesses"
"""What a process is halted at."""

NO_OTHER_PROCESS = "it cannot be opened in another process"


def cannot_be_opened(harness: Harness) -> str:
    """Why a forked process cannot open the backend, on an empty place and alone there; "" if it can."""
    with harness.subject.place() as place:
        end = killed_at(lambda acknowledge: _open(harness, place, acknowledge), WAITING * patience(harness))
    return "" if READY in end.acknowledged else f"{NO_OTHER_PROCESS}: {_ending(end)}"


def _open(harness: Harness, place: Any, acknowledge: Acknowledge) -> Any:
    backend = harness.subject.open(place)
    acknowledge(READY)
    return backend


def _ending(end: ChildEnd) -> str:
    """How a process ended that gave no outcome."""
    return end.error.strip().splitlines()[-1] if end.error else f"the process {end.ended}"


def _performed(operation: Operation, opening: Callable[[], Any]) -> Outcome:
    """What comes of an operation on what `opening` gives; or of opening that."""
    try:
        backend = opening()
    except PASSED_ON:
        raise
    except BaseException as error:
        return raised(error)
    return perform(operation, backend)


@attrs.frozen
class _Both:
    """What came of two calls, the first in a process that was halted at `where`, and whether the second one waited."""

    where: AtCall
    first: Outcome
    second: Outcome
    waited: bool


@attrs.frozen
class ProcessInterleaver:
    """Runs the first operation in a forked process, and the second one in this process, in its partner's thread."""

    harness: Harness
    partner: Partner

    @property
    def who(self) -> Who:
        return "process"

    @property
    def most(self) -> int:
        return STOPS

    @property
    def _waiting(self) -> float:
        return WAITING * self.partner.seconds

    @property
    def _unlimited(self) -> Harness:
        """The harness for what runs in the partner's thread, where no alarm rings: the partner knows what is stuck."""
        return attrs.evolve(self.harness, limit=TimeLimit())

    def hurried(self) -> "ProcessInterleaver":
        harness = hurried(self.harness)
        return attrs.evolve(self, harness=harness, partner=Partner(patience(harness)))

    def in_order(self, pair: Pair, *, swapped: bool) -> Observation | Stuck | Impeded:
        with self.harness.subject.place() as place:
            done = self.partner.done(partial(self._observed_in_order, pair, place, swapped=swapped))
        return done[0] if done else Stuck(OneByOne("process", swapped), "one of them does not end")

    def _observed_in_order(self, pair: Pair, place: Any, *, swapped: bool) -> Observation | Stuck | Impeded:
        try:
            one = self.harness.subject.open(place)
            # One after the other, so one will do where no two may be open in a process.
            backends = one, one if self._in_turn else self.harness.subject.open(place)
        except PASSED_ON:
            raise
        except BaseException as error:
            return Impeded(f"it cannot be opened twice: {raised(error).text}")
        for operation in pair.initial:
            perform(operation, backends[0])
        observation = observe_in_order(pair, self._unlimited, backends, swapped=swapped)
        for backend in backends[:1] if self._in_turn else backends:
            close_backend(backend)
        return observation

    def at(self, pair: Pair, number: int) -> Interleaved | Stuck | Impeded | None:
        with self.harness.subject.place() as place:
            prepared = self.partner.done(partial(self._prepared, pair, place))
            if prepared is None or isinstance(prepared[0], Impeded):
                return Impeded("it cannot be opened: that does not end") if prepared is None else prepared[0]
            other: Callable[[], Any] = prepared[0]

            def first(acknowledge: Acknowledge) -> None:
                backend = _open(self.harness, place, acknowledge)
                acknowledge(encode_outcome(perform(pair.first, backend)).encode())

            second = _SecondAt(number, partial(_performed, pair.second, other), self.partner)
            both = self._both(first, second, self._reached(place))
            reads = self.partner.done(partial(self._left, pair, other)) if isinstance(both, _Both) else ((),)
        if not isinstance(both, _Both):
            return both
        if reads is None:
            return Stuck(both.where, "a read after both is not done")
        return Interleaved(both.where, both.waited, Observation(both.first, both.second, reads[0]))

    @property
    def _in_turn(self) -> bool:
        """Whether this process can have no two backends open on a place."""
        return self.harness.subject.claims.openings == 1

    def _prepared(self, pair: Pair, place: Any) -> "Callable[[], Any] | Impeded":
        """What gives this process's backend, with the initial operations done.

        Where one opening a process is what is claimed, it is closed before a process is forked, which would take over
        what is open here; and opened again when it is to be used.
        """
        try:
            other = self.harness.subject.open(place)
        except PASSED_ON:
            raise
        except BaseException as error:
            return Impeded(f"it cannot be opened: {raised(error).text}")
        for operation in pair.initial:
            perform(operation, other)
        if not self._in_turn:
            return lambda: other
        close_backend(other)
        return functools.cache(partial(self.harness.subject.open, place))

    def _left(self, pair: Pair, other: Callable[[], Any]) -> tuple[Outcome, ...]:
        """What a pair has left; the backend is closed."""
        try:
            backend = other()
        except PASSED_ON:
            raise
        except BaseException as error:
            return (raised(error),) * len(reads_after(pair))
        reads = reads_of(pair, self._unlimited, backend)
        close_backend(backend)
        return reads

    def openings(self) -> Iterator[Openings | Stuck | Impeded]:
        for number in range(1, STOPS):
            result = self.opening(number)
            if result is None:
                return
            yield result

    def opening(self, number: int) -> Openings | Stuck | Impeded | None:
        def first(acknowledge: Acknowledge) -> None:
            acknowledge(READY)  # here it is the calls of opening that count
            acknowledge(encode_outcome(read()).encode())

        with self.harness.subject.place() as place:
            read = partial(opened_id, self.harness, place)
            seat = halting_place(place, self.harness.subject)
            both = self._both(first, _SecondAt(number, read, self.partner), seat)
            after = self.partner.done(read) if isinstance(both, _Both) else None
        if not isinstance(both, _Both):
            return both
        if after is None:
            return Stuck(both.where, "not done, though it is opened after both")
        return Openings(both.where, both.first, both.second, after[0])

    def _reached(self, place: Any) -> Seat:
        """What to halt an operation at: what reaches the files of a place, else messages to a server."""
        seat = halting_place(place, self.harness.subject)
        return seat if isinstance(seat, Network) else Accesses(seat)

    def _both(
        self, first: Callable[[Acknowledge], None], second: "_SecondAt", seat: Seat
    ) -> _Both | Stuck | Impeded | None:
        """Run both; None if the first one makes too few calls for the second one to be run at one."""
        end = supervised(first, seat, second.on_stop, self._waiting)
        if READY not in end.acknowledged:
            return Impeded(f"{NO_OTHER_PROCESS}: {_ending(end)}")
        if second.stop is None and end.ended != "overtime":
            return None
        where = AtCall("", second.number) if second.stop is None else AtCall(second.stop.text, second.number)
        # The first process is gone, so nothing that it holds can keep the second one waiting any longer.
        answer = second.answer or (self.partner.ended_or_stuck() if second.stop else None)
        if end.ended == "overtime":
            at = where if second.stop else OneByOne("process", swapped=False)
            return Stuck(at, f"the first one is not done after {self._waiting:g} s")
        if answer is None:
            return Stuck(where, f"the second one is not done {self.partner.seconds:g} s after the first process ended")
        messages = end.acknowledged[1:]
        outcome = decode_outcome(messages[0].decode()) if messages else Raised(f"the process {end.ended}: {end.error}")
        return _Both(where, outcome, answer[0], second.answer is None)


@attrs.define
class _SecondAt:
    """Runs the second call once the first process, when it is ready, is halted for the time that `number` says.

    Args:
        number: at which stop, from 1.
        second: the call.
        partner: the thread for it.
        stop: the stop, when it has come.
        answer: what the call returned, in a tuple, if it ended while the process was halted.
    """

    number: int
    second: Callable[[], Outcome]
    partner: Partner
    stop: Stop | None = None
    answer: tuple[Outcome] | None = None
    _count: int = 0
    _worth: WorthATry = attrs.field(factory=WorthATry)

    def on_stop(self, stop: Stop) -> Action:
        # After `READY` there is one message more, the outcome: what is done after that is no part of the operation.
        if READY in stop.acknowledged and len(stop.acknowledged) == 1 and self._worth(stop):
            self._count += 1
            if self._count == self.number:
                self.stop = stop
                self.partner.start(self.second)
                self.answer = self.partner.ended_or_waits()
        return Continue()
