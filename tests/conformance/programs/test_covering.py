import pytest

from conformance.programs.covering import (
    BROUGHT_BY,
    ODD_TEXTS,
    VALUE_LENGTHS,
    Combination,
    combinations_of,
    covered_by,
    covering_array,
    covering_sweeps,
    program_of,
    uncovered,
)
from conformance.programs.operations import Reopen
from conformance.subject.subject import Claims
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

DURABLE = Claims(durable=True)


@pytest.mark.parametrize("levels", [(2, 2), (9, 12, 7, 9, 4), (9, 12, 7, 9, 1), (3, 2, 5, 2, 2, 4)])
def test_every_pair_of_levels_is_in_some_row(levels):
    rows = covering_array(levels)
    assert set().union(*map(covered_by, rows)) == uncovered(levels)
    largest, second = sorted(levels)[-2:][::-1]
    assert len(rows) <= 1.4 * largest * second


def test_the_array_is_the_same_each_time():
    assert covering_array((3, 4, 2)) == covering_array((3, 4, 2))


def test_every_text_meets_every_length():
    rows = combinations_of(DURABLE, MATERIAL)
    assert {(row.length, row.text) for row in rows} == {
        (size, text) for size in VALUE_LENGTHS for text in ODD_TEXTS.values()
    }


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ascii)
def test_a_value_is_as_long_as_its_row_says_and_ends_with_the_text(text):
    for size in VALUE_LENGTHS:
        value = Combination(size, text, "set", ("a",), "one").value
        assert len(value) == size
        assert value.endswith(text[-size:])
        if size > 20:
            assert value.startswith(text)
            assert text in value[1 : -len(text)]


def test_only_what_is_durable_is_read_by_another_handle():
    assert {row.handles for row in combinations_of(CLAIMS, MATERIAL)} == {"one"}
    programs = [program_of(row, MATERIAL) for row in combinations_of(DURABLE, MATERIAL)]
    assert {sum(isinstance(operation, Reopen) for operation in program) for program in programs} == {0, 1, 2}


def test_the_reference_passes():
    (sweep,) = covering_sweeps(CLAIMS, MATERIAL)
    assert wrong_in(sweep.extents[-1].programs()) == []


def test_what_stores_refuse_is_brought_by_set_or_move_alone_and_every_operation_meets_every_length():
    rows = combinations_of(DURABLE, MATERIAL)
    brought = {row.manner for row in rows if row.text == ODD_TEXTS["lone surrogate"]}
    assert brought == {"set", "set again", "move", "move onto stored"}
    assert {(row.manner, row.length) for row in rows} == {(one, size) for one in BROUGHT_BY for size in VALUE_LENGTHS}
