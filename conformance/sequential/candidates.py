"""What programs have shown, before triage: for each candidate bucket of findings, the shortest program."""

from collections import Counter
from collections.abc import Sequence

import attrs

from conformance.harness.harness import HANGS, Harness
from conformance.programs.operations import OPENS, Program, Reopen
from conformance.programs.outcomes import Hung
from conformance.sequential.findings import CandidateBucket, Finding, OperationBucket, SymptomBucket, Violation
from conformance.sequential.observing import ALWAYS, Observing
from conformance.sequential.replay import findings_of
from conformance.sequential.session import Session
from spec_store.requirements import RequirementId

MASKING = 0.25
"""In what share of all programs a finding turns up that hides others."""

RERUNS = 50
"""How many programs with findings that were read at the end alone are worth running again, reading always."""


OF_PIECES = 2
"""How many findings of one candidate bucket are worth running pieces of a batch again in stores of their own."""


def _gave_up(finding: Finding) -> bool:
    """Whether the operation blocked in native code, and then raised: once must do, for no time limit shortens that."""
    return isinstance(finding.actual, Hung) and bool(finding.actual.text)


@attrs.frozen
class Candidate:
    """A finding, and how it was come upon.

    Args:
        program: a program that showed it.
        finding: the finding.
        observing: how the session looked at the store.
        earlier: what else the session had found by then that may have brought it about.
    """

    program: Program
    finding: Finding
    observing: Observing
    earlier: frozenset[OperationBucket] = frozenset()


@attrs.define
class Candidates:
    """What the programs of a run have shown: for each bucket, the candidate with the shortest program.

    Args:
        kept: the candidates.
        exercised: how often each requirement was put to the test, and held.
        clean: how often of those in programs in which nothing went wrong that may have had consequences.
        suspected: how often each was contradicted, for the sessions to count in.
        frequency: in how many programs each requirement was found violated with each symptom.
        programs: how many programs have been run.
        random: how many of them were random ones.
        reruns: how many of them were run again to see more.
        steps: how many operations they had.
        alike: how many divergences there were of some traits (`bare`).
        violations: what triage has made of them so far and not handed in yet, by report bucket.
        told: the requirement under which that tells the findings of each operation bucket.
        batched: how many findings of batches there were in each bucket.
    """

    kept: dict[CandidateBucket, Candidate] = attrs.field(factory=dict)
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    clean: Counter[RequirementId] = attrs.field(factory=Counter)
    suspected: Counter[RequirementId] = attrs.field(factory=Counter)
    frequency: Counter[SymptomBucket] = attrs.field(factory=Counter)
    programs: int = 0
    random: int = 0
    reruns: int = 0
    steps: int = 0
    alike: Counter[tuple[object, ...]] = attrs.field(factory=Counter)
    violations: dict[tuple[object, ...], Violation] = attrs.field(factory=dict)
    told: dict[OperationBucket, RequirementId] = attrs.field(factory=dict)
    batched: Counter[CandidateBucket] = attrs.field(factory=Counter)

    def add(self, candidate: Candidate) -> None:
        """Keep a candidate if its bucket is new or its program is the shortest so far."""
        known = self.kept.get(candidate.finding.candidate_bucket)
        if known is None or candidate.finding.step < known.finding.step:
            self.kept[candidate.finding.candidate_bucket] = candidate

    def count(self, session: Session) -> None:
        """Count what a finished session has put to the test."""
        self.programs += 1
        self.steps += len(session.program)
        self.exercised.update(session.exercised)
        if not any(finding.may_have_consequences for finding in session.findings):
            self.clean.update(session.exercised)

    def take(self, harness: Harness, session: Session) -> None:
        """Take over what a finished session found; if it read at the end alone, look for that again, reading always.

        To read after each write is dear, but it says which operation did it.
        """
        self.count(session)
        if not session.findings:
            return
        program = tuple(session.program)
        findings, observing = tuple(session.findings), session.observing
        hung = any(finding.symptom == "hung" for finding in findings)
        if not (observing.after_each_write or hung or harness.budget.over()) and self.reruns < RERUNS:
            self.reruns += 1
            again = findings_of(harness, program, ALWAYS)
            findings, observing = (again, ALWAYS) if again else (findings, observing)
        self.frequency.update({finding.symptom_bucket for finding in findings})
        earlier: set[OperationBucket] = set()
        for finding in findings:
            self.add(Candidate(program, finding, observing, frozenset(earlier)))
            if finding.may_have_consequences:
                earlier.add(finding.operation_bucket)
        for finding in findings:
            if finding.symptom == "hung":
                # What blocks once a place was opened again most likely waits for whoever has opened it before.
                reopened = any(isinstance(operation, OPENS) for operation in program[: finding.step])
                name = Reopen.name if reopened else finding.observation.name
                harness.memory.hangs[name] += HANGS if _gave_up(finding) else 1
                harness.memory.blocked.setdefault(name, finding.requirement)

    def is_worth_judging(self, traits: tuple[object, ...], most: int) -> bool:
        """Whether a divergence of some traits, which is counted, is one of the first few."""
        self.alike[traits] += 1
        return self.alike[traits] <= most

    def worth_pieces(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings of a batch that are worth running its pieces for: a few of each bucket, and no known trifle."""
        worth: list[Finding] = []
        for finding in findings:
            self.batched[finding.candidate_bucket] += 1
            if self.batched[finding.candidate_bucket] <= OF_PIECES and not self.is_known_trifle(finding):
                worth.append(finding)
        return worth

    def has_news(self, findings: Sequence[Finding]) -> bool:
        """Whether one of some findings is in a bucket of which nothing is kept."""
        return any(finding.candidate_bucket not in self.kept for finding in findings)

    def is_known_trifle(self, finding: Finding) -> bool:
        """Whether a finding makes no state wrong, and its operation has been found to do so before."""
        return finding.is_harmless and any(
            candidate.finding.operation_bucket == finding.operation_bucket for candidate in self.kept.values()
        )

    def masks_others(self, candidate: Candidate) -> bool:
        """Whether findings like this one turn up in so many programs that they hide others."""
        return self.frequency[candidate.finding.symptom_bucket] > self.programs * MASKING
