"""Operations as values."""

import pytest

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
    decode_operation,
    encode_operation,
)

KEY = ("a\n", "\u00e9\ud800")
OPERATIONS = (
    Get(KEY),
    HasKey(()),
    ListKeys(KEY),
    RemoveKey(KEY),
    Move(KEY, ("b",), True),
    Set(KEY, "v\r\n\0", True),
    Add(KEY, b"\xff"),
    Update(KEY, None),
    AddOrUpdate(KEY, ["x", {"a": 1}]),
    GetAll(),
    SetMany(("m",), 3),
    ReadId(),
    Reopen(),
    Switch(),
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_survives_being_written_on_one_line(operation):
    assert "\n" not in encode_operation(operation)
    assert decode_operation(encode_operation(operation)) == operation


def test_a_value_that_has_no_literal_is_told_by_its_repr():
    operation = decode_operation(encode_operation(Set(("a",), object())))
    assert isinstance(operation, Set)
    assert "object at" in operation.value
