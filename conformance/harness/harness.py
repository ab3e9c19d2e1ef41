"""Opening a subject: a new place, a backend on it, another on the same place, and the clean-up of it all."""

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

from conformance.harness.performing import perform
from conformance.harness.refusals import Refusals
from conformance.harness.store import Store, SubjectError
from conformance.harness.synchrony import require_synchronous
from conformance.programs.keys import escapes
from conformance.programs.material import Material, material
from conformance.programs.operations import ListKeys, Operation, Program, Reopen, Set, SetMany, keys_in
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned, raised
from conformance.subject.subject import Subject
from conformance.system.limits import OperationTimeoutError, TimeLimit
from spec_store import Key
from spec_store.requirements import RequirementId

HANGS = 5
"""How often an operation may hang before it is not performed any more."""

HUNG_BEFORE = 1.0
"""The time limit, in seconds, for an operation that has hung before."""


@attrs.define
class Bench:
    """A subject with all that runs of it share: its material, its limits, the memo of its refusals.

    Args:
        subject: the subject.
        limit: the time limit for one operation.
        started: called with an operation before it is performed, so that a supervisor knows what ran last.
        avoid: names of operations not to perform any more, because they hang or end the process.
        confined: whether it has been shown that no key leads out of the store; until then, keys that might are
            not performed.
        chronic: requirements and symptoms that are settled and turn up in most programs; not reported again, so
            that what comes after them is seen.
        hangs: how often each operation, by name, has hung.
        written: every key that a program has written, in whatever store.
        quick: options that make opening cheap for checks that are not about the id; empty if it takes none.
        replays: what programs that are run again and again have shown; None where each is to be run anew.
    """

    subject: Subject
    limit: TimeLimit = attrs.field(factory=TimeLimit)
    started: Callable[[Operation], None] | None = None
    avoid: set[str] = attrs.field(factory=set)
    confined: bool = False
    chronic: set[tuple[RequirementId, str]] = attrs.field(factory=set)
    hangs: Counter[str] = attrs.field(factory=Counter)
    written: set[Key] = attrs.field(factory=set)
    quick: dict[str, Any] = attrs.field(factory=dict)
    replays: dict[object, Any] | None = None
    material: Material = attrs.field(init=False)
    refusals: Refusals = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.material = material(self.subject.claims)
        self.refusals = Refusals(self._alone, self.material)

    def hung(self, name: str) -> None:
        """Note that an operation hung: it gets less time from now on, and in the end it is avoided."""
        self.hangs[name] += 1
        if self.hangs[name] >= HANGS:
            self.avoid.add(name)

    def permits(self, program: Program) -> bool:
        """Whether a program may be performed: none of its keys could write outside the store."""
        return self.confined or not any(map(escapes, keys_in(program)))

    def open(self, **options: Any) -> Store:
        """A backend on a new place.

        Raises:
            SubjectError: the place or the backend cannot be opened.
        """
        stack = contextlib.ExitStack()
        try:
            with self.limit:
                place = stack.enter_context(require_synchronous(self.subject.place(), "its place"))
                backend = require_synchronous(self.subject.open(place, **options), "what opening gives")
        except OperationTimeoutError as error:
            raise SubjectError(f"{self.subject.title} does not open: not done after {error.seconds:g} s") from error
        except (Exception, SystemExit) as error:
            stack.close()
            raise SubjectError(f"{self.subject.title} does not open: {raised(error).text}") from error
        return Store(self.subject, place, backend, stack)

    def perform(self, operation: Operation, backend: Any) -> Outcome:
        """The outcome of an operation, within the time limit; of many sets, each has that time."""
        if self.started is not None:
            self.started(operation)
        if not isinstance(operation, SetMany):
            return self._in_time(operation, backend)
        for key, value in operation.items():
            came = self._in_time(Set(key, value), backend)
            if not isinstance(came, Returned):
                return came
        return Returned(None)

    def _in_time(self, operation: Operation, backend: Any) -> Outcome:
        try:
            with TimeLimit(min(self.limit.seconds, HUNG_BEFORE)) if self.hangs[operation.name] else self.limit:
                return perform(operation, backend)
        except OperationTimeoutError as error:
            return Hung(error.seconds)

    def reopen(self, store: Store) -> Outcome:
        """Another backend on a store's place, within the time limit: what was returned is the backend."""
        if self.started is not None:
            self.started(Reopen())
        try:
            with self.limit:
                return Returned(store.reopen())
        except OperationTimeoutError as error:
            return Hung(error.seconds)
        except (Exception, SystemExit) as error:
            return raised(error)

    def listing(self, backend: Any) -> list[Any] | None:
        """What list_keys gives, within the time limit, or None where it gives no list, raises, or is avoided."""
        if ListKeys.name in self.avoid:
            return None
        came = self.perform(ListKeys(), backend)
        return came.value if isinstance(came, Returned) and isinstance(came.value, list) else None

    def close(self, store: Store) -> None:
        """Leave a store, within the time limit."""
        with contextlib.suppress(OperationTimeoutError), self.limit:
            store.close()

    def _alone(self, operation: Set) -> Outcome:
        if not self.permits((operation,)):
            return Raised("InvalidKeyError", "not tried: the key may lead out of the store")
        store = self.open()
        try:
            return self.perform(operation, store.backend)
        finally:
            self.close(store)
