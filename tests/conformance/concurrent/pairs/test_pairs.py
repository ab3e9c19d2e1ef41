"""Pairs of operations: what there is to try, and which requirement each is about."""

import pytest

from conformance import Claims
from conformance.concurrent.histories.records import Record
from conformance.concurrent.pairs.pairs import (
    AtCall,
    AtLine,
    Observation,
    Pair,
    Race,
    is_answer,
    pairs_for,
    reads_after,
    records_of,
)
from conformance.programs.material import material
from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, RemoveKey, Set
from conformance.programs.outcomes import Returned

A, B, C = ("a",), ("b",), ("c",)


@pytest.mark.parametrize(
    ("first", "second", "threads", "processes"),
    [
        (Set(A, "1"), ListKeys(), "LIN-3", "LIN-3"),
        (ListKeys(), Move(A, B), "LIN-3", "LIN-3"),
        (Add(A, "1"), Add(A, "2"), "ADD-2", "ADD-2"),
        (Set(A, "1"), Add(A, "2"), "LIN-1", "LIN-2"),
        (Move(A, B), Get(B), "LIN-1", "LIN-2"),
        (Move(A, B), Set(C, "1"), "LIN-4", "LIN-4"),
    ],
)
def test_a_pair_is_about_the_requirement_that_names_what_it_does(first, second, threads, processes):
    pair = Pair((), first, second)

    assert (pair.requirement_for("thread"), pair.requirement_for("process")) == (threads, processes)
    assert Race(pair, AtLine("f.py", 1, 1, 1), False, (), ((), ())).requirement == threads
    assert Race(pair, AtCall("write", 1), False, (), ((), ())).requirement == processes


def test_pairs_for_threads_take_turns_and_none_only_reads():
    pairs = pairs_for("thread", material(Claims()))

    assert {pair.requirement for pair in pairs[:4]} == {"LIN-1", "LIN-3", "LIN-4", "ADD-2"}
    assert all(pair.first.writes or pair.second.writes for pair in pairs)
    assert len(set(map(repr, pairs))) == len(pairs)


def test_pairs_for_processes_put_each_requirement_to_the_test_and_one_of_the_two_writes():
    pairs = pairs_for("process", material(Claims()))

    assert {pair.requirement_for("process") for pair in pairs} == {"LIN-2", "LIN-3", "LIN-4", "ADD-2", "ALL-1"}
    assert all(pair.first.writes or pair.second.writes for pair in pairs)
    assert any(not pair.first.writes for pair in pairs)


def test_the_clock_of_a_history_is_as_it_is_drawn():
    pair = Pair((Set(A, "1"),), RemoveKey(A), Get(A))
    first, second, *reads = Returned(True), Returned("1"), Returned(None), Returned(["a"])

    assert reads_after(pair) == (Get(A), ListKeys())
    assert records_of(pair, Observation(first, second, tuple(reads))) == [
        Record(0, 4, RemoveKey(A), first),
        Record(1, 3, Get(A), second),
        Record(5, 6, Get(A), reads[0]),
        Record(7, 8, ListKeys(), reads[1]),
    ]


def test_what_set_and_move_return_says_nothing():
    operations = (Get(A), HasKey(A), ListKeys(), RemoveKey(A), Set(A, "1"), Add(A, "1"), Move(A, B))

    assert [is_answer(operation) for operation in operations] == [True, True, True, True, False, False, False]
