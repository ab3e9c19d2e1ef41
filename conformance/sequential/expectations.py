"""What the specification lets come of an operation, as a value that can be met, told and printed in a script.

An `Expectation` says of one outcome whether it meets it. `Unchanged` does not: it is about two outcomes of the same
operation, of which a session sees only the later, so that only a replay of the program can tell. A finding may demand
either.
"""

from collections import Counter
from typing import Any, TypeAlias
from uuid import UUID

import attrs

from conformance.programs.outcomes import Outcome, Raised, Returned, alike, short, told
from spec_store import Key, StoreBackend

INVALID_ID = UUID(StoreBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID)


@attrs.frozen
class Anything:
    """Any return value, but no exception."""

    def met_by(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Returned)

    def __str__(self) -> str:
        return "to succeed"


@attrs.frozen
class Succeeds:
    """Any return value, or a refusal of one of these kinds."""

    kinds: frozenset[str]

    def met_by(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Returned) or (isinstance(outcome, Raised) and outcome.kind in self.kinds)

    def __str__(self) -> str:
        return f"to succeed, or to raise {' or '.join(sorted(self.kinds))}"


@attrs.frozen
class Exactly:
    """This value, of this type."""

    value: Any

    def met_by(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Returned) and alike(outcome.value, self.value)

    def __str__(self) -> str:
        return f"to return {short(self.value)}"


@attrs.frozen
class Lists:
    """A list of these keys, each once, in any order."""

    keys: frozenset[Key]

    def met_by(self, outcome: Outcome) -> bool:
        if not isinstance(outcome, Returned) or not isinstance(outcome.value, list):
            return False
        try:
            return len(outcome.value) == len(self.keys) and frozenset(outcome.value) == self.keys
        except TypeError:
            return False

    def __str__(self) -> str:
        return f"to list {short(sorted(self.keys), 300)}"


@attrs.frozen
class Bag:
    """These values, each as often as it stands here, in any order and any collection."""

    values: tuple[Any, ...]

    def met_by(self, outcome: Outcome) -> bool:
        if not isinstance(outcome, Returned):
            return False
        try:
            return Counter(map(told, outcome.value)) == Counter(map(told, self.values))
        except TypeError:
            return False

    def __str__(self) -> str:
        return f"to give the values {short(list(self.values))}, in any order"


@attrs.frozen
class Raises:
    """An exception of one of these kinds."""

    kinds: frozenset[str]

    def met_by(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Raised) and outcome.kind in self.kinds

    def __str__(self) -> str:
        return "to raise " + " or ".join(sorted(self.kinds))


@attrs.frozen
class AnId:
    """A UUID that is not the one for an invalid configuration."""

    def met_by(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Returned) and isinstance(outcome.value, UUID) and outcome.value != INVALID_ID

    def __str__(self) -> str:
        return "to return a UUID"


Expectation: TypeAlias = Anything | Succeeds | Exactly | Lists | Bag | Raises | AnId
"""What one outcome meets, or contradicts."""


@attrs.frozen
class Unchanged:
    """The same outcome as on the new store, before the program."""

    def holds_between(self, first: Outcome, actual: Outcome) -> bool:
        """Whether an operation returned the same twice; if it raised at first, nothing was there that could change."""
        if isinstance(first, Returned) and isinstance(actual, Returned):
            return alike(first.value, actual.value)
        return isinstance(first, Raised) and (first == actual or isinstance(actual, Returned))

    def __str__(self) -> str:
        return "to return what it returned on the new store"


Demand: TypeAlias = Expectation | Unchanged
"""What a counterexample contradicts."""

MISSING = Raises(frozenset({"InvalidKeyError"}))
REFUSED = Raises(frozenset({"StoreBackendError"}))
