"""Sizes to their ends: lengths of values, of elements, of keys.

What stores do with sizes they do at a number: a page, a block, a column, a name of a file. Most such numbers are powers
of two, so each is met from both sides, and exactly:

    what              sizes                                              with
    ----------------  -------------------------------------------------  -----------------------------------------------
    values            2^k - 1, 2^k, 2^k + 1, and 3 x 2^k                 text of one letter, text without repetition,
                                                                         characters of 2, 3 and 4 bytes, shifted so that
                                                                         one lies across each boundary
    values over       from short to long, and back                      one key, so that a tail may be left over
    values            past 1 KiB, 8 KiB, 64 KiB and 1 MiB               every operation (`lives`)
    elements          the same, and about 100, 200, 250                  all stored at once: cut off, they are the same
    elements of a key the same, beginning alike                          likewise
    keys in all       64 KiB, in 1,024 elements

Each program reads what it has written, for nothing else does.
"""

import functools
from collections.abc import Iterator, Sequence
from itertools import groupby

from conformance.programs.counts import many_keys, parent_of_many
from conformance.programs.extents import PART, Extent, Sweep, extent
from conformance.programs.lives import life
from conformance.programs.material import Material
from conformance.programs.operations import (
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Set,
    SetMany,
)
from conformance.subject.subject import Claims
from spec_store import Key

KIB = 1024

FILLINGS = ("x", "varied", "\u00e9", "\u20ac", "\U0001f600")
"""What long values are made of: one letter, text that no two blocks have alike, characters of several bytes."""

FULLY_VARIED = 16
"""Up to this power of two each filling is tried at each size; past it, one letter, and another filling once."""

LONGEST_VALUES = (10, 13, 16, 20, 22)
"""The powers of two at which an extent of value lengths ends: 1 KiB, 8 KiB, 64 KiB, 1 MiB, 4 MiB."""

LIVED_AT, LIVED, BESIDE = (10, 13, 16, 20), 56, 50
"""The powers of two past which every operation is performed with values, how many operations that takes, and beside how
many other keys that is."""

LONGEST_ELEMENTS = (8, 12, 16)
LONGEST_KEYS = (4, 7, 10)
"""The same of elements, in characters, and of keys, in elements."""

ROUND = (100, 200, 250)
"""Sizes that people take for limits, and that are no powers of two."""

CHARACTERS = 64
"""Characters of each of the 1,024 elements of a key of 64 KiB."""


def about(power: int) -> tuple[int, ...]:
    """The sizes on both sides of a power of two, and that itself."""
    return ((1 << power) - 1, 1 << power, (1 << power) + 1)


def sizes_to(power: int, first: int = 1) -> tuple[int, ...]:
    """All sizes about the powers of two up to one, each once, in order."""
    return tuple(sorted({size for at in range(first, power + 1) for size in about(at)}))


def text_of(filling: str, size: int) -> str:
    """A text of so many characters.

    Characters of several bytes come after one letter where the size is odd, so that they lie across the boundary of any
    block whose length is even: where all begin at a multiple of two, none of two bytes does.
    """
    if filling == "varied":
        lines = _lines()
        return (lines * (size // len(lines) + 1))[:size]
    return f"a{filling * (size - 1)}" if size % 2 else filling * size


@functools.cache
def _lines() -> str:
    """Numbers one after the other, so that no two blocks are the same, nor is one that is out of place."""
    return "".join(f"{number:x}," for number in range(PART))


def value_sizes(power: int) -> tuple[tuple[int, str], ...]:
    """The lengths to try up to a power of two, with what each is filled with, in order of length."""
    found = [(size, filling) for size in sizes_to(min(power, FULLY_VARIED)) for filling in FILLINGS]
    found += [(3 << at, "varied") for at in range(6, min(power, FULLY_VARIED + 2) - 1)]
    for at in range(FULLY_VARIED + 1, power + 1):
        found += [(size, "x") for size in about(at)]
        found += [((1 << at) + 1, "\u00e9")] if at % 2 == 0 else []
    return tuple(sorted(found))


def size_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweeps of sizes, as far as what a subject claims of its values and keys leaves any."""
    sweeps = []
    if claims.values is None:
        sweeps.append(Sweep("value lengths", tuple(_values(material, power) for power in LONGEST_VALUES)))
    if claims.elements is None:
        sweeps.append(
            Sweep("lengths of an element", tuple(map(functools.partial(_elements, material), LONGEST_ELEMENTS)))
        )
        if material.lengths[1] >= 1 << LONGEST_KEYS[-1]:
            sweeps.append(Sweep("elements of a key", tuple(_depths(material, power) for power in LONGEST_KEYS)))
            sweeps.append(Sweep("longest keys", (extent("of 64 KiB in 1,024 elements", _longest_keys),)))
    return tuple(sweeps)


def told_size(size: int) -> str:
    """A size in words: "1,000", "64 KiB", "4 MiB"."""
    for unit, word in ((KIB * KIB, "MiB"), (KIB, "KiB")):
        if size >= 4 * unit or (size >= unit and size % unit == 0):
            return f"{size // unit} {word}"
    return f"{size:,}"


# Values


def _values(material: Material, power: int) -> Extent:
    def weigh() -> int:
        each = sum(2 * (1 + size // PART) for size, _ in value_sizes(power))
        lived = sum(2 * BESIDE + LIVED * (1 + (1 << at) // PART) for at in _lived_at(power))
        return each + 2 * len(_over(power)) + 10 * power + lived

    return Extent(f"to {told_size(1 << power)}", functools.partial(_value_programs, material, power), weigh)


def _value_programs(material: Material, power: int) -> Iterator[Program]:
    """Values of each size, one program for those between two powers of two; then one over the other."""
    key, other, parent = material.plain_key(0), material.plain_key(1), parent_of_many(material)
    for _, sizes in groupby(value_sizes(power), key=lambda each: (each[0] - 2).bit_length()):
        values = [text_of(filling, size) for size, filling in sizes]
        yield (ReadId(), *_read_after_each(key, values), Move(key, other), Get(other), ReadId())
    yield tuple(_read_after_each(key, [text_of("varied", size) for size in _over(power)]))

    for at in _lived_at(power):
        alive = life((*parent, "v"), (*parent, "w"), functools.partial(_long_value, (1 << at) + 1), material)
        (first, _), *_, (last, _) = SetMany(parent, BESIDE).items()
        yield (*many_keys(material, BESIDE), ReadId(), *alive, ListKeys(), Get(first), Get(last), ReadId())


def _lived_at(power: int) -> tuple[int, ...]:
    """The powers of two past which a value has a life, where every operation is performed."""
    return tuple(at for at in LIVED_AT if at <= power)


def _long_value(size: int, number: int) -> str:
    return f"{number}{text_of('varied', size)}"


def _over(power: int) -> tuple[int, ...]:
    """Lengths of values that replace one another: ever longer, ever shorter, and from one end to the other."""
    up = tuple(1 << at for at in range(0, power + 1, 2))
    return (*up, *(size + 1 for size in reversed(up)), up[-1], 0, up[-1], 1)


def _read_after_each(key: Key, values: Sequence[str]) -> Iterator[Operation]:
    for value in values:
        yield Set(key, value)
        yield Get(key)


# Elements and keys


def _elements(material: Material, power: int) -> Extent:
    """Elements up to a power of two, at the end of a key as short as the subject takes them."""
    sizes = sorted({*sizes_to(power, 2), *(size + more for size in ROUND for more in (-1, 0, 1) if size < 1 << power)})
    above = material.plain_key(0)[1:]
    keys = [(*above, "n" * size) for size in sizes]
    wide = [(*above, "\u00e9" * (size // 2)) for size in sizes if size > KIB // 8]  # as long, in bytes of UTF-8
    return extent(f"to {told_size(1 << power)}", lambda: (_side_by_side(keys), _side_by_side(wide)))


def _depths(material: Material, power: int) -> Extent:
    """Keys of up to so many elements, of which none is the beginning of another, but all begin alike."""
    sizes = sorted({*sizes_to(power), *(size + more for size in ROUND for more in (0, 1) if size < 1 << power)})
    sizes = [size for size in sizes if material.lengths[0] <= size <= 1 << power]

    def make() -> Iterator[Program]:
        yield _side_by_side([(*("a",) * (size - 1), str(size)) for size in sizes])

    return extent(f"to {1 << power:,}", make)


def _longest_keys() -> Iterator[Program]:
    """Keys of 64 KiB in all, and of 1,024 elements, that begin alike: so many cannot be directories in one another."""
    above = ("n" * CHARACTERS,) * ((1 << LONGEST_KEYS[-1]) - 1)
    yield _side_by_side([(*above, "n"), (*above, "n" * CHARACTERS), (*above, "o" * CHARACTERS)])


def _side_by_side(keys: Sequence[Key]) -> Program:
    """Keys that are all stored at once, each read when it is written and when all are, and again when all are gone."""
    program: list[Operation] = [ReadId()]
    for number, key in enumerate(keys):
        program += [Set(key, str(number)), Get(key)]
    program.append(ListKeys())
    for key in keys:
        program += [HasKey(key), Get(key)]
    program += [ListKeys(key) for key in keys[-2:]]
    for key in keys:
        program += [RemoveKey(key), HasKey(key)]
    return (*program, ListKeys(), ReadId())
