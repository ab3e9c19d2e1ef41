"""What a worker was doing when it was last heard of."""

from conformance.programs.operations import Get, Move, Reopen, Set, SetMany
from conformance.workers.journal import InFlight, Journal, in_flight

OPERATIONS = (Get(("a\n", "\u00e9\ud800")), Move(("a",), ("b",), True), Set(("a",), "v\r\n\0"), Reopen())


def test_the_program_in_flight_can_be_read_from_outside(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.start_program()
    journal.start_operation(Get(("old",)))
    journal.start_program()
    for operation in OPERATIONS:
        journal.start_operation(operation)
    assert in_flight(tmp_path / "journal") == InFlight(OPERATIONS)


def test_a_check_in_flight_is_known_by_its_name(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.start_operation(Get(("old",)))
    journal.start_case("KEY-1:refuses(1,)")
    assert in_flight(tmp_path / "journal") == InFlight(case="KEY-1:refuses(1,)")
    journal.start_case("")
    assert in_flight(tmp_path / "journal") == InFlight()


def test_of_many_sets_the_one_in_flight_is_known_with_those_before_it(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.start_operation(Get(("a",)))
    many = SetMany(("m",), 1100)
    journal.start_operation(many)
    journal.start_step(0)
    assert in_flight(tmp_path / "journal") == InFlight((Get(("a",)), Set(*many.items()[0])), many=True)
    for number in range(1, 701):
        journal.start_step(number)
    flight = in_flight(tmp_path / "journal")
    assert flight.program == (Get(("a",)), SetMany(("m",), 700), Set(*many.items()[700]))
    assert flight.operation == "set_many"
    journal.start_operation(Get(("b",)))
    assert in_flight(tmp_path / "journal").program == (Get(("a",)), many, Get(("b",)))


def test_what_comes_before_there_are_operations_is_known_and_the_first_operations_after_it(tmp_path):
    journal = Journal.at(tmp_path / "journal")
    journal.start_beginning("importing")
    assert in_flight(tmp_path / "journal") == InFlight(beginning="importing")
    journal.start_beginning("opening")
    journal.start_operation(Get(("a",)))
    assert in_flight(tmp_path / "journal") == InFlight((Get(("a",)),), beginning="opening")
    journal.start_beginning("")
    assert in_flight(tmp_path / "journal") == InFlight()


def test_no_journal_means_that_nothing_was_in_flight(tmp_path):
    assert in_flight(tmp_path / "none") == InFlight()


def test_a_line_that_was_cut_short_is_not_in_flight(tmp_path):
    (tmp_path / "journal").write_text("get [('whole',)]\nset [('cut", "utf-8")
    assert in_flight(tmp_path / "journal") == InFlight((Get(("whole",)),))
