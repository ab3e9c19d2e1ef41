"""The small world: every operation on three keys and two values, from every state that they can be in.

A fault that no list of tricks has foreseen needs a state, an operation and a look at what that left. With three keys
and two values there are 27 states and some 30 operations, so that all of this can be done, without luck. Keys, values
and prefixes are told by their numbers here, for the same walk serves any three keys; `on` puts them in.

| of a shape                | how many, of six plain operations   | what it finds                                      |
|---------------------------|-------------------------------------|----------------------------------------------------|
| states                    | 27: each key missing, or of a value |                                                    |
| transitions               | 756: each operation from each state | what a state and an operation take                 |
| steps of a walk           | about twice as many                 | the same, and what the one after the other takes   |
| brief programs (two keys) | 324, of up to four writes           | what a history takes that starts from a new store  |

`walks` has the walks and the brief programs. Everything else that performs each operation there is takes it from the
table here as well: the laws of the specification do.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import attrs

from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    Update,
)
from spec_store import Key

Kind: TypeAlias = type[Operation]

OF_EVERY_STORE: tuple[Kind, ...] = (Get, HasKey, ListKeys, RemoveKey, Move, Set)
"""The operations that every store has, those that read first, then those that change least."""

EXTENDED: tuple[Kind, ...] = (GetAll, Add, Update, AddOrUpdate)
"""Those of 1.x."""

AT_ONCE = 3
"""How many keys a small world has."""


# The table


@attrs.frozen
class Act:
    """An operation by numbers: of a key, and of what its kind takes besides.

    Args:
        kind: what is done.
        first: the number of the key, or of the prefix.
        second: the number of the value, or of the key that is moved to.
    """

    kind: Kind
    first: int = 0
    second: int = 0

    def on(self, keys: Sequence[Key], values: Sequence[Any], prefixes: Sequence[Key] = ()) -> Operation:
        """The operation on these keys, with these values."""
        kind: Callable[..., Operation] = self.kind
        match _takes(self.kind):
            case ():
                return kind()
            case ("prefixes",):
                return kind(prefixes[self.first])
            case ("keys",):
                return kind(keys[self.first])
            case ("keys", "keys"):
                return kind(keys[self.first], keys[self.second])
        return kind(keys[self.first], values[self.second])


def _takes(kind: Kind) -> tuple[str, ...]:
    """What the operations of a kind are about."""
    if kind is ListKeys:
        return ("prefixes",)
    if kind in (GetAll, ReadId, Reopen):
        return ()
    if kind is Move:
        return ("keys", "keys")
    return ("keys",) if kind in (Get, HasKey, RemoveKey) else ("keys", "values")


@attrs.frozen
class Shape:
    """How large a small world is; all of one shape have one graph, and one walk.

    Args:
        keys: how many keys it has.
        values: how many values.
        prefixes: how many prefixes, the empty one first.
        kinds: what operations it has.
    """

    keys: int
    values: int
    prefixes: int
    kinds: tuple[Kind, ...] = OF_EVERY_STORE


@functools.lru_cache(maxsize=256)
def acts(shape: Shape) -> tuple[Act, ...]:
    """Everything that can be done in a world of that shape: the one table of operations."""
    sizes = {"keys": shape.keys, "values": shape.values, "prefixes": shape.prefixes}
    return tuple(
        Act(kind, *numbers)
        for kind in shape.kinds
        for numbers in itertools.product(*(range(sizes[each]) for each in _takes(kind)))
    )


# States


@attrs.frozen
class WorldState:
    """What each key holds.

    Args:
        held: for each key the number of its value; None where it is missing.
    """

    held: tuple[int | None, ...]

    @classmethod
    def empty(cls, keys: int) -> "WorldState":
        """The state of a new store."""
        return cls((None,) * keys)

    def succeeds(self, act: Act) -> bool:
        """Whether an operation is to return from here, and not to raise."""
        stored = act.kind not in (Get, Update, Move) or self.held[act.first] is not None
        return stored and (act.kind is not Add or self.held[act.first] is None)

    def after(self, act: Act) -> "WorldState":
        """The state after an operation; the same one where it changes nothing."""
        if not act.kind.writes or act.kind is Reopen or not self.succeeds(act):
            return self
        held = list(self.held)
        if act.kind is Move:
            value, held[act.first] = held[act.first], None
            held[act.second] = value
        else:
            held[act.first] = None if act.kind is RemoveKey else act.second
        return WorldState(tuple(held))

    def covered_up(self, act: Act) -> tuple[int, ...]:
        """The keys whose state nobody can tell any more after an operation, though it was wrong before."""
        if not act.kind.writes or act.kind is Reopen or not self.succeeds(act):
            return ()
        return (act.second,) if act.kind is Move else (act.first,)

    def shortest(self) -> tuple[Act, ...]:
        """The fewest writes that lead here from a new store."""
        return tuple(Act(Set, key, value) for key, value in enumerate(self.held) if value is not None)


def states(shape: Shape) -> Iterator[WorldState]:
    """Every state of a world of that shape."""
    for held in itertools.product((None, *range(shape.values)), repeat=shape.keys):
        yield WorldState(held)


# What the numbers stand for


@attrs.frozen
class SmallWorld:
    """What the numbers of a small world stand for.

    Args:
        keys: different keys.
        values: different values.
        prefixes: what is listed.
    """

    keys: tuple[Key, ...]
    values: tuple[Any, ...]
    prefixes: tuple[Key, ...]

    def shape(self, kinds: Sequence[Kind]) -> Shape:
        """Its shape, with operations of these kinds."""
        return Shape(len(self.keys), len(self.values), len(self.prefixes), tuple(kinds))

    def operations(self, kinds: Sequence[Kind]) -> Program:
        """Every operation of these kinds, in the order of their acts."""
        return self.performing(acts(self.shape(kinds)))

    def performing(self, chosen: Iterable[Act]) -> Program:
        """The operations of some acts."""
        return tuple(act.on(self.keys, self.values, self.prefixes) for act in chosen)

    def contents(self, state: WorldState) -> dict[Key, Any]:
        """What is stored in a state."""
        held = zip(self.keys, state.held, strict=True)
        return {key: self.values[number] for key, number in held if number is not None}


def world_of(keys: Sequence[Key], values: Sequence[Any]) -> SmallWorld:
    """The small world of some keys, with every prefix of them, the empty one first."""
    prefixes = dict.fromkeys(key[:length] for key in keys for length in range(len(key) + 1))
    return SmallWorld(tuple(keys), tuple(values), tuple(dict.fromkeys(((), *prefixes))))
