"""Every length of a value: each up to about a kilobyte, and each near a power of two.

Lengths about powers of two are swept with values alone (`sizes`). But what a store cuts into blocks is a record, which
has a key, a header or a count besides: it fills a block where its value is some characters short of one, and how many
these are nobody can tell from outside. So all lengths are swept that are within some dozens of such a number.
"""

from collections.abc import Iterator, Sequence

from conformance.programs.extents import NEW_STORE, PART, Extent, Sweep
from conformance.programs.material import Material
from conformance.programs.operations import Get, Operation, Program, ReadId, Set
from conformance.programs.sizes import text_of, told_size
from conformance.subject.subject import Claims

NEAR = 40
"""Lengths below a power of two, and above it, that are near."""

ALL_TO = 1100
"""All lengths up to this are swept: past a kilobyte, and past 1,000."""

NEAREST, NEARER, FARTHEST = (9, 10, 12), (*range(7, 13),), (*range(7, 17),)
"""The powers of two that each extent has: to 4 KiB, 4 KiB with all below 1,100, and 64 KiB likewise."""


def near(powers: Sequence[int]) -> set[int]:
    """The lengths near some powers of two."""
    return {size for power in powers for size in range((1 << power) - NEAR, (1 << power) + NEAR + 1)}


def window_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweep of all lengths; none for a subject that takes no text."""
    if claims.values is not None:
        return ()
    every = set(range(ALL_TO + 1))
    extents = (
        _lengths(near(NEAREST), f"near 512, 1,024 and {told_size(1 << NEAREST[-1])}", material),
        _lengths(near(NEARER) | every, f"each to {ALL_TO:,}, and near powers of two to 4 KiB", material),
        _lengths(near(FARTHEST) | every, f"each to {ALL_TO:,}, and near powers of two to 64 KiB", material),
    )
    return (Sweep("each length of a value", extents),)


def _lengths(sizes: set[int], words: str, material: Material) -> Extent:
    def make() -> Iterator[Program]:
        yield tuple(_written(sorted(sizes), material))

    return Extent(words, make, lambda: NEW_STORE + 2 + sum(2 + 2 * (size // PART) for size in sizes))


def _written(sizes: Sequence[int], material: Material) -> Iterator[Operation]:
    key = material.plain_key(0)
    yield ReadId()
    for size in sizes:
        yield Set(key, text_of("varied", size))
        yield Get(key)
    yield ReadId()
