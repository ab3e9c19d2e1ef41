"""What is foretold of the small world is what the oracle says of the reference."""

import itertools

import pytest

from conformance.programs.operations import Reopen
from conformance.programs.small_world import EXTENDED, OF_EVERY_STORE, world_of
from conformance.programs.walks import graph
from conformance.sequential.expectations import Bag
from conformance.sequential.foretold import Foretold
from conformance.sequential.oracle import expectation
from spec_store import InMemoryStoreBackend

WORLDS = [
    world_of((("a",), ("a", "b"), ("ab",)), ("", "xy")),
    world_of((("b",), ("a",)), (None, 0, False)),
    world_of(((), ("a", "a")), ("1",)),
]


def reference_in(contents):
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for key, value in contents.items():
        reference.set(key, value)
    return reference


def in_order(expected):
    return Bag(tuple(sorted(expected.values, key=repr))) if isinstance(expected, Bag) else expected


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: str(world.keys))
def test_of_every_transition_the_same_is_foretold_as_the_oracle_says_of_the_reference(world):
    known = graph(world.shape((*OF_EVERY_STORE, *EXTENDED, Reopen)))
    foretold = Foretold(world, known, world.performing(known.acts))
    for state, act in itertools.product(range(len(known.states)), range(len(known.acts))):
        reference = reference_in(world.contents(known.states[state]))
        said = expectation(foretold.operations[act], reference)
        assert in_order(foretold.of((state, act))) == in_order(said), (state, foretold.operations[act])
