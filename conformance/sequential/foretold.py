"""What is to come of each step in a small world, told by the numbers of its state, with no reference beside it.

It says the same as the oracle says of the reference, once for each transition; a test holds that it does.
"""

import attrs

from conformance.programs.operations import Get, GetAll, HasKey, ListKeys, Move, Operation
from conformance.programs.small_world import Act, SmallWorld, WorldState
from conformance.programs.walks import Graph, Transition
from conformance.sequential.expectations import MISSING, REFUSED, Anything, Bag, Exactly, Expectation, Lists
from spec_store import Key
from spec_store.keys import starts_with

ANYTHING, TRUE, FALSE = Anything(), Exactly(True), Exactly(False)


@attrs.define
class Foretold:
    """What is to come of each step in a world.

    Args:
        world: the world.
        graph: its graph.
        operations: what its acts are there.
    """

    world: SmallWorld
    graph: Graph
    operations: tuple[Operation, ...]
    _known: dict[Transition, Expectation] = attrs.field(factory=dict)
    _listed: dict[tuple[Key, tuple[bool, ...]], Lists] = attrs.field(factory=dict)

    def of(self, step: Transition) -> Expectation:
        """What is to come of a step."""
        if step not in self._known:
            self._known[step] = self.expected(self.graph.states[step[0]], self.graph.acts[step[1]])
        return self._known[step]

    def expected(self, state: WorldState, act: Act) -> Expectation:
        """What is to come of an act from a state."""
        if act.kind is Get:
            held = state.held[act.first]
            return MISSING if held is None else Exactly(self.world.values[held])
        if act.kind is HasKey:
            return FALSE if state.held[act.first] is None else TRUE
        if act.kind is ListKeys:
            return self._listing(self.world.prefixes[act.first], state)
        if act.kind is GetAll:
            return Bag(tuple(self.world.contents(state).values()))
        if state.succeeds(act):
            return ANYTHING
        return MISSING if act.kind is Move else REFUSED

    def _listing(self, prefix: Key, state: WorldState) -> Lists:
        stored = tuple(held is not None for held in state.held)
        if (prefix, stored) not in self._listed:
            there = (key for key, is_there in zip(self.world.keys, stored, strict=True) if is_there)
            self._listed[prefix, stored] = Lists(frozenset(key for key in there if starts_with(key, prefix)))
        return self._listed[prefix, stored]
