"""What a round under load is: a program for each of several threads or processes, and what was seen of it."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, combinations_with_replacement, count
from random import Random
from typing import Any, TypeAlias

import attrs

from conformance.concurrent.histories.records import Record
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.keys import ID_KEY
from conformance.programs.material import Material
from conformance.programs.operations import WRITES, Add, Get, HasKey, ListKeys, Move, Operation, Program, RemoveKey, Set
from conformance.programs.outcomes import Outcome, Raised, Returned
from spec_store import Key

KINDS: tuple[type[Operation], ...] = (Set, Add, Move, RemoveKey, Get, HasKey, ListKeys)

LEAST, MOST = 4, 8
"""How many operations each side of a round has."""

WANTED = 6
"""How many keys there are that all sides want."""


@attrs.frozen
class Round:
    """Operations on a new store: some one after another, then those of each side at once with those of the others.

    Args:
        initial: what is done before.
        sides: what each thread or process does, one operation after another.
    """

    initial: Program
    sides: tuple[Program, ...]

    @property
    def every(self) -> Program:
        """All operations."""
        return (*self.initial, *(operation for side in self.sides for operation in side))

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
    """What was seen of an operation, and which side did it: 1 is the first, 0 what was done before or afterwards."""

    side: int
    record: Record


@attrs.frozen
class RoundResult:
    """What came of a round.

    Args:
        round: the round.
        seen: the operations, of which those of a process that did not end are missing.
        stuck: for each side that did not end what is to be said of it.
        cannot: why the round could not be run, or "".
    """

    round: Round
    seen: tuple[Seen, ...] = ()
    stuck: tuple[tuple[int, str], ...] = ()
    cannot: str = ""


def random_round(random: Random, material: Material, without: frozenset[str], sides: int) -> Round:
    """A round of random operations: of some kinds alone, on one to three keys, with values that differ.

    Args:
        random: where the choices come from.
        material: what keys and values are made of.
        without: names of operations not to have.
        sides: how many sides.
    """
    keys = list(dict.fromkeys(material.plain_key(number) for number in range(random.choice((1, 1, 2, 2, 3)))))
    able = [kind for kind in KINDS if kind.name not in without and (kind is not Move or len(keys) > 1)]
    writing = [kind for kind in able if kind.writes]
    kinds = random.sample(writing, min(random.randint(1, 2), len(writing)))
    kinds += random.sample(able, min(random.randint(0, 2), len(able)))
    numbers = count(1)
    initial = tuple(Set(key, material.value(next(numbers))) for key in keys if random.random() < 0.7)
    lengths = [random.randint(LEAST, MOST) for _ in range(sides)]
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


def of_own_keys(material: Material, sides: int) -> Round:
    """A round in which each side sets and reads a key of its own."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(sides))
    value = material.value
    return Round(
        (),
        tuple(
            (Set(key, value(2 * n)), Get(key), Set(key, value(2 * n + 1)), Get(key)) for n, key in enumerate(keys, 1)
        ),
    )


def of_adds(material: Material, sides: int) -> Round:
    """A round in which each side adds the same keys, one after another."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(WANTED))
    return Round((), tuple(tuple(Add(key, material.value(side)) for key in keys) for side in range(1, sides + 1)))


def of_removals(material: Material, sides: int) -> Round:
    """A round in which each side removes the same keys, one after another."""
    keys = dict.fromkeys(material.plain_key(number) for number in range(WANTED))
    initial = tuple(Set(key, material.value(number)) for number, key in enumerate(keys))
    return Round(initial, tuple(tuple(RemoveKey(key) for key in keys) for _ in range(sides)))


def of_moves(material: Material, sides: int) -> Round:
    """A round in which each side moves the same keys, one after another, each to a key of its own."""
    first, second, *dests = dict.fromkeys(material.plain_key(number) for number in range(2 + sides))
    initial = (Set(first, material.value(1)), Set(second, material.value(2)))
    return Round(initial, tuple((Move(first, dest), Move(second, dest)) for dest in dests))


def of_two(one: Round) -> Iterator[Round]:
    """Rounds of just two of the operations of one, all of whose keys are stored before; of the same twice first."""
    every = chain(*one.sides)
    different = {(type(operation), operation.keys): operation for operation in every}.values()
    initial = {operation.key: operation for operation in one.every if isinstance(operation, Set | Add)}
    stored = tuple(Set(key, operation.value) for key, operation in initial.items())
    pairs = [pair for pair in combinations_with_replacement(different, 2) if pair[0].writes or pair[1].writes]
    for first, second in sorted(pairs, key=lambda pair: (pair[0] != pair[1], not (pair[0].writes and pair[1].writes))):
        yield Round(stored, ((first,), (second,)))


def without_listings(one: Round) -> Round:
    """The same round with a get of each key instead of each list_keys."""
    reads = tuple(Get(key) for key in one.keys)
    sides = tuple(
        tuple(read for operation in side for read in (reads if isinstance(operation, ListKeys) else (operation,)))
        for side in one.sides
    )
    return Round(one.initial, sides)


def smaller(one: Round) -> Iterator[Round]:
    """Rounds with one side less, or one operation less, in the order in which they are worth trying."""
    sides = one.sides
    for number in range(len(sides) if len(sides) > 2 else 0):
        yield Round(one.initial, (*sides[:number], *sides[number + 1 :]))
    for number, side in enumerate(sides):
        for at in range(len(side) if len(side) > 1 else 0):
            yield Round(one.initial, (*sides[:number], (*side[:at], *side[at + 1 :]), *sides[number + 1 :]))
    for at in range(len(one.initial)):
        yield Round((*one.initial[:at], *one.initial[at + 1 :]), sides)


def orders(run: RoundResult, random: Random, count: int) -> Iterator[Program]:
    """Orders of the operations of a run, each once: as they began, as they ended, side by side, and some at random.

    Args:
        run: the run.
        random: where the last ones come from.
        count: how many orders at most.
    """
    one = run.round
    every = tuple(chain(*one.sides))
    records = [seen.record for seen in run.seen if seen.side]
    candidates: list[Program] = []
    if len(records) == len(every):
        by_time = ([record.begin for record in records], [record.end or 0 for record in records])
        candidates += [tuple(every[at] for at in sorted(range(len(every)), key=times.__getitem__)) for times in by_time]
    candidates += [every, tuple(chain(*reversed(one.sides)))]
    candidates += [_merged(one, random) for _ in range(count - len(candidates))]
    yield from {repr(program): (*one.initial, *program) for program in candidates}.values()


def _merged(one: Round, random: Random) -> Program:
    rest = [list(side) for side in one.sides]
    merged: list[Operation] = []
    while left := [side for side in rest if side]:
        merged.append(random.choice(left).pop(0))
    return tuple(merged)


def as_text(operation: Operation) -> Operation:
    """An operation as histories have it: a value that is no text is its repr."""
    if isinstance(operation, WRITES) and not isinstance(operation.value, str):
        return attrs.evolve(operation, value=repr(operation.value))
    return operation


def plain(operation: Operation, outcome: Outcome) -> Outcome:
    """An outcome as histories have it: values as text, listings without the id's key, no answer that says nothing."""
    if not isinstance(outcome, Returned):
        return Raised(outcome.kind, outcome.text) if isinstance(outcome, Raised) else outcome
    value = outcome.value
    if isinstance(operation, Get):
        return Returned(str(value) if isinstance(value, str) else repr(value))
    if isinstance(operation, HasKey):
        return Returned(bool(value))
    if isinstance(operation, ListKeys):
        return Returned([key for key in value if key != ID_KEY] if isinstance(value, list) else [])
    return Returned(value if isinstance(operation, RemoveKey) and isinstance(value, bool) else None)


def recorded(
    operation: Operation, backend: object, performing: Callable[[Operation, Any], Outcome] = perform
) -> Record:
    """Perform an operation and give what was seen of it, the times by `time.monotonic_ns`."""
    begin = time.monotonic_ns()
    outcome = performing(operation, backend)
    end = time.monotonic_ns()
    return Record(begin, end, as_text(operation), plain(operation, outcome))


Runner: TypeAlias = Callable[[Iterable[Round]], Generator[RoundResult, None, None]]
"""Runs rounds, each on a new store, and gives what came of each; it may run some before their turn."""

PATIENCE = 10.0
"""Seconds without any operation's end after which a round counts as stuck, where the harness has no limit."""

POLL = 0.05


def patience(harness: Harness) -> float:
    """Seconds that one operation may take."""
    return harness.limit.seconds or PATIENCE
