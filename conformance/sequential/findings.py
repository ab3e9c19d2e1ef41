"""A finding: one contradiction between a subject and the specification, seen while a program ran."""

from typing import TypeAlias

import attrs

from conformance.programs.oddities import oddity, value_oddity
from conformance.programs.operations import WRITES, Operation, Program
from conformance.programs.outcomes import Died, Hung, Outcome, Raised
from conformance.sequential.expectations import Expectation
from spec_store import Key
from spec_store.requirements import RequirementId

Signature: TypeAlias = tuple[RequirementId, str, str, str]


@attrs.frozen
class Finding:
    """What went wrong, where, and under which requirement.

    Args:
        requirement: the id of the requirement that the judge names, by provenance.
        symptom: in a word: lost, stale, changed, appeared, raised, refused, returned, omitted, added, ...
        step: how many operations of the program had been performed.
        cause: the operation that last decided the state in question, or that went wrong itself.
        observation: the operation whose outcome shows it; the cause itself, or a read.
        expected: what the specification lets come of the observation.
        came: what came of it.
        key: the key concerned, if it is one.
    """

    requirement: RequirementId
    symptom: str
    step: int
    cause: Operation
    observation: Operation
    expected: Expectation
    came: Outcome
    key: Key | None = None

    @property
    def own(self) -> bool:
        """Whether the key concerned is one that the cause names."""
        return self.key is None or self.key in self.cause.keys

    @property
    def flavour(self) -> str:
        """The kind of exception, value or key that the finding is about; findings of one flavour are alike."""
        if isinstance(self.came, Hung | Died):
            return type(self.came).__name__
        kind = self.came.kind if isinstance(self.came, Raised) else ""
        written = isinstance(self.cause, WRITES) and self.own and self.symptom in ("changed", "lost", "stale")
        value = value_oddity(self.cause.value) if written and isinstance(self.cause, WRITES) else None
        return kind or value or (oddity(self.key) if self.key is not None else None) or ""

    @property
    def signature(self) -> Signature:
        """Findings with one signature count as the same fault until each has been minimized."""
        return (self.requirement, self.symptom, self.cause.name, self.flavour)


@attrs.frozen
class Violation:
    """A requirement that is violated, with the shortest program found that shows it.

    Args:
        requirement: the id of the requirement.
        setup: the operations to perform on a new, empty store.
        observation: the operation whose outcome is then wrong.
        expected: what the specification lets come of it.
        came: what came of it.
        finding: how it was first seen.
        shown: how many of `tried` plain replays showed it.
        tried: how many there were.
    """

    requirement: RequirementId
    setup: Program
    observation: Operation
    expected: Expectation
    came: Outcome
    finding: Finding
    shown: int = 1
    tried: int = 1

    @property
    def size(self) -> int:
        """How many operations the counterexample has."""
        return len(self.setup) + 1

    @property
    def shape(self) -> tuple[object, ...]:
        """Two violations of one shape tell a reader the same thing."""
        names = tuple(operation.name for operation in self.setup)
        return (self.requirement, names, self.observation.name, self.finding.flavour)
