"""Which requirements one operation puts to the test: each count is what a report calls `times`."""

from collections import Counter

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
    Update,
)
from conformance.sequential.coverage import Due, credit_read, credit_write
from spec_store import InMemoryStoreBackend
from spec_store.requirements import RequirementId

A, AB, B, ODD, MISSING = ("a",), ("a", "b"), ("b",), ("a/b",), ("missing",)


def reference_with(*keys, has_id=False):
    store = InMemoryStoreBackend(suppress_store_backend_id=not has_id)
    assert (store.store_backend_id is not None) is has_id
    for key in keys:
        store.set(key, "1")
    return store


def settled(due):
    """What is counted of what is due when the reading after it has contradicted nothing more."""
    count: Counter[RequirementId] = Counter()
    due.settle(count)
    return count


def credited(count):
    """What was counted, without the zeros."""
    return {requirement: times for requirement, times in count.items() if times}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Get(A), {"GET-1": 1, "GET-3": 1}),
        (Get(MISSING), {"GET-2": 1, "GET-3": 1}),
        (HasKey(A), {"HAS-1": 1, "GET-3": 1}),
        (ListKeys(), {"LIST-1": 1, "GET-3": 1}),
        (ListKeys(A), {"LIST-2": 1, "GET-3": 1}),
        (ListKeys(MISSING), {"LIST-3": 1, "GET-3": 1}),
        (Set(A, "1"), {"SET-1": 1}),
        (Move(A, B), {"MOVE-1": 1}),
        (RemoveKey(MISSING), {"REMOVE-3": 1}),
        (GetAll(), {"ALL-1": 1}),
        (ReadId(), {"ID-1": 1}),
        (Reopen(), {"ID-1": 1}),
    ],
    ids=str,
)
def test_an_outcome_counts_for_what_it_is_judged_by_and_a_read_for_changing_nothing(operation, expected):
    count: Counter[RequirementId] = Counter()
    credit_read(count, operation, reference_with(A))
    assert credited(count) == expected


def test_a_listing_counts_for_that_of_the_id_where_there_is_one():
    count: Counter[RequirementId] = Counter()
    credit_read(count, ListKeys(A), reference_with(A, has_id=True))
    credit_read(count, Get(A), reference_with(A, has_id=True))
    assert count["LIST-4"] == 1


def test_counts_add_up():
    count: Counter[RequirementId] = Counter({"GET-1": 4})
    for _ in range(3):
        credit_read(count, Get(A), reference_with(A))
    assert credited(count) == {"GET-1": 7, "GET-3": 3}


@pytest.mark.parametrize(
    ("operation", "stored", "expected"),
    [
        # with no other key stored, no other can have changed
        (Set(A, "1"), [A], {"KEY-5": 1}),
        (Set(ODD, "1"), [ODD], {"KEY-5": 1}),
        (RemoveKey(A), [], {"KEY-5": 1}),
        # beside another key
        (Set(A, "1"), [A, B], {"KEY-5": 1, "SET-2": 1}),
        (Add(A, "1"), [A, B], {"KEY-5": 1, "SET-2": 1}),
        (Update(A, "1"), [A, B], {"KEY-5": 1, "SET-2": 1}),
        (AddOrUpdate(A, "1"), [A, B], {"KEY-5": 1, "SET-2": 1}),
        (RemoveKey(A), [B], {"KEY-5": 1, "REMOVE-2": 1}),
        (Move(A, MISSING), [MISSING, B], {"KEY-5": 2, "MOVE-5": 1}),
        (SetMany(A, 2), [B], {"SET-2": 1}),
        # an odd key, a related one
        (Set(ODD, "1"), [ODD, B], {"KEY-5": 1, "SET-2": 1, "KEY-4": 1}),
        (Set(A, "1"), [A, AB], {"KEY-5": 1, "SET-2": 1, "KEY-6": 1}),
        (Set(AB, "1"), [A, AB], {"KEY-5": 1, "SET-2": 1, "KEY-6": 1}),
        # keyword arguments that nobody knows, and values that are no text
        (Set(A, "1", extra=True), [A], {"KEY-5": 1, "SET-6": 1}),
        (Add(A, "1", extra=True), [A], {"KEY-5": 1, "SET-6": 1}),
        (Move(A, B, extra=True), [B], {"KEY-5": 2, "SET-6": 1}),
        (Set(A, b"1"), [A], {"KEY-5": 1, "SET-4": 1}),
        (Update(A, b"1"), [A], {"KEY-5": 1}),
    ],
    ids=str,
)
def test_a_write_counts_for_what_reading_after_it_would_show(operation, stored, expected):
    due = Due()
    credit_write(due, operation, reference_with(*stored), dict.fromkeys([A, AB, B, ODD, MISSING]))
    assert credited(settled(due)) == expected


def test_only_keys_that_are_known_and_stored_count_as_others():
    due = Due()
    credit_write(due, Set(A, "1"), reference_with(A, B), {A: None})
    credit_write(due, Set(A, "1"), reference_with(A), {A: None, B: None})
    assert credited(settled(due)) == {"KEY-5": 2}


@pytest.mark.parametrize(("operation", "times"), [(Set(A, "1"), 1), (Set(ID_KEY, "1"), 0)], ids=str)
def test_a_write_of_another_key_counts_for_leaving_the_id(operation, times):
    due = Due()
    credit_write(due, operation, reference_with(A, has_id=True), dict.fromkeys([A, ID_KEY]))
    assert settled(due)["ID-10"] == times


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [(A, {"REMOVE-2": 1}), (B, {"KEY-5": 1})],
    ids=["its own key", "another key"],
)
def test_a_write_after_which_a_key_is_wrong_counts_for_nothing_that_is_said_of_that_key(wrong, expected):
    due = Due()
    credit_write(due, RemoveKey(A), reference_with(A, B), dict.fromkeys([A, B]))
    due.spoil(RemoveKey(A), wrong)
    assert credited(settled(due)) == expected
