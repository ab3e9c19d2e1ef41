"""What has become of each candidate: nothing that was seen is dropped.

After triage each candidate is accounted for in one of these ways, the first that applies:

    what it is                                                       what is done
    ---------------------------------------------------------------  ------------------------------------------------
    it became a violation                                            that is told
    its operation, requirement and symptom are those of one told     it is another case of that
    before it, its program showed what is told now                   it is a consequence of that
    it came down to a program that shows what is told now            likewise
    it came down to a program that shows something not yet told      that is attributed, and told
    it is wrong only by what the run adopted after another went      that one is told as it was seen, unless its
    wrong                                                            requirement is told already
    no short program shows it                                        it is told as it was seen (`sighting`)

The second row is the reason why of one bucket only so many are minimized. The third and the fourth are not certain, for
the session adopts what it has found wrong, and still found this; but a store in a wrong state may do anything.
"""

import attrs

from conformance.sequential.candidates import Candidate
from conformance.sequential.findings import Finding, OperationBucket, Violation
from conformance.sequential.laboratory import Dropped
from spec_store.requirements import RequirementId


@attrs.define
class Accounts:
    """What candidates have become.

    Args:
        told: the requirement under which each bucket of findings has been told.
        dropped: the candidates that attribution dropped, or that were never tried, with what was left of them.
        explained: the requirements under which findings were seen that were told under another one, with that one.
    """

    told: dict[OperationBucket, RequirementId] = attrs.field(factory=dict)
    dropped: list[tuple[Candidate, Dropped]] = attrs.field(factory=list)
    explained: dict[RequirementId, RequirementId] = attrs.field(factory=dict)

    def tell(self, finding: Finding, violation: Violation) -> None:
        """Note that a finding has been told by a violation."""
        for bucket in (finding.operation_bucket, violation.finding.operation_bucket):
            self.told.setdefault(bucket, violation.requirement)
        self.explain(finding, violation.requirement)

    def explain(self, finding: Finding, by: RequirementId) -> None:
        """Note that a finding is told by a requirement that may be another than its own."""
        if finding.requirement != by:
            self.explained.setdefault(finding.requirement, by)

    def drop(self, candidate: Candidate, dropped: Dropped) -> None:
        """Note that a candidate came to nothing so far."""
        self.dropped.append((candidate, dropped))

    def settle(self, candidate: Candidate, dropped: Dropped) -> bool:
        """Whether what has been told by now accounts for a candidate that came to nothing."""
        behind = [dropped.behind.operation_bucket] if dropped.behind is not None else []
        for bucket in (candidate.finding.operation_bucket, *sorted(candidate.earlier), *behind):
            if bucket in self.told:
                self.explain(candidate.finding, self.told[bucket])
                # What came of this one in turn is told with it.
                self.told.setdefault(candidate.finding.operation_bucket, self.told[bucket])
                return True
        return False
