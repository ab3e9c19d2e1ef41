"""Running a program again: judged by a session, or plainly, as the counterexample's script will."""

from conformance.harness.harness import Harness
from conformance.programs.operations import Operation, Program, Reopen
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from conformance.sequential.expectations import Expectation, Unchanged
from conformance.sequential.findings import Finding
from conformance.sequential.model import Observing
from conformance.sequential.session import Session


def judged(harness: Harness, program: Program, observing: Observing) -> tuple[Finding, ...]:
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


def observed(harness: Harness, program: Program, observation: Operation, expected: Expectation) -> Outcome | None:
    """What comes of `observation` after a program that is run with no reading in between.

    Returns:
        The outcome if it contradicts `expected`, else None.
    """
    if not harness.permits((*program, observation)):
        return None
    store = harness.open()
    try:
        backend = store.backend
        first = harness.perform(observation, backend) if isinstance(expected, Unchanged) else None
        for operation in program:
            if isinstance(operation, Reopen):
                came = harness.reopen(store)
                if not isinstance(came, Returned):
                    return came
                backend = came.value
            else:
                harness.perform(operation, backend)
        came = harness.reopen(store) if isinstance(observation, Reopen) else harness.perform(observation, backend)
    finally:
        harness.close(store)
    met = _unchanged(first, came) if first is not None else expected.met_by(came)
    return None if met else came


def _unchanged(first: Outcome, came: Outcome) -> bool:
    if isinstance(first, Returned) and isinstance(came, Returned):
        return same(first.value, came.value)
    return isinstance(first, Raised) and first == came
