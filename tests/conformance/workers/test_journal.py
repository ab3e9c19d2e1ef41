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
    Update,
)
from conformance.workers.journal import InFlight, Journal, decoded, encoded, in_flight

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
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_survives_being_written_on_one_line(operation):
    assert "\n" not in encoded(operation)
    assert decoded(encoded(operation)) == operation


def test_a_value_that_has_no_literal_is_told_by_its_repr():
    operation = decoded(encoded(Set(("a",), object())))
    assert isinstance(operation, Set)
    assert "object at" in operation.value


def test_the_program_in_flight_can_be_read_from_outside(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.start()
    journal.operation(Get(("old",)))
    journal.start()
    for operation in OPERATIONS:
        journal.operation(operation)
    assert in_flight(tmp_path / "journal") == InFlight(OPERATIONS)


def test_a_check_in_flight_is_known_by_its_name(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.operation(Get(("old",)))
    journal.case("KEY-1:refuses(1,)")
    assert in_flight(tmp_path / "journal") == InFlight(case="KEY-1:refuses(1,)")
    journal.case("")
    assert in_flight(tmp_path / "journal") == InFlight()


def test_no_journal_means_that_nothing_was_in_flight(tmp_path):
    assert in_flight(tmp_path / "none") == InFlight()


def test_a_line_that_was_cut_short_is_not_in_flight(tmp_path):
    (tmp_path / "journal").write_text("get [('whole',)]\nset [('cut", "utf-8")
    assert in_flight(tmp_path / "journal") == InFlight((Get(("whole",)),))
