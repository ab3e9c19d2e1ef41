"""Rounds under load: random ones, directed ones, and the orders of their operations."""

from random import Random

import pytest

from conformance import Claims
from conformance.concurrent.load.rounds import (
    Round,
    RoundResult,
    of_adds,
    of_moves,
    of_own_keys,
    of_removals,
    orders,
    random_round,
)
from conformance.programs.material import material
from conformance.programs.operations import Add, Get, RemoveKey, Set
from tests.conformance.concurrent.load.examples import A, seen_by


def test_rounds_are_the_same_for_the_same_seed_and_have_no_operation_that_is_left_out():
    plain = material(Claims())
    first, second = ([random_round(r, plain, frozenset({"add"}), 3) for _ in range(50)] for r in (Random(7), Random(7)))

    assert first == second
    assert {len(one.clients) for one in first} == {3}
    assert "add" not in {operation.name for one in first for operation in one.every}


@pytest.mark.parametrize("clients", [2, 3, 6])
@pytest.mark.parametrize("make", [of_adds, of_removals, of_moves, of_own_keys])
def test_a_round_that_is_made_has_every_client_and_only_keys_that_there_are(make, clients):
    one = make(material(Claims()), clients)

    assert len(one.clients) == clients
    wanted = [{operation.keys[0] for operation in client} for client in one.clients]
    assert all(wanted)
    if make is of_own_keys:
        assert sum(map(len, wanted)) == len(set().union(*wanted))
    else:
        assert all(keys == wanted[0] for keys in wanted)
    stored = {operation.keys[0] for operation in one.initial}
    assert stored == (wanted[0] if make in (of_removals, of_moves) else set())


def test_values_of_a_round_differ():
    for number in range(50):
        one = random_round(Random(number), material(Claims()), frozenset(), 3)
        values = [operation.value for operation in one.every if isinstance(operation, Set | Add)]
        assert len(values) == len(set(values))


def test_orders_have_every_operation_and_what_was_done_before():
    round_ = Round((Set(A, "1"),), ((Get(A), RemoveKey(A)), (Set(A, "2"),)))

    every = list(orders(RoundResult(round_), Random(0), 20))

    assert len(every) == 3
    assert all(order[0] == Set(A, "1") and len(order) == 4 for order in every)


def test_the_first_orders_are_those_of_the_begins_and_of_the_ends():
    round_ = Round((), ((Get(A),), (RemoveKey(A),), (Set(A, "1"),)))
    seen = seen_by((1, 3, 4, Get(A), "1"), (2, 2, 6, RemoveKey(A), True), (3, 1, 5, Set(A, "1"), None))

    first, second, *_ = orders(RoundResult(round_, seen), Random(0), 20)

    assert first == (Set(A, "1"), RemoveKey(A), Get(A))
    assert second == (Get(A), Set(A, "1"), RemoveKey(A))
