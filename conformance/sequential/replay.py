"""Running a program again: judged by a session, or plainly, as the counterexample's script will.

A session reads between the writes, and takes what it finds there for the truth once it has recorded it. A script does
neither. So whatever is reported has been seen in a plain replay: the operations, then the observation, nothing else.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator

import attrs

from conformance.harness.harness import Harness
from conformance.harness.store import Handles, Store
from conformance.programs.operations import OPENS, Operation, Program
from conformance.programs.outcomes import Outcome, Returned
from conformance.sequential.expectations import Demand, Unchanged
from conformance.sequential.findings import Finding
from conformance.sequential.observing import Observing
from conformance.sequential.session import Session


def findings_of(harness: Harness, program: Program, observing: Observing) -> tuple[Finding, ...]:
    """The findings of a program on a new store; none of a program that might write outside it."""
    if not harness.permits(program):
        return ()
    if harness.replays is None:
        return Session(harness, observing).run(program)
    mark = (repr(program), observing, harness.avoided)
    if mark not in harness.replays:
        harness.replays[mark] = Session(harness, observing).run(program)
    found: tuple[Finding, ...] = harness.replays[mark]
    return found


def outcome_of(harness: Harness, program: Program, observation: Operation) -> Outcome | None:
    """What comes of `observation` on a new store, after a program that is run with no reading in between.

    Returns:
        The outcome; that of opening again where it fails amid the program; None if the program might write outside.
    """
    if not harness.permits((*program, observation)):
        return None
    with plain_replay(harness) as replay:
        return replay.run(program) or replay.perform(observation)


def contradiction_of(harness: Harness, program: Program, observation: Operation, expected: Demand) -> Outcome | None:
    """What comes of `observation` likewise, if it contradicts what is expected; else None."""
    if not harness.permits((*program, observation)):
        return None
    with plain_replay(harness) as replay:
        holds: Callable[[Outcome], bool]
        if isinstance(expected, Unchanged):
            holds = functools.partial(expected.holds_between, replay.perform(observation))
        else:
            holds = expected.met_by
        failure = replay.run(program)
        if failure is not None:
            return failure  # a place that cannot be opened again contradicts whatever is expected of it
        actual = replay.perform(observation)
    return None if holds(actual) else actual


def raising_steps(harness: Harness, program: Program) -> frozenset[int]:
    """The numbers of the operations of a program that raise, so that a script passes over it."""
    with plain_replay(harness) as replay:
        outcomes = [replay.perform(operation) for operation in program]
    return frozenset(
        number
        for number, (operation, outcome) in enumerate(zip(program, outcomes, strict=True))
        if not isinstance(operation, OPENS) and not isinstance(outcome, Returned)
    )


@attrs.define
class PlainReplay:
    """A store and the backends on it, as they are open now."""

    harness: Harness
    store: Store
    handles: Handles

    def perform(self, operation: Operation) -> Outcome:
        if not isinstance(operation, OPENS):
            return self.harness.perform(operation, self.handles.current)
        outcome, self.handles = self.harness.change(operation, self.store, self.handles)
        return outcome

    def run(self, program: Program) -> Outcome | None:
        """Perform a program; the outcome of opening again if it fails, as nothing can be performed any more."""
        for operation in program:
            outcome = self.perform(operation)
            if isinstance(operation, OPENS) and not isinstance(outcome, Returned):
                return outcome
        return None


@contextlib.contextmanager
def plain_replay(harness: Harness) -> Iterator[PlainReplay]:
    """A new store on which nothing is performed but what is asked for."""
    store = harness.open()
    try:
        yield PlainReplay(harness, store, Handles(store.backend))
    finally:
        harness.close(store)
