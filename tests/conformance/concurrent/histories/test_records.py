"""What was seen of operations, as the events of a history."""

import pytest

from conformance.concurrent.histories.records import Record, history_of, is_onto_itself, is_refused, listed_keys
from conformance.programs.operations import Add, Get, ListKeys, Move, Set
from conformance.programs.outcomes import Hung, Raised, Returned

A, B = ("a",), ("b",)


@pytest.mark.parametrize(
    ("operation", "outcome", "end", "refused"),
    [
        (Set(A, "1"), Returned(None), 9, False),
        (Get(A), Raised("InvalidKeyError"), 9, True),
        (Add(A, "1"), Raised("StoreBackendError"), 9, True),
        (Set(A, "1"), Raised("StoreBackendError"), None, False),
        (Get(A), Raised("KeyError"), None, False),
        (Get(A), Hung(1.0), None, False),
        (Get(A), None, None, False),
    ],
)
def test_an_event_has_an_end_only_if_it_is_clear_what_the_operation_did(operation, outcome, end, refused):
    (event,) = history_of([Record(0, 9, operation, outcome)])

    assert event.end == end
    assert is_refused(event) is refused


def test_a_listing_lists_what_can_be_keys():
    assert listed_keys(Returned([A, "a", ("b", 1), ["a"], B])) == (A, B)
    assert listed_keys(Returned("ab")) == listed_keys(Returned(None)) == ()


def test_only_a_move_of_a_key_to_itself_is_onto_itself():
    assert [is_onto_itself(operation) for operation in (Move(A, A), Move(A, B), ListKeys())] == [True, False, False]
