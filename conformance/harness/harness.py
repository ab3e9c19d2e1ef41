"""The harness: a subject with what it takes to operate it. It opens, performs within the time limit, and closes.

A harness is a value. What varies is made from it (`with_limit`, `allowing`, `remembering`, `attrs.evolve`), so that
nothing has to be put back. What a run finds out about its subject on the way is its `Memory`: it only grows, and all
harnesses that are made from one another share it.
"""

import contextlib
import functools
import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from conformance.harness.orderly import orderly
from conformance.harness.performing import amid_operation, perform
from conformance.harness.refusals import Refusals
from conformance.harness.store import Handles, Store, SubjectError, close_backend
from conformance.harness.synchrony import require_synchronous
from conformance.programs.keys import escapes
from conformance.programs.material import Material, material
from conformance.programs.operations import ListKeys, Operation, Program, Reopen, Set, SetMany, Switch, Wait, keys_in
from conformance.programs.outcomes import SPECIFIED_KINDS, Hung, Outcome, Raised, Returned, raised
from conformance.subject.subject import Place, Subject
from conformance.system.budget import Budget, OutOfTimeError
from conformance.system.interruption import PASSED_ON, passed_over
from conformance.system.limits import OperationTimeoutError, TimeLimit
from conformance.system.starvation import begin_blocking, blocked_since
from conformance.system.temporary import flatten
from spec_store import Key
from spec_store.requirements import RequirementId

HANGS = 3
"""How often an operation may hang before it is not performed any more."""

HUNG_BEFORE = 1.0
"""The time limit, in seconds, for an operation that has hung before."""

BLOCKED = 2.0
"""Seconds after which an exception that no operation may raise tells of a lock that was waited for in vain."""

LEAST_OPENING = 0.5
"""Seconds that the first opening has in any case, though the run's time is up."""

OF_A_CHECK = 60
"""How many operations a check has, and more than most have."""

PLAIN = 4
"""How many plain keys and values the programs mostly use."""

DEEP = 200
"""Keys of more elements are deep: where each is a directory, the place is hard to clean."""

LEVELS = 50
"""How many levels deep a place is made before it is cleaned."""

SLEEP = 1.0
"""Seconds for which nothing is said while something is waited for."""

FIRST_OPENINGS = 3
"""How many times the time limit the first opening has: it may be what makes a schema, or fills a pool."""


@attrs.define
class Pace:
    """How long the operations of a subject are blocked that come to an end: most that keep their data far away are."""

    operations: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more operation has come to its end."""
        self.operations += 1
        self.seconds += seconds

    @property
    def blocked(self) -> float:
        """For how many seconds at least a check was blocked of which that is to be said: it has some operations."""
        return max(BLOCKED, OF_A_CHECK * self.seconds / max(self.operations, 1))


@attrs.frozen
class Memory:
    """What a run has found out about its subject.

    Args:
        hangs: how often each operation, by name, has hung.
        blocked: which requirement each of these violates.
        pace: how long its operations take.
        opened: how often a backend was opened on a new place.
        written: every key that a program has written, in whatever store.
        key_refusals: how `set` refuses each key on an empty store; None where it takes it.
        value_refusals: the same of each value, by its type and repr.
        deep: the backends, by their `id`, that a key of many elements was handed to.
        classes: the classes of the backends that it has opened.
    """

    hangs: Counter[str] = attrs.field(factory=Counter)
    blocked: dict[str, RequirementId] = attrs.field(factory=dict)
    pace: Pace = attrs.field(factory=Pace)
    opened: Counter[str] = attrs.field(factory=Counter)
    written: set[Key] = attrs.field(factory=set)
    key_refusals: dict[Key, Raised | None] = attrs.field(factory=dict)
    value_refusals: dict[tuple[str, str], Raised | None] = attrs.field(factory=dict)
    deep: set[int] = attrs.field(factory=set)
    classes: dict[type, None] = attrs.field(factory=dict)


@attrs.define
class Spare:
    """A store that is kept for the next program, if there is one, and how many have used it again."""

    store: Store | None = None
    uses: int = 0


@attrs.frozen
class Harness:
    """A subject with all that its programs share: its material, its limits, what is known of it.

    Args:
        subject: the subject; it opens no more backends on a place than it claims that it can (`openings`).
        limit: the time limit for one operation.
        started: called with an operation before it is performed, so that a supervisor knows what ran last.
        avoid: names of operations not to perform: the subject does not have them, or they end the process.
        confined: whether it has been shown that no key leads out of the store; until then, keys that might are
            not performed.
        cheap: options that make opening cheap for what is not about the id; empty if it takes none.
        replays: what programs that are run again and again have shown; None where each is to be run anew.
        memory: what has been found out so far.
        stepped: called before each set of many with its number, likewise.
        budget: when nothing more is to be performed.
        spare: the store that programs use again (`harness.spare`); None where each has a new one.
        material: what its programs are made of.
    """

    subject: Subject = attrs.field(converter=orderly)
    limit: TimeLimit = attrs.field(factory=TimeLimit)
    started: Callable[[Operation], None] | None = None
    avoid: frozenset[str] = frozenset()
    confined: bool = False
    cheap: Mapping[str, bool] = attrs.field(factory=dict)
    replays: dict[object, Any] | None = None
    memory: Memory = attrs.field(factory=Memory)
    stepped: Callable[[int], None] | None = None
    budget: Budget = attrs.field(factory=Budget)
    spare: Spare | None = None
    material: Material = attrs.field(
        default=attrs.Factory(lambda harness: material(harness.subject.claims), takes_self=True)
    )

    @property
    def _plain_keys(self) -> set[Key]:
        return set(map(self.material.plain_key, range(PLAIN)))

    @property
    def _plain_values(self) -> list[Any]:
        return list(map(self.material.value, range(PLAIN)))

    # Others like it

    def with_limit(self, seconds: float) -> "Harness":
        """The same with no more than so many seconds for one operation; without a limit where it has none."""
        return attrs.evolve(self, limit=TimeLimit(min(self.limit.seconds, seconds)))

    def allowing(self, name: str) -> "Harness":
        """The same that performs an operation, by its name, whether or not it has hung before."""
        hangs = Counter({other: count for other, count in self.memory.hangs.items() if other != name})
        memory = attrs.evolve(self.memory, hangs=hangs)
        return attrs.evolve(self, avoid=self.avoid - {name}, memory=memory)

    def remembering(self) -> "Harness":
        """The same that runs each program once only, and remembers what it has shown."""
        return attrs.evolve(self, replays={})

    # What is performed

    @property
    def refusals(self) -> Refusals:
        """What the subject cannot store; found out when it is asked, and remembered."""
        memory = self.memory
        return Refusals(self._set_alone, self.material, memory.key_refusals, memory.value_refusals)

    def avoids(self, name: str) -> bool:
        """Whether an operation, by its name, is not to be performed: it is to be avoided, or has hung too often."""
        return name in self.avoid or self.memory.hangs[name] >= HANGS

    @property
    def avoided(self) -> frozenset[str]:
        """The names of all operations that are not to be performed."""
        return self.avoid | {name for name, count in self.memory.hangs.items() if count >= HANGS}

    def permits(self, program: Program) -> bool:
        """Whether a program may be performed: none of its keys could write outside the store."""
        return self.confined or not any(map(escapes, keys_in(program)))

    # Operating

    def open(self, **options: Any) -> Store:
        """A backend on a new place.

        Raises:
            SubjectError: the place or the backend cannot be opened. The place is left then.
        """
        stack = contextlib.ExitStack()
        limit = self.limit if self.memory.opened else self._first_limit()
        try:
            with limit:
                place = stack.enter_context(require_synchronous(self.subject.place(), "its place"))
                backend = require_synchronous(self.subject.open(place, **options), "what opening gives")
        except OperationTimeoutError as error:
            self._leave(stack)
            amid = amid_operation(error)
            where = f" (its constructor was waiting for {amid})" if amid else ""
            what = f"not done after {error.seconds:.3g} s{where}"
            raise SubjectError(f"{self.subject.title} does not open: {what}") from error
        except PASSED_ON:
            raise
        except BaseException as error:
            self._leave(stack)
            raise SubjectError(f"{self.subject.title} does not open: {raised(error).text}") from error
        self.memory.opened["open"] += 1
        self.memory.classes.setdefault(type(backend))
        return Store(self.subject, place, backend, stack)

    def _first_limit(self) -> TimeLimit:
        """The time limit of the first opening: a longer one, but no longer than the run."""
        seconds = FIRST_OPENINGS * self.limit.seconds
        left = max(self.budget.left(), LEAST_OPENING)
        return TimeLimit(min(seconds, left) if seconds else 0.0)

    def open_on(self, place: Place) -> Any:
        """A backend on a place, within the time limit.

        Raises:
            SubjectError: it cannot be opened.
        """
        try:
            with self.limit:
                return self.subject.open(place)
        except OperationTimeoutError as error:
            raise SubjectError(f"{self.subject.title} does not open: not done after {error.seconds:g} s") from error
        except PASSED_ON:
            raise
        except BaseException as error:
            raise SubjectError(f"{self.subject.title} does not open: {raised(error).text}") from error

    def close_backend(self, backend: Any) -> None:
        """Close a backend, within the time limit."""
        with contextlib.suppress(OperationTimeoutError), self.limit:
            close_backend(backend)

    def _leave(self, stack: contextlib.ExitStack) -> None:
        """Leave the place of a backend that did not open; why it did not is what is told."""
        with contextlib.suppress(OperationTimeoutError), passed_over(), self.limit:
            stack.close()

    def perform(self, operation: Operation, backend: Any) -> Outcome:
        """The outcome of an operation, within the time limit; of many sets, each has that time.

        Raises:
            OutOfTimeError: the time of the run is up.
        """
        self._require_time()
        if self.started is not None:
            self.started(operation)
        if isinstance(operation, Wait):
            return self._wait(operation)
        if not isinstance(operation, SetMany):
            if operation.writes and any(len(key) > DEEP for key in operation.keys):
                self.memory.deep.add(id(backend))
            return self._in_time(operation, backend)
        for number, (key, value) in enumerate(operation.items()):
            if self.stepped is not None:
                self.stepped(number)
            self._require_time()
            outcome = self._in_time(Set(key, value), backend)
            if not isinstance(outcome, Returned):
                return outcome
        return Returned(None)

    def _wait(self, operation: Wait) -> Outcome:
        """Wait, for which there is no time limit; whoever looks after this process hears each second that it does."""
        whole, rest = divmod(operation.seconds, SLEEP) if operation.really else (0, operation.seconds)
        for _ in range(int(whole)):
            Wait(SLEEP, really=True).on(None)
            if self.started is not None:
                self.started(operation)
            self._require_time()
        attrs.evolve(operation, seconds=rest).on(None)
        return Returned(None)

    def _require_time(self) -> None:
        if self.budget.over():
            raise OutOfTimeError

    def _in_time(self, operation: Operation, backend: Any) -> Outcome:
        hung_before = operation.name in self.memory.hangs
        began = begin_blocking()
        try:
            with TimeLimit(min(self.limit.seconds, HUNG_BEFORE)) if hung_before else self.limit:
                outcome = perform(operation, backend)
        except OperationTimeoutError as error:
            return Hung(error.seconds)
        seconds = blocked_since(began)
        return self._blocked(outcome, seconds, wrapped=seconds >= BLOCKED and self._is_plain(operation))

    def _is_plain(self, operation: Operation) -> bool:
        """Whether an operation is on plain keys and values, so that the subject has no reason to refuse it."""
        return set(operation.keys) <= self._plain_keys and getattr(operation, "value", "1") in self._plain_values

    def _blocked(self, outcome: Outcome, seconds: float, *, wrapped: bool = False) -> Outcome:
        """The outcome; a hang, where it raised what it must not, and only after it had blocked for seconds.

        Such is a database that is locked: its driver waits for some seconds in native code, where no alarm reaches it,
        and then gives up. Each of them costs as much, so they are told, and bounded, as hangs are.

        Args:
            outcome: what came of it.
            seconds: for how long it was blocked.
            wrapped: whether a StoreBackendError is no refusal, but what the driver's error is wrapped in.
        """
        kinds = SPECIFIED_KINDS - {"StoreBackendError"} if wrapped else SPECIFIED_KINDS
        if isinstance(outcome, Raised) and outcome.kind not in kinds and seconds >= BLOCKED:
            return Hung(seconds, outcome.text)
        self.memory.pace.add(seconds)
        return outcome

    def change(self, operation: Reopen | Switch, store: Store, handles: Handles) -> tuple[Outcome, Handles]:
        """What comes of going on with another backend on a store's place, and what is open on it then."""
        return handles.after(operation, functools.partial(self.reopen, store))

    def reopen(self, store: Store) -> Outcome:
        """Another backend on a store's place, within the time limit: what was returned is the backend."""
        if self.started is not None:
            self.started(Reopen())
        began = begin_blocking()
        try:
            with self.limit:
                return Returned(store.reopen())
        except OperationTimeoutError as error:
            return Hung(error.seconds)
        except PASSED_ON:
            raise
        except BaseException as error:
            return self._blocked(raised(error), blocked_since(began))

    def listing(self, backend: Any) -> list[Any] | None:
        """What list_keys gives, within the time limit, or None where it gives no list, raises, or is avoided."""
        if self.avoids(ListKeys.name):
            return None
        outcome = self.perform(ListKeys(), backend)
        return outcome.value if isinstance(outcome, Returned) and isinstance(outcome.value, list) else None

    def close(self, store: Store) -> None:
        """Leave a store, within the time limit."""
        with contextlib.suppress(OperationTimeoutError), self.limit:
            deep = self.memory.deep.intersection(map(id, store.backends))
            self.memory.deep.difference_update(deep)
            if deep and isinstance(store.place, str | os.PathLike):
                store.close_backends()
                flatten(os.fspath(store.place), LEVELS)
            store.close()

    def _set_alone(self, operation: Set) -> Outcome:
        """The outcome of a set on a new, empty store."""
        if not self.permits((operation,)):
            return Raised("InvalidKeyError", "not tried: the key may lead out of the store")
        store = self.open()
        try:
            return self.perform(operation, store.backend)
        finally:
            self.close(store)
