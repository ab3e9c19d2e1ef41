import math
from collections import Counter

import pytest

from conformance.programs.operations import BY_NAME
from conformance.programs.rounds import MOST_ROUNDS, OF_A_ROUND, PLACES, moved_rounds, round_sweeps, rounds
from tests.conformance.programs.sweeping import MATERIAL, wrong_in

KINDS = set(BY_NAME) - {"set_many", "reopen", "switch", "wait"}


def test_each_round_calls_every_operation():
    calls = rounds(5, MATERIAL)
    assert (len(calls) - 2) / 5 == OF_A_ROUND
    for number in range(5):
        start = 2 + number * OF_A_ROUND
        assert {one.name for one in calls[start : start + OF_A_ROUND]} == KINDS


def test_every_operation_is_called_as_often_as_there_are_rounds():
    counts = Counter(one.name for one in rounds(MOST_ROUNDS[-1], MATERIAL))
    assert min(counts.values()) == MOST_ROUNDS[-1]


def test_a_round_has_so_many_calls_that_each_is_once_the_nth_of_all():
    assert all(math.gcd(OF_A_ROUND, number) == 1 for number in range(1, OF_A_ROUND))


@pytest.mark.parametrize("place", [3, 40, 77, 100])
def test_each_operation_is_at_each_place_of_some_program(place):
    programs = list(moved_rounds(PLACES[-1], MATERIAL))
    assert {program[place - 1].name for program in programs} == KINDS


def test_the_reference_passes():
    programs = [program for sweep in round_sweeps(MATERIAL) for program in sweep.extents[-1].programs()]
    assert wrong_in(programs) == []
