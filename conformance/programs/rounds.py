"""Rounds of every operation: what happens at the nth call of any of them, or at the nth call of all.

A fault that falls on the 127th `add` is met by nobody who calls it a hundred times, nor one that falls on the 61st call
by one who happens to call `get` then. So each round calls every operation at least once, and what each has done is read
in the same round:

    what                                     is met by
    ---------------------------------------  -----------------------------------------------------------------------
    the nth call of an operation             as many rounds: every number up to theirs
    every nth call of all                    the same: a round has a number of calls that is a prime, and so in some
                                             round each of them is one of number n, 2 n, 3 n, ...
    the nth call of all                      short programs that begin at each call of a round in turn: every call
                                             of a round is once at each place up to theirs
    the nth call of one kind                 the same call so often: of each operation on a key that is stored, on one
                                             that is missing, and where it does nothing new
    what is done to a key of no part in it   two more keys, which come first and last in order, in each `get_all`
    what is done to the id                   the id, which is read in each round
"""

import itertools
from collections.abc import Iterator

from conformance.programs.extents import Extent, Sweep, extent
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
    Update,
)

MOST_ROUNDS = (12, 60, 200)
"""How many rounds each extent has."""

PLACES = (12, 40, 100)
"""Up to which place each call of a round is moved, by extents."""

CALLS_OF_ONE_KIND = (20, 100, 400, 1100)
"""How often the same call is made, by extents."""

OF_A_ROUND = 17
"""How many calls a round has."""

OF_GET_ALL = 4
"""How many operations a get_all of a round counts as besides: it reads some keys."""


def round_sweeps(material: Material) -> tuple[Sweep, ...]:
    """The sweeps of the nth calls."""
    return (
        Sweep("calls of each operation", tuple(_rounds_to(count, material) for count in MOST_ROUNDS)),
        Sweep("calls of all, each operation at", tuple(_moved_to(places, material) for places in PLACES)),
        Sweep("calls of one kind", tuple(_alike_to(count, material) for count in CALLS_OF_ONE_KIND)),
    )


def _rounds_to(count: int, material: Material) -> Extent:
    return extent(f"to call {count:,}", lambda: (rounds(count, material),), (OF_A_ROUND + OF_GET_ALL) * count)


def _moved_to(places: int, material: Material) -> Extent:
    weight = OF_A_ROUND * (places + OF_GET_ALL * places // OF_A_ROUND + 2 * OF_GET_ALL)
    return extent(f"to call {places:,}", lambda: moved_rounds(places, material), weight)


def _alike_to(count: int, material: Material) -> Extent:
    weight = sum(map(len, _kinds(material))) * count
    return extent(f"to call {count:,}", lambda: calls_of_one_kind(count, material), weight)


def rounds(count: int, material: Material) -> Program:
    """So many rounds, beside two more keys."""
    return (*_beside(material), *itertools.chain.from_iterable(_round(number, material) for number in range(count)))


def moved_rounds(places: int, material: Material) -> Iterator[Program]:
    """For each call of a round, rounds up to so many calls that begin with it."""
    calls = rounds(places // OF_A_ROUND + 2, material)
    beside = len(_beside(material))
    for first in range(OF_A_ROUND):
        yield (*calls[:beside], *calls[beside + first : first + places], ListKeys(), GetAll(), ReadId())


def calls_of_one_kind(count: int, material: Material) -> Iterator[Program]:
    """For each kind of call, that call so often, beside two more keys; all is read at the end."""
    _, key, other, _ = sorted(map(material.plain_key, range(4)))
    end = (Get(key), Get(other), ListKeys(), GetAll(), ReadId())
    for kind in _kinds(material):
        yield (*_beside(material), Set(key, material.telling_value(3)), ReadId(), *(kind * count), *end)


def _kinds(material: Material) -> tuple[Program, ...]:
    """The kinds of calls, where a key is stored and another is not; each leaves that as it was."""
    _, key, other, _ = sorted(map(material.plain_key, range(4)))
    one, two = material.telling_value(4), material.telling_value(5)
    reads = ((Get(key),), (Get(other),), (HasKey(key),), (HasKey(other),), (ListKeys(),), (ListKeys(other),))
    writes = ((Set(key, one), Get(key)), (Add(key, two),), (Update(key, one), Get(key)), (Update(other, two),))
    more = ((AddOrUpdate(key, two), Get(key)), (Add(other, one), Get(other), RemoveKey(other)))
    moves = ((Move(key, other), Move(other, key)), (Move(key, key),), (Move(other, key),))
    return (*reads, (ReadId(),), *writes, *more, *moves, (RemoveKey(other), HasKey(other)))


def _beside(material: Material) -> tuple[Operation, ...]:
    """Two keys that nothing else is done to, the first and the last in order."""
    keys = sorted(map(material.plain_key, range(4)))
    return (Set(keys[0], material.telling_value(1)), Set(keys[-1], material.telling_value(2)))


def _round(number: int, material: Material) -> tuple[Operation, ...]:
    """Every operation, the writes each followed by a read of what it is about."""
    _, key, other, _ = sorted(map(material.plain_key, range(4)))
    one, two, three, four = (material.telling_value(4 * number + more) for more in range(3, 7))
    return (
        *(Add(key, one), Get(key), Update(key, two), Get(key), HasKey(key)),
        *(Move(key, other), Get(other), ListKeys(), AddOrUpdate(key, three), Get(key), GetAll()),
        *(Set(other, four), Get(other), RemoveKey(other), HasKey(other), RemoveKey(key), ReadId()),
    )
