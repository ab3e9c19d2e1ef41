"""The model of a store: the reference, and for every key the provenance of its state.

The reference is an `InMemoryStoreBackend` that goes through the same operations as the subject. It says what must be
there. The provenance of a key says which operation last decided what must be there, and so which requirement is
violated if it is not: if ("a",) is gone after `Set(a, "1")`, `Set(b, "2")`, and reading in between saw it, then
SET-2; if nothing was read in between, then SET-1, for the first set is the last that decided the state of ("a",).

Once a contradiction has been recorded, the model adopts what the subject shows. Otherwise one lost key would be found
again at every step, and all that is wrong besides would drown in it.
"""

from typing import Any, Literal

import attrs

from conformance.programs.operations import Operation
from conformance.programs.outcomes import Outcome, Raised, Returned, alike, same
from conformance.sequential.expectations import MISSING
from spec_store import InMemoryStoreBackend, Key

NOTHING: Any = object()
"""What a key holds that is not stored; None may be a value."""

Limit = Literal["KEY-5", "SET-4"]
"""The requirement by which a subject may refuse what it cannot store: a key, or a value."""


@attrs.frozen
class Step:
    """An operation of the program, and what has to be known of it to judge the state that it left.

    Args:
        operation: the operation.
        was_stored: whether the key that it writes to was stored before it.
        previous: what a key held before it, where the step is the provenance of that key; else `NOTHING`.
        was_refused: whether it raised, and was right to: then it must have changed nothing.
        limit: if it was refused by a limit of the subject, the requirement that allows for it.
    """

    operation: Operation
    was_stored: bool = False
    previous: Any = NOTHING
    was_refused: bool = False
    limit: Limit | None = None


@attrs.define
class Model:
    """What must be stored, and why.

    Args:
        reference: the reference.
        provenance: the step that last decided the state of each key that is known; None where no step of the program
            has, since the key was there at first, or was only read.
        last_write: the step that last decided the state of any key.
    """

    reference: InMemoryStoreBackend = attrs.field(factory=lambda: InMemoryStoreBackend(suppress_store_backend_id=True))
    provenance: dict[Key, Step | None] = attrs.field(factory=dict)
    last_write: Step | None = None

    def value_of(self, key: Key) -> Any:
        """What a key holds; `NOTHING` if it is not stored."""
        return self.reference.get(key) if self.reference.has_key(key) else NOTHING

    def agrees(self, key: Key, actual: Outcome) -> bool:
        """Whether the outcome of a get is what it must be."""
        if self.reference.has_key(key):
            return isinstance(actual, Returned) and alike(actual.value, self.reference.get(key))
        return MISSING.met_by(actual)

    def holders_of(self, value: Any, besides: Key) -> bool:
        """Whether another key holds a value."""
        return any(key != besides and same(self.reference.get(key), value) for key in self.reference.list_keys())

    def meet(self, key: Key) -> None:
        """Know a key from now on, so that it is read whenever everything is."""
        self.provenance.setdefault(key)

    def decide(self, key: Key, step: Step) -> None:
        """Note that a step has decided the state of a key."""
        self.provenance[key] = self.last_write = step

    def adopt(self, key: Key, actual: Outcome) -> None:
        """Take what a get has shown for what must be there; a subject that hangs shows nothing."""
        if isinstance(actual, Returned):
            self.reference.set(key, actual.value)
            self.meet(key)
        elif isinstance(actual, Raised) and self.reference.has_key(key):
            self.reference.remove_key(key)
