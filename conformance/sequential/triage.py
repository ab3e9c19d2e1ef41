"""Triage of candidates: each is minimized, attributed and turned into a counterexample, or told as it was seen.

Minimizing costs hundreds of replays, and one fault leaves many candidates. So there is an order, and an end:

- What turns up in a large share of all programs comes first, and is ignored from then on: what else those programs show
  is then seen. Of the rest the shortest program comes first, as it is cheap, and tells most likely the fault itself.
- Of one operation bucket only so many are minimized. One that came to nothing, or to another requirement, counts less:
  the next may be the fault for which the bucket stands.
- Of one report bucket one is reported.
- What hangs comes last, with a shorter time limit, and is not attributed: each replay costs that limit.

Then what came to nothing is accounted for (`accounts`), and what nothing told accounts for is told by its trace.
"""

from collections import defaultdict
from collections.abc import Sequence

import attrs

from conformance.harness.harness import DEEP, Harness
from conformance.harness.store import SubjectError
from conformance.programs.keys import ID_KEY
from conformance.programs.minimize import minimize
from conformance.programs.operations import WRITES, Get, ListKeys, Move, Operation, Program, ReadId, keys_in
from conformance.programs.outcomes import Hung, Returned
from conformance.report.evidence import Evidence, Failure, Mask
from conformance.run.run import Run
from conformance.sequential.accounts import Accounts
from conformance.sequential.attribution import attribute
from conformance.sequential.candidates import Candidate, Candidates
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.counting import grouped
from conformance.sequential.experiments import limit_met_by
from conformance.sequential.findings import Finding, OperationBucket, SymptomBucket, Violation
from conformance.sequential.laboratory import Dropped
from conformance.sequential.long_programs import TOO_LONG
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.replay import findings_of, outcome_of, raising_steps
from conformance.sequential.sighting import sighting_of, what_went_wrong_before
from conformance.system.budget import Budget
from spec_store.requirements import RequirementId

REPLAYS = 400
"""How many replays one candidate may cost."""

REPLAYS_WITH_LONG_KEYS = 30
"""How many where it takes a key of many elements: each may cost a thousand times as much as another, where each element
is a directory; and it was made as short as it can be before."""

REPLAYS_OF_A_TRACE, CALLS_OF_A_TRACE = 60, 60_000
"""How many replays it may cost to take calls out of a trace; of one of few calls, as many as have so many calls."""

SHORT_TRACE = 12
"""A trace that has been cut to fewer calls is attributed after all."""

LEAST_SECONDS = 2.0
"""Seconds of served time that it takes in any case, though the run's time is up."""

TRIAGE_SECONDS = 60.0
"""Seconds of served time that it takes at most where the run has no end."""

MOST_OF_A_BUCKET = 2
"""How many candidates of one operation bucket are worth minimizing."""

VARIED: dict[RequirementId, int] = {"KEY-4": 4, "KEY-5": 4, "GET-1": 6}
"""Requirements with more kinds of counterexample than that."""

ELSEWHERE = 0.4
"""What a candidate counts that came to nothing, or to another requirement."""

HANG_SECONDS = 0.5
HANG_REPLAYS = 20
BLOCKED_REPLAYS = 3


def triage(run: Run, candidates: Candidates, *, stores_are_shared: bool) -> tuple[Violation, ...]:
    """Minimize and attribute every candidate, enter what is left of them into the evidence, and give that.

    Args:
        run: the run.
        candidates: what its programs have shown.
        stores_are_shared: whether a check has shown that two stores of the subject share their keys (ISO-1).
    """
    # Candidates that one fault has left come down to the same programs, so their replays are worth remembering.
    within = attrs.evolve(
        run, harness=run.harness.remembering(), budget=run.budget.prolonged(LEAST_SECONDS, TRIAGE_SECONDS)
    )
    queue = in_order(candidates)
    hangs = [candidate for candidate in queue if candidate.finding.symptom == "hung"]
    masking = frozenset(candidate.finding.symptom_bucket for candidate in queue if candidates.masks_others(candidate))
    others = [candidate for candidate in queue if candidate not in hangs]
    # Whoever asks meanwhile for what has been found so far is told what has been shown again, as such.
    telling = _Telling(within, Accounts(candidates.told), stores_are_shared, violations=candidates.violations)
    try:
        _triage_each(telling, others, masking)
        _account_for_the_rest(telling)
    finally:
        telling.hand_in()
        _count(run.evidence, candidates, telling.accounts)
        violations = tuple(candidates.violations.values())
        candidates.violations.clear()
    for candidate in {candidate.finding.observation.name: candidate for candidate in reversed(hangs)}.values():
        patient = _allowing_all(run.harness, candidate.program)
        violation = _hanging(patient, candidate, within.budget)
        raising = raising_steps(patient, violation.setup)
        run.evidence.failures.append(failure_of_violation(violation, run.origin, raising))
    return violations


def _count(evidence: Evidence, candidates: Candidates, accounts: Accounts) -> None:
    """Count what was contradicted: for what has been told, and else as masked, if it never held where it was tried."""
    told = {failure.requirement for failure in evidence.failures}
    for name, count in candidates.suspected.items():
        if name in told:
            evidence.exercised[name] += count
        elif not evidence.exercised[name] and name in accounts.explained:
            mask = Mask(accounts.explained[name], "wherever it was put to the test, that went wrong first")
            evidence.masked.setdefault(name, mask)


def in_order(candidates: Candidates) -> list[Candidate]:
    """The candidates, first those that mask others, then by length; the bucket makes the order the same in each run."""

    def rank(candidate: Candidate) -> tuple[object, ...]:
        finding = candidate.finding
        return (not candidates.masks_others(candidate), finding.step, finding.candidate_bucket)

    return sorted(candidates.kept.values(), key=rank)


@attrs.define
class _Telling:
    """What is told of the candidates of a run.

    Args:
        run: the run, remembering what replays have shown, with the time that triage has.
        accounts: what has become of each candidate.
        stores_are_shared: whether two stores share their keys.
        ignoring: what has been told and shows in so many programs that it would hide the rest.
        violations: what is to be told, by report bucket.
    """

    run: Run
    accounts: Accounts
    stores_are_shared: bool
    ignoring: frozenset[SymptomBucket] = frozenset()
    violations: dict[tuple[object, ...], Violation] = attrs.field(factory=dict)

    def tell(self, finding: Finding, violation: Violation) -> bool:
        """Tell a finding by a violation, once for each report bucket; False if it is a matter of another store."""
        if violation.requirement == "ID-1" and self.is_id_unreadable():
            self.accounts.explain(finding, "GET-1")
            return False
        self.accounts.tell(finding, violation)
        # What is from another store, where stores share, is told already: ISO-1.
        if self.stores_are_shared and is_of_another_store(violation):
            return False
        self.run.evidence.raw.add(finding.requirement)
        self.violations.setdefault(violation.report_bucket, violation)
        return True

    def is_id_unreadable(self) -> bool:
        """Whether no id can be made of what get gives, which has been told: a text was stored, and it gives no text."""
        if not any(violation.requirement == "GET-1" for violation in self.violations.values()):
            return False
        outcome = outcome_of(self.run.harness, (ReadId(),), Get(ID_KEY))
        return isinstance(outcome, Returned) and not isinstance(outcome.value, str)

    def is_id_unlisted_again(self, violation: Violation) -> bool:
        """Whether the id is not listed under its own prefix, where it has been told that it is listed nowhere."""
        observation = violation.observation
        own = isinstance(observation, ListKeys) and observation.prefix == ID_KEY and violation.requirement == "LIST-2"
        return own and any(
            known.requirement == "LIST-4" and known.finding.symptom == "omitted" for known in self.violations.values()
        )

    def hand_in(self) -> None:
        """Enter what is to be told into the evidence, what one rule explains as one."""
        run, evidence = self.run, self.run.evidence
        for bucket in [key for key, violation in self.violations.items() if self.is_id_unlisted_again(violation)]:
            self.accounts.explain(self.violations.pop(bucket).finding, "LIST-4")
        groups = grouped(run.harness, tuple(self.violations.values()), run.budget.effort)
        for violation in groups.violations:
            raising = raising_steps(run.harness, violation.setup)
            evidence.failures.append(failure_of_violation(violation, run.origin, raising))
        evidence.masked.update(groups.masked)

    def attribute(self, candidate: Candidate) -> Violation | Dropped:
        """The violation that a candidate is, or why it is none."""
        observing = attrs.evolve(candidate.observing, ignoring=self.ignoring)
        longest = max(map(len, keys_in(candidate.program)), default=0)
        effort = self.run.budget.effort(REPLAYS if longest <= DEEP else REPLAYS_WITH_LONG_KEYS)
        try:
            return attribute(self.run.harness, candidate.program, candidate.finding, observing, effort)
        except SubjectError:
            # A subject that does not open any more shows nothing, and preflight tells of one that never does.
            return Dropped(candidate.program)


def worth_minimizing(requirement: RequirementId) -> int:
    """How many candidates of one operation bucket are worth minimizing, by its requirement."""
    return VARIED.get(requirement, MOST_OF_A_BUCKET)


def _triage_each(telling: _Telling, queue: Sequence[Candidate], masking: frozenset[SymptomBucket]) -> None:
    counts: defaultdict[OperationBucket, float] = defaultdict(float)
    for number, candidate in enumerate(queue):
        telling.run.tell("minimizing", number, len(queue), len(telling.violations))
        finding = candidate.finding
        bucket = finding.operation_bucket
        if counts[bucket] >= worth_minimizing(finding.requirement):
            telling.accounts.drop(candidate, Dropped(candidate.program))
            continue
        if finding.step > TOO_LONG:  # it was cut as far as it could be when it was found
            telling.accounts.drop(candidate, Dropped(candidate.program))
            continue
        found = telling.attribute(candidate)
        # A bucket that leads elsewhere is not tried for long, but longer than one that has been told twice.
        stands = isinstance(found, Violation) and found.requirement == finding.requirement
        counts[bucket] += 1.0 if stands else ELSEWHERE
        if isinstance(found, Dropped):
            telling.accounts.drop(candidate, found)
        elif telling.tell(finding, found) and finding.symptom_bucket in masking:
            # Only what has become a violation is ignored: else a fault could hide behind one that is never told.
            telling.ignoring |= {finding.symptom_bucket}


def _account_for_the_rest(telling: _Telling) -> None:
    """Tell what attribution dropped, unless what has been told accounts for it."""
    run, accounts = telling.run, telling.accounts
    # What had nothing wrong before it comes first: it may account for the others.
    for candidate, dropped in sorted(accounts.dropped, key=lambda each: len(each[0].earlier)):
        if accounts.settle(candidate, dropped):
            continue
        if dropped.behind is not None:
            behind = Candidate(dropped.program, dropped.behind, candidate.observing)
            found = telling.attribute(behind)
            if isinstance(found, Violation):
                telling.tell(dropped.behind, found)
                accounts.explain(candidate.finding, found.requirement)
                continue
        first = what_went_wrong_before(run.harness, candidate.finding)
        if first is not None and (seen := _seen(run, first)).shown:
            if seen.requirement not in accounts.told.values():
                _tell_as_seen(telling, Candidate(first.calls, first, candidate.observing), seen)
            accounts.explain(candidate.finding, seen.requirement)
            continue
        _tell_as_seen(telling, candidate, _seen(run, candidate.finding))


def _seen(run: Run, finding: Finding) -> Violation:
    """What the calls show that have led to a finding."""
    replays = min(max(REPLAYS_OF_A_TRACE, CALLS_OF_A_TRACE // max(len(finding.calls), 1)), REPLAYS)
    return sighting_of(run.harness, finding, run.budget.effort(replays))


def _tell_as_seen(telling: _Telling, candidate: Candidate, seen: Violation) -> None:
    """Tell what a trace shows; what has become short by being cut is attributed as any short program is."""
    if seen.shown == seen.tried and len(seen.setup) < SHORT_TRACE:
        short = Candidate((*seen.setup, seen.observation), seen.finding, ALWAYS)
        found = telling.attribute(short)
        if isinstance(found, Violation):
            telling.tell(candidate.finding, found)
            return
        if telling.accounts.settle(short, found):
            return
    telling.tell(candidate.finding, seen)


def is_of_another_store(violation: Violation) -> bool:
    """Whether a key is said to be there that the program never wrote, or an id is read: what is left there for one."""
    finding = violation.finding
    if isinstance(violation.observation, ReadId):
        return True
    # A get that gives something where has_key knows of no key has found it in no other store.
    there = finding.symptom in ("appeared", "added") or (finding.symptom == "returned" and finding.cause.name != "get")
    if finding.key is None or not there:
        return False
    return not any(_leaves(operation) and operation.keys[-1] == finding.key for operation in violation.setup)


def _leaves(operation: Operation) -> bool:
    """Whether an operation leaves its last key stored; to move a key to itself stores none that was not."""
    return isinstance(operation, WRITES) or (isinstance(operation, Move) and operation.source != operation.dest)


def _allowing_all(harness: Harness, program: Program) -> Harness:
    """The harness with a shorter time limit, that performs all of a program, though it may have hung too often."""
    harness = harness.with_limit(HANG_SECONDS)
    for name in {operation.name for operation in program} - harness.avoid:
        harness = harness.allowing(name)
    return harness


def _hanging(harness: Harness, candidate: Candidate, budget: Budget) -> Violation:
    """The shortest program found that still hangs; the harness has a shorter time limit, for each try costs as much."""
    name = candidate.finding.observation.name
    harness = harness.allowing(name)

    def hangs_of(program: Program) -> list[Finding]:
        findings = findings_of(harness, program, AT_THE_END)
        return [finding for finding in findings if finding.symptom == "hung" and finding.observation.name == name]

    def hangs(program: Program) -> bool:
        return bool(hangs_of(program))

    program = candidate.program[: candidate.finding.step]
    if hangs(program):
        blocked = isinstance(candidate.finding.actual, Hung) and candidate.finding.actual.text
        # What blocks in native code takes its whole time in each replay, whatever the limit.
        effort = budget.effort(BLOCKED_REPLAYS if blocked else HANG_REPLAYS)
        program = minimize(program, hangs, harness.material, effort)
        findings = hangs_of(program)
        # It hung longer than this: what is told is how long it was given in the run.
        again = attrs.evolve(findings[0], actual=candidate.finding.actual) if findings else candidate.finding
        # With a refused write that cannot be left out, it is that write which has left something behind.
        limit = limit_met_by(harness, program[:-1])
        again = attrs.evolve(again, requirement=limit or again.requirement)
        candidate = attrs.evolve(candidate, program=program, finding=again)
    return unminimized(candidate)


def unminimized(candidate: Candidate) -> Violation:
    """A candidate as a violation without minimizing: the program up to the finding."""
    finding = candidate.finding
    until = candidate.program[: finding.step]
    setup = until[:-1] if until and until[-1] == finding.observation else until
    return Violation(finding.requirement, setup, finding.observation, finding.expected, finding.actual, finding)


def untold(run: Run, candidates: Candidates) -> list[Failure]:
    """What programs have shown of requirements of which nothing is told yet.

    What triage has made smaller by then was shown again; the rest was not.
    """
    known = {failure.requirement for failure in run.evidence.failures}
    told = [
        failure_of_violation(violation, run.origin, frozenset())
        for violation in tuple(candidates.violations.values())
        if violation.requirement not in known
    ]
    known |= {failure.requirement for failure in told}
    seen = [
        attrs.evolve(failure_of_violation(unminimized(candidate), run.origin, frozenset()), shown_again=False)
        for candidate in tuple(candidates.kept.values())
        if candidate.finding.requirement not in known and candidate.finding.operation_bucket not in candidates.told
    ]
    return [*told, *seen]
