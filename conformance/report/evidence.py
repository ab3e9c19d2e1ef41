"""What the searches of a campaign hand in: how often each requirement was put to the test, and what failed."""

from collections import Counter
from collections.abc import Collection

import attrs

from conformance.report.reach import Reach
from conformance.report.speed import Measured
from conformance.report.verdicts import Counterexample
from spec_store.requirements import SPEC_VERSION, RequirementId, SpecVersion, belongs_to, requirement


@attrs.frozen
class Failure:
    """A requirement that was seen to be violated, and what shows it.

    Args:
        requirement: its id.
        counterexample: what shows it.
        foreign: whether that takes a value that is no text.
        shown_again: whether it was ever seen again. What was seen once and not again leaves the requirement undecided:
            somebody has to look, but nobody is accused of what cannot be shown.
    """

    requirement: RequirementId
    counterexample: Counterexample
    foreign: bool = False
    shown_again: bool = True

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of several counterexamples of a requirement the one with the lowest rank tells most."""
        found = self.counterexample
        return (found.operations, self.foreign, len(found.message) + len(found.script))


@attrs.frozen
class Mask:
    """Why a requirement cannot be judged while another one is violated.

    Args:
        by: the id of the one that is violated.
        why: what it spoils, in words for a reader that follow "masked by MOVE-1: ".
    """

    by: RequirementId
    why: str


@attrs.frozen
class Evidence:
    """What a run has gathered; its searches add to it.

    Args:
        exercised: how often each requirement was put to the test.
        failures: every violation, minimized and put to its requirement.
        masked: what could not be judged for what else is violated, though it was tried with that held out.
        cut_short: what was put to the test less often than wanted, for want of time, and how much less, in words.
        reasons: why a directed check of a requirement could not judge.
        probed: for requirements that are not claimed, whether each probe held.
        missing: the names of the 1.x methods that the backend lacks.
        raw: the ids under which violations were first seen, before attribution.
        classes: the classes to judge; None is all.
        notes: what a reader of the report should know besides.
        reached: how far it went into what it goes through from one end to the other.
        measured: how fast the subject is; nothing where that was not measured.
        spec: the version of the specification to judge by.
    """

    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    failures: list[Failure] = attrs.field(factory=list)
    masked: dict[RequirementId, Mask] = attrs.field(factory=dict)
    cut_short: dict[RequirementId, str] = attrs.field(factory=dict)
    reasons: dict[RequirementId, str] = attrs.field(factory=dict)
    probed: dict[RequirementId, list[bool]] = attrs.field(factory=dict)
    missing: set[str] = attrs.field(factory=set)
    raw: set[RequirementId] = attrs.field(factory=set)
    classes: Collection[str] | None = None
    notes: list[str] = attrs.field(factory=list)
    reached: list[Reach] = attrs.field(factory=list)
    measured: list[Measured] = attrs.field(factory=list)
    spec: SpecVersion = SPEC_VERSION

    def judges(self, *classes: str) -> bool:
        """Whether one of these classes is to be judged."""
        return self.classes is None or not set(self.classes).isdisjoint(classes)

    def wants(self, name: RequirementId) -> bool:
        """Whether a requirement is to be judged, by its id."""
        one = requirement(name)
        return self.judges(one.class_) and belongs_to(one, self.spec)
