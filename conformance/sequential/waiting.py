"""What passing time does to a store: by clocks that are moved (`idling`), and by a wait; and what is said of both.

A real wait, of as many seconds as the user gives: for servers, whose clocks nobody moves, and for what sweeps.

All programs of idle time are begun, each on a store of its own; then it is waited once, and all go on. What diverges
after that is tried again, with waits of its own, and not without: a few times, for each costs as long.
"""

from collections.abc import Iterator
from functools import partial

from conformance.harness.harness import Harness
from conformance.programs.idling import idle_programs
from conformance.programs.operations import Operation, Program, Wait
from conformance.programs.outcomes import Outcome
from conformance.report.reach import Reach
from conformance.run.run import Run
from conformance.sequential.bare import Performance
from conformance.sequential.divergence import Divergence
from conformance.sequential.idling import AfterIdling, move_clocks, tell_suspect, without_waits
from conformance.sequential.naming import reference_after
from conformance.sequential.replay import contradiction_of
from conformance.sequential.sighting import is_due
from conformance.sequential.sweeping import OF_THE_TIME

MOST_WAITS = 15
"""How many waits making a counterexample smaller may cost."""

NOT_WAITED = "not waited"
EXPIRES = "not judged: entries may expire, as is claimed"

IDLE_TIME = "idle time"
"""How a report calls it."""


def explore_idle_time(run: Run) -> None:
    """Find out what passing time does to what is stored, tell it, and say how far that went.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    if run.claims.expires:
        run.evidence.reached.append(Reach(IDLE_TIME, 0, 1, "", EXPIRES))
        return
    why, waited = move_clocks(run), NOT_WAITED
    try:
        waited = wait_really(run)
    finally:
        words = f"{why or 'an hour and a year, by moved clocks'}; {waited}"
        run.evidence.reached.append(Reach(IDLE_TIME, int(not why), 1, "", words))


def wait_really(run: Run) -> str:
    """Wait, and tell what is lost by that; what to say of it in the report.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    seconds = min(run.options.wait, OF_THE_TIME * run.budget.left())
    if not seconds:
        return NOT_WAITED
    wait = Wait(seconds, really=True)
    run.tell("waiting", 0, 1)
    found = tuple(_divergences_after(run.harness, wait))
    if found:  # what one wait has done is told once, for each try costs another
        tell_suspect(run, AfterIdling.of(found[0]), partial(_shown_by_waiting, run.harness), MOST_WAITS)
    return f"waited for {seconds:g} s"


def _divergences_after(harness: Harness, wait: Wait) -> Iterator[Divergence]:
    """Where each program diverges first, of those that do after the wait and not before."""
    programs = [tuple(program) for program in idle_programs(harness.subject.claims, harness.material, (wait,))]
    begun: list[tuple[Performance, Program]] = []
    try:
        begun.extend((Performance(harness), program) for program in programs)
        sound = [one for one in begun if _first(harness, *one, until=wait) is None]
        harness.perform(wait, None)
        for performance, program in sound:
            divergence = _first(harness, performance, program, after=wait)
            if divergence is not None:
                yield divergence
    finally:
        for performance, _ in begun:
            performance.recording.close()


def _first(
    harness: Harness,
    performance: Performance,
    program: Program,
    *,
    until: Operation | None = None,
    after: Operation | None = None,
) -> Divergence | None:
    """Where a program diverges first, of its operations up to one, or after it."""
    start = 0 if after is None else program.index(after) + 1
    end = len(program) if until is None else program.index(until)
    for number in range(start, end):
        if not harness.avoids(program[number].name):
            contradiction = performance.perform(program[number])
            if contradiction is not None:
                return Divergence(program[: number + 1], *contradiction)
    return None


def _shown_by_waiting(harness: Harness, suspect: AfterIdling, setup: Program) -> Outcome | None:
    """What comes of the observation after some calls, if it is as wrong, and not without the wait."""
    still = without_waits(setup)
    if still == setup or not is_due(suspect.expected, suspect.observation, reference_after(setup)):
        return None
    if contradiction_of(harness, still, suspect.observation, suspect.expected) is not None:
        return None
    return contradiction_of(harness, setup, suspect.observation, suspect.expected)
