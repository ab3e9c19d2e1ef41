"""How often each requirement was put to the test; a requirement that never was is not passed.

An operation that did as it should has put to the test what is said of it, but only if what it should have done is then
found done. So a write is counted when the store has been read after it (`Due`), and one after which a key was found
wrong is not counted for what is said of that key. An operation that did not do as it should is counted nowhere here: it
is a finding, and `triage` tells of which requirement.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from conformance.programs.keys import ID_KEY, related
from conformance.programs.oddities import oddity
from conformance.programs.operations import (
    WRITES,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
)
from conformance.sequential.oracle import requirement_for
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId


def credit_read(exercised: Counter[RequirementId], operation: Operation, reference: InMemoryStoreBackend) -> None:
    """Count an operation whose outcome was as it should be, before the reference goes through it."""
    exercised[requirement_for(operation, reference) if not isinstance(operation, ReadId | Reopen) else "ID-1"] += 1
    if isinstance(operation, Get | HasKey | ListKeys):
        exercised["GET-3"] += 1
    if isinstance(operation, ListKeys) and reference.has_key(ID_KEY):
        exercised["LIST-4"] += 1


@attrs.define
class Due:
    """What writes have put to the test if the reading after them contradicts nothing.

    Args:
        own: how often, of requirements that are about the keys of the operation.
        beside: how often, of those that are about all other keys.
    """

    own: Counter[RequirementId] = attrs.field(factory=Counter)
    beside: Counter[RequirementId] = attrs.field(factory=Counter)

    def spoil(self, operation: Operation, key: Key) -> None:
        """Count nothing that a wrong state contradicts: of a key of the operation, or of another."""
        (self.own if key in operation.keys else self.beside).clear()

    def spoil_all(self) -> None:
        """Count nothing: which operation was contradicted is not known, since nobody looked in between."""
        self.own.clear()
        self.beside.clear()

    def settle(self, exercised: Counter[RequirementId]) -> None:
        """Count what nothing has contradicted."""
        exercised.update(self.own)
        exercised.update(self.beside)
        self.spoil_all()


def credit_write(due: Due, operation: Operation, reference: InMemoryStoreBackend, known: Mapping[Key, Any]) -> None:
    """Note what a successful write, and the reading after it, puts to the test, besides what it is judged by itself."""
    stored = set(reference.list_keys()).difference(operation.keys)
    others = [key for key in known if key in stored]
    if others:
        due.beside[_BYSTANDERS.get(type(operation), "SET-2")] += 1
        due.beside["ID-10"] += ID_KEY in others
    if isinstance(operation, SetMany):
        return
    for key in operation.keys:
        due.own["KEY-5"] += 1
        odd = oddity(key) is not None
        due.beside["KEY-4"] += odd and bool(others)
        due.beside["KEY-6"] += any(related(key, other) for other in others)
    if isinstance(operation, (*WRITES, Move)) and operation.extra:
        due.own["SET-6"] += 1
    if isinstance(operation, Set):
        due.own["SET-4"] += not isinstance(operation.value, str)


_BYSTANDERS: Mapping[type[Any], RequirementId] = {Move: "MOVE-5", RemoveKey: "REMOVE-2", Set: "SET-2", SetMany: "SET-2"}
