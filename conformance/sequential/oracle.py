"""What the specification demands of one operation, given the state of the reference; pure functions.

The reference is an InMemoryStoreBackend that has gone through the same operations as the subject.
"""

from collections.abc import Mapping
from typing import Any

from conformance.programs.keys import ID_KEY, related
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Set,
    SetMany,
    Update,
)
from conformance.sequential.expectations import MISSING, REFUSED, Anything, Bag, Exactly, Expectation, Lists
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId


def expectation(operation: Operation, reference: InMemoryStoreBackend) -> Expectation:
    """What may come of an operation whose keys and values the subject can store."""
    match operation:
        case Get(key=key):
            return Exactly(reference.get(key)) if reference.has_key(key) else MISSING
        case HasKey(key=key):
            return Exactly(reference.has_key(key))
        case ListKeys(prefix=prefix):
            return Lists(frozenset(reference.list_keys(prefix)))
        case Move(source=source):
            return Anything() if reference.has_key(source) else MISSING
        case Add(key=key):
            return REFUSED if reference.has_key(key) else Anything()
        case Update(key=key):
            return Anything() if reference.has_key(key) else REFUSED
        case GetAll():
            return Bag(tuple(reference.get(key) for key in reference.list_keys() if key != ID_KEY))
    return Anything()


def requirement_for(operation: Operation, reference: InMemoryStoreBackend) -> RequirementId:
    """The id of the requirement that an operation's own outcome is judged by."""
    match operation:
        case Get(key=key):
            return "GET-1" if reference.has_key(key) else "GET-2"
        case ListKeys(prefix=prefix):
            return listing_requirement(prefix, bool(reference.list_keys(prefix)))
        case RemoveKey(key=key):
            return "REMOVE-1" if reference.has_key(key) else "REMOVE-3"
        case Move(source=source, dest=dest):
            if not reference.has_key(source):
                return "MOVE-4"
            return "MOVE-3" if source == dest else "MOVE-2" if reference.has_key(dest) else "MOVE-1"
    return _OF_OPERATIONS[type(operation)]


_OF_OPERATIONS: Mapping[type[Any], RequirementId] = {
    HasKey: "HAS-1",
    Set: "SET-1",
    SetMany: "SET-1",
    Add: "ADD-1",
    Update: "UPDATE-1",
    AddOrUpdate: "UPSERT-1",
    GetAll: "ALL-1",
    ReadId: "ID-1",
}


def listing_requirement(prefix: Key, matches: bool) -> RequirementId:
    """The requirement that a listing is judged by."""
    if not prefix:
        return "LIST-1"
    return "LIST-2" if matches else "LIST-3"


def requirement_by_provenance(
    cause: Operation, key: Key, symptom: str, *, was_refused: bool, was_stored: bool
) -> RequirementId:
    """The requirement that is violated where the state of `key` is wrong after `cause`.

    Args:
        cause: the operation after which the state is wrong.
        key: the key whose state is wrong.
        symptom: lost, stale, changed or appeared.
        was_refused: whether the operation raised, and was right to.
        was_stored: whether the key that the operation writes to was stored before.
    """
    if key == ID_KEY and key not in cause.keys:
        return "ID-8" if cause.name == "reopen" else "ID-10"
    match cause:
        case Set():
            if was_refused:
                return "KEY-5"
            return _of_set(key in cause.keys, symptom)
        case SetMany():
            return _of_set(False, symptom)
        case Move(source=source, dest=dest):
            return _of_move(source, dest, key, was_refused=was_refused, was_stored=was_stored)
        case RemoveKey():
            if key not in cause.keys:
                return "REMOVE-2"
            return "REMOVE-1" if was_stored else "REMOVE-3"
        case Add() | Update() | AddOrUpdate():
            return _OF_OPERATIONS[type(cause)]
    return "REOPEN-1" if cause.name == "reopen" else "GET-3"


def _of_set(own: bool, symptom: str) -> RequirementId:
    if not own:
        return "SET-2"
    return "GET-1" if symptom in ("changed", "shared") else "SET-1"


def _of_move(source: Key, dest: Key, key: Key, *, was_refused: bool, was_stored: bool) -> RequirementId:
    if was_refused:
        return "MOVE-4"
    if source == dest == key:
        return "MOVE-3"
    if key == dest:
        return "MOVE-2" if was_stored else "MOVE-1"
    return "MOVE-1" if key == source else "MOVE-5"


def has_relative(key: Key, others: Mapping[Key, Any]) -> bool:
    """Whether one of `others` starts with `key` or the other way round."""
    return any(related(key, other) for other in others)
