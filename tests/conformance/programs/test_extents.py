from functools import partial

from conformance.programs.extents import Extent, Sweep, chosen, extent, weight_of
from conformance.programs.operations import Get, GetAll, ListKeys, Set, SetMany


def costing(*weights):
    return Sweep("", tuple(Extent(f"to {weight}", tuple, partial(int, weight)) for weight in weights))


def words(extents):
    return [None if one is None else one.words for one in extents]


def test_a_quick_subject_is_swept_to_the_ends():
    assert words(chosen([costing(1, 10, 100), costing(1, 20)], 120)) == ["to 100", "to 20"]


def test_all_sweeps_get_their_nearest_extent_before_any_goes_further():
    assert words(chosen([costing(1, 10, 100), costing(1, 20)], 11)) == ["to 10", "to 1"]


def test_a_sweep_that_is_too_dear_leaves_the_others_their_time():
    assert words(chosen([costing(50), costing(2, 5)], 10)) == [None, "to 5"]


def test_a_long_value_a_listing_and_many_keys_cost_more_than_one_operation():
    assert weight_of((Set(("a",), "x"), Get(("a",)))) == 2
    assert weight_of((Set(("a",), "x" * (1 << 20)),)) == 17
    assert weight_of((SetMany((), 640), ListKeys(), GetAll())) == 640 + 11 + 641


def test_programs_of_an_extent_are_made_once_and_when_they_are_asked_for():
    made = []

    def make():
        made.append(1)
        yield (Get(("a",)),)

    one = extent("", make)
    assert made == []
    assert one.weigh() == 3
    assert list(one.programs()) == [(Get(("a",)),)]
    assert made == [1]
