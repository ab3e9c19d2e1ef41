"""How often each requirement was put to the test; a requirement that never was is not passed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

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


def credit_write(
    exercised: Counter[RequirementId], operation: Operation, reference: InMemoryStoreBackend, known: Mapping[Key, Any]
) -> None:
    """Count what a successful write, and the reading after it, puts to the test."""
    others = [key for key in known if key not in operation.keys and reference.has_key(key)]
    if others:
        exercised[_BYSTANDERS.get(type(operation), "SET-2")] += 1
        exercised["ID-10"] += ID_KEY in others
    if isinstance(operation, SetMany):
        return
    for key in operation.keys:
        exercised["KEY-5"] += 1
        odd = oddity(key) is not None
        exercised["KEY-4"] += odd and bool(others)
        exercised["KEY-6"] += any(related(key, other) for other in others)
    if isinstance(operation, (*WRITES, Move)) and operation.extra:
        exercised["SET-6"] += 1
    if isinstance(operation, Set):
        exercised["SET-4"] += not isinstance(operation.value, str)


_BYSTANDERS: Mapping[type[Any], RequirementId] = {Move: "MOVE-5", RemoveKey: "REMOVE-2", Set: "SET-2", SetMany: "SET-2"}
