"""What a process does while it is killed or refused: short programs, and the states that a reader may then see."""

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Add, Move, Operation, Program, RemoveKey, Set
from spec_store import Key

LARGE = 20_000
"""How long a value is that no buffer holds, in characters."""


@attrs.frozen
class Scenario:
    """Operations that are done before, and those during which the process dies or is refused a call."""

    title: str
    initial: Program
    program: Program

    @property
    def keys(self) -> tuple[Any, ...]:
        """The keys that are looked at, each once."""
        every = (*self.initial, *self.program)
        return tuple(dict.fromkeys(key for operation in every for key in operation.keys))


def scenarios(harness: Harness) -> tuple[Scenario, ...]:
    """Short programs, what is likeliest to go wrong first."""
    a, b, c = (harness.material.plain_key(number) for number in range(3))
    old, new = harness.material.value(1), harness.material.value(2)
    large = "0123456789" * (LARGE // 10) if harness.material.values is None else harness.material.value(3)
    return (
        Scenario("overwriting a value", (Set(a, old),), (Set(a, new),)),
        Scenario("overwriting with a large value", (Set(a, old),), (Set(a, large),)),
        Scenario("a move onto a stored key", (Set(a, old), Set(b, new)), (Move(a, b),)),
        Scenario("a move", (Set(a, old),), (Move(a, b),)),
        Scenario("a move of a key onto itself", (Set(a, old),), (Move(a, a),)),
        Scenario("a new key", (Set(a, old),), (Set(b, new),)),
        Scenario("an add", (Set(a, old),), (Add(c, new),)),
        Scenario("a removal", (Set(a, old), Set(b, new)), (RemoveKey(a),)),
        Scenario("several writes", (), (Set(a, old), Set(b, new), Move(a, c), RemoveKey(b))),
    )


DRAWN = "operations drawn at random"
"""The title of every scenario that is."""

MOST_KEYS, MOST_BEFORE = 4, 3
"""How many keys a scenario that is drawn has at most, and how many operations are done before."""


def drawn(harness: Harness, random: Random, count: int) -> Iterator[Scenario]:
    """Up to `count` short programs over the families of keys that random programs have, as far as those can be stored.

    Args:
        harness: the subject.
        random: where the choices come from.
        count: how many families to take, spread over all.
    """
    kinds = [kind for kind in (Set, Set, Set, Add, Move, RemoveKey) if not harness.avoids(kind.name)]
    if not kinds:
        return
    families = harness.material.families
    first = random.randrange(len(families))
    for number in range(count):
        family = families[(first + number * len(families) // count) % len(families)]
        keys = [key for key in family if key != ID_KEY and harness.refusals.of_key(key) is None][:MOST_KEYS]
        if not keys:
            continue
        writers = itertools.count(1)
        initial = tuple(
            _drawn(harness, random, kinds, keys, next(writers)) for _ in range(random.randint(0, MOST_BEFORE))
        )
        program = tuple(
            _drawn(harness, random, kinds, keys, next(writers)) for _ in range(random.choice((1, 1, 1, 2, 3)))
        )
        yield Scenario(DRAWN, initial, program)


def _drawn(
    harness: Harness, random: Random, kinds: Sequence[type[Operation]], keys: Sequence[Key], number: int
) -> Operation:
    """A random write; `number` tells its value from those of others."""
    kind = random.choice(kinds)
    key = random.choice(keys)
    if kind is Move:
        return Move(key, random.choice(keys))
    if kind is RemoveKey:
        return RemoveKey(key)
    value = harness.material.value(number, random.randrange(100))
    return Add(key, value) if kind is Add else Set(key, value)


OPENING = Scenario("opening empty storage", (), ())
