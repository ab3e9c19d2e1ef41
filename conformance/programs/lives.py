"""Lives of odd keys, and of odd values, in a store where everything that can be so is so at once.

A fault may take two things: a key that begins with a colon, *and* nine keys stored, or a dest that is stored already,
or a value that was written three times. To try each feature of a key in each circumstance with each operation is a
product of thousands. But most circumstances are of the kind "at least": a store of hundreds of keys that has been
opened again, and whose key has been written, moved and removed before, meets all of them together. So each feature is
tried once, with all operations, where every such circumstance is given; what is not needed, triage takes out again.

    a feature              is met by keys that have it
    ---------------------  ------------------------------------------------------------------------------------
    a character            at the beginning, in the middle and at the end of every element, first and last;
                           each one of ASCII but letters and digits, and some of each kind beyond
    a whole element        as every element: empty, dots, white space, digits, names of devices
    an element's length    past each power of two, and past what people take for limits
    how many elements      likewise

    none of these          is met by two plain keys, among more others than there is time for with each odd one

    a circumstance         is met by
    ---------------------  ------------------------------------------------------------------------------------
    many keys, siblings    so many plain keys that are stored first, with which one of the odd keys shares all but
                           its last element
    relatives              a shorter and a longer key that are stored before, and read in the end
    missing, stored        every operation before the first write, after it, and after the removal
    written before         six writes before the last ones
    removed before         moves away and removals before the last steps
    dest is stored         moves onto a stored key, a missing one, and itself
    opened again           the store is opened again once in each life, each time at another step
    value as before        a write that is repeated

What an operation has done to the key is read at once. What it has done to others is seen at the end of the life, where
the first and the last key and the id are read; every few lives, where all are listed; and at the end, in `get_all`.
"""

import functools
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.programs.counts import many_keys, parent_of_many
from conformance.programs.extents import LISTED, NEW_STORE, Extent, Sweep, extent
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
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Update,
)
from conformance.subject.subject import Claims
from spec_store import Key

ODD_CHARACTERS = (
    *(one for one in map(chr, range(128)) if one in string.punctuation or one == " "),
    *("\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff"),
    *("A", "Z", "7", "\u00c9", "\u00df", "\u0436", "\u540d", "\uff21", "\U0001f600", "\u0301"),
)
"""Every character of ASCII that is printed, but for letters and digits, of which there are some; and some of each kind
beyond: white space that is none of ASCII, scripts, what is outside the BMP, marks that join what is before them."""

WHOLE = (
    *("", "...", " ", "\t", "a", "0", "7", "42", "007", "2024", "-1", "1.5"),
    *("nul", "CON", "aux", "com1", "None", "true", "nan", "__init__", "a.json"),
)
"""Whole elements that are something special to somebody; dots alone lead out of some stores, and other checks try."""

ELEMENT_LENGTHS = (65, 129, 251, 1025, 4097)
KEY_LENGTHS = (5, 17, 65)
"""Long, in characters and in elements: what a subject takes of these is past most numbers that matter."""

HELD = (50, 150, 300, 1100)
"""How many other keys an extent has in the store."""

HELD_BY_FEW = (150, 1100)
"""The same where few keys live there, so that to go far costs little."""

ODD_VALUES = (
    *("", " 1", "1 ", "\n", "1\n", "1\r\n2", "1\r2", "1\0", "\t", "\u00e9", "e\u0301", "\U0001f600", "\ufeff1"),
    *(
        "\u20281",
        "7",
        "007",
        "-1",
        "1.5",
        "None",
        "null",
        "NaN",
        "true",
        '{"a": [1]}',
        "[]",
        '"1"',
        "it's",
        "C:\\n",
        "%s",
    ),
    *("1,2", "<b>", "a&b", "{}", "$a", "a: b", "YQ==", "2024-01-01", "A"),
)
"""Odd values."""

OF_A_PROGRAM = 32
"""How many lives are lived in one store: a program that has gone wrong a few times is left."""

OF_ITS_END = 4
"""How many operations follow a life."""

LISTED_EACH = 4
"""After how many lives all keys are listed."""


def life_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweeps of lives for a subject: of odd keys if it takes any elements, of odd values if any text as well."""
    if claims.elements is not None:
        return ()
    extents = functools.partial(_extents, claims, material)
    keys = Sweep("odd keys among many, with every operation", extents(_lives_of_keys(material), HELD))
    plain = Sweep("every operation among many keys", extents(_plain_lives(material), HELD_BY_FEW))
    if claims.values is not None:
        return plain, keys
    values = extents(_lives_of_values(material), HELD)
    return plain, keys, Sweep("odd values among many keys, with every operation", values)


def _extents(claims: Claims, material: Material, lives: Sequence[Program], others: Sequence[int]) -> tuple[Extent, ...]:
    def at(held: int) -> Extent:
        stores, each = -(-len(lives) // OF_A_PROGRAM), len(lives[0]) + OF_ITS_END + NEW_STORE * claims.durable
        weight = stores * (2 * held + NEW_STORE) + len(lives) * (each + held // LISTED // LISTED_EACH)
        return extent(f"beside {held:,} others", lambda: _programs(lives, held, claims, material), weight)

    return tuple(map(at, others))


def _programs(lives: Sequence[Program], held: int, claims: Claims, material: Material) -> Iterator[Program]:
    for first in range(0, len(lives), OF_A_PROGRAM):
        some = lives[first : first + OF_A_PROGRAM]
        yield tuple(_lived(some, first, held, claims, material))


def _lived(lives: Sequence[Program], first: int, held: int, claims: Claims, material: Material) -> Iterator[Operation]:
    """Lives among so many other keys; of a store that is kept, each is interrupted once, at another step each time."""
    (first_key, _), *_, (last_key, _) = SetMany(parent_of_many(material), held).items()
    yield from (*many_keys(material, held), ReadId())
    for number, life in enumerate(lives, first):
        at = 7 * number % len(life)
        yield from life[:at]
        yield from (Reopen(),) if claims.durable else ()
        yield from life[at:]
        yield from (Get(first_key), Get(last_key), ReadId())
        yield from (ListKeys(),) if number % LISTED_EACH == 0 else ()
    yield from (ListKeys(), GetAll())


# Keys


def odd_elements() -> tuple[str, ...]:
    """Every odd element, each with one oddity."""
    lengths = ("n" * length for length in ELEMENT_LENGTHS)
    return (*(f"{one}b{one}c{one}" for one in ODD_CHARACTERS), *WHOLE, *lengths)


def _plain_lives(material: Material) -> tuple[Program, ...]:
    """The lives of keys that are nothing special: one apart from the many, and one that is among them."""
    parent = parent_of_many(material)
    one, other = (*parent, "v"), (*parent, "w")
    return (
        life(material.plain_key(1), material.plain_key(2), _numbers(0, material), material),
        life(one, other, _numbers(1, material), material),
    )


def _lives_of_keys(material: Material) -> tuple[Program, ...]:
    """A life for each odd element, as a key's first and last, and for each number of elements."""
    parent, lengths, most = parent_of_many(material), material.lengths, material.lengths[1]
    pairs: list[tuple[Key, Key]] = [((element, element), (*parent, element)) for element in odd_elements()]
    pairs += [(("d",) * length, (*parent, "d", str(length))) for length in KEY_LENGTHS if length <= most]
    fitted = ((fit(key, lengths), fit(other, lengths)) for key, other in pairs)
    return tuple(
        life(key, other if other != key else material.plain_key(number % 4 + 1), _numbers(number, material), material)
        for number, (key, other) in enumerate(dict.fromkeys(fitted))
    )


def _numbers(number: int, material: Material) -> Callable[[int], Any]:
    return lambda write: material.telling_value(10 * number + write)


# Values


def _lives_of_values(material: Material) -> tuple[Program, ...]:
    """A life for each odd value, alone and at both ends of a longer one, of a key that is one of many alike."""
    parent = parent_of_many(material)
    texts = dict.fromkeys(ODD_VALUES)
    key, other = (*parent, "v"), (*parent, "w")
    return tuple(_life_of_value(key, other, _odd(text)) for text in texts)


def _life_of_value(key: Key, other: Key, value: Callable[[int], Any]) -> Program:
    """The part of a life in which a value is there; each operation writes it alone, and around another text."""
    read = Get(key)
    missing = (Update(key, value(1)), HasKey(key), read)
    added = (Add(key, value(1)), read, HasKey(key), Add(key, value(2)), Update(key, value(2)), read)
    written = (Update(key, value(3)), read, AddOrUpdate(key, value(4)), read, AddOrUpdate(key, value(5)), read)
    again = (Set(key, value(6)), read, Set(key, value(7)), read, Set(key, value(7)), read)
    moved = (Move(key, other), Get(other), HasKey(key), Set(key, value(8)), Move(key, other), Get(other), HasKey(key))
    gone = (RemoveKey(other), HasKey(other), Add(other, value(9)), Get(other), RemoveKey(other), HasKey(other))
    return (*missing, *added, *written, *again, *moved, *gone)


def _odd(text: str) -> Callable[[int], Any]:
    return lambda write: text if write % 2 else f"{text}x{text}"


# A life


def life(key: Key, other: Key, value: Callable[[int], Any], material: Material) -> Program:
    """Every operation on a key, and moves to and from another one, each followed by what it has done to both.

    Args:
        key: whose life it is.
        other: a key that is missing at first.
        value: gives what each write writes, by its number.
        material: of the subject.
    """
    relatives = _relatives(key, other, material)
    return (
        *(Set(relative, value(0)) for relative in relatives),
        *_missing(key, other, value),
        *_stored(key, value),
        *_moved(key, other, value),
        *_removed(key, other, value),
        *map(Get, relatives),
        *(RemoveKey(relative) for relative in relatives),
    )


def _relatives(key: Key, other: Key, material: Material) -> list[Key]:
    """A shorter key that a key starts with, and a longer one that starts with it, as far as there are such."""
    fewest, most = material.lengths
    shorter, longer = key[:1], (*key, "below")
    lengths_fit = [one for one in (shorter, longer) if fewest <= len(one) <= most]
    return [one for one in lengths_fit if one not in (key, other)]


def _missing(key: Key, other: Key, value: Callable[[int], Any]) -> Program:
    return (Get(key), HasKey(key), ListKeys(key), Update(key, value(1)), Move(key, other), RemoveKey(key))


def _stored(key: Key, value: Callable[[int], Any]) -> Program:
    read = Get(key)
    added = (Add(key, value(1)), read, HasKey(key), Add(key, value(2)), ListKeys(key), Update(key, value(2)), read)
    return (*added, AddOrUpdate(key, value(3)), read, Set(key, value(4)), read, Set(key, value(4)), read)


def _moved(key: Key, other: Key, value: Callable[[int], Any]) -> Program:
    there, back = (Get(other), HasKey(key)), (Get(key), HasKey(other))
    onto_missing = (Move(key, other), *there, Move(other, key), *back)
    onto_stored = (
        Set(other, value(5)),
        Move(other, key),
        *back,
        AddOrUpdate(other, value(6)),
        Move(key, other),
        *there,
    )
    return (*onto_missing, *onto_stored, Move(other, other), Get(other), Set(key, value(7)), Get(key), Get(other))


def _removed(key: Key, other: Key, value: Callable[[int], Any]) -> Program:
    gone = (RemoveKey(key), HasKey(key), RemoveKey(key), Get(key), Update(key, value(8)), HasKey(key))
    again = (
        Move(other, key),
        Move(key, key),
        Get(key),
        RemoveKey(key),
        Add(key, value(9)),
        Get(key),
    )
    return (*gone, *again, RemoveKey(key), HasKey(key), HasKey(other))
