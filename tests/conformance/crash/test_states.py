"""What may be seen after a crash, without any: states are written down here, and no process is started."""

import pytest

from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.states import (
    allowed,
    half_moved,
    in_steps,
    is_growing,
    is_id_wrong,
    is_older,
    listed_in,
    operation_in_flight,
    state_after,
)
from conformance.programs.operations import Add, Move, RemoveKey, Set

A, B, C = ("a",), ("b",), ("c",)
NONE = "raised InvalidKeyError"
MOVE, SET, REMOVE = Move(A, B), Set(C, "3"), RemoveKey(B)

MOVING = Scenario("a move, and more", (Set(A, "1"),), (MOVE, SET, REMOVE))
"""Reads a, b, c, and the listing."""

STATES = (
    ("returned '1'", NONE, NONE, "returned [('a',)]"),
    (NONE, "returned '1'", NONE, "returned [('b',)]"),
    (NONE, "returned '1'", "returned '3'", "returned [('b',), ('c',)]"),
    (NONE, NONE, "returned '3'", "returned [('c',)]"),
)
HALF_MOVED = ("returned '1'", "returned '1'", NONE, "returned [('a',), ('b',)]")


def test_the_operation_in_flight_is_the_first_that_has_not_returned():
    assert [operation_in_flight(MOVING.program, count) for count in range(4)] == [MOVE, SET, REMOVE, None]
    assert operation_in_flight((), 0) is None


@pytest.mark.parametrize("acknowledged", range(3))
def test_a_reader_may_see_the_state_before_and_after_the_operation_in_flight_and_no_other(acknowledged):
    expected = (STATES[acknowledged], STATES[acknowledged + 1])
    assert allowed(MOVING, STATES, acknowledged, atomic_move=True) == expected


@pytest.mark.parametrize("atomic_move", [True, False])
def test_what_was_acknowledged_may_not_be_lost(atomic_move):
    assert allowed(MOVING, STATES, 3, atomic_move=atomic_move) == (STATES[3],)
    assert STATES[0] not in allowed(MOVING, STATES, 1, atomic_move=atomic_move)


def test_a_move_may_be_seen_half_done_only_where_it_does_not_claim_to_be_one_step():
    assert allowed(MOVING, STATES, 0, atomic_move=False) == (*STATES[:2], HALF_MOVED)
    assert HALF_MOVED not in allowed(MOVING, STATES, 0, atomic_move=True)


@pytest.mark.parametrize("acknowledged", [1, 2])
def test_other_operations_may_not_be_seen_half_done(acknowledged):
    step = allowed(MOVING, STATES, acknowledged, atomic_move=True)
    assert allowed(MOVING, STATES, acknowledged, atomic_move=False) == step


def test_a_moved_value_may_not_be_under_neither_key():
    lost = (NONE, NONE, NONE, "returned []")
    assert lost not in allowed(MOVING, STATES, 0, atomic_move=False)


def test_an_operation_that_changes_nothing_leaves_one_state():
    onto_itself = Scenario("a move of a key onto itself", (Set(A, "1"),), (Move(A, A),))
    state = ("returned '1'", "returned [('a',)]")
    assert allowed(onto_itself, (state, state), 0, atomic_move=True) == (state,)


def test_storage_that_is_being_opened_is_empty_before_and_after():
    assert allowed(OPENING, (("returned []",),), 0, atomic_move=False) == (("returned []",),)


def test_a_move_onto_a_stored_key_has_replaced_its_value_when_it_is_half_done():
    before = ("returned '1'", "returned '2'", "returned [('a',), ('b',)]")
    after = (NONE, "returned '1'", "returned [('b',)]")
    assert half_moved(MOVE, (A, B), before, after) == ("returned '1'", "returned '1'", "returned [('a',), ('b',)]")


def test_a_move_of_a_key_that_is_not_stored_is_half_done_as_it_is_done():
    state = (NONE, NONE, "returned []")
    assert half_moved(MOVE, (A, B), state, state) == state


@pytest.mark.parametrize(
    ("during", "atomic_move", "steps"),
    [(MOVE, False, True), (MOVE, True, False), (SET, False, False), (REMOVE, False, False), (None, False, False)],
)
def test_only_a_move_has_steps(during, atomic_move, steps):
    assert in_steps(during, atomic_move=atomic_move) is steps


def test_the_keys_of_a_listing_are_read_off_its_state_and_none_where_it_raised():
    assert listed_in(STATES[2]) == [B, C]
    assert listed_in((NONE, "raised StoreBackendError")) == []


@pytest.mark.parametrize(
    ("ids", "before", "invalid", "wrong"),
    [
        (("one", "one"), "one", "", False),
        (("one", "one"), None, "", False),
        (("one", "one"), None, "e003", False),
        (("two", "two"), "one", "", True),
        (("one", "two"), "one", "", True),
        (("one", "two"), None, "", True),
        (("x-e003", "x-e003"), None, "e003", True),
    ],
    ids=["kept", "new", "valid", "replaced", "unsteady", "new at each reading", "invalid"],
)
def test_an_id_is_as_it_was_or_a_valid_one_of_a_new_store(ids, before, invalid, wrong):
    assert is_id_wrong(ids, before, invalid) is wrong


@pytest.mark.parametrize(
    ("counts", "growing"), [((3, 4, 5, 6, 7), True), ((3, 4, 5, 6, 6), False), ((3, 9, 3, 9, 10), False)]
)
def test_files_grow_where_there_are_more_after_every_crash(counts, growing):
    assert is_growing(counts) is growing


def test_a_state_from_before_what_was_acknowledged_is_older():
    assert is_older(STATES, 2, STATES[0])
    assert not is_older(STATES, 2, STATES[2])
    assert not is_older(STATES, 2, HALF_MOVED)
    assert not is_older((STATES[0], STATES[0]), 1, STATES[0])


@pytest.mark.parametrize(
    ("write", "state"),
    [
        (Set(A, "9"), ("returned '9'", NONE, NONE, "returned [('a',)]")),
        (Add(B, "9"), ("returned '1'", "returned '9'", NONE, "returned [('a',), ('b',)]")),
        (RemoveKey(A), (NONE, NONE, NONE, "returned []")),
        (Move(A, C), (NONE, NONE, "returned '1'", "returned [('c',)]")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_a_write_leaves_follows_from_what_was_there(write, state):
    assert state_after(write, (A, B, C), STATES[0]) == state
