"""Two operations on one store at once, the second run whole at one moment of the first: what there is to try.

Time goes to the right; the numbers are the clock by which a history of a pair is judged::

    clock        0   1       3   4   5   6   7   8
    first        |===.........===|
    second           |=======|
    first read                       |===|
    second read                              |===|     and so on: read n from 5 + 2n to 6 + 2n, n from 0

The first operation is stopped at 1 and goes on at 3. The two overlap, so either may come first; every read comes after
both. A second operation that has to wait for the first ends later than is drawn, but both overlap then too, which is
all that counts.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TypeAlias

import attrs

from conformance.concurrent.histories.records import Record, Who
from conformance.programs.material import PAGES, Material
from conformance.programs.operations import (
    Add,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Set,
)
from conformance.programs.outcomes import Outcome
from spec_store import Key
from spec_store.requirements import RequirementId, for_processes

Transcript: TypeAlias = tuple[tuple[str, str], ...]
"""Outcomes as text that can be compared: of the first operation, of the second, and of the reads after them."""


@attrs.frozen
class Pair:
    """Operations on a new store: some one after another, then two at once."""

    initial: Program
    first: Operation
    second: Operation

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that the operations name, each once."""
        every = (*self.initial, self.first, self.second)
        return tuple(dict.fromkeys(key for operation in every for key in operation.keys))

    @property
    def requirement(self) -> RequirementId:
        """The id of the requirement that the pair is about, where threads run it."""
        if isinstance(self.first, GetAll) or isinstance(self.second, GetAll):
            return "ALL-1"
        if isinstance(self.first, ListKeys) or isinstance(self.second, ListKeys):
            return "LIN-3"
        if isinstance(self.first, Add) and isinstance(self.second, Add):
            return "ADD-2"
        return "LIN-1" if set(self.first.keys) & set(self.second.keys) else "LIN-4"

    def requirement_for(self, who: Who) -> RequirementId:
        """The id of the requirement that the pair is about, where threads, or processes, run it."""
        return for_processes(self.requirement) if who == "process" else self.requirement


@attrs.frozen
class AtLine:
    """A thread is stopped before a line of Python code, or before a call in it.

    Args:
        file: the file of the line, and `line` its number in it.
        occurrence: how often the line, or a call in it, has been reached then, this time included.
        number: the number of the step among those that the operation has, from 1.
        event: "line" before the line; "c_call" or "call" before a call in it.
        calling: the name of the function that is called; "" for a line.
    """

    file: str
    line: int
    occurrence: int
    number: int
    event: str = "line"
    calling: str = ""

    @property
    def who(self) -> Who:
        """What is stopped."""
        return "thread"


@attrs.frozen
class AtCall:
    """A process is halted before a system call.

    Args:
        text: the call.
        number: its number among those of the operation that change the place, or send to its server, from 1.
    """

    text: str
    number: int

    @property
    def who(self) -> Who:
        """What is halted."""
        return "process"


@attrs.frozen
class OneByOne:
    """Neither is stopped: one operation is run after the other.

    Args:
        who: what would run them at once.
        swapped: whether the second one comes first.
        hangs: the one that does not end, if it is known which: it does not end by itself.
    """

    who: Who
    swapped: bool
    number: int = 0
    hangs: Operation | None = None


Where: TypeAlias = AtLine | AtCall | OneByOne
"""The moment of the first operation at which the second one is run."""


@attrs.frozen
class Observation:
    """The outcomes of both operations of a pair, and of the reads after them."""

    first: Outcome
    second: Outcome
    reads: tuple[Outcome, ...]


@attrs.frozen
class Race:
    """A pair whose outcome no order explains.

    Args:
        pair: the pair.
        where: the moment of the first operation at which the second one ran.
        waited: whether the second operation had to wait until the first had ended.
        seen: the outcomes; () where one of the operations did not end.
        orders: those of the first operation and then the second, and the other way round; empty where they are not
            known, since one of them did not end.
        stuck: what is to be said of an operation that does not end; None if all end.
        tries: whether it has shown again in each of the tries since it was found, at the same step.
    """

    pair: Pair
    where: Where
    waited: bool
    seen: Transcript
    orders: tuple[Transcript, ...]
    stuck: str | None = None
    tries: tuple[bool, ...] = ()

    @property
    def who(self) -> Who:
        """What runs the operations."""
        return self.where.who

    @property
    def requirement(self) -> RequirementId:
        """The id of the requirement that is violated: that of the pair, or of an operation that does not end alone."""
        alone = self.where.hangs if isinstance(self.where, OneByOne) else None
        pair = self.pair if alone is None else Pair((), alone, alone)
        return pair.requirement_for(self.who)

    @property
    def size(self) -> int:
        """How many operations the counterexample has."""
        return len(self.pair.initial) + 2

    @property
    def doubtful(self) -> bool:
        """Whether it was tried again and has never shown."""
        return bool(self.tries) and not any(self.tries)


# What there is to try


def pairs_for(who: Who, material: Material) -> tuple[Pair, ...]:
    """The pairs for threads, or for processes, in the order in which they are worth trying."""
    if who == "process":
        return tuple(_likeliest(material))
    every = (*_likeliest(material), *_pairs_of_two_keys(material), *_of_everything(material))
    return tuple(_in_turn({repr(pair): pair for pair in every}.values()))


def _in_turn(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The requirements take turns, so that each has its share of the time, with what is likeliest to fail first."""
    groups: dict[RequirementId, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.requirement, []).append(pair)
    for turn in zip_longest(*groups.values()):
        yield from (pair for pair in turn if pair is not None)


def _pairs_of_two_keys(material: Material) -> Iterator[Pair]:
    """Every pair of operations on two keys and a third one, from three states: a line costs microseconds."""
    a, b, c = (material.plain_key(number) for number in range(3))
    value = material.value
    states: tuple[Program, ...] = ((Set(a, value(1)),), (Set(a, value(1)), Set(b, value(2))), ())
    writes: tuple[Operation, ...] = (Move(a, b), Set(a, value(3)), Add(c, value(4)), RemoveKey(a), Set(c, value(5)))
    others: tuple[Operation, ...] = (
        *(Get(a), Set(a, value(6)), ListKeys(), Add(c, value(7)), Set(c, value(9)), Move(a, b), RemoveKey(a), Get(b)),
        *(HasKey(a), Move(b, a), Move(a, c), Set(b, value(8)), RemoveKey(b), HasKey(b), Get(c)),
    )
    firsts: tuple[Operation, ...] = (*writes, ListKeys(), Get(a), HasKey(a), Move(b, a))
    every = (Pair(state, first, second) for state in states for second in others for first in firsts)
    yield from (pair for pair in every if pair.first.writes or pair.second.writes)


def _of_pages(material: Material) -> Iterator[Pair]:
    """A reader beside a writer of values that take several pages and differ everywhere, so that a torn one shows."""
    if material.values is None:
        key = material.plain_key(0)
        old, new = (str(number) * PAGES for number in (1, 2))
        yield Pair((Set(key, old),), Set(key, new), Get(key))
        yield Pair((Set(key, old),), Get(key), Set(key, new))


def _of_everything(material: Material) -> Iterator[Pair]:
    """A get_all beside what adds, changes and takes away a value."""
    a, b, c = (material.plain_key(number) for number in range(3))
    value = material.value
    two: Program = (Set(a, value(1)), Set(b, value(2)))
    for write in (RemoveKey(a), Set(a, value(3)), Move(a, c), Set(c, value(5))):
        yield Pair(two, GetAll(), write)
        yield Pair(two, write, GetAll())


def _likeliest(material: Material) -> Iterator[Pair]:
    """What is likeliest to fail first. Processes try these alone, for a system call costs one of them."""
    a, b, c = (material.plain_key(number) for number in range(3))
    value = material.value
    one: Program = (Set(a, value(1)),)
    two: Program = (Set(a, value(1)), Set(b, value(2)))
    yield Pair(one, Set(a, value(3)), Get(a))
    yield Pair(one, Add(c, value(4)), Add(c, value(5)))
    yield Pair(one, Move(a, b), Set(a, value(6)))
    yield Pair(two, Move(a, b), Get(b))
    yield Pair(one, Move(a, b), Get(a))
    yield Pair(two, Move(a, b), ListKeys())
    yield Pair(one, Set(c, value(7)), Set(b, value(8)))
    yield Pair(one, RemoveKey(a), RemoveKey(a))
    yield Pair(one, Set(a, value(3)), Set(a, value(9)))
    yield Pair(two, Set(a, value(3)), ListKeys())
    yield Pair(two, ListKeys(), RemoveKey(a))
    yield Pair(one, Get(a), RemoveKey(a))
    yield Pair(one, Set(a, value(3)), RemoveKey(a))
    yield Pair(two, ListKeys(), Move(a, c))
    yield Pair(one, Get(a), Set(a, value(3)))
    yield Pair(two, RemoveKey(a), Set(b, value(6)))
    yield Pair(one, Move(a, b), Move(a, c))
    yield Pair(one, RemoveKey(a), Move(a, b))
    yield Pair(two, Move(a, b), Move(b, a))
    yield Pair(one, Add(c, value(4)), Get(c))
    yield from _of_pages(material)
    yield Pair(two, GetAll(), RemoveKey(a))
    yield Pair(two, ListKeys(), RemoveKey(a))
    yield Pair(one, Get(a), RemoveKey(a))
    yield Pair(two, Move(a, b), GetAll())


def reads_after(pair: Pair) -> Program:
    """The reads that show what a pair has left."""
    return (*(Get(key) for key in pair.keys), ListKeys())


def is_answer(operation: Operation) -> bool:
    """Whether what an operation returns says something: set and move may return what they like, such as a path."""
    return isinstance(operation, RemoveKey) or not operation.writes


def records_of(pair: Pair, observation: Observation) -> list[Record]:
    """What was seen of a pair, by the clock that is drawn at the head of this module."""
    reads = enumerate(zip(reads_after(pair), observation.reads, strict=True))
    return [
        Record(0, 4, pair.first, observation.first),
        Record(1, 3, pair.second, observation.second),
        *(Record(5 + 2 * n, 6 + 2 * n, operation, outcome) for n, (operation, outcome) in reads),
    ]
