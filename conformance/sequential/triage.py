"""Settling candidates: each is minimized, attributed and turned into a counterexample, or dropped."""

import time

import attrs

from conformance.harness.harness import Bench
from conformance.harness.store import SubjectError
from conformance.programs.minimize import minimize
from conformance.programs.operations import WRITES, Move, Operation, Program, Reopen
from conformance.programs.outcomes import Returned
from conformance.report.evidence import Evidence
from conformance.run.progress import Progress, Watcher
from conformance.sequential.attribution import settled
from conformance.sequential.candidates import Candidate, Catch
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.findings import Violation
from conformance.sequential.replay import judged
from conformance.subject.origin import Origin
from conformance.system.budget import Effort
from conformance.system.limits import TimeLimit
from spec_store.requirements import RequirementId

REPLAYS = 400
SECONDS = 60.0
AKIN = 2
"""How many candidates with one requirement, symptom and operation are worth minimizing."""

HANG_SECONDS = 0.5
HANG_REPLAYS = 20
ELSEWHERE = 0.4
"""What a candidate counts that came to nothing, or to another requirement, against AKIN."""

VARIED: dict[RequirementId, int] = {"KEY-4": 4, "KEY-5": 4, "GET-1": 6}
"""Requirements with more kinds of counterexample than that."""


def settle(
    bench: Bench,
    catch: Catch,
    origin: Origin,
    evidence: Evidence,
    watcher: Watcher,
    deadline: float,
    *,
    stores_are_shared: bool,
) -> None:
    """Minimize and attribute every candidate: what turns up everywhere first, then the shortest program first.

    `stores_are_shared` says whether a check has shown that two stores of the subject share their keys (ISO-1).
    """
    deadline = max(deadline, time.monotonic() + 2.0) if deadline < float("inf") else time.monotonic() + SECONDS
    bench.replays = {}  # candidates that one fault has left come down to the same programs
    try:
        hangs = _settle_each(bench, catch, origin, evidence, watcher, deadline, stores_are_shared=stores_are_shared)
    finally:
        bench.replays = None
    for candidate in {one.finding.observation.name: one for one in reversed(hangs)}.values():
        evidence.failures.append(failure_of_violation(_settled_hang(bench, candidate, deadline), origin, frozenset()))


def _settle_each(
    bench: Bench,
    catch: Catch,
    origin: Origin,
    evidence: Evidence,
    watcher: Watcher,
    deadline: float,
    *,
    stores_are_shared: bool,
) -> list[Candidate]:
    """Settle the candidates but those that hang, which are given."""
    queue = sorted(
        catch.candidates.values(),
        key=lambda candidate: (not catch.chronic(candidate), candidate.finding.step, candidate.finding.signature),
    )
    akin: dict[tuple[RequirementId, str, str], float] = {}
    shapes: set[tuple[object, ...]] = set()
    hangs = [candidate for candidate in queue if candidate.finding.symptom == "hung"]
    for number, candidate in enumerate(queue):
        watcher.progress(Progress("minimizing", number, len(queue), len(shapes)))
        mark = candidate.finding.signature[:3]
        if candidate in hangs or akin.get(mark, 0) >= VARIED.get(mark[0], AKIN):
            continue
        violation = _settled(bench, candidate, deadline)
        told = violation is not None and violation.requirement == mark[0]
        akin[mark] = akin.get(mark, 0) + (1.0 if told else ELSEWHERE)
        if violation is not None and stores_are_shared and _of_another_store(violation):
            continue
        if violation is not None:
            evidence.raw |= {candidate.finding.requirement}
        if violation is not None and violation.shape not in shapes:
            shapes.add(violation.shape)
            evidence.failures.append(failure_of_violation(violation, origin, raising(bench, violation)))
        if violation is not None and catch.chronic(candidate):
            bench.chronic.add((candidate.finding.requirement, candidate.finding.symptom))
    return hangs


def _of_another_store(violation: Violation) -> bool:
    """Whether a key is there that the program never wrote: from another store, where stores share (ISO-1)."""
    key = violation.finding.key
    written = any(
        key == operation.keys[-1] for operation in violation.setup if isinstance(operation, WRITES) or _moves(operation)
    )
    return key is not None and not written and violation.finding.symptom in ("returned", "appeared", "added")


def _moves(operation: Operation) -> bool:
    return isinstance(operation, Move) and operation.source != operation.dest


def _settled(bench: Bench, candidate: Candidate, deadline: float) -> Violation | None:
    try:
        return settled(
            bench,
            candidate.program,
            candidate.finding,
            watchful=candidate.watchful,
            effort=Effort(REPLAYS, deadline),
        )
    except SubjectError:
        return None


def _settled_hang(bench: Bench, candidate: Candidate, deadline: float) -> Violation:
    """The shortest program found that still hangs, looked for with a shorter time limit: each try costs as much."""
    limit, avoid = bench.limit, bench.avoid
    name = candidate.finding.observation.name
    bench.limit, bench.avoid = TimeLimit(min(limit.seconds, HANG_SECONDS)), avoid - {name}

    def hangs(program: Program) -> bool:
        found = judged(bench, program, watchful=False)
        return any(one.symptom == "hung" and one.observation.name == name for one in found)

    try:
        program = candidate.program[: candidate.finding.step]
        if hangs(program):
            program = minimize(program, hangs, bench.material, Effort(HANG_REPLAYS, deadline))
            found = [one for one in judged(bench, program, watchful=False) if one.symptom == "hung"]
            again = attrs.evolve(found[0], came=candidate.finding.came) if found else candidate.finding
            candidate = Candidate(program, again, candidate.watchful)
    finally:
        bench.limit, bench.avoid = limit, avoid
    return unsettled(candidate)


def unsettled(candidate: Candidate) -> Violation:
    """A candidate as a violation without minimizing: the program up to the finding."""
    finding = candidate.finding
    own = candidate.program[: finding.step]
    setup = own[:-1] if own and own[-1] == finding.observation else own
    return Violation(finding.requirement, setup, finding.observation, finding.expected, finding.came, finding)


def raising(bench: Bench, violation: Violation) -> frozenset[int]:
    """The numbers of the operations of the setup that raise, so that a script passes over it."""
    store = bench.open()
    numbers = set()
    try:
        backend = store.backend
        for number, operation in enumerate(violation.setup):
            if isinstance(operation, Reopen):
                came = bench.reopen(store)
                backend = came.value if isinstance(came, Returned) else backend
            elif not isinstance(bench.perform(operation, backend), Returned):
                numbers.add(number)
    finally:
        bench.close(store)
    return frozenset(numbers)
