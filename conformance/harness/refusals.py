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
        """How `set` refuses a key on an empty store with a plain value; None if it takes it."""
        if key == ID_KEY:
            return None
        if key not in self.known_keys:
            self.known_keys[key] = self._refusal(Set(key, self.material.value(1)))
        return self.known_keys[key]

    def of_value(self, value: Any) -> Raised | None:
        """How `set` refuses a value on an empty store under a plain key; None if it takes it."""
        name = (type(value).__name__, repr(value))
        if name not in self.known_values:
            self.known_values[name] = self._refusal(Set(self.material.plain_key(0), value))
        return self.known_values[name]

    def _refusal(self, operation: Set) -> Raised | None:
        outcome = self.alone(operation)
        if isinstance(outcome, Hung):
            return Raised("Hung", str(outcome))
        return outcome if isinstance(outcome, Raised) else None
