"""Counts to their ends: from one sibling to 1,100, and down to none; and so many keys that any short hash collides.

A listing comes in pages, and a page is a round number: what is wrong with it shows at that many keys, at one more, or
at one less. What a removal leaves (a mark, a hole, a node of a tree) is cleared away after so many. So the keys become
more one by one, each read at once; at each number that somebody may have taken for a page they are listed, and at some
all are read again; then they become fewer again.

Siblings are numbered as those of `SetMany` are, so that what goes wrong at a number can be shown by that operation.
"""

from collections.abc import Iterator

from conformance.programs.extents import LISTED, NEW_STORE, Extent, Sweep, extent
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
    Set,
    SetMany,
    Update,
)
from conformance.subject.subject import Claims
from spec_store import Key

ROUND_COUNTS = (8, 10, 16, 20, 25, 32, 40, 50, 64, 80, 96, 100, 120, 128, 200, 250, 256, 300, 400, 500, 512, 1000, 1024)
"""Numbers of keys that listings and batches have, or may have."""

COUNTED_ALL = 12
"""Up to so many siblings they are listed at each number."""

MOST_SIBLINGS = (17, 129, 513, 1100)
"""How many siblings each extent has."""

READ_AT = frozenset((17, 65, 257))
"""The numbers at which all are read again, as they are at the end."""

COUNTED = frozenset((33, 64, 100, 128, 250, 256, 1000))
"""The numbers at which get_all is called besides, which reads every value: what shows at one more shows at the end."""

EACH_NUMBER = 140
"""Up to so many siblings each number has its turn of another operation; then every third."""

OF_A_SIBLING = 12
"""How many operations a sibling costs, about: it is set, read, listed, and removed, and another one has its turn."""

MANY = 4096
"""So many keys that two of them share a slot of a hash of up to 24 bits, more likely than not: n keys, of n * n / 2."""

FALSY = ("", "0", "same", "same")
"""What every other value is: empty, false by its looks, equal to others."""


def count_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweeps of counts; none for a subject that claims which elements it takes, for these are numbers."""
    if claims.elements is not None:
        return ()
    parent = parent_of_many(material)
    return (Sweep("siblings", tuple(_siblings(parent, count, material) for count in MOST_SIBLINGS)),)


def collision_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweep of many keys, each of which is read."""
    if claims.elements is not None or claims.values is not None:
        return ()
    parent = parent_of_many(material)
    return (Sweep("keys that may collide", tuple(_many(parent, count) for count in (MANY // 32, MANY // 8, MANY))),)


def _many(parent: Key, count: int) -> Extent:
    many = SetMany(parent, count)

    def make() -> Iterator[Program]:
        yield (many, ListKeys(), *(Get(key) for key, _ in many.items()))

    return extent(f"to {count:,}", make, 2 * count + count // LISTED + NEW_STORE)


def parent_of_many(material: Material) -> Key:
    """The key whose siblings' parent it is: as long as the subject's keys may be, but for one element."""
    return material.plain_key(0)[: material.lengths[1] - 1]


def many_keys(material: Material, count: int) -> Program:
    """So many siblings that are stored, at once where any text is a value."""
    many = SetMany(parent_of_many(material), count)
    if material.values is None:
        return (many,)
    return tuple(Set(key, material.value(number)) for number, (key, _) in enumerate(many.items()))


def notable(most: int) -> frozenset[int]:
    """The numbers of keys at which they are listed: each up to a few, and both sides of every page."""
    about = {page + more for page in ROUND_COUNTS for more in (-1, 0, 1)}
    return frozenset(number for number in {*range(COUNTED_ALL + 1), *about, most} if number <= most)


def _siblings(parent: Key, most: int, material: Material) -> Extent:
    def make() -> Iterator[Program]:
        keys = [key for key, _ in SetMany(parent, most).items()]
        yield (ReadId(), *_more(parent, keys, material), *_fewer(parent, keys))

    return extent(f"to {most:,}, and down to none", make, OF_A_SIBLING * most + 200)


def _more(parent: Key, keys: list[Key], material: Material) -> Iterator[Operation]:
    """Ever more keys."""
    listed = notable(len(keys))
    for number, key in enumerate(keys, 1):
        yield Set(key, material.value(number) if material.values is not None else _short_text(number))
        yield Get(key)
        if number <= EACH_NUMBER or number % 3 == 0:
            yield from _in_turn(number, key, material)
        if number in listed:
            yield ListKeys(parent)
        if number <= COUNTED_ALL or number in COUNTED or number == len(keys):
            yield ListKeys()
            yield GetAll()
        if number in READ_AT or number == len(keys):
            yield from map(Get, keys[:number])


def _short_text(number: int) -> str:
    """The value of a sibling: its number, or what every other value is."""
    return FALSY[number // 2 % len(FALSY)] if number % 2 else str(number)


def _in_turn(number: int, key: Key, material: Material) -> Program:
    """One of the other operations, at each number another, and what it has done."""
    spare, value, read = (*key[:-1], "spare"), material.telling_value(number), Get(key)
    turns: tuple[Program, ...] = (
        (HasKey(key),),
        (Update(key, value), read),
        (Move(key, spare), Get(spare), HasKey(key), Move(spare, key), read),
        (ListKeys(key),),
        (Add(key, value), read),
        (AddOrUpdate(key, value), read),
        (RemoveKey(key), HasKey(key), Add(key, value), read),
        (Get(spare), HasKey(spare)),
        (Move(spare, key), Update(spare, value), read),
        (Add(spare, value), Get(spare), Move(spare, key), read, HasKey(spare)),
        (Set(key, value), read, ReadId()),
    )
    return turns[number % len(turns)]


def _fewer(parent: Key, keys: list[Key]) -> Iterator[Operation]:
    """Ever fewer: first every other one, so that holes are left, then from the last on."""
    order = keys[::2] + keys[1::2][::-1]
    for gone, key in enumerate(order, 1):
        yield RemoveKey(key)
        yield HasKey(key)
        if gone <= COUNTED_ALL or len(order) - gone <= COUNTED_ALL or gone - 1 in ROUND_COUNTS:
            yield ListKeys(parent)
    yield from (Get(key) for key in order[::5])
    yield from (ListKeys(parent), ListKeys(), GetAll())
