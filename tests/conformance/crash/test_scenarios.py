from random import Random

import attrs
import pytest

from conformance import Claims, Subject
from conformance.crash.scenarios import DRAWN, draw_scenarios, scenarios
from conformance.harness.harness import Harness
from conformance.programs.operations import Add, Move, RemoveKey, Set
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import harness_of


def test_scenarios_are_drawn_alike_from_one_seed_and_end_with_writes():
    harness = harness_of(InMemoryStoreBackend)
    once, again = (list(draw_scenarios(harness, Random(3), 20)) for _ in range(2))
    assert once == again
    assert 0 < len(once) <= 20
    assert {scenario.title for scenario in once} == {DRAWN}
    assert all(operation.writes for scenario in once for operation in (*scenario.initial, *scenario.program))
    assert all(scenario.program for scenario in once)


def test_what_the_subject_is_known_to_fail_at_is_not_drawn():
    harness = attrs.evolve(harness_of(InMemoryStoreBackend), avoid=frozenset({Set.name, Add.name, Move.name}))
    every = [operation for one in draw_scenarios(harness, Random(0), 20) for operation in (*one.initial, *one.program)]
    assert {type(operation) for operation in every} == {RemoveKey}


def test_nothing_is_drawn_where_no_write_is_left():
    writes = frozenset(one.name for one in (Set, Add, Move, RemoveKey))
    harness = attrs.evolve(harness_of(InMemoryStoreBackend), avoid=writes)
    assert list(draw_scenarios(harness, Random(0), 20)) == []


@pytest.mark.parametrize(("claims", "wanted"), [(Claims(), 2), (Claims(key_length=1), 1)])
def test_a_longer_key_is_overwritten_too_where_the_subject_takes_one(claims, wanted):
    harness = Harness(Subject(lambda place, **options: InMemoryStoreBackend(**options), claims=claims))
    written = [operation for one in scenarios(harness) for operation in one.program]

    assert max(len(key) for operation in written for key in operation.keys) == wanted
