"""What was seen of an operation, as histories have it and as a message."""

import pytest

from conformance.concurrent.histories.records import Record
from conformance.concurrent.load.recording import plain, received, recorded, sent
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, HasKey, ListKeys, RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned
from spec_store import InMemoryStoreBackend
from tests.conformance.concurrent.load.examples import A, B


def test_messages_of_processes_say_what_was_seen():
    records = [
        Record(0, 1, Set(A, "\ud800"), Returned(None)),
        Record(2, 3, Get(A), Returned("\ud800")),
        Record(4, 5, ListKeys(), Returned([A])),
        Record(6, 7, Get(B), Raised("InvalidKeyError", "no")),
    ]
    program = [one.operation for one in records]

    assert received(sent(records), program) == records


def test_nothing_is_sent_as_nothing():
    assert received(sent([]), []) == []


def test_a_message_of_other_operations_is_an_error():
    message = sent([Record(0, 1, Get(A), Returned("1"))])

    with pytest.raises(ValueError):
        received(message, [Get(A), Get(B)])


@pytest.mark.parametrize(
    ("operation", "value", "plainly"),
    [
        (Set(A, "1"), "a path", None),
        (Get(A), 7, "7"),
        (HasKey(A), 1, True),
        (ListKeys(), [A, ID_KEY], [A]),
        (ListKeys(), "no list", []),
        (RemoveKey(A), False, False),
        (RemoveKey(A), "a path", None),
    ],
)
def test_an_answer_is_told_as_far_as_the_specification_gives_it_a_meaning(operation, value, plainly):
    assert plain(operation, Returned(value)) == Returned(plainly)


def test_an_operation_is_recorded_with_its_outcome_its_value_as_text():
    backend = InMemoryStoreBackend(suppress_store_backend_id=True)

    records = [recorded(operation, backend) for operation in (Set(A, b"1"), Get(B))]

    assert records[1].outcome == Raised("InvalidKeyError")
    assert records[0].operation == Set(A, "b'1'")
    assert all(record.end is not None and record.begin <= record.end for record in records)
