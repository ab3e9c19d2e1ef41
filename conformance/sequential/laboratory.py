"""Where attribution tries programs: what the steps share, and what one step hands to the next."""

from collections.abc import Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.programs.minimize import Test, minimize
from conformance.programs.operations import Operation, Program
from conformance.programs.outcomes import Outcome
from conformance.sequential.expectations import Demand
from conformance.sequential.findings import Finding
from conformance.sequential.observing import Observing
from conformance.sequential.replay import contradiction_of, findings_of
from conformance.system.budget import Effort


@attrs.frozen
class Laboratory:
    """What the steps try programs with.

    Args:
        harness: the subject.
        observing: how the session looked at the store that saw the finding.
        effort: how many more replays there may be.
    """

    harness: Harness
    observing: Observing
    effort: Effort

    def findings(self, program: Program, observing: Observing | None = None) -> Sequence[Finding]:
        """What a session finds in a program, looking at it as that one did, or otherwise."""
        return findings_of(self.harness, program, observing or self.observing)

    def first(self, program: Program, like: Finding, observing: Observing | None = None) -> Finding | None:
        """The first finding of a program. One about the id is passed over, unless `like` is one too.

        An id may be made at any time, and where it is wrong every program shows it. So is what can have done nothing to
        anything else, where `like` is something else.
        """
        for finding in self.findings(program, observing):
            harmless = finding.is_harmless and finding.requirement != like.requirement
            if finding.about_id == like.about_id and not harmless:
                return finding
        return None

    def contradiction(self, program: Program, observation: Operation, expected: Demand) -> Outcome | None:
        """What comes of an observation in a plain replay, if it is not what is expected."""
        return contradiction_of(self.harness, program, observation, expected)

    def minimal(self, program: Program, shows: Test) -> Program:
        """The smallest program that is found for which `shows` still holds."""
        return minimize(program, shows, self.harness.material, self.effort)


@attrs.frozen
class Exhibit:
    """What one step hands to the next.

    Args:
        program: the operations; from step 5 on, without the observation.
        finding: what they show.
        actual: what came of the observation in a plain replay; from step 5 on.
    """

    program: Program
    finding: Finding
    actual: Outcome | None = None

    def contradicts(self, laboratory: Laboratory, program: Program) -> Outcome | None:
        """What comes of the same observation after another program, if it is as wrong."""
        return laboratory.contradiction(program, self.finding.observation, self.finding.expected)


@attrs.frozen
class Dropped:
    """Why a finding is no violation of its own.

    Args:
        program: the program that was left of it.
        behind: the finding that comes first there, and of which it is a consequence; None where no replay shows it.
    """

    program: Program
    behind: Finding | None = None
