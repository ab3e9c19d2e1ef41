"""Ways through a small world: one that takes every transition, and all that are short.

A walk is to see what it has brought about, so it obeys one rule: what a write is about to cover up is read before, if
anything has been written since it was read last. So a write costs one read at most, and still nothing that a write did
wrong to any key goes unseen, be it a key that it does not name.
"""

import functools
from collections import deque
from collections.abc import Sequence
from typing import TypeAlias

import attrs

from conformance.programs.operations import Get, HasKey, ListKeys, Move, Set
from conformance.programs.small_world import Act, Shape, WorldState, acts, states

MOST_WRITES = 4
"""How many writes a brief program has at most."""


@attrs.frozen
class Graph:
    """A small world by numbers, for walks: of states and of acts.

    Args:
        shape: how large it is.
        states: every state; the first is that of a new store.
        acts: every act.
        after: for each state, the number of the state after each act.
    """

    shape: Shape
    states: tuple[WorldState, ...]
    acts: tuple[Act, ...]
    after: tuple[tuple[int, ...], ...]

    @property
    def transitions(self) -> int:
        """How many transitions it has: each act from each state."""
        return len(self.states) * len(self.acts)


@functools.lru_cache(maxsize=64)
def graph(shape: Shape) -> Graph:
    """The graph of a shape."""
    every = tuple(states(shape))
    numbers = {state: number for number, state in enumerate(every)}
    table = acts(shape)
    after = tuple(tuple(numbers[state.after(act)] for act in table) for state in every)
    return Graph(shape, every, table, after)


Transition: TypeAlias = tuple[int, int]
"""The number of a state, and that of the act that is performed from there."""


@attrs.define
class _Walker:
    """Where a walk has come to, and what it has still to do.

    Args:
        graph: where it walks.
        untaken: the acts that it has not performed yet, of each state.
        state: where it is.
        steps: those that it has taken.
        unread: the keys that have not been read since something was written.
    """

    graph: Graph
    untaken: list[deque[int]]
    state: int = 0
    steps: list[Transition] = attrs.field(factory=list)
    unread: set[int] = attrs.field(factory=set)

    def take(self, number: int) -> None:
        """Perform an act, having read what it covers up."""
        state = self.graph.states[self.state]
        for key in state.covered_up(self.graph.acts[number]):
            if key in self.unread:
                self._perform(self._reading(key))
        self._perform(number)

    def _reading(self, key: int) -> int:
        """What tells the state of a key: of one that is missing, in turns that it is not listed, or not there."""
        if self.graph.states[self.state].held[key] is not None:
            return self.graph.acts.index(Act(Get, key))
        return self.graph.acts.index(Act(ListKeys) if len(self.steps) % 2 else Act(HasKey, key))

    def _perform(self, number: int) -> None:
        self.steps.append((self.state, number))
        act = self.graph.acts[number]
        if act.kind is Get or act.kind is HasKey:
            self.unread.discard(act.first)
        elif act == Act(ListKeys):
            held = self.graph.states[self.state].held
            self.unread = {key for key in self.unread if held[key] is not None}
        elif act.kind.writes:
            self.unread.update(range(self.graph.shape.keys))
        self.state = self.graph.after[self.state][number]

    def nearest(self) -> tuple[int, ...]:
        """The fewest writes that lead to a state in which there is still something to do; () if there is none."""
        ways: dict[int, tuple[int, ...]] = {self.state: ()}
        waiting = deque([self.state])
        while waiting:
            here = waiting.popleft()
            if self.untaken[here]:
                return ways[here]
            for number, there in enumerate(self.graph.after[here]):
                if there not in ways:
                    ways[there] = (*ways[here], number)
                    waiting.append(there)
        return ()


@functools.lru_cache(maxsize=64)
def walk(shape: Shape) -> tuple[Transition, ...]:
    """Steps from a new store on that take every act from every state, and see what each of them does."""
    world = graph(shape)
    walker = _Walker(world, [deque(range(len(world.acts))) for _ in world.states])
    while True:
        while walker.untaken[walker.state]:
            walker.take(walker.untaken[walker.state].popleft())
        way = walker.nearest()
        if not way:
            break
        for number in way:
            walker.take(number)
    ending = (number for number, act in enumerate(world.acts) if act.kind in (Get, ListKeys))
    return (*walker.steps, *((walker.state, number) for number in ending))


# Brief programs


@functools.lru_cache(maxsize=8)
def brief_programs(values: int = 2) -> tuple[tuple[Act, ...], ...]:
    """All programs of up to four writes on two keys, but for those that are another one with its keys exchanged.

    What is to change nothing comes last in a program, or not at all: else there would be ten times as many. What it
    did not leave alone, a walk sees.
    """
    table = [act for act in acts(Shape(2, values, 0)) if act.kind.writes]
    found: dict[tuple[Act, ...], None] = {}
    waiting: deque[tuple[tuple[Act, ...], WorldState]] = deque([((), WorldState.empty(2))])
    while waiting:
        program, state = waiting.popleft()
        for act in table:
            longer, there = (*program, act), state.after(act)
            if _is_in_order(longer):
                found.setdefault(longer)
                if there != state and len(longer) < MOST_WRITES:
                    waiting.append((longer, there))
    return tuple(found)


def _is_in_order(program: Sequence[Act]) -> bool:
    """Whether keys and values are met in the order of their numbers."""
    keys = [
        number for each in program for number in ((each.first, each.second) if each.kind is Move else (each.first,))
    ]
    given = [each.second for each in program if each.kind is Set]
    return all(list(dict.fromkeys(met)) == sorted(set(met)) == list(range(len(set(met)))) for met in (keys, given))
