"""Running a program again: judged by a session, or plainly, as the counterexample's script will."""

from conformance.harness.harness import Bench
from conformance.programs.operations import Operation, Program, Reopen
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from conformance.sequential.expectations import Expectation, Unchanged
from conformance.sequential.findings import Finding
from conformance.sequential.session import Session


def judged(bench: Bench, program: Program, *, watchful: bool) -> tuple[Finding, ...]:
    """The findings of a program on a new store; none of a program that might write outside it."""
    if not bench.permits(program):
        return ()
    if bench.replays is None:
        return Session(bench, watchful).run(program)
    mark = (repr(program), watchful, frozenset(bench.chronic), frozenset(bench.avoid))
    if mark not in bench.replays:
        bench.replays[mark] = Session(bench, watchful).run(program)
    found: tuple[Finding, ...] = bench.replays[mark]
    return found


def observed(bench: Bench, program: Program, observation: Operation, expected: Expectation) -> Outcome | None:
    """What comes of `observation` after a program that is run with no reading in between.

    Returns:
        The outcome if it contradicts `expected`, else None.
    """
    if not bench.permits((*program, observation)):
        return None
    store = bench.open()
    try:
        backend = store.backend
        first = bench.perform(observation, backend) if isinstance(expected, Unchanged) else None
        for operation in program:
            if isinstance(operation, Reopen):
                came = bench.reopen(store)
                if not isinstance(came, Returned):
                    return came
                backend = came.value
            else:
                bench.perform(operation, backend)
        came = bench.reopen(store) if isinstance(observation, Reopen) else bench.perform(observation, backend)
    finally:
        bench.close(store)
    met = _unchanged(first, came) if first is not None else expected.met_by(came)
    return None if met else came


def _unchanged(first: Outcome, came: Outcome) -> bool:
    if isinstance(first, Returned) and isinstance(came, Returned):
        return same(first.value, came.value)
    return isinstance(first, Raised) and first == came
