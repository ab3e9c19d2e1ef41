"""A new store with the backend open on it, and everything that is called on it, in order.

A session reads much that is in no program. Where a fault depends on how many calls there have been, these reads are
part of what shows it, so they are written down with the rest, and can be replayed (`sighting`).
"""

from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.harness.spare import given_back, taken
from conformance.harness.store import Handles, Store
from conformance.programs.operations import OPENS, ListKeys, Operation, Program, Reopen, Switch
from conformance.programs.outcomes import Outcome


@attrs.define
class Recording:
    """A new store of a harness's subject.

    Args:
        harness: the subject under operation.
        calls: everything that has been called.
    """

    harness: Harness
    calls: list[Operation] = attrs.field(factory=list)
    _store: Store = attrs.field(init=False)
    _handles: Handles = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._store = taken(self.harness)
        self._handles = Handles(self._store.backend)

    @property
    def backend(self) -> Any:
        """The backend that is called now."""
        return self._handles.current

    def perform(self, operation: Operation) -> Outcome:
        """What comes of an operation."""
        self.calls.append(operation)
        return self.harness.perform(operation, self.backend)

    def listing(self) -> list[Any] | None:
        """What list_keys gives, unjudged; None where it gives no list, raises, or is avoided."""
        if not self.harness.avoids(ListKeys.name):
            self.calls.append(ListKeys())
        return self.harness.listing(self.backend)

    def change(self, operation: Reopen | Switch) -> Outcome:
        """What comes of going on with another backend; where it opens, that is called from then on."""
        self.calls.append(operation)
        outcome, self._handles = self.harness.change(operation, self._store, self._handles)
        return outcome

    def until(self, observation: Operation) -> Program:
        """What had been called when an operation was last performed: what was called since only explains it."""
        after = next((number for number, call in enumerate(reversed(self.calls)) if call == observation), 0)
        return tuple(self.calls[: len(self.calls) - after])

    def close(self, *, contradicted: bool = True) -> None:
        """Leave the store and clean its place, unless nothing has contradicted it and the next program may use it."""
        if contradicted or not set(OPENS).isdisjoint(map(type, self.calls)):
            self.harness.close(self._store)
        else:
            given_back(self.harness, self._store)
