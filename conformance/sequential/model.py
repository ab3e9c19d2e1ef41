"""A subject and the reference side by side: performing, reading, excusing, and taking what is there as the truth."""

import uuid
from collections import Counter
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.harness.store import Store
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import WRITES, Get, HasKey, ListKeys, Operation, RemoveKey, Reopen
from conformance.programs.outcomes import REFUSALS, VALUE_REFUSALS, Hung, Outcome, Raised, Returned, raised, same
from conformance.sequential.expectations import MISSING, Anything, Expectation
from conformance.sequential.findings import Finding
from conformance.sequential.oracle import duty, expectation
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

NOTHING: Any = object()


@attrs.frozen
class Observing:
    """How a session looks at the store.

    Args:
        after_each_write: read everything after each write (a finding is then seen at once); else only at the end.
        ignoring: requirements and symptoms that are not reported, so that what comes after them is seen.
    """

    after_each_write: bool = True
    ignoring: frozenset[tuple[RequirementId, str]] = frozenset()


ALWAYS = Observing()
AT_THE_END = Observing(after_each_write=False)


@attrs.frozen
class Decision:
    """What last decided a key's state: the operation, what was there before, and the duty if it failed."""

    cause: Operation
    existed: bool
    previous: Any = NOTHING
    failed: RequirementId | None = None


@attrs.define
class Lockstep:
    """A new store of the harness's subject, and a reference that goes through the same.

    Args:
        harness: what to run.
        observing: how it looks at the store.
        exercised: how often each requirement was put to the test; shared by the sessions of a campaign.
        findings: what contradicted the specification, in order.
        program: the operations performed.
        over: whether the subject hung, and is left alone.
        contradicted: whether anything contradicted the specification, reported or not.
        reference: the reference.
    """

    harness: Harness
    observing: Observing = ALWAYS
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    findings: list[Finding] = attrs.field(factory=list)
    program: list[Operation] = attrs.field(factory=list)
    over: bool = False
    contradicted: bool = False
    reference: InMemoryStoreBackend = attrs.field(init=False)
    _store: Store = attrs.field(init=False)
    _backend: Any = attrs.field(init=False)
    _known: dict[Key, Decision | None] = attrs.field(factory=dict)
    _many: set[Key] = attrs.field(factory=set)
    _failed: RequirementId | None = None
    _existed: bool = False
    _id: uuid.UUID | None = None
    _seen: set[tuple[RequirementId, str, Key | None]] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.reference = InMemoryStoreBackend(suppress_store_backend_id=True)
        self._store = self.harness.open()
        self._backend = self._store.backend
        for key in self.harness.listing(self._backend) or ():
            if isinstance(key, tuple):
                if key in self.harness.memory.written and key != ID_KEY:
                    self._perform(RemoveKey(key))  # of the kit's own, in a store that shares with another (ISO-1)
                self._resync(key)
        self._adopt_id()

    def close(self) -> None:
        """Leave the store and clean its place."""
        self.harness.close(self._store)

    @property
    def backend(self) -> Any:
        """The backend as it is open now."""
        return self._backend

    def _perform(self, operation: Operation) -> Outcome:
        if operation.writes:
            self.harness.memory.written.update(operation.keys)
        outcome = self.harness.perform(operation, self._backend)
        if isinstance(outcome, Hung) and not self.over:
            self.over = True
            self._report(
                duty(operation, self.reference),
                "hung",
                operation,
                operation,
                expectation(operation, self.reference),
                outcome,
            )
        return outcome

    def _reopen(self, operation: Reopen) -> None:
        self.exercised["REOPEN-1"] += 1
        came = self.harness.reopen(self._store)
        if isinstance(came, Returned):
            self._backend = came.value
        else:
            self.over = True
            symptom = "hung" if isinstance(came, Hung) else "raised"
            self._report("REOPEN-1", symptom, operation, operation, Anything(), came)

    def _current(self, key: Key) -> Any:
        return self.reference.get(key) if self.reference.has_key(key) else NOTHING

    def _read(self, key: Key) -> Outcome:
        return self._perform(Get(key)) if not self.harness.avoids(Get.name) else raised(KeyError(key))

    def _agrees(self, key: Key, came: Outcome) -> bool:
        if self.harness.avoids(Get.name):
            return True
        if self.reference.has_key(key):
            return isinstance(came, Returned) and same(came.value, self.reference.get(key))
        return MISSING.met_by(came)

    def _others_say(self, key: Key, stored: bool) -> bool:
        """Whether has_key and the listing both say that a key is stored, or both that it is not."""
        listed = self.harness.listing(self._backend)
        if listed is not None and (key in listed) is not stored:
            return False
        if self.harness.avoids(HasKey.name):
            return listed is not None
        has = self._perform(HasKey(key))
        return listed is not None and isinstance(has, Returned) and has.value is stored

    def _excused(self, operation: Operation, came: Outcome) -> bool:
        if not isinstance(came, Raised):
            return False
        if isinstance(operation, ListKeys):
            return self._prefix_refused(operation.prefix, came.kind)
        refusals = self.harness.refusals
        for key in operation.keys:
            refusal = refusals.of_key(key)
            if refusal is None or (isinstance(operation, Get | RemoveKey) and self.reference.has_key(key)):
                continue
            if came.kind == refusal.kind and (refusal.kind in REFUSALS or not isinstance(operation, WRITES)):
                return True
            if came.kind == "InvalidKeyError":
                return True
        if isinstance(operation, WRITES):
            unstorable = refusals.of_value(operation.value)
            return unstorable is not None and came.kind == unstorable.kind and came.kind in VALUE_REFUSALS
        return False

    def _prefix_refused(self, prefix: Key, kind: str) -> bool:
        refusal = self.harness.refusals.of_key(prefix)
        return refusal is not None and refusal.kind == kind and not self.reference.list_keys(prefix)

    def _adopt_id(self) -> None:
        if not self.reference.has_key(ID_KEY):
            self._resync(ID_KEY)
            if self.reference.has_key(ID_KEY):
                self._known.setdefault(ID_KEY)

    def _report(
        self,
        requirement: RequirementId,
        symptom: str,
        cause: Operation,
        observation: Operation,
        expected: Expectation,
        came: Outcome,
        key: Key | None = None,
    ) -> None:
        self.exercised[requirement] += 1
        self.contradicted = True
        mark = (requirement, symptom, key)
        if mark in self._seen or mark[:2] in self.observing.ignoring:
            return
        self._seen.add(mark)
        self.findings.append(Finding(requirement, symptom, len(self.program), cause, observation, expected, came, key))

    def _resync(self, key: Key) -> None:
        """Take what the subject shows for a key as the truth."""
        came = self._read(key)
        if isinstance(came, Returned):
            self.reference.set(key, came.value)
            self._known.setdefault(key)
        elif isinstance(came, Raised) and self.reference.has_key(key):
            self.reference.remove_key(key)

    def _resync_all(self) -> None:
        listed = self.harness.listing(self._backend) or []
        for key in dict.fromkeys((*self._known, *listed, *self.reference.list_keys())):
            if isinstance(key, tuple) and not self.over:
                self._resync(key)
