"""What programs have shown and is not yet settled: for each kind of finding, the shortest program."""

from collections import Counter

import attrs

from conformance.harness.harness import Bench
from conformance.programs.operations import Program
from conformance.sequential.findings import Finding, Signature
from conformance.sequential.replay import judged
from conformance.sequential.session import Session
from spec_store.requirements import RequirementId

CHRONIC = 0.25
RERUNS = 50
"""How many programs with findings, run unwatched, are worth running again watched."""


@attrs.frozen
class Candidate:
    """A finding and a program that showed it."""

    program: Program
    finding: Finding
    watchful: bool


@attrs.define
class Catch:
    """The candidates of a campaign: for each signature, the one with the shortest program."""

    candidates: dict[Signature, Candidate] = attrs.field(factory=dict)
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    frequency: Counter[tuple[RequirementId, str]] = attrs.field(factory=Counter)
    programs: int = 0
    reruns: int = 0
    steps: int = 0

    def add(self, program: Program, finding: Finding, *, watchful: bool) -> None:
        """Keep a finding if its signature is new or its program is the shortest so far."""
        known = self.candidates.get(finding.signature)
        if known is None or finding.step < known.finding.step:
            self.candidates[finding.signature] = Candidate(program, finding, watchful)

    def take(self, bench: Bench, session: Session) -> None:
        """Take over what a finished session found. Findings of an unwatched one are looked for again, watched."""
        self.programs += 1
        self.steps += len(session.program)
        if not session.findings:
            return
        program = tuple(session.program)
        found, watchful = tuple(session.findings), session.watchful
        hung = any(finding.symptom == "hung" for finding in found)
        if not watchful and not hung and self.reruns < RERUNS:
            self.reruns += 1
            again = judged(bench, program, watchful=True)
            found, watchful = (again, True) if again else (found, False)
        self.frequency.update({(finding.requirement, finding.symptom) for finding in found})
        for finding in found:
            self.add(program, finding, watchful=watchful)
        for finding in found:
            if finding.symptom == "hung":
                bench.hung(finding.observation.name)

    def chronic(self, candidate: Candidate) -> bool:
        """Whether findings like this one turn up in so many programs that they hide others."""
        finding = candidate.finding
        return self.frequency[finding.requirement, finding.symptom] > self.programs * CHRONIC
