"""What stands between the search, which chooses pairs and has them judged, and threads or processes, which run them.

An `Interleaver` runs two operations, or two openings, so that the second falls on a chosen step of the first. There is
one for threads, whose steps are lines of Python code, and one for processes, whose steps are system calls. It judges
nothing; the search (`search`, `openings`) chooses the steps, and the oracle (`verdict`) says what is wrong. So it is in
Lincheck, where a strategy runs and a verifier judges.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.limits import perform_in_time
from conformance.concurrent.pairs.pairs import Observation, OneByOne, Pair, Where, reads_after
from conformance.harness.harness import Harness
from conformance.programs.outcomes import Hung, Outcome


def reads_of(pair: Pair, harness: Harness, backend: Any) -> tuple[Outcome, ...]:
    """What the reads after a pair give."""
    return tuple(perform_in_time(harness, operation, backend) for operation in reads_after(pair))


def observe_in_order(
    pair: Pair, harness: Harness, backends: tuple[Any, Any], *, swapped: bool
) -> "Observation | Stuck":
    """Run the pair one operation after the other, each on its backend of one store; `swapped`, the second one first."""
    calls = [(pair.first, backends[0]), (pair.second, backends[1])]
    outcomes = []
    for operation, backend in reversed(calls) if swapped else calls:
        outcomes.append(perform_in_time(harness, operation, backend))
        if isinstance(outcomes[-1], Hung):
            where = OneByOne("thread" if backends[0] is backends[1] else "process", swapped, hangs=operation)
            return Stuck(where, f"{operation.name}, run alone, is not done after {outcomes[-1].seconds:g} s")
    first, second = reversed(outcomes) if swapped else outcomes
    return Observation(first, second, reads_of(pair, harness, backends[1]))


@attrs.frozen
class Interleaved:
    """Two operations were run, the second one at a step of the first.

    Args:
        where: the step.
        waited: whether the second operation had to wait until the first had ended.
        observation: the outcomes, those of the reads after both included.
    """

    where: Where
    waited: bool
    observation: Observation


@attrs.frozen
class Openings:
    """Two clients opened empty storage and read its id, the second at a step of the first; a third did so later."""

    where: Where
    first: Outcome
    second: Outcome
    after: Outcome


@attrs.frozen
class Stuck:
    """One of the two did not end, the second being run at a step of the first, as `message` says in a clause."""

    where: Where
    message: str


@attrs.frozen
class Impeded:
    """The two could not be run, as `message` says: the backend cannot be opened, which is no matter of the pair."""

    message: str


class Opener(Protocol):
    """Opens empty storage twice at once, the second time at a step of the first."""

    def openings(self) -> Iterator[Openings | Stuck | Impeded]:
        """Open it twice at once, again and again, each time on a new place.

        The second opening comes at the first step of the first opening, then at its second step, and so on.
        """

    def opening(self, number: int) -> Openings | Stuck | Impeded | None:
        """Open it twice at once, the second at the step with a number, from 1; None if the first has fewer steps."""


class Interleaver(Opener, Protocol):
    """Runs two operations on a new store at once, the second one whole at a step of the first."""

    @property
    def who(self) -> Who:
        """What runs them."""

    @property
    def most(self) -> int:
        """How many steps of an operation are tried at most."""

    def hurried(self) -> "Interleaver":
        """The same with less time for an operation, for a backend of which one has not ended before."""

    def in_order(self, pair: Pair, *, swapped: bool) -> Observation | Stuck | Impeded:
        """Run the pair one after the other; `swapped`, the second operation first."""

    def at(self, pair: Pair, number: int) -> Interleaved | Stuck | Impeded | None:
        """Run the pair, the second operation at the step with a number, from 1; None if the first has fewer steps."""
