"""Which listings a history forbids."""

import uuid

import pytest

from conformance.concurrent.histories.listings import ListingFault, listing_faults
from conformance.concurrent.histories.records import Record, history_of
from conformance.programs.operations import Add, AddOrUpdate, ListKeys, Move, ReadId, RemoveKey, Set, Update
from conformance.programs.outcomes import Hung, Raised, Returned
from spec_store import InMemoryStoreBackend

A, B, C = ("a",), ("b",), ("a", "b")
ID_KEY = InMemoryStoreBackend.STORE_BACKEND_ID_KEY
ID = uuid.UUID("5bacb5bf-7730-437a-b58c-b4601efbf7eb")
DONE = Returned(None)
REFUSED = Raised("StoreBackendError")
LOCKED = Raised("OperationalError")


def listing(*keys, prefix=()):
    return (100, 200, ListKeys(prefix), Returned(list(keys)))


def faults(*rows, initial=None):
    return listing_faults(history_of(Record(*row) for row in rows), initial or {})


def test_a_key_that_was_stored_throughout_must_be_listed():
    assert faults(listing(), initial={A: "x"}) == (ListingFault(0, omitted=(A,)),)
    assert faults((0, 99, Set(A, "x"), DONE), listing()) == (ListingFault(1, omitted=(A,)),)
    assert faults((0, 99, Move(B, A), DONE), listing(), initial={B: "x"}) == (ListingFault(1, omitted=(A,)),)
    again = [(0, 9, RemoveKey(A), DONE), (10, 99, Add(A, "x"), DONE)]
    assert faults(*again, listing(), initial={A: "x"}) == (ListingFault(2, omitted=(A,)),)
    assert faults(listing(), (150, 160, Move(A, A), DONE), initial={A: "x"}) == (ListingFault(0, omitted=(A,)),)


def test_a_key_that_was_missing_throughout_must_not_be_listed():
    assert faults(listing(A)) == (ListingFault(0, invented=(A,)),)
    assert faults((0, 99, RemoveKey(A), DONE), listing(A), initial={A: "x"}) == (ListingFault(1, invented=(A,)),)
    assert faults((0, 99, Move(A, B), DONE), listing(A, B), initial={A: "x"}) == (ListingFault(1, invented=(A,)),)
    assert faults(listing(A), (201, 202, Set(A, "x"), DONE)) == (ListingFault(0, invented=(A,)),)
    assert faults(listing(A), (150, 160, Add(A, "x"), REFUSED)) == (ListingFault(0, invented=(A,)),)


@pytest.mark.parametrize(
    ("initial", "row"),
    [
        ({A: "x"}, (150, 160, RemoveKey(A), Returned(True))),
        ({A: "x"}, (50, 100, RemoveKey(A), Returned(True))),
        ({A: "x"}, (0, None, RemoveKey(A), LOCKED)),
        ({A: "x"}, (50, 60, Move(A, C), Hung(1.0))),
        ({}, (150, 160, Set(A, "x"), DONE)),
        ({}, (50, 100, Add(A, "x"), DONE)),
        ({B: "x"}, (200, 250, Move(B, A), DONE)),
        ({}, (0, 1, AddOrUpdate(A, "x"), LOCKED)),
        ({}, (150, 160, Update(A, "x"), DONE)),
    ],
)
def test_a_key_that_may_have_been_stored_or_removed_meanwhile_may_be_listed_or_not(initial, row):
    for listed in ([], [A]):
        assert faults(row, listing(B, *listed) if B in initial else listing(*listed), initial=initial) == ()


def test_a_write_and_a_removal_that_overlap_leave_it_open_which_came_last():
    for begin in (40, 50):
        rows = [(0, 50, Set(A, "x"), DONE), (begin, 90, RemoveKey(A), DONE)]
        assert faults(*rows, listing()) == faults(*rows, listing(A)) == ()


def test_a_listing_is_asked_for_the_keys_of_its_prefix_alone():
    initial = {A: "x", B: "x", C: "x"}
    assert faults(listing(A, C, prefix=("a",)), initial=initial) == ()
    assert faults(listing(A, prefix=("a",)), initial=initial) == (ListingFault(0, omitted=(C,)),)


def test_a_read_of_the_id_may_have_created_it_or_not():
    for read in [(150, 160, ReadId(), Returned(ID)), (0, 9, ReadId(), Returned(None))]:
        assert faults(listing(ID_KEY), read) == faults(listing(), read) == ()


def test_what_is_listed_in_no_known_form_lists_nothing():
    assert faults((100, 200, ListKeys(()), DONE), initial={A: "x"}) == (ListingFault(0, omitted=(A,)),)
    assert faults((100, 200, ListKeys(()), Returned([["a"], "a", A])), initial={A: "x"}) == ()
