"""Two oddities at once: a covering array over what a value is, how it came there, and from where it is read.

A store that changes the ends of lines in long values alone is met neither by long values nor by ends of lines, only by
both in one value. To try every combination of five factors takes thousands of programs. To try every combination of
each *two* of them takes little more than the product of the two with the most levels, and nearly all faults that need
more than one oddity need two.

Such an array is made here, not listed, so that a level is added by adding it: row by row, each row takes, factor after
factor, the level that covers most pairs that no row has covered so far (as AETG does, with no chance in it). What is
asked of the array is held by its test: every pair of levels of any two factors is in some row.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import attrs

from conformance.programs.extents import PART, Extent, Sweep
from conformance.programs.keys import fit
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
    Reopen,
    Set,
    Update,
)
from conformance.subject.subject import Claims
from spec_store import Key

LevelRow: TypeAlias = tuple[int, ...]
"""The level of each factor, by its number."""

VALUE_LENGTHS = (1, 40, 255, 1000, 4097, 9000, 33_000, 65_536, 262_145)
"""Lengths of values, one for each way in which stores keep them: in a name, a row, a page, a file, several packets."""

ODD_TEXTS: Mapping[str, str] = {
    "letters": "x",
    "CR LF": "\r\n",
    "CR": "\r",
    "newline": "\n",
    "spaces": "  ",
    "NUL": "\0",
    "two bytes": "\u00e9",
    "three bytes, composed": "e\u0301\u20ac",
    "four bytes": "\U0001f600",
    "byte order mark": "\ufeff",
    "lone surrogate": "\ud800",
    "quotes": "'\"\\%",
}
"""What a value begins with, ends with, and has in its middle."""

REFUSED_TEXT = ODD_TEXTS["lone surrogate"]
"""A text that most stores refuse, for it has no UTF-8."""

BROUGHT_BY = ("set", "set again", "add", "update", "add_or_update", "move", "move onto stored")
"""The operation that brings a value."""

KEY_CLASSES: Mapping[str, Key] = {
    "plain": ("a",),
    "below another": ("b", "a"),
    "above another": ("b",),
    "upper case": ("A",),
    "dots": ("a.b",),
    "spaces": ("a b",),
    "not ASCII": ("\u00e9",),
    "long": ("n" * 120,),
    "deep": ("d",) * 9,
}

HANDLES = ("one", "read by the next", "written by the next", "read by the third")
"""How many handles it takes: which opening writes, and which one reads."""


def uncovered(levels: Sequence[int]) -> set[tuple[int, int, int, int]]:
    """All pairs that an array of strength 2 covers: two factors, and a level of each."""
    return {
        (one, left, other, right)
        for one, other in combinations(range(len(levels)), 2)
        for left in range(levels[one])
        for right in range(levels[other])
    }


def covered_by(row: LevelRow) -> set[tuple[int, int, int, int]]:
    """The pairs that one row covers."""
    return {(one, row[one], other, row[other]) for one, other in combinations(range(len(row)), 2)}


def covering_array(levels: Sequence[int]) -> tuple[LevelRow, ...]:
    """Rows that cover every pair of levels of any two factors.

    Args:
        levels: how many levels each factor has.
    """
    left = uncovered(levels)
    rows: list[LevelRow] = []
    while left:
        row = _next_row(levels, left)
        rows.append(row)
        left -= covered_by(row)
    return tuple(rows)


def _next_row(levels: Sequence[int], left: set[tuple[int, int, int, int]]) -> LevelRow:
    """A row that covers many of the pairs that are left, and one of them at least."""
    one, level, other, second = min(left)
    chosen = {one: level, other: second}
    for factor in sorted(set(range(len(levels))) - chosen.keys(), key=lambda each: -levels[each]):
        gains = [
            sum(_pair(factor, candidate, known, chosen[known]) in left for known in chosen)
            for candidate in range(levels[factor])
        ]
        # Of equals, another one each time, or the first levels would be in most rows.
        turn = len(left) % levels[factor]
        chosen[factor] = max(range(levels[factor]), key=lambda each: (gains[each], (each - turn) % levels[factor]))
    return tuple(chosen[factor] for factor in range(len(levels)))


def _pair(one: int, level: int, other: int, second: int) -> tuple[int, int, int, int]:
    return (one, level, other, second) if one < other else (other, second, one, level)


# Programs


@attrs.frozen
class Combination:
    """One row, in words of its factors."""

    length: int
    text: str
    manner: str
    key: Key
    handles: str

    @property
    def value(self) -> str:
        """The value: its text at both ends and in the middle, of so many characters."""
        odd, size = self.text, self.length
        half = "x" * max((size - 3 * len(odd)) // 2, 0)
        whole = f"{odd}{half}{odd}{half}"
        return (whole + "x" * size)[: max(size - len(odd), 0)] + odd[-size:]


def combinations_of(claims: Claims, material: Material) -> tuple[Combination, ...]:
    """Every row for a subject: those that take two openings only where its storage outlives them."""
    keys = [fit(key, material.lengths) for key in KEY_CLASSES.values()] if claims.elements is None else _plain(material)
    keys = list(dict.fromkeys(keys))
    handles = HANDLES if claims.durable else HANDLES[:1]
    texts = tuple(ODD_TEXTS.values())
    rows = covering_array((len(VALUE_LENGTHS), len(texts), len(BROUGHT_BY), len(keys), len(handles)))
    every = [Combination(VALUE_LENGTHS[a], texts[b], BROUGHT_BY[c], keys[d], handles[e]) for a, b, c, d, e in rows]
    return tuple(one for row in every for one in _judged(row))


def _judged(row: Combination) -> tuple[Combination, ...]:
    """The row; in its place two, where it has an operation other than set bring what stores refuse.

    So these pairs are not covered: that update lets out what a codec raises is not looked for, though SET-4 may be read
    to forbid it. What else such a row was to cover, these two cover between them.
    """
    if row.text != REFUSED_TEXT or row.manner not in ("add", "update", "add_or_update"):
        return (row,)
    return (attrs.evolve(row, text=ODD_TEXTS["letters"]), attrs.evolve(row, manner="set"))


def _plain(material: Material) -> list[Key]:
    return [material.plain_key(number) for number in range(3)]


def covering_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The covering array as a sweep, of which each extent has more rows; none for a subject that takes no text."""
    if claims.values is not None:
        return ()
    every = combinations_of(claims, material)
    ends = (len(every) // 4, len(every) // 2, len(every))
    return (Sweep("pairs of length, text, operation, key and handle", tuple(_rows(every, n, material) for n in ends)),)


def _rows(every: Sequence[Combination], count: int, material: Material) -> Extent:
    words = f"all, in {count} programs" if count == len(every) else f"those in {count} of {len(every)} programs"
    rows = every[:count]
    return Extent(
        words,
        lambda: (program_of(row, material) for row in rows),
        lambda: sum(14 + 4 * (row.length // PART) for row in rows),
    )


def program_of(row: Combination, material: Material) -> Program:
    """The program of a row: another key beside it, the value brought in the manner of the row, and read in all ways."""
    key, value = row.key, row.value
    beside = fit(("b", "c"), material.lengths) if key[:1] == ("b",) else material.plain_key(4)
    begin: tuple[Operation, ...] = (Set(beside, "1"), ReadId(), *_brought(row, key, value, material.plain_key(3)))
    if row.handles == "written by the next":
        begin = (*begin[:2], Reopen(), *begin[2:])
    elif row.handles != "one":
        begin = (*begin, *(Reopen(),) * (2 if row.handles == "read by the third" else 1))
    return (*begin, Get(key), HasKey(key), Get(beside), ListKeys(key), GetAll(), ReadId())


def _brought(row: Combination, key: Key, value: str, source: Key) -> Iterator[Operation]:
    match row.manner:
        case "set again":
            yield Set(key, "2")
            yield Set(key, value)
        case "add":
            yield Add(key, value)
        case "update":
            yield Set(key, "2")
            yield Update(key, value)
        case "add_or_update":
            yield AddOrUpdate(key, value)
        case "move" | "move onto stored":
            if row.manner == "move onto stored":
                yield Set(key, "2")
            yield Set(source, value)
            yield Move(source, key)
        case _:
            yield Set(key, value)
