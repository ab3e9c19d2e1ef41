"""Two processes on one place: one halted before system calls that reach it, the other's operation run whole.

Halted it is before each call that changes the place, and before those that read it, as far as they are worth a try
(`WorthATry`): who lists a directory and then opens each file finds one gone that another process has removed meanwhile.
Two that open a store are halted at changes alone.

Where the place is no directory, the one is halted before each message that it sends to a server. The process that is
halted is a forked child, which says two things by messages: `READY` once it has opened the backend, so that the calls
of opening do not count as those of the operation; and then the outcome. The other operation is run in this process, by
the partner's thread, for it may have to wait until the child goes on.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.pairs.interleaving import Interleaved, Openings, observe_in_order, reads_of
from conformance.concurrent.pairs.openings import opened_id
from conformance.concurrent.pairs.pairs import AtCall, Observation, Pair
from conformance.harness.halting import halting_place
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import Accesses, Action, Continue, Network, Stop, WorthATry, supervised
from conformance.probes.syscalls.stops import MOST_READS
from conformance.programs.outcomes import Outcome, Raised, decode_outcome, encode_outcome
from conformance.system.children import Acknowledge

STOPS = 40 + MOST_READS
"""How many system calls of an operation are tried at most, the reads among them included."""

WAITING = 30.0
"""Seconds after which an operation that waits for the halted process counts as stuck."""

READY = b"ready"

Seat: TypeAlias = "str | os.PathLike[str] | Network | Accesses"
"""What a process is halted at."""


def reached(place: Any) -> Seat:
    """What to halt an operation at: what reaches a place that is a path, else messages to a server."""
    seat = halting_place(place)
    return seat if isinstance(seat, Network) else Accesses(seat)


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

    def in_order(self, pair: Pair, *, swapped: bool) -> Observation:
        with self.harness.subject.place() as place:
            backends = self.harness.subject.open(place), self.harness.subject.open(place)
            for operation in pair.initial:
                perform(operation, backends[0])
            observation = observe_in_order(pair, backends, swapped=swapped)
            for backend in backends:
                close_backend(backend)
        return observation

    def at(self, pair: Pair, number: int) -> Interleaved | None:
        subject = self.harness.subject

        def first(acknowledge: Acknowledge) -> None:
            backend = subject.open(place)
            acknowledge(READY)
            acknowledge(encode_outcome(perform(pair.first, backend)).encode())

        with subject.place() as place:
            other = subject.open(place)
            for operation in pair.initial:
                perform(operation, other)
            second = _SecondAt(number, partial(perform, pair.second, other), self.partner)
            both = self._both(first, second, reached(place))
            reads = () if both is None else reads_of(pair, other)
            close_backend(other)
        if both is None:
            return None
        return Interleaved(both.where, both.waited, Observation(both.first, both.second, reads))

    def openings(self) -> Iterator[Openings]:
        def first(acknowledge: Acknowledge) -> None:
            acknowledge(READY)  # here it is the calls of opening that count
            acknowledge(encode_outcome(read()).encode())

        for number in range(1, STOPS):
            with self.harness.subject.place() as place:
                read = partial(opened_id, self.harness, place)
                both = self._both(first, _SecondAt(number, read, self.partner), halting_place(place))
                if both is None:
                    return
                after = read()
            yield Openings(both.where, both.first, both.second, after)

    def _both(self, first: Callable[[Acknowledge], None], second: "_SecondAt", seat: Seat) -> _Both | None:
        """Run both; None if the first one makes too few calls for the second one to be run at one."""
        end = supervised(first, seat, second.on_stop, WAITING)
        if second.stop is None:
            return None
        waited = second.answer is None
        # The first process is gone, so nothing that it holds can keep the second one waiting any longer.
        answer = second.answer or self.partner.ended(WAITING) or (Raised("TimeoutError"),)
        messages = end.acknowledged[1:]
        outcome = decode_outcome(messages[0].decode()) if messages else Raised(f"the process {end.ended}: {end.error}")
        return _Both(AtCall(second.stop.text, second.number), outcome, answer[0], waited)


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
