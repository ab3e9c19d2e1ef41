"""What a process does while it is killed or refused a call: short programs.

Short, because each is run once for every call that it makes, and more than once for some. Most have one operation, so
that there is no doubt which one is in flight, and what it works on is stored before.
"""

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.material import PAGES
from conformance.programs.operations import Add, Move, Operation, Program, RemoveKey, Reopen, Set, Update
from spec_store import Key

LARGE = 40_000
"""How long a value is that neither a buffer nor a block of a journal holds (32 KiB in some), in characters."""


@attrs.frozen
class Scenario:
    """Operations that are done before, and those during which the process dies or is refused a call."""

    title: str
    initial: Program
    program: Program

    @property
    def is_drawn(self) -> bool:
        """Whether chance has made it."""
        return self.title == DRAWN

    @property
    def is_plain(self) -> bool:
        """Whether it is so short, and its operations so plain, that what it shows is told as it is."""
        return self.title not in (DRAWN, LONG)

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
        # Written in place, a value is torn; and where it is removed first, it is neither the old nor the new one.
        Scenario("overwriting a value", (Set(a, old),), (Set(a, new),)),
        # A value that one write does not take is torn within the value, where a small one never is.
        Scenario("overwriting with a large value", (Set(a, old),), (Set(a, large),)),
        # What a longer key takes besides (a directory, a row of another table) may be written in another way.
        *(
            Scenario("overwriting a value of a longer key", (Set(one, old),), (Set(one, new),))
            for one in _longer(harness)
        ),
        # A move has two keys to change: copied and removed, or removed and copied, it is seen half done.
        Scenario("a move onto a stored key", (Set(a, old), Set(b, new)), (Move(a, b),)),
        Scenario("a move", (Set(a, old),), (Move(a, b),)),
        # A move by copying and removing, or by way of a temporary name, loses the value for a moment or for good.
        Scenario("a move of a key onto itself", (Set(a, old),), (Move(a, a),)),
        # What makes a key may make directories for it, and an entry of a list beside the value.
        Scenario("a new key", (Set(a, old),), (Set(b, new),)),
        *([] if harness.avoids(Add.name) else [Scenario("an add", (Set(a, old),), (Add(c, new),))]),
        # What was removed must not come back, and nothing else must go.
        Scenario("a removal", (Set(a, old), Set(b, new)), (RemoveKey(a),)),
        # A method of its own in some stores, with a way to write of its own.
        *([] if harness.avoids(Update.name) else [Scenario("an update", (Set(a, old),), (Update(a, new),))]),
    )


def long_scenarios(harness: Harness) -> tuple[Scenario, ...]:
    """Programs of eight writes, for what is only wrong where several are in a journal, or one fills it.

    What was acknowledged is there though a later operation is in flight. What is replayed twice shows where a key is
    moved and then set, where what was added is removed, or a value is moved back. A journal that has a part of a large
    value has it in several blocks. What is written when a store is closed, or opened, is written amid the program.
    """
    a, b, c = (harness.material.plain_key(number) for number in range(3))
    one, two, three = (harness.material.value(number) for number in range(1, 4))
    pages = one * PAGES if harness.material.values is None else harness.material.value(4)
    every: tuple[Program, ...] = (
        (
            Move(a, b),
            Set(a, pages),
            Add(c, two),
            Move(b, c),
            Set(c, three),
            Update(a, one),
            RemoveKey(c),
            Set(b, pages),
        ),
        (RemoveKey(b), Set(a, two), Reopen(), Move(a, c), Set(a, pages), Reopen(), Set(c, one), Move(a, b)),
    )
    return tuple(
        Scenario(
            LONG,
            (Set(a, one), Set(b, two)),
            tuple(
                Set(operation.key, operation.value)
                if isinstance(operation, Add | Update) and harness.avoids(operation.name)
                else operation
                for operation in program
            ),
        )
        for program in every
    )


def _longer(harness: Harness) -> Iterator[Key]:
    """A plain key that is longer than the shortest, if the subject takes one."""
    a, b = (harness.material.plain_key(number) for number in range(2))
    longer = (*a, b[0])
    if len(longer) <= harness.material.lengths[1] and harness.refusals.of_key(longer) is None:
        yield longer


OPENING = Scenario("opening empty storage", (), ())
"""The process makes the store, and reads its id; nothing is there before."""

DRAWN, LONG = "operations drawn at random", "writes one after another"
"""The titles of every scenario that is drawn, and of every long one."""

MOST_KEYS, MOST_BEFORE = 4, 3
"""How many keys a scenario that is drawn has at most, and how many operations are done before."""


def draw_scenarios(harness: Harness, random: Random, count: int) -> Iterator[Scenario]:
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
            _draw_write(harness, random, kinds, keys, next(writers)) for _ in range(random.randint(0, MOST_BEFORE))
        )
        program = tuple(
            _draw_write(harness, random, kinds, keys, next(writers)) for _ in range(random.choice((1, 1, 1, 2, 3)))
        )
        yield Scenario(DRAWN, initial, program)


def _draw_write(
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
