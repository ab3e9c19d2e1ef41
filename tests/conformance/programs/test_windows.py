"""Each length of a value, near and far."""

from hypothesis import strategies

from conformance.programs.operations import Get, Set
from conformance.programs.windows import ALL_TO, NEAR, window_sweeps
from conformance.subject.subject import Claims
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

(SWEEP,) = window_sweeps(CLAIMS, MATERIAL)


def lengths(extent):
    return {len(one.value) for program in extent.programs() for one in program if isinstance(one, Set)}


def test_every_length_to_past_a_kilobyte_is_swept():
    assert set(range(ALL_TO + 1)) <= lengths(SWEEP.extents[1])


def test_every_length_near_a_power_of_two_is():
    for power in range(7, 17):
        assert set(range((1 << power) - NEAR, (1 << power) + NEAR + 1)) <= lengths(SWEEP.extents[-1])


def test_the_nearest_extent_is_near_a_few():
    assert 1024 - NEAR in lengths(SWEEP.extents[0])
    assert len(lengths(SWEEP.extents[0])) == 3 * (2 * NEAR + 1)


def test_each_value_is_read_when_it_is_written():
    for extent in SWEEP.extents:
        for program in extent.programs():
            written = [number for number, one in enumerate(program) if isinstance(one, Set)]
            assert all(isinstance(program[number + 1], Get) for number in written)


def test_each_extent_has_all_that_those_before_it_have():
    near, far, farthest = map(lengths, SWEEP.extents)
    assert near < far < farthest


def test_the_reference_passes():
    assert wrong_in(SWEEP.extents[-1].programs()) == []


def test_where_values_are_claimed_there_is_none():
    assert window_sweeps(Claims(values=strategies.just(1)), MATERIAL) == ()
