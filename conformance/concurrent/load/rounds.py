"""What a round under load is: a program for each of several clients, threads or processes, and what was seen of it.

Half of the rounds are random. The others are directed: all clients want the same at once, or each a key of its own,
which is where most stores fail that fail at all.
"""

from collections.abc import Iterator
from itertools import chain, count
from random import Random

import attrs

from conformance.concurrent.histories.records import Record
from conformance.programs.material import PAGES, Material
from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, Operation, Program, RemoveKey, Set
from spec_store import Key

OPERATION_KINDS: tuple[type[Operation], ...] = (Set, Add, Move, RemoveKey, Get, HasKey, ListKeys)

FEWEST_OPERATIONS, MOST_OPERATIONS = 4, 8
"""How many operations each client of a round has."""

KEYS_OF_A_ROUND = 3
"""How many keys a random round has."""

WANTED = 6
"""How many keys there are that all clients want."""


@attrs.frozen
class Round:
    """Operations on a new store: some one after another, then those of each client at once with those of the others.

    Args:
        initial: what is done before.
        clients: what each thread or process does, one operation after another.
    """

    initial: Program
    clients: tuple[Program, ...]

    @property
    def every(self) -> Program:
        """All operations."""
        return (*self.initial, *(operation for client in self.clients for operation in client))

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that the operations name, each once."""
        return tuple(dict.fromkeys(key for operation in self.every for key in operation.keys))

    @property
    def reads(self) -> Program:
        """The reads that show what the round has left."""
        return (*(Get(key) for key in self.keys), ListKeys())


@attrs.frozen
class Seen:
    """What was seen of an operation, and which client did it: 1 is the first, 0 what was done before or afterwards."""

    client: int
    record: Record


@attrs.frozen
class RoundResult:
    """What came of a round.

    Args:
        round: the round.
        seen: the operations, of which those of a process that did not end are missing.
        stuck: for each client that did not end, by its number, what is to be said of it.
        impediment: why the round could not be run; None if it could.
    """

    round: Round
    seen: tuple[Seen, ...] = ()
    stuck: tuple[tuple[int, str], ...] = ()
    impediment: str | None = None


def random_round(
    random: Random, material: Material, without: frozenset[str], clients: int, most_keys: int = KEYS_OF_A_ROUND
) -> Round:
    """A round of random operations: of some kinds alone, on one to three keys, with values that differ.

    Args:
        random: where the choices come from.
        material: what keys and values are made of.
        without: names of operations not to have.
        clients: how many clients.
        most_keys: how many keys at most.
    """
    size = min(random.choice((1, 1, 2, 2, 3)), most_keys)
    keys = list(dict.fromkeys(material.plain_key(number) for number in range(size)))
    able = [kind for kind in OPERATION_KINDS if kind.name not in without and (kind is not Move or len(keys) > 1)]
    writing = [kind for kind in able if kind.writes]
    kinds = random.sample(writing, min(random.randint(1, 2), len(writing)))
    kinds += random.sample(able, min(random.randint(0, 2), len(able)))
    numbers = count(1)
    initial = tuple(Set(key, material.value(next(numbers))) for key in keys if random.random() < 0.7)
    lengths = [random.randint(FEWEST_OPERATIONS, MOST_OPERATIONS) for _ in range(clients)]
    return Round(
        initial if Set.name not in without else (),
        tuple(tuple(_operation(random, kinds, keys, material, numbers) for _ in range(size)) for size in lengths),
    )


def _operation(
    random: Random, kinds: list[type[Operation]], keys: list[Key], material: Material, numbers: Iterator[int]
) -> Operation:
    kind = random.choice(kinds)
    if kind is ListKeys:
        return ListKeys()
    if kind is Move:
        source, dest = random.sample(keys, 2)
        return Move(source, dest)
    key = random.choice(keys)
    if kind is Set or kind is Add:
        return kind(key, material.value(next(numbers)))
    return Get(key) if kind is Get else HasKey(key) if kind is HasKey else RemoveKey(key)


def of_pages(material: Material, clients: int) -> Round | None:
    """A round in which one client sets a key again and again and the others read it, values of several pages.

    The values differ everywhere, so that a torn one shows. None where the values are not for the kit to choose.
    """
    if material.values is not None:
        return None
    key, values = material.plain_key(0), [str(number) * PAGES for number in range(1, 6)]
    writer = tuple(Set(key, value) for value in values[1:])
    return Round((Set(key, values[0]),), (writer, *((Get(key),) * len(writer) for _ in range(1, clients))))


def of_own_keys(material: Material, clients: int) -> Round:
    """A round in which each client sets and reads a key of its own."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(clients))
    value = material.value
    return Round(
        (),
        tuple(
            (Set(key, value(2 * n)), Get(key), Set(key, value(2 * n + 1)), Get(key)) for n, key in enumerate(keys, 1)
        ),
    )


def of_adds(material: Material, clients: int) -> Round:
    """A round in which each client adds the same keys, one after another."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(WANTED))
    return Round((), tuple(tuple(Add(key, material.value(client)) for key in keys) for client in range(1, clients + 1)))


def of_removals(material: Material, clients: int) -> Round:
    """A round in which each client removes the same keys, one after another."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(WANTED))
    initial = tuple(Set(key, material.value(number)) for number, key in enumerate(keys))
    return Round(initial, tuple(tuple(RemoveKey(key) for key in keys) for _ in range(clients)))


def of_moves(material: Material, clients: int) -> Round:
    """A round in which each client moves the same keys, one after another, each to a key of its own."""
    first, second, *dests = dict.fromkeys(material.plain_key(number) for number in range(2 + clients))
    initial = (Set(first, material.value(1)), Set(second, material.value(2)))
    return Round(initial, tuple((Move(first, dest), Move(second, dest)) for dest in dests))


def orders(result: RoundResult, random: Random, count: int) -> Iterator[Program]:
    """Orders of a round's operations, each once: as they began, as they ended, client by client, and some at random.

    Args:
        result: what came of the round.
        random: where the last ones come from.
        count: how many orders at most.
    """
    whole = result.round
    every = tuple(chain(*whole.clients))
    records = [seen.record for seen in result.seen if seen.client]
    candidates: list[Program] = []
    if len(records) == len(every):
        by_time = ([record.begin for record in records], [record.end or 0 for record in records])
        candidates += [tuple(every[at] for at in sorted(range(len(every)), key=times.__getitem__)) for times in by_time]
    candidates += [every, tuple(chain(*reversed(whole.clients)))]
    candidates += [_merged(whole, random) for _ in range(count - len(candidates))]
    yield from {repr(program): (*whole.initial, *program) for program in candidates}.values()


def _merged(whole: Round, random: Random) -> Program:
    rest = [list(client) for client in whole.clients]
    merged: list[Operation] = []
    while left := [client for client in rest if client]:
        merged.append(random.choice(left).pop(0))
    return tuple(merged)
