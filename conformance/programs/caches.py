"""Caches: a key that is written, then so many others, and then the key again, that has left whatever held it by then.

What was written last is in a cache, a buffer, a batch that is not sent; when others have pushed it out, it has to be
where it belongs. So each way to write a key is followed by as many writes of others as are in a cache, of whatever
size: once of a key that is new, and so still in the cache as it is written again, and once of a key that has been
pushed out before:

    keys that are new      written in each way
    keys of later          stored
    others                 stored, so many
    keys that are new      read: what has left the cache
    keys of later          written in each way: those that had left it
    others                 written again, the last first
    all of these           read

They are asked for, read and listed in another order for each number of others, for a read puts a key into a cache too.
Only the last key is followed by exactly as many others; with the first there are some dozens more.
"""

from collections.abc import Iterator, Sequence

from conformance.programs.extents import NEW_STORE, Extent, Sweep, extent
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
    RemoveKey,
    Set,
    Update,
    keys_in,
)
from conformance.subject.subject import Claims
from spec_store import Key

OTHERS = (10, 20, 33, 65, 130, 300)
"""How many other keys are written: past the sizes that caches have."""

OF_THE_KEYS = 230
"""How many operations the keys of one program cost, about."""

WAYS_TO_WRITE = 14
"""In how many ways a key is written."""


def ways_to_write(a: Key, b: Key, one: object, two: object) -> tuple[Program, ...]:
    """Every way to write a key.

    Args:
        a: a key that is stored.
        b: one that is missing.
        one: a value that is not there yet.
        two: another.
    """
    return (
        (Set(a, one),),
        (Update(a, one),),
        (AddOrUpdate(a, one),),
        (Add(b, one),),
        (AddOrUpdate(b, one),),
        (Move(a, b),),
        (Set(b, one), Move(a, b)),
        (Move(a, b), Move(b, a)),
        (Move(a, b), Set(a, one)),
        (RemoveKey(a),),
        (RemoveKey(a), Add(a, one)),
        (Set(a, one), Set(a, two)),
        (Update(a, one), Move(a, b)),
        (Move(a, b), RemoveKey(b)),
    )


def cache_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweep of caches; none for a subject that claims which elements it takes."""
    if claims.elements is not None:
        return ()
    reaches = (OTHERS[: number + 1] for number in range(len(OTHERS)))
    return (Sweep("writes of others after each write", tuple(_to(counts, material) for counts in reaches)),)


def _to(counts: Sequence[int], material: Material) -> Extent:
    weight = sum(OF_THE_KEYS + NEW_STORE + 2 * count for count in counts)
    return extent(f"to {counts[-1]:,}", lambda: (tuple(pushed_out(count, material)) for count in counts), weight)


def pushed_out(count: int, material: Material) -> Iterator[Operation]:
    """Keys that are written in each way, and pushed out by so many others, before and after that."""
    parent = material.plain_key(0)[: max(1, material.lengths[0]) - 1]
    new, later = (_in_each_way(parent, name, material) for name in ("new", "old"))
    others = [(*parent, f"{number:05}") for number in range(count)]
    reads = tuple(_reads(new, count))
    for way in new:
        yield from way
    yield from (way[0] for way in later)
    yield from (Set(key, material.value(number)) for number, key in enumerate(others))
    yield from reads
    for way in later:
        yield from way[1:]
    yield from (Set(key, material.value(number + 1)) for number, key in enumerate(reversed(others)))
    yield from _reads(later, count + 1)
    yield from (*reads[: len(reads) // 2], GetAll(), ListKeys())


def _in_each_way(parent: Key, name: str, material: Material) -> list[Program]:
    """For each way to write, a key of its own: it is stored, and then written."""
    ways: list[Program] = []
    for number in range(WAYS_TO_WRITE):
        a, b = (*parent, f"{name}{number}"), (*parent, f"{name}{number}b")
        stored, one, two = (material.value(4 * number + more) for more in range(1, 4))
        ways.append((Set(a, stored), *ways_to_write(a, b, one, two)[number]))
    return ways


def _reads(ways: Sequence[Program], first: int) -> Iterator[Operation]:
    """Each key read in each way, one of the ways first."""
    keys = keys_in(tuple(operation for way in ways for operation in way))
    read: tuple[Program, ...] = (tuple(map(Get, keys)), tuple(map(HasKey, keys)), (ListKeys(),))
    for number in range(len(read)):
        yield from read[(number + first) % len(read)]
