"""Which of the races that pairs show are told, and which requirements others mask."""

import attrs
import pytest

from conformance.concurrent.pairs.explaining import masks, races_to_report
from conformance.concurrent.pairs.pairs import AtCall, AtLine, Pair, Race
from conformance.concurrent.pairs.search import OF_PROCESSES, OF_THREADS
from conformance.programs.operations import Add, Get, GetAll, ListKeys, Program, RemoveKey, Set

A, B = ("a",), ("b",)
REMOVALS = Pair((Set(A, "1"),), RemoveKey(A), RemoveKey(A))
LISTED = Pair((), Set(A, "1"), ListKeys())
ADDS = Pair((), Add(A, "1"), Add(A, "2"))
ADD_AND_GET = Pair((), Add(A, "1"), Get(A))
APART = Pair((), Set(A, "1"), Set(B, "2"))
OF_TWO_KEYS = Pair((Set(A, "1"), Set(B, "2")), RemoveKey(A), RemoveKey(A))


def race_of(pair, number=1, where=AtLine):
    return Race(pair, AtLine("f.py", 7, 1, number) if where is AtLine else AtCall("write", number), False, (), ((), ()))


def test_the_shortest_race_of_each_kind_is_told_and_the_earliest_of_these():
    longer = attrs.evolve(REMOVALS, initial=(*REMOVALS.initial, Set(B, "2")))
    races = [race_of(longer), race_of(REMOVALS, 9), race_of(REMOVALS, 3), race_of(LISTED)]

    assert races_to_report(races) == [race_of(LISTED), race_of(REMOVALS, 3)]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ((ADDS, ADD_AND_GET), (ADDS,)),
        ((ADDS, REMOVALS), (ADDS, REMOVALS)),
        ((APART, ADDS, REMOVALS), (APART, ADDS, REMOVALS)),
        ((APART, OF_TWO_KEYS), (APART,)),
        ((APART, LISTED), (APART, LISTED)),
        ((ADD_AND_GET,), (ADD_AND_GET,)),
    ],
)
def test_a_race_that_another_one_explains_is_not_told(pairs, told):
    assert {race.pair for race in races_to_report(map(race_of, pairs))} == set(told)


@pytest.mark.parametrize("where", [AtLine, AtCall])
def test_a_get_all_that_raises_what_a_listing_raises_is_told_as_the_listing(where):
    def race(reader, raised):
        pair = Pair((Set(A, "1"), Set(B, "2")), reader, RemoveKey(A))
        return attrs.evolve(race_of(pair, where=where), seen=(("raised", raised), ("returned", "True")))

    listing, broken = race(ListKeys(), "FileNotFoundError"), race(GetAll(), "FileNotFoundError")
    gone = race(GetAll(), "InvalidKeyError")
    choose = OF_THREADS.choose if where is AtLine else OF_PROCESSES.choose

    assert choose([broken, listing]) == [listing]
    assert masks([broken, listing])["ALL-1"].by == "LIN-3"
    assert set(choose([gone, listing])) == {gone, listing}
    assert choose([broken]) == [broken]


@pytest.mark.parametrize(
    ("pairs", "masked"),
    [
        ((ADDS, ADD_AND_GET), {"LIN-1": "ADD-2"}),
        ((ADDS, ADD_AND_GET, REMOVALS), {}),
        ((APART, OF_TWO_KEYS), {"LIN-1": "LIN-4"}),
        ((APART, OF_TWO_KEYS, REMOVALS), {}),
    ],
)
def test_a_requirement_of_which_another_one_explains_all_races_is_masked(pairs, masked):
    assert {name: mask.by for name, mask in masks(list(map(race_of, pairs))).items()} == masked


def test_of_one_requirement_only_so_many_are_told():
    operations: Program = (Set(A, "1"), RemoveKey(A), Get(A))
    pairs = [Pair((), first, second) for first in operations for second in operations]

    assert len(races_to_report(map(race_of, pairs))) == 5
    races = [race_of(REMOVALS, number, AtCall) for number in range(1, 9)]
    assert OF_PROCESSES.choose(races) == races[:3]


def test_a_race_that_does_not_show_again_explains_no_other():
    doubtful = attrs.evolve(race_of(ADDS), tries=(False, False))

    told = races_to_report([doubtful, race_of(ADD_AND_GET)])

    assert {race.requirement for race in told} == {"ADD-2", "LIN-1"}
    assert {race.requirement for race in races_to_report([race_of(ADDS), race_of(ADD_AND_GET)])} == {"ADD-2"}
