"""What a subject cannot store, found out by trying it alone on a new place."""

from collections.abc import Callable
from typing import Any

import attrs

from conformance.programs.keys import ID_KEY
from conformance.programs.material import Material
from conformance.programs.operations import Set
from conformance.programs.outcomes import Hung, Outcome, Raised
from spec_store import Key

FreshOutcome = Callable[[Set], Outcome]


@attrs.define
class Refusals:
    """A memo of the keys and values that a subject refuses even on an empty store.

    A refusal there is the subject's limit (KEY-5, SET-4); one that only happens beside other keys is a fault.
    """

    alone: FreshOutcome
    material: Material
    _keys: dict[Key, Raised | None] = attrs.field(factory=dict)
    _values: dict[tuple[str, str], Raised | None] = attrs.field(factory=dict)

    def of_key(self, key: Key) -> Raised | None:
        """How `set` refuses a key on an empty store with a plain value; None if it takes it."""
        if key == ID_KEY:
            return None
        if key not in self._keys:
            self._keys[key] = self._refusal(Set(key, self.material.value(1)))
        return self._keys[key]

    def of_value(self, value: Any) -> Raised | None:
        """How `set` refuses a value on an empty store under a plain key; None if it takes it."""
        name = (type(value).__name__, repr(value))
        if name not in self._values:
            self._values[name] = self._refusal(Set(self.material.plain_key(0), value))
        return self._values[name]

    def _refusal(self, operation: Set) -> Raised | None:
        outcome = self.alone(operation)
        return (
            Raised("Hung", str(outcome))
            if isinstance(outcome, Hung)
            else outcome
            if isinstance(outcome, Raised)
            else None
        )
