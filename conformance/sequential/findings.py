"""A finding: one contradiction between a subject and the specification, seen while a program ran.

One fault shows in many findings, and a report is to tell it once. So findings are put into buckets, and of those in one
bucket only so many are kept, minimized, or told. Each bucket is for one question:

    bucket      findings in one bucket ...                          made of
    ----------  --------------------------------------------------  ------------------------------------------------
    repeat      are one contradiction, told again within a session  requirement, symptom, key
    symptom     are counted together: in how many programs are      requirement, symptom
                there any, so that they hide what comes after them?
    operation   count against how many are worth minimizing         requirement, symptom, operation
    candidate   may be the same fault: one program of them is kept  requirement, symptom, operation, detail
    fault       are the same fault still, in a smaller program      those four, and whether the key is the operation's;
                                                                    but not what is odd about the key, which changes
    report      tell a reader the same (of violations)              requirement, the names of all operations, detail

So a `get` that finds ("c",) gone after `Move(("a",), ("b",))` is in the candidate bucket (MOVE-5, lost, move,
InvalidKeyError); a program that has fewer operations shows the same fault if the lost key is none of those of its move.
"""

from typing import Literal, TypeAlias

import attrs

from conformance.programs.oddities import oddity, value_oddity
from conformance.programs.operations import WRITES, Operation, Program
from conformance.programs.outcomes import Died, Hung, Outcome, Raised
from conformance.sequential.expectations import Demand
from spec_store import Key
from spec_store.requirements import RequirementId

StateSymptom: TypeAlias = Literal["lost", "stale", "changed", "shared", "appeared"]
"""How the state of a key is wrong: it is not there; it is what it was before the last write; it is something else; it
is what another key holds; it is there and should not be."""

Symptom: TypeAlias = Literal[
    StateSymptom, "raised", "blocked", "returned", "omitted", "added", "repeated", "hung", "died"
]
"""Those, and how an operation's own outcome is wrong. A write is blocked by a key that is in no relation to its own."""

STATES: frozenset[Symptom] = frozenset({"lost", "stale", "changed", "shared", "appeared"})

SymptomBucket: TypeAlias = tuple[RequirementId, Symptom]
OperationBucket: TypeAlias = tuple[RequirementId, Symptom, str]
CandidateBucket: TypeAlias = tuple[RequirementId, Symptom, str, str]


@attrs.frozen
class Finding:
    """What went wrong, where, and under which requirement.

    Args:
        requirement: the id of the requirement that the oracle names, by provenance.
        symptom: how it is wrong.
        step: how many operations of the program had been performed.
        cause: the operation that last decided the state in question, or that went wrong itself.
        observation: the operation whose outcome shows it; the cause itself, or a read.
        expected: what the specification lets come of the observation.
        actual: what came of it.
        key: the key concerned, if it is one.
        calls: everything that had been called on the store by then, the session's own reads among it; the last is the
            observation.
    """

    requirement: RequirementId
    symptom: Symptom
    step: int
    cause: Operation
    observation: Operation
    expected: Demand
    actual: Outcome
    key: Key | None = None
    calls: Program = attrs.field(default=(), eq=False, repr=False)

    @property
    def own(self) -> bool:
        """Whether the key concerned is one that the cause names."""
        return self.key is None or self.key in self.cause.keys

    @property
    def about_state(self) -> bool:
        """Whether the state of a key is wrong, and not only what one operation says of it."""
        return self.symptom in STATES

    @property
    def about_id(self) -> bool:
        """Whether it is about the id of the store."""
        return self.requirement.startswith("ID-")

    @property
    def is_harmless(self) -> bool:
        """Whether no state can be wrong for it: what a removal returns, and whether the id is listed."""
        return self.requirement in ("REMOVE-4", "LIST-4")

    @property
    def may_have_consequences(self) -> bool:
        """Whether the store may be another than it should be by what was found: a read that errs alone changes none."""
        if self.about_id or self.is_harmless:
            return False
        return self.about_state or self.cause.writes or self.observation.writes

    @property
    def detail(self) -> str:
        """The kind of exception, or what is odd about the value or the key, in two words at most; or ""."""
        if isinstance(self.actual, Hung | Died):
            return type(self.actual).__name__
        kind = self.actual.kind if isinstance(self.actual, Raised) else ""
        value = None
        if isinstance(self.cause, WRITES) and self.own and self.symptom in ("changed", "lost", "stale"):
            value = value_oddity(self.cause.value)
        return kind or value or (oddity(self.key) if self.key is not None else None) or ""

    # Buckets

    @property
    def repeat_bucket(self) -> tuple[RequirementId, Symptom, Key | None]:
        """Of one bucket, a session records the first."""
        return (self.requirement, self.symptom, self.key)

    @property
    def symptom_bucket(self) -> SymptomBucket:
        """What turns up in a large share of all programs is ignored by its bucket, once it has been told."""
        return (self.requirement, self.symptom)

    @property
    def operation_bucket(self) -> OperationBucket:
        """Of one bucket, a few candidates are minimized."""
        return (self.requirement, self.symptom, self.cause.name)

    @property
    def candidate_bucket(self) -> CandidateBucket:
        """Of one bucket, the shortest program is kept."""
        return (self.requirement, self.symptom, self.cause.name, self.detail)

    @property
    def fault_bucket(self) -> tuple[object, ...]:
        """A smaller program is taken for a larger one if it shows a finding in the same bucket."""
        detail = self.detail
        # An odd key is what a smaller program replaces, to see whether the fault needs it.
        about_key = self.key is not None and detail == oddity(self.key)
        return (*self.operation_bucket, self.own, "" if about_key else detail)


@attrs.frozen
class Violation:
    """A requirement that is violated, with the shortest program found that shows it.

    Args:
        requirement: the id of the requirement.
        setup: the operations to perform on a new, empty store.
        observation: the operation whose outcome is then wrong.
        expected: what the specification lets come of it.
        actual: what came of it.
        finding: how it was first seen.
        shown: how many of `tried` plain replays showed it; 0 where it was seen in the run alone.
        tried: how many there were.
        remark: what a reader has to know besides, in whole sentences, or "".
    """

    requirement: RequirementId
    setup: Program
    observation: Operation
    expected: Demand
    actual: Outcome
    finding: Finding
    shown: int = 1
    tried: int = 1
    remark: str = ""

    @property
    def size(self) -> int:
        """How many operations the counterexample has."""
        return len(self.setup) + 1

    @property
    def report_bucket(self) -> tuple[object, ...]:
        """Of one bucket, the first is reported."""
        names = tuple(operation.name for operation in self.setup)
        return (self.requirement, names, self.observation.name, self.finding.detail)
