"""How far a dimension is swept: its programs, by extents of which each reaches further than the one before.

A sweep looks at no case that somebody has thought of, but at all along one dimension, to its ends: every length about a
power of two, every number of siblings. What that costs is known before it is run, so that for a slow subject a nearer
extent is chosen, and the report says how far it reached.
"""

import functools
from collections.abc import Callable, Iterable, Sequence

import attrs

from conformance.programs.operations import GetAll, ListKeys, Operation, Program, Reopen, SetMany, Switch
from spec_store import Key

PART = 1 << 16
"""So many characters of a value cost about as much as one operation."""

ELEMENTS = 34
"""So many elements of a key likewise; twice as many four times as much, where each is a directory in another."""

PATH = 4096
"""A key of so many characters is no path, so that its elements are no such directories."""

NEW_STORE = 2
"""So many operations are what it costs to open a new store."""

LISTED = 64
"""So many keys in a listing cost about as much as one operation."""


@attrs.frozen
class Extent:
    """One reach of a sweep.

    Args:
        words: how far it reaches, to follow the name of its dimension and a colon: "to 4 MiB".
        programs: makes its programs, so that long values are there only while they are used.
        weigh: tells what they cost, in operations on one key and a short value; asked only where that matters.
    """

    words: str
    programs: Callable[[], Iterable[Program]]
    weigh: Callable[[], int]


@attrs.frozen
class Sweep:
    """A dimension, and how far it may be swept.

    Args:
        dimension: its name for a report: "value lengths".
        extents: the nearest first; each contains what is nearest its ends of those before it.
    """

    dimension: str
    extents: tuple[Extent, ...]


def extent(words: str, make: Callable[[], Iterable[Program]], weight: int | None = None) -> Extent:
    """An extent whose programs are made once, when they are asked for, since none has long values.

    Args:
        words: how far it reaches.
        make: makes its programs.
        weight: what they cost, where that can be told without making them.
    """

    @functools.cache
    def made() -> tuple[Program, ...]:
        return tuple(make())

    def weigh() -> int:
        return sum(weight_of(program) + NEW_STORE for program in made()) if weight is None else weight

    return Extent(words, made, weigh)


def weight_of(program: Program) -> int:
    """What a program costs, in operations on one key and a short value."""
    stored: set[Key] = set()
    many = weight = 0
    for operation in program:
        if isinstance(operation, SetMany):
            many = max(many, operation.count)
        elif operation.writes:
            stored.update(operation.keys)
        weight += _weight(operation, max(many, len(stored)))
    return weight


def _weight(operation: Operation, stored: int) -> int:
    """What one operation costs where there are so many keys."""
    match operation:
        case SetMany(count=count):
            return count
        case ListKeys():
            return 1 + stored // LISTED
        case GetAll():
            return 1 + stored  # most get each value by itself
        case Reopen() | Switch():
            return NEW_STORE
    value = getattr(operation, "value", "")
    deepest = max((len(key) for key in operation.keys if len(key) < ELEMENTS or sum(map(len, key)) < PATH), default=0)
    return 1 + (deepest // ELEMENTS) ** 2 + (len(value) // PART if isinstance(value, str) else 0)


def chosen(sweeps: Sequence[Sweep], allowance: float) -> tuple[Extent | None, ...]:
    """The extent for each sweep that so many operations allow for: all get their nearest before any goes further.

    Args:
        sweeps: the more important ones first.
        allowance: operations for all of them.
    """
    last = [sweep.extents[-1] for sweep in sweeps]
    if sum(one.weigh() for one in last) <= allowance:
        return tuple(last)
    weights = [[one.weigh() for one in sweep.extents] for sweep in sweeps]
    reached = [-1] * len(sweeps)
    left, growing = allowance, True
    while growing:
        growing = False
        for number, known in enumerate(weights):
            at = reached[number]
            more = known[at + 1] - (known[at] if at >= 0 else 0) if at + 1 < len(known) else float("inf")
            if more <= left:
                reached[number], left, growing = at + 1, left - more, True
    return tuple(sweep.extents[at] if at >= 0 else None for sweep, at in zip(sweeps, reached, strict=True))
