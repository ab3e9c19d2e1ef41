"""A walk takes every transition and sees what each has done; brief programs are all that there are."""

import itertools

import pytest

from conformance.programs.operations import Get, HasKey, ListKeys, Move, RemoveKey, Reopen, Set
from conformance.programs.small_world import EXTENDED, OF_EVERY_STORE, Act, Shape, WorldState, acts
from conformance.programs.walks import MOST_WRITES, brief_programs, graph, walk

SHAPES = [
    Shape(3, 2, 4),
    Shape(3, 2, 13, (*OF_EVERY_STORE, Reopen)),
    Shape(3, 2, 4, (*OF_EVERY_STORE, *EXTENDED)),
    Shape(2, 1, 3),
    Shape(1, 1, 2),
]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


@pytest.mark.parametrize(
    ("shape", "count"), [(Shape(3, 2, 4), 756), (Shape(3, 2, 4, (*OF_EVERY_STORE, *EXTENDED)), 1269)]
)
def test_three_keys_and_two_values_have_so_many_transitions(shape, count):
    assert graph(shape).transitions == count


@every_shape
def test_a_walk_takes_every_transition_each_from_where_the_one_before_has_led(shape):
    world, steps = graph(shape), walk(shape)
    assert set(steps) == set(itertools.product(range(len(world.states)), range(len(world.acts))))
    assert world.states[steps[0][0]] == WorldState.empty(shape.keys)
    for (state, number), (there, _) in itertools.pairwise(steps):
        assert world.after[state][number] == there


@every_shape
def test_a_walk_is_not_much_longer_than_it_has_to_be(shape):
    assert len(walk(shape)) < 1.9 * graph(shape).transitions


@every_shape
def test_nothing_is_covered_up_by_a_write_that_was_not_read_since_the_last_one(shape):
    world = graph(shape)
    unread: set[int] = set()
    for there, number in walk(shape):
        state, act = world.states[there], world.acts[number]
        assert unread.isdisjoint(state.covered_up(act))
        if act.kind in (Get, HasKey):
            unread.discard(act.first)
        elif act == Act(ListKeys):
            unread -= {key for key in unread if state.held[key] is None}
        elif act.kind.writes:
            unread.update(range(shape.keys))
    assert not unread


def all_brief_ones():
    """Every sequence of up to four writes on two keys, but for those that go on after one that changes nothing."""
    table = [act for act in acts(Shape(2, 2, 0)) if act.kind.writes]
    for length in range(1, MOST_WRITES + 1):
        for program in itertools.product(table, repeat=length):
            passed = list(itertools.accumulate(program, WorldState.after, initial=WorldState.empty(2)))
            if all(one != other for one, other in itertools.pairwise(passed[:-1])):
                yield program


def renamed(program, keys, values):
    seconds = {Set: values, Move: keys, RemoveKey: (0,)}
    return tuple(Act(each.kind, keys[each.first], seconds[each.kind][each.second]) for each in program)


def test_brief_programs_are_all_that_there_are_but_for_the_names_of_their_keys_and_values():
    found = brief_programs()
    same = {
        renamed(program, keys, values) for program in found for keys in ((0, 1), (1, 0)) for values in ((0, 1), (1, 0))
    }
    assert same == set(all_brief_ones())
    assert len(found) == 324


def test_brief_programs_come_shortest_first():
    lengths = [len(program) for program in brief_programs()]
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (1, MOST_WRITES)


def test_brief_programs_of_one_value_are_fewer():
    assert set(brief_programs(1)) < set(brief_programs())
    assert Get not in {act.kind for program in brief_programs() for act in program}
