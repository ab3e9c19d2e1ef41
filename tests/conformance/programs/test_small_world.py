"""The small world is whole: every state, every operation, and what each leads to, as the reference has it."""

import itertools

import pytest

from conformance.harness.performing import perform
from conformance.programs.operations import Get, ListKeys, Move, RemoveKey, Reopen, Set
from conformance.programs.outcomes import Returned
from conformance.programs.small_world import (
    EXTENDED,
    OF_EVERY_STORE,
    Shape,
    WorldState,
    acts,
    states,
    world_of,
)
from spec_store import InMemoryStoreBackend

WORLD = world_of((("a",), ("a", "b"), ("ab",)), ("", "xy"))
ALL = (*OF_EVERY_STORE, *EXTENDED)


def reference_in(world, state):
    backend = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in world.performing(state.shortest()):
        operation.on(backend)
    return backend


def contents_of(backend):
    return {key: backend.get(key) for key in backend.list_keys()}


def test_three_keys_of_two_values_have_27_states():
    every = list(states(Shape(3, 2, 4)))
    assert len(every) == len(set(every)) == 27
    assert every[0] == WorldState.empty(3)


@pytest.mark.parametrize(
    ("kinds", "count"), [(OF_EVERY_STORE, 28), (ALL, 47), ((*ALL, Reopen), 48), ((Set,), 6), ((), 0)]
)
def test_the_table_has_every_operation_once(kinds, count):
    operations = WORLD.operations(kinds)
    assert len(operations) == len(set(operations)) == count


def test_every_prefix_of_the_keys_is_listed_the_empty_one_first():
    assert WORLD.operations((ListKeys,)) == tuple(map(ListKeys, ((), ("a",), ("a", "b"), ("ab",))))


def test_a_state_is_reached_by_its_shortest_writes():
    for state in states(WORLD.shape(())):
        assert contents_of(reference_in(WORLD, state)) == WORLD.contents(state)
        assert len(state.shortest()) == len(WORLD.contents(state))


def test_each_operation_leads_from_each_state_where_it_leads_the_reference():
    table = acts(WORLD.shape(ALL))
    for state, act in itertools.product(states(WORLD.shape(())), table):
        backend = reference_in(WORLD, state)
        outcome = perform(act.on(WORLD.keys, WORLD.values, WORLD.prefixes), backend)
        assert isinstance(outcome, Returned) is state.succeeds(act), (state, act)
        assert contents_of(backend) == WORLD.contents(state.after(act)), (state, act)


def test_what_an_operation_covers_up_makes_no_difference_to_what_it_leaves():
    for state, act in itertools.product(states(WORLD.shape(())), acts(WORLD.shape(ALL))):
        for key in set(state.covered_up(act)) - {act.first if act.kind is Move else None}:
            others = [WorldState((*state.held[:key], held, *state.held[key + 1 :])) for held in (None, 0, 1)]
            alike = [other for other in others if other.succeeds(act)]
            assert {other.after(act).held[key] for other in alike} == {state.after(act).held[key]}


def test_a_world_says_its_operations_by_its_own_keys_and_values():
    state = WorldState((0, None, 1))
    assert WORLD.performing(state.shortest()) == (Set(("a",), ""), Set(("ab",), "xy"))
    table = acts(WORLD.shape((RemoveKey, Move, Get)))
    assert RemoveKey(("a", "b")) in WORLD.performing(table)
    assert Move(("a", "b"), ("ab",)) in WORLD.performing(table)
    assert Get(("ab",)) in WORLD.performing(table)
