"""Settling candidates: each is minimized, attributed and turned into a counterexample, or dropped."""

from collections.abc import Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.harness.store import SubjectError
from conformance.programs.minimize import minimize
from conformance.programs.operations import WRITES, Move, Operation, Program, Reopen
from conformance.programs.outcomes import Returned
from conformance.run.run import Run
from conformance.sequential.attribution import attributed
from conformance.sequential.candidates import Candidate, Candidates
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.model import AT_THE_END
from conformance.sequential.replay import judged
from conformance.system.budget import Budget
from spec_store.requirements import RequirementId

REPLAYS = 400
LEAST = 2.0
"""Seconds that it takes in any case, though the run's time is up."""

SECONDS = 60.0
AKIN = 2
"""How many candidates with one requirement, symptom and operation are worth minimizing."""

HANG_SECONDS = 0.5
HANG_REPLAYS = 20
ELSEWHERE = 0.4
"""What a candidate counts that came to nothing, or to another requirement, against AKIN."""

VARIED: dict[RequirementId, int] = {"KEY-4": 4, "KEY-5": 4, "GET-1": 6}
"""Requirements with more kinds of counterexample than that."""


def triage(run: Run, candidates: Candidates, *, stores_are_shared: bool) -> None:
    """Minimize and attribute every candidate, and enter what is left of them into the evidence.

    Args:
        run: the run.
        candidates: what its programs have shown.
        stores_are_shared: whether a check has shown that two stores of the subject share their keys (ISO-1).
    """
    # candidates that one fault has left come down to the same programs
    within = attrs.evolve(run, harness=run.harness.remembering(), budget=run.budget.prolonged(LEAST, SECONDS))
    queue = sorted(
        candidates.kept.values(),
        key=lambda candidate: (
            not candidates.masks_others(candidate),
            candidate.finding.step,
            candidate.finding.signature,
        ),
    )
    hangs = [candidate for candidate in queue if candidate.finding.symptom == "hung"]
    masking = frozenset(map(_symptom_of, filter(candidates.masks_others, queue)))
    _triage_each(within, [one for one in queue if one not in hangs], masking, stores_are_shared=stores_are_shared)
    for candidate in {one.finding.observation.name: one for one in reversed(hangs)}.values():
        violation = _hanging(run.harness, candidate, within.budget)
        run.evidence.failures.append(failure_of_violation(violation, run.origin, frozenset()))


def _symptom_of(candidate: Candidate) -> tuple[RequirementId, str]:
    return (candidate.finding.requirement, candidate.finding.symptom)


def _triage_each(
    run: Run, queue: Sequence[Candidate], masking: frozenset[tuple[RequirementId, str]], *, stores_are_shared: bool
) -> None:
    """What turns up everywhere comes first and is ignored from then on, then the shortest program comes first."""
    akin: dict[tuple[str, ...], float] = {}
    shapes: set[tuple[object, ...]] = set()
    ignoring: frozenset[tuple[RequirementId, str]] = frozenset()
    for number, candidate in enumerate(queue):
        run.tell("minimizing", number, len(queue), len(shapes))
        mark = candidate.finding.signature[:3]
        if akin.get(mark, 0) >= VARIED.get(mark[0], AKIN):
            continue
        violation = _attributed(run, candidate, ignoring)
        own = violation is not None and violation.requirement == mark[0]
        akin[mark] = akin.get(mark, 0) + (1.0 if own else ELSEWHERE)
        if violation is None or (stores_are_shared and _of_another_store(violation)):
            continue
        run.evidence.raw.add(candidate.finding.requirement)
        if violation.shape not in shapes:
            shapes.add(violation.shape)
            run.evidence.failures.append(failure_of_violation(violation, run.origin, raising(run.harness, violation)))
        if _symptom_of(candidate) in masking:
            ignoring |= {_symptom_of(candidate)}


def _of_another_store(violation: Violation) -> bool:
    """Whether a key is there that the program never wrote: from another store, where stores share (ISO-1)."""
    key = violation.finding.key
    written = any(
        key == operation.keys[-1] for operation in violation.setup if isinstance(operation, WRITES) or _moves(operation)
    )
    return key is not None and not written and violation.finding.symptom in ("returned", "appeared", "added")


def _moves(operation: Operation) -> bool:
    return isinstance(operation, Move) and operation.source != operation.dest


def _attributed(run: Run, candidate: Candidate, ignoring: frozenset[tuple[RequirementId, str]]) -> Violation | None:
    observing = attrs.evolve(candidate.observing, ignoring=ignoring)
    effort = run.budget.effort(REPLAYS)
    try:
        return attributed(run.harness, candidate.program, candidate.finding, observing, effort)
    except SubjectError:
        return None


def _hanging(harness: Harness, candidate: Candidate, budget: Budget) -> Violation:
    """The shortest program found that still hangs, looked for with a shorter time limit: each try costs as much."""
    name = candidate.finding.observation.name
    harness = harness.with_limit(HANG_SECONDS).allowing(name)

    def hangs_of(program: Program) -> list[Finding]:
        found = judged(harness, program, AT_THE_END)
        return [one for one in found if one.symptom == "hung" and one.observation.name == name]

    def hangs(program: Program) -> bool:
        return bool(hangs_of(program))

    program = candidate.program[: candidate.finding.step]
    if hangs(program):
        program = minimize(program, hangs, harness.material, budget.effort(HANG_REPLAYS))
        found = hangs_of(program)
        again = attrs.evolve(found[0], came=candidate.finding.came) if found else candidate.finding
        candidate = attrs.evolve(candidate, program=program, finding=again)
    return unminimized(candidate)


def unminimized(candidate: Candidate) -> Violation:
    """A candidate as a violation without minimizing: the program up to the finding."""
    finding = candidate.finding
    own = candidate.program[: finding.step]
    setup = own[:-1] if own and own[-1] == finding.observation else own
    return Violation(finding.requirement, setup, finding.observation, finding.expected, finding.came, finding)


def raising(harness: Harness, violation: Violation) -> frozenset[int]:
    """The numbers of the operations of the setup that raise, so that a script passes over it."""
    store = harness.open()
    numbers = set()
    try:
        backend = store.backend
        for number, operation in enumerate(violation.setup):
            if isinstance(operation, Reopen):
                came = harness.reopen(store)
                backend = came.value if isinstance(came, Returned) else backend
            elif not isinstance(harness.perform(operation, backend), Returned):
                numbers.add(number)
    finally:
        harness.close(store)
    return frozenset(numbers)
