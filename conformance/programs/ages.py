"""Age: what happens at the nth call, of the nth key, after the nth opening, or when what has failed is tried again.

Programs of a dozen operations begin anew each time, and so nothing ever gets old in them. What ages is a batch that is
sent every so often, a cache that is full, a generation of files, a counter. Each is met by going on:

    what                       how far
    -------------------------  ------------------------------------------------------------------------------------
    one handle                 1,000 operations of all kinds, each write read at once, and all keys now and then
    live keys                  1,025, more than a cache holds, each written twice, then read in order and backwards
    writes of one key          the same key again and again, read each time
    openings                   8, with a write and a removal between two, all read after each; after the last one, every
                               operation on one key (`lives`); 200, with a write between two
    what failed                each of it three times in a row, then what makes it work
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from conformance.programs.counts import parent_of_many
from conformance.programs.extents import Extent, Sweep, extent
from conformance.programs.lives import life
from conformance.programs.material import Material
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
    SetMany,
    Update,
)
from conformance.subject.subject import Claims
from spec_store import Key

AGES = (100, 500, 1000)
"""After how many operations on one handle an extent ends."""

LIVE = (65, 257, 1025)
"""More keys than caches hold, whose sizes are powers of two, or round."""

REWRITES = (20, 70, 300)
"""How often one key is written."""

OPENINGS = (5, 8)

MANY_OPENINGS = (60, 200)
"""How often a place is opened with little between two openings, and so many in which not all is read."""

CHECKED_EACH = 10
"""After how many of these openings the id and the listing are read too."""

POOL = 12
"""How many keys the operations on one handle are about."""

REVIEW = 97
"""After how many operations all keys are read: no round number, so that it meets none again and again."""

_KINDS = (
    *("set", "set", "set", "add", "update", "add_or_update", "move", "move", "remove_key", "remove_key"),
    *("get", "has_key", "list_keys", "below", "missing"),
)
"""What is done how often, in a round of the wheel; "below" lists a prefix, "missing" gets what is not there."""


def age_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweeps of age for a subject."""
    sweeps = [
        Sweep("operations on one handle", _each(AGES, functools.partial(long_life, material))),
        Sweep("calls that failed", (extent("to the third", lambda: third_times(material)),)),
        Sweep("writes of one key", _each(REWRITES, functools.partial(rewrites, material))),
    ]
    if claims.durable:
        extents = (
            *_each(OPENINGS, functools.partial(openings, material)),
            *_each(MANY_OPENINGS, functools.partial(many_openings, material)),
        )
        sweeps.append(Sweep("openings", extents))
    if claims.elements is None and claims.values is None:
        sweeps.append(Sweep("live keys", _each(LIVE, functools.partial(live, parent_of_many(material)))))
    return tuple(sweeps)


def _each(ends: tuple[int, ...], make: Callable[[int], Program]) -> tuple[Extent, ...]:
    """An extent of one program for each of these ends."""

    def to(end: int) -> Extent:
        return extent(f"to {end:,}", lambda: (make(end),))

    return tuple(map(to, ends))


def long_life(material: Material, length: int) -> Program:
    """So many operations of all kinds, the same in every run; each write is followed by a read of what it was about."""
    pool = _pool(material)
    program: list[Operation] = []
    number, review = 1, REVIEW
    while len(program) < length:
        # A generator of no great quality will do: what matters is that it goes on, and is the same everywhere.
        number = (number * 1_103_515_245 + 12_345) % (1 << 31)
        program += _step(_KINDS[(number >> 8) % len(_KINDS)], pool, number >> 12, material)
        if len(program) > review:
            review += REVIEW
            program += (*map(Get, pool), *map(HasKey, pool), ListKeys(), GetAll(), ReadId())
    return tuple(program[:length])


def _pool(material: Material) -> list[Key]:
    """Keys of which some begin alike, but none is the beginning of another: what that does shows in short programs."""
    keys = [material.plain_key(number) for number in range(POOL // 2)]
    longer = [(*key, element) for key in keys[-2:] for element in material.elements[: POOL // 4]]
    if len(longer[0]) > material.lengths[1]:
        return keys
    return [*keys[:-2], *longer]


def _step(kind: str, pool: list[Key], number: int, material: Material) -> tuple[Operation, ...]:
    key, other = pool[number % len(pool)], pool[number // len(pool) % len(pool)]
    value = material.telling_value(number % 100_000)
    match kind:
        case "get" | "missing":
            return (Get(key if kind == "get" else other),)
        case "has_key":
            return (HasKey(key),)
        case "list_keys":
            return (ListKeys(),)
        case "below":
            return (ListKeys(key[:1]),)
        case "move":
            return (Move(key, other), Get(other), Get(key))
        case "remove_key":
            return (RemoveKey(key), HasKey(key), Get(key))
    writes: dict[str, Callable[[Key, Any], Operation]]
    writes = {"set": Set, "add": Add, "update": Update, "add_or_update": AddOrUpdate}
    return (writes[kind](key, value), Get(key))


def third_times(material: Material) -> Iterator[Program]:
    """What fails, three times in a row, and then what makes it work."""
    a, b = material.plain_key(0), material.plain_key(1)
    one, two, three = (material.value(number) for number in (1, 2, 3))
    for failing in (Get(a), Move(a, b), RemoveKey(a), Update(a, one), HasKey(a), ListKeys(a)):
        yield (failing, failing, failing, Set(a, two), failing, Get(a), Get(b), HasKey(a), HasKey(b), ListKeys())
    added = Add(a, two)
    yield (Set(a, one), added, added, added, Get(a), RemoveKey(a), added, Get(a), Set(a, three), Get(a))
    moved = Move(a, a)
    yield (Set(a, one), moved, moved, moved, Get(a), HasKey(a), ListKeys())
    for refused in (Set(a, "\ud800"), Set(a, b"\xff"), Set(("\0" * 70_000,), two)):
        yield (refused, refused, refused, Set(b, one), Get(b), *map(Get, refused.keys), Set(a, three), Get(a))


def rewrites(material: Material, count: int) -> Program:
    """One key written so often, and read each time; at the end another one that nobody has touched meanwhile."""
    a, b = material.plain_key(0), material.plain_key(1)
    program: list[Operation] = [Set(b, material.value(0))]
    for number in range(1, count + 1):
        program += [Set(a, material.value(number)), Get(a)]
    return (*program, Get(b), ListKeys())


def openings(material: Material, count: int) -> Program:
    """So many openings: of each key that was written before one, and of each that was removed, there is word later."""
    kept, gone = material.plain_key(0), material.plain_key(1)
    more = [material.plain_key(number) for number in range(2, 2 + min(count, len(material.elements) - 2))]
    program: list[Operation] = [ReadId()]
    for number in range(count):
        value = material.telling_value(number + 1)
        program += [Set(kept, value), Set(gone, value), RemoveKey(gone)]
        program += [Set(key, value) for key in more[number : number + 1]]
        program += [Reopen(), Get(kept), HasKey(gone), ListKeys(), *map(Get, more[: number + 1]), ReadId()]
    alive = life(gone, (*gone[:-1], f"{gone[-1]}{gone[-1]}"), material.telling_value, material)
    return (*program, *alive, ListKeys(), GetAll(), *map(Get, (kept, *more)), ReadId())


def many_openings(material: Material, count: int) -> Program:
    """The program of the most openings of those, and then so many in all, with one write and one read for each."""
    a, b = material.plain_key(0), material.plain_key(1)
    program = list(openings(material, OPENINGS[-1]))
    for number in range(OPENINGS[-1], count):
        key, other = (a, b) if number % 2 else (b, a)
        program += [Set(key, material.telling_value(number)), Reopen(), Get(key), HasKey(other)]
        program += [ReadId(), ListKeys()] if number % CHECKED_EACH == 0 else []
    return (*program, Get(a), Get(b), ListKeys(), ReadId())


def live(parent: Key, count: int) -> Program:
    """So many keys at once, each written twice, then read in order, and from the last to the first."""
    many = SetMany(parent, count)
    keys = [key for key, _ in many.items()]
    again = (Set(key, f"{number} again") for number, key in enumerate(keys))
    return (many, *again, *map(Get, keys), *map(Get, reversed(keys[::3])), ListKeys(parent))
