"""Opening a subject: a new place, a backend on it, another on the same place, and the clean-up of it all."""

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

from conformance.harness.performing import perform
from conformance.programs.keys import ID_KEY, escapes
from conformance.programs.material import Material, material
from conformance.programs.operations import ListKeys, Operation, Program, Reopen, Set, SetMany, keys_in
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned, raised
from conformance.refusals import Refusals
from conformance.subject.subject import Place, Subject
from conformance.synchrony import AWAITABLES, Asynchrony, dismissed, never_awaited, probe, require_synchronous
from conformance.system.limits import OperationTimeoutError, TimeLimit
from spec_store import Key
from spec_store.requirements import RequirementId

INTERFACE = ("get", "set", "move", "has_key", "list_keys", "remove_key")

HANGS = 5
"""How often an operation may hang before it is not performed any more."""

HUNG_BEFORE = 1.0
"""The time limit, in seconds, for an operation that has hung before."""


class SubjectError(Exception):
    """The subject cannot be judged, and its author is to blame: it does not open, or its place is not empty."""


@attrs.frozen
class Store:
    """A place with a backend open on it. Close it to clean the place."""

    subject: Subject
    place: Place
    backend: Any
    _stack: contextlib.ExitStack
    _opened: list[Any] = attrs.field(factory=list)

    def reopen(self, **options: Any) -> Any:
        """Another backend on the same place."""
        self._opened.append(self.subject.open(self.place, **options))
        return self._opened[-1]

    def close(self) -> None:
        """Leave the place. A backend's own `close` is called first, where it has one."""
        for backend in (self.backend, *self._opened):
            close = getattr(backend, "close", None)
            if callable(close):
                with contextlib.suppress(Exception, OperationTimeoutError):
                    dismissed(close())
        with contextlib.suppress(Exception, OperationTimeoutError):
            self._stack.close()


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


def require_subject(bench: Bench) -> None:
    """Check that it is a backend, synchronous, and its new place empty but for the id key, before anything is written.

    Raises:
        SubjectError: it is not, and its author is to blame.
    """
    asynchrony = Asynchrony()
    backend, fault = None, ""
    with never_awaited() as names:
        try:
            store = bench.open()
        except SubjectError as error:
            fault = str(error)  # not the error, which would keep a coroutine that is to be ended here
        else:
            backend = store.backend
            try:
                _require_backend(bench, store, asynchrony)
            except SubjectError as error:
                fault = str(error)
            finally:
                bench.close(store)
            del store
    asynchrony.unawaited(names, backend)
    if asynchrony:
        raise SubjectError(f"{bench.subject.title} is asynchronous, and the interface is synchronous ({asynchrony})")
    if fault:
        raise SubjectError(fault)


def _require_backend(bench: Bench, store: Store, asynchrony: Asynchrony) -> None:
    lacking = [name for name in INTERFACE if not callable(getattr(store.backend, name, None))]
    if lacking:
        kind = type(store.backend).__name__
        raise SubjectError(
            f"{bench.subject.title} gives a {kind}, which is no store backend: it has no {', '.join(lacking)}"
        )
    asynchrony.declarations(store.backend)
    if asynchrony:
        return
    came = None if ListKeys.name in bench.avoid else bench.perform(ListKeys(), store.backend)
    if isinstance(came, Returned) and dismissed(came.value):
        asynchrony.add(AWAITABLES, ListKeys.name)
    listed = came.value if isinstance(came, Returned) and isinstance(came.value, list) else None
    found = [key for key in listed or () if key != ID_KEY]
    if found:
        raise SubjectError(
            f"the place of {bench.subject.title} is not empty: it holds {len(found)} keys, {found[0]!r} among them; "
            "give a place that is new and empty each time (nothing was written to it)"
        )
    probe(asynchrony, lambda operation: bench.perform(operation, store.backend), bench.material, bench.avoid)
