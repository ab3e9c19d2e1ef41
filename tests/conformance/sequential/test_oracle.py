"""The tables of the oracle, row by row: what may come of an operation, and what a contradiction is judged by."""

import pytest

from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Switch,
    Update,
)
from conformance.sequential.expectations import MISSING, REFUSED, Anything, Bag, Exactly, Lists
from conformance.sequential.oracle import (
    expectation,
    has_relative,
    listing_requirement,
    requirement_by_provenance,
    requirement_for,
)
from spec_store import InMemoryStoreBackend

A, AB, B, MISSING_KEY = ("a",), ("a", "b"), ("b",), ("missing",)


@pytest.fixture
def reference():
    """A reference that stores "1" under ("a",), "2" under ("a", "b"), and its id."""
    store = InMemoryStoreBackend()
    assert store.store_backend_id is not None
    store.set(A, "1")
    store.set(AB, "2")
    return store


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Get(A), Exactly("1")),
        (Get(MISSING_KEY), MISSING),
        (HasKey(A), Exactly(True)),
        (HasKey(MISSING_KEY), Exactly(False)),
        (ListKeys(A), Lists(frozenset({A, AB}))),
        (ListKeys(), Lists(frozenset({A, AB, ID_KEY}))),
        (ListKeys(MISSING_KEY), Lists(frozenset())),
        (Move(A, B), Anything()),
        (Move(A, A), Anything()),
        (Move(MISSING_KEY, A), MISSING),
        (Add(MISSING_KEY, "3"), Anything()),
        (Add(A, "3"), REFUSED),
        (Update(A, "3"), Anything()),
        (Update(MISSING_KEY, "3"), REFUSED),
        (GetAll(), Bag(("1", "2"))),
        (Set(A, "3"), Anything()),
        (AddOrUpdate(A, "3"), Anything()),
        (SetMany(A, 2), Anything()),
        (RemoveKey(A), Anything()),
        (RemoveKey(MISSING_KEY), Anything()),
        (ReadId(), Anything()),
        (Reopen(), Anything()),
    ],
    ids=str,
)
def test_what_may_come_of_an_operation(reference, operation, expected):
    assert expectation(operation, reference) == expected


@pytest.mark.parametrize(
    ("operation", "requirement"),
    [
        (Get(A), "GET-1"),
        (Get(MISSING_KEY), "GET-2"),
        (HasKey(A), "HAS-1"),
        (HasKey(MISSING_KEY), "HAS-1"),
        (ListKeys(), "LIST-1"),
        (ListKeys(A), "LIST-2"),
        (ListKeys(MISSING_KEY), "LIST-3"),
        (RemoveKey(A), "REMOVE-1"),
        (RemoveKey(MISSING_KEY), "REMOVE-3"),
        (Move(A, MISSING_KEY), "MOVE-1"),
        (Move(A, AB), "MOVE-2"),
        (Move(A, A), "MOVE-3"),
        (Move(MISSING_KEY, A), "MOVE-4"),
        (Move(MISSING_KEY, MISSING_KEY), "MOVE-4"),
        (Set(A, "3"), "SET-1"),
        (SetMany(A, 2), "SET-1"),
        (Add(A, "3"), "ADD-1"),
        (Update(A, "3"), "UPDATE-1"),
        (AddOrUpdate(A, "3"), "UPSERT-1"),
        (GetAll(), "ALL-1"),
        (ReadId(), "ID-1"),
    ],
    ids=str,
)
def test_the_requirement_that_an_operations_own_outcome_is_judged_by(reference, operation, requirement):
    assert requirement_for(operation, reference) == requirement


@pytest.mark.parametrize(
    ("prefix", "matches", "requirement"),
    [((), True, "LIST-1"), ((), False, "LIST-1"), (A, True, "LIST-2"), (A, False, "LIST-3")],
)
def test_the_requirement_that_a_listing_is_judged_by(prefix, matches, requirement):
    assert listing_requirement(prefix, matches) == requirement


@pytest.mark.parametrize(
    ("cause", "key", "symptom", "failed", "existed", "requirement"),
    [
        # the id, which nothing but a write of its own key may change
        (Reopen(), ID_KEY, "lost", False, False, "ID-8"),
        (Switch(), ID_KEY, "lost", False, False, "ID-8"),
        (Set(A, "1"), ID_KEY, "lost", False, False, "ID-10"),
        (RemoveKey(A), ID_KEY, "lost", False, True, "ID-10"),
        (Set(ID_KEY, "1"), ID_KEY, "lost", False, True, "SET-1"),
        # set
        (Set(A, "1"), A, "lost", False, False, "SET-1"),
        (Set(A, "1"), A, "stale", False, True, "SET-1"),
        (Set(A, "1"), A, "changed", False, False, "GET-1"),
        (Set(A, "1"), A, "shared", False, False, "GET-1"),
        (Set(A, "1"), B, "lost", False, False, "SET-2"),
        (Set(A, "1"), B, "changed", False, False, "SET-2"),
        (Set(A, "1"), A, "appeared", True, False, "KEY-5"),
        (Set(A, "1"), B, "lost", True, False, "KEY-5"),
        (SetMany(A, 2), (*A, "00000"), "changed", False, False, "SET-2"),
        # move
        (Move(A, B), B, "lost", False, False, "MOVE-1"),
        (Move(A, B), B, "lost", False, True, "MOVE-2"),
        (Move(A, B), A, "appeared", False, False, "MOVE-1"),
        (Move(A, B), A, "appeared", False, True, "MOVE-1"),
        (Move(A, B), AB, "lost", False, True, "MOVE-5"),
        (Move(A, A), A, "lost", False, True, "MOVE-3"),
        (Move(A, A), B, "lost", False, True, "MOVE-5"),
        (Move(A, B), B, "appeared", True, False, "MOVE-4"),
        (Move(A, A), A, "lost", True, True, "MOVE-4"),
        # remove_key
        (RemoveKey(A), A, "appeared", False, True, "REMOVE-1"),
        (RemoveKey(A), A, "appeared", False, False, "REMOVE-3"),
        (RemoveKey(A), B, "lost", False, True, "REMOVE-2"),
        (RemoveKey(A), B, "lost", False, False, "REMOVE-2"),
        # the methods of 1.x
        (Add(A, "1"), A, "lost", False, False, "ADD-1"),
        (Update(A, "1"), A, "stale", False, True, "UPDATE-1"),
        (AddOrUpdate(A, "1"), A, "lost", False, False, "UPSERT-1"),
        # what writes nothing
        (Reopen(), A, "lost", False, False, "REOPEN-1"),
        (Switch(), A, "stale", False, False, "REOPEN-2"),
        (Get(A), A, "lost", False, True, "GET-3"),
        (HasKey(A), A, "lost", False, True, "GET-3"),
        (ListKeys(), A, "lost", False, True, "GET-3"),
        (GetAll(), A, "lost", False, True, "GET-3"),
        (ReadId(), A, "lost", False, True, "GET-3"),
    ],
    ids=str,
)
def test_the_requirement_that_a_wrong_state_is_judged_by(cause, key, symptom, failed, existed, requirement):
    assert requirement_by_provenance(cause, key, symptom, was_refused=failed, was_stored=existed) == requirement


@pytest.mark.parametrize(
    ("key", "others", "expected"),
    [(A, [AB], True), (AB, [A], True), ((), [A], True), (A, [A], False), (A, [B], False), (A, [], False)],
)
def test_a_key_has_a_relative_where_one_starts_with_the_other(key, others, expected):
    assert has_relative(key, dict.fromkeys(others)) is expected
