"""Where a program diverges from the reference, and what is made of that where no session sees it again.

what diverges                                            is put to
-------------------------------------------------------  -----------------------------------------------------------
a get, of a key whose state it shows to be wrong         the operation that has decided the state, by provenance
anything else                                            the operation that went wrong
"""

from typing import TypeAlias

import attrs

from conformance.programs.oddities import oddity, value_oddity
from conformance.programs.operations import Get, Operation, Program, ReadId, SetMany
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned
from conformance.sequential.expectations import Exactly, Expectation, Raises, Unchanged
from conformance.sequential.findings import Finding, StateSymptom, Symptom
from conformance.sequential.naming import reference_after, writes_to_stored
from conformance.sequential.oracle import expectation, requirement_by_provenance
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

Likeness: TypeAlias = tuple[str, str, str]
"""The operation, what was expected of it, and what came, each by its kind."""


@attrs.frozen
class Divergence:
    """Where a program diverges from the reference.

    Args:
        program: the program up to the operation, that included.
        requirement: the requirement that the operation's own outcome is judged by.
        expected: what the specification lets come of it.
        actual: what came of it.
        written: the value that was written last.
        calls: everything that was called on the store, the kit's own reads among it.
    """

    program: Program
    requirement: RequirementId
    expected: Expectation
    actual: Outcome
    written: object = ""
    calls: Program = ()

    @property
    def operation(self) -> Operation:
        """The operation that went wrong."""
        return self.program[-1]

    @property
    def likeness(self) -> Likeness:
        """Divergences of one likeness may well be the same fault."""
        kind = self.actual.kind if isinstance(self.actual, Raised) else type(self.actual).__name__
        return (self.operation.name, type(self.expected).__name__, kind)

    @property
    def traits(self) -> tuple[object, ...]:
        """Its likeness, and what is odd about the key that went wrong, and about the value that was written last."""
        key = self.operation.keys[0] if self.operation.keys else None
        return (*self.likeness, None if key is None else oddity(key), value_oddity(self.written))


def is_on(operation: Operation, key: Key) -> bool:
    """Whether an operation is on a key, by itself or as one of many."""
    return key in operation.keys or (isinstance(operation, SetMany) and key in dict(operation.items()))


def finding_by_itself(divergence: Divergence) -> Finding:
    """A divergence as a finding about the operation that went wrong, whatever has brought that about."""
    operation, actual = divergence.operation, divergence.actual
    symptom: Symptom = "hung" if isinstance(actual, Hung) else "raised" if isinstance(actual, Raised) else "returned"
    key = operation.keys[0] if operation.keys else None
    step = len(divergence.program)
    # Another store has another id: what holds of each is that it stays.
    is_id = isinstance(operation, ReadId) and isinstance(divergence.expected, Exactly)
    expected = Unchanged() if is_id else divergence.expected
    calls = divergence.calls or divergence.program
    return Finding(divergence.requirement, symptom, step, operation, operation, expected, actual, key, calls)


def finding_of(divergence: Divergence) -> Finding:
    """What a program that is too long for a session has shown, put to the operation that has decided the state.

    A get, or a has_key, that is wrong may tell of a wrong state. That it does is assumed, for of a read alone that is
    wrong now and then, another program is short.
    """
    setup, last = divergence.program[:-1], divergence.operation
    key = last.keys[0] if last.keys else None
    reference = reference_after(setup)
    symptom = None if key is None else _state_symptom(divergence, key, reference)
    deciding = [
        number
        for number, operation in enumerate(setup)
        if operation.writes and key is not None and is_on(operation, key)
    ]
    step = len(divergence.program)
    if symptom is None or key is None or not deciding:
        return finding_by_itself(divergence)
    cause = setup[deciding[-1]]
    requirement = requirement_left_by(cause, setup[: deciding[-1]], key, symptom)
    calls = divergence.calls or divergence.program
    return Finding(requirement, symptom, step, cause, last, divergence.expected, divergence.actual, key, calls)


def _state_symptom(divergence: Divergence, key: Key, reference: InMemoryStoreBackend) -> StateSymptom | None:
    """How the state of a key is wrong, if a get shows that it is."""
    if not isinstance(divergence.operation, Get):
        return None
    if not reference.has_key(key):
        return "appeared" if isinstance(divergence.actual, Returned) else None
    if isinstance(divergence.actual, Raised):
        return (
            "lost" if isinstance(divergence.expected, Exactly) and divergence.actual.kind == "InvalidKeyError" else None
        )
    return "changed"


def requirement_left_by(cause: Operation, before: Program, key: Key, symptom: Symptom) -> RequirementId:
    """The requirement that is violated where an operation, made after some others, has left a key in a wrong state."""
    reference = reference_after(before)
    return requirement_by_provenance(
        cause,
        key,
        symptom,
        was_refused=isinstance(expectation(cause, reference), Raises),
        was_stored=writes_to_stored(cause, reference),
    )
