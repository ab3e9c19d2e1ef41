"""Orders: siblings that come, and go, in each order, under names that sort in more than one way.

A list that is kept sorted, a tree, a run of a log is right for keys that come one after the other, and those are what a
program has that counts from one. And a search by halves is right where both sides sort alike: "10" is before "9" as a
text, after it as a number. So so many siblings are stored, and removed again, for each

    order         as of 1 to 6           names             as of 1 to 3
    ------------  ---------------------  ----------------  ------------------------
    ascending     1 2 3 4 5 6            numbers           "1", "2", "3" ... "10"
    descending    6 5 4 3 2 1            padded            "001", "002", "003"
    both ends     1 6 2 5 3 4            letters           "aa", "ab", "ac"
    the middle    4 3 5 2 6 1            mixed lengths     "a", "aa", "aaa"
    shuffled      by a hash

each order of storing with all names, and with each of them another order of removal. They are listed at each of the
first few, all are asked for at some numbers, and so is one that is yet to come, and one that never comes; in the end
all are read.
"""

from collections.abc import Callable, Iterator, Sequence

from conformance.programs.counts import parent_of_many
from conformance.programs.extents import NEW_STORE, Extent, Sweep, extent
from conformance.programs.material import Material
from conformance.programs.operations import Get, HasKey, ListKeys, Operation, Program, RemoveKey, Set
from conformance.subject.subject import Claims
from spec_store import Key

IN_AN_ORDER = (12, 20, 34)
"""How many siblings each extent has."""

LISTED_FIRST = 20
"""Up to so many siblings they are listed at each number, and of the removed until so many are left."""

ASKED_AT = frozenset((5, 9, 17))
"""The numbers at which all are asked for, as they are at the end: one more than the powers of two."""

OF_EACH = 10
"""How many operations a sibling costs, about."""

SPREAD, RANGE = 2654435761, 1 << 32
"""The golden ratio as a multiplier, which puts numbers in an order that none of them tells (Knuth, 6.4)."""

Order = Callable[[int], Sequence[int]]
"""So many numbers from 0 on, in an order."""


def _both_ends(count: int) -> Sequence[int]:
    return [number // 2 if number % 2 == 0 else count - 1 - number // 2 for number in range(count)]


def _from_the_middle(count: int) -> Sequence[int]:
    return _both_ends(count)[::-1]


def _shuffled(count: int) -> Sequence[int]:
    return sorted(range(count), key=lambda number: (number + 1) * SPREAD % RANGE)


WAYS: tuple[Order, ...] = (range, lambda count: range(count)[::-1], _both_ends, _from_the_middle, _shuffled)

NAMINGS: tuple[Callable[[int], str], ...] = (
    lambda number: str(number + 1),
    lambda number: f"{number + 1:03}",
    lambda number: chr(ord("a") + number // 26) + chr(ord("a") + number % 26),
    lambda number: "a" * (number + 1),
)
"""What a sibling of a number is called, from 0 on."""


def order_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweep of orders; none for a subject that claims which elements it takes."""
    if claims.elements is not None:
        return ()
    return (Sweep("orders of siblings", tuple(_to(count, material) for count in IN_AN_ORDER)),)


def _to(count: int, material: Material) -> Extent:
    weight = len(NAMINGS) * len(WAYS) * (OF_EACH * count + NEW_STORE)
    return extent(f"of {count}", lambda: in_orders(count, material), weight)


def in_orders(count: int, material: Material) -> Iterator[Program]:
    """So many siblings in each order, under each kind of names."""
    parent = parent_of_many(material)
    for kind, name in enumerate(NAMINGS):
        keys = [(*parent, name(number)) for number in range(count + 1)]
        for number, order in enumerate(WAYS):
            coming = [keys[each] for each in order(count)]
            going = [keys[each] for each in WAYS[(number + kind) % len(WAYS)](count)]
            yield (*_stored(parent, coming, keys[-1], material), *_removed(parent, going))


def _stored(parent: Key, coming: Sequence[Key], never: Key, material: Material) -> Iterator[Operation]:
    """Siblings that come in an order; the one that never comes is asked for as well."""
    for number, key in enumerate(coming, 1):
        yield Set(key, material.value(number))
        if number <= LISTED_FIRST or number == len(coming):
            yield ListKeys(parent) if number % 2 else ListKeys()
        if number in ASKED_AT or number == len(coming):
            yield from map(HasKey, (*coming[: number + 1], never))
            yield Get(coming[number // 2])
    yield from map(Get, (*coming, never))


def _removed(parent: Key, going: Sequence[Key]) -> Iterator[Operation]:
    """Siblings that go in an order; how many are left is what counts."""
    for number, key in enumerate(going, 1):
        left = len(going) - number
        yield RemoveKey(key)
        if left <= LISTED_FIRST:
            yield ListKeys(parent) if left % 2 else ListKeys()
        if left in ASKED_AT:
            yield from map(HasKey, going[number - 1 :])
            yield from map(Get, going[number:])
    yield from map(HasKey, going)
