"""What a subject cannot store, found out by trying it alone on a new place."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from conformance.programs.keys import ID_KEY
from conformance.programs.material import Material
from conformance.programs.operations import Set
from conformance.programs.outcomes import Hung, Outcome, Raised
from spec_store import Key

FreshOutcome = Callable[[Set], Outcome]


@attrs.frozen
class Refusals:
    """The keys and values that a subject refuses even on an empty store.

    A refusal there is the subject's limit (KEY-5, SET-4); one that only happens beside other keys is a fault.

    Args:
        alone: performs a set on a new, empty store.
        material: plain keys and values to try the others with.
        known_keys: what is known of keys, and is added to.
        known_values: what is known of values, by type and repr, and is added to.
    """

    alone: FreshOutcome
    material: Material
    known_keys: dict[Key, Raised | None] = attrs.field(factory=dict)
    known_values: dict[tuple[str, str], Raised | None] = attrs.field(factory=dict)

    def of_key(self, key: Key) -> Raised | None:
        """How `set` refuses a key on an empty store with plain values; None if it takes it with any."""
        if key == ID_KEY:
            return None
        if key not in self.known_keys:
            self.known_keys[key] = self._refusal(Set(key, value) for value in self.material.plain_values)
        return self.known_keys[key]

    def of_value(self, value: Any) -> Raised | None:
        """How `set` refuses a value on an empty store under plain keys; None if it takes it under any."""
        name = (type(value).__name__, repr(value))
        if name not in self.known_values:
            keys = map(self.material.plain_key, range(2))
            self.known_values[name] = self._refusal(Set(key, value) for key in keys)
        return self.known_values[name]

    def _refusal(self, operations: Iterable[Set]) -> Raised | None:
        """How the first of some sets is refused, if all of them are: with another value, or key, it might not be."""
        first: Raised | None = None
        for operation in operations:
            outcome = self.alone(operation)
            if isinstance(outcome, Hung):
                return first or Raised("Hung", str(outcome))
            if not isinstance(outcome, Raised):
                return None
            first = first or outcome
        return first
