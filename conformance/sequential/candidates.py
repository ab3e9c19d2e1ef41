"""What programs have shown and is not yet settled: for each kind of finding, the shortest program."""

from collections import Counter

import attrs

from conformance.harness.harness import Harness
from conformance.programs.operations import Program
from conformance.sequential.findings import Finding, Signature
from conformance.sequential.model import ALWAYS, Observing
from conformance.sequential.replay import judged
from conformance.sequential.session import Session
from spec_store.requirements import RequirementId

MASKING = 0.25
"""In what share of all programs a finding turns up that hides others."""

RERUNS = 50
"""How many programs with findings that were read at the end alone are worth running again, reading always."""


@attrs.frozen
class Candidate:
    """A finding, a program that showed it, and how the session looked at the store."""

    program: Program
    finding: Finding
    observing: Observing


@attrs.define
class Candidates:
    """What the programs of a run have shown: for each signature, the candidate with the shortest program.

    Args:
        kept: the candidates.
        exercised: how often each requirement was put to the test, for the sessions to count in.
        frequency: in how many programs each requirement was found violated with each symptom.
        programs: how many programs have been run.
        reruns: how many of them were run again to see more.
        steps: how many operations they had.
    """

    kept: dict[Signature, Candidate] = attrs.field(factory=dict)
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    frequency: Counter[tuple[RequirementId, str]] = attrs.field(factory=Counter)
    programs: int = 0
    reruns: int = 0
    steps: int = 0

    def add(self, program: Program, finding: Finding, observing: Observing) -> None:
        """Keep a finding if its signature is new or its program is the shortest so far."""
        known = self.kept.get(finding.signature)
        if known is None or finding.step < known.finding.step:
            self.kept[finding.signature] = Candidate(program, finding, observing)

    def take(self, harness: Harness, session: Session) -> None:
        """Take over what a finished session found; if it read at the end alone, look for that again, reading always.

        To read after each write is dear, but it says which operation did it.
        """
        self.programs += 1
        self.steps += len(session.program)
        if not session.findings:
            return
        program = tuple(session.program)
        found, observing = tuple(session.findings), session.observing
        hung = any(finding.symptom == "hung" for finding in found)
        if not observing.after_each_write and not hung and self.reruns < RERUNS:
            self.reruns += 1
            again = judged(harness, program, ALWAYS)
            found, observing = (again, ALWAYS) if again else (found, observing)
        self.frequency.update({(finding.requirement, finding.symptom) for finding in found})
        for finding in found:
            self.add(program, finding, observing)
        for finding in found:
            if finding.symptom == "hung":
                harness.memory.hangs[finding.observation.name] += 1

    def masks_others(self, candidate: Candidate) -> bool:
        """Whether findings like this one turn up in so many programs that they hide others."""
        finding = candidate.finding
        return self.frequency[finding.requirement, finding.symptom] > self.programs * MASKING
