from itertools import pairwise

from conformance.programs.ages import age_sweeps, live, long_life, openings, rewrites, third_times
from conformance.programs.operations import BY_NAME, Get, HasKey, Reopen, Set, SetMany
from conformance.subject.subject import Claims
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in


def test_a_long_life_has_every_kind_of_operation_on_one_handle():
    program = long_life(MATERIAL, 2000)
    assert len(program) == 2000
    assert {operation.name for operation in program} == set(BY_NAME) - {
        "set_many",
        "reopen",
        "switch",
        "wait",
    }


def test_a_longer_life_begins_as_a_shorter_one():
    assert long_life(MATERIAL, 2000)[:100] == long_life(MATERIAL, 100)


def test_each_write_of_a_long_life_is_read_at_once():
    for operation, following in pairwise(long_life(MATERIAL, 500)):
        if operation.writes:
            read = operation.keys[-1]
            assert following in (Get(read), HasKey(read))


def test_live_keys_are_written_twice_and_read_in_both_directions():
    program = live(("a",), 65)
    keys = [key for key, _ in SetMany(("a",), 65).items()]
    assert [operation.key for operation in program if isinstance(operation, Set)] == keys
    read = [operation.key for operation in program if isinstance(operation, Get)]
    assert read[:65] == keys
    assert read[65:] == keys[::3][::-1]


def test_there_is_a_write_before_each_opening_and_a_read_after_it():
    program = openings(MATERIAL, 8)
    assert sum(isinstance(operation, Reopen) for operation in program) == 8
    for before, after in pairwise(program):
        assert not isinstance(after, Reopen) or before.writes
        assert not isinstance(before, Reopen) or isinstance(after, Get)


def test_what_fails_is_called_three_times_in_a_row():
    for program in third_times(MATERIAL):
        assert any(program[at] == program[at + 1] == program[at + 2] for at in range(len(program) - 2))


def test_the_reference_passes():
    programs = [long_life(MATERIAL, 2000), live(("a",), 1025), rewrites(MATERIAL, 300), *third_times(MATERIAL)]
    assert wrong_in(programs) == []


def test_only_what_is_durable_is_opened_again():
    assert "openings" not in [sweep.dimension for sweep in age_sweeps(CLAIMS, MATERIAL)]
    assert "openings" in [sweep.dimension for sweep in age_sweeps(Claims(durable=True), MATERIAL)]
