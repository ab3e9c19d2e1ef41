"""Texts of one length that differ in a single character, all in one store: keys of which the name is cut, or values.

Whoever shortens a text keeps a part of it, and takes the rest for no matter: the ends of a name and its length, the
first kilobyte of a value, every n-th character. Two texts are one to him where they differ only in what he has dropped.
So of each length there are texts that differ in one place each, of every two of which at most two characters differ:

    what                lengths                        where they differ               so that this meets
    ------------------  -----------------------------  ------------------------------  ---------------------------------
    elements, alone     8, 40, 120, 300                first, at a quarter, a half,    names that are cut, abbreviated,
    and last of two                                    last but one, last              or known by a part of them
    keys of many        12 elements                    likewise, in one element        names joined of some elements
    values              40, 300, 1,025, 5,000, 70,000  likewise                        values that are kept once, known
                                                                                       by a part, or compared by it
"""

from collections.abc import Iterator, Sequence

from conformance.programs.material import Material
from conformance.programs.operations import Get, HasKey, Move, Program, RemoveKey, Set, Update
from conformance.programs.pieces import Batch, Piece
from conformance.subject.subject import Subject
from spec_store import Key

LENGTHS_OF_ELEMENTS = (8, 40, 120, 300)
LENGTHS_OF_VALUES = (40, 300, 1025, 5000, 70_000)
LENGTH_OF_A_KEY = 12
"""Elements of the keys of which one differs."""

LETTERS = "abcdefghijklmnopqrstuvw"
"""What texts are made of, so that no part is like the one before; what differs is none of these."""

OTHER = "z"


def places(length: int) -> tuple[int, ...]:
    """Where texts of a length differ."""
    return tuple(sorted({0, length // 4, length // 2, length - 2, length - 1}))


def neighbours(length: int) -> tuple[str, ...]:
    """A text of so many characters, and others that differ from it in one place each."""
    text = (LETTERS * (length // len(LETTERS) + 1))[:length]
    return (text, *(f"{text[:at]}{OTHER}{text[at + 1 :]}" for at in places(length)))


def neighbouring_keys_and_values(subject: Subject, material: Material) -> Iterator[Batch]:
    """One batch of all, as far as the subject takes any elements and any text."""
    pieces = []
    if subject.claims.elements is None:
        groups = [[key for key in group if _fits(key, material)] for group in _groups(material)]
        pieces += [_of_keys(group, number, material) for number, group in enumerate(groups) if group]
    if subject.claims.values is None:
        pieces += [_of_values(length, material) for length in LENGTHS_OF_VALUES]
    if pieces:
        yield Batch(tuple(pieces))


def _fits(key: Key, material: Material) -> bool:
    fewest, most = material.lengths
    return fewest <= len(key) <= most


def _groups(material: Material) -> Iterator[list[Key]]:
    x = material.elements[0]
    for length in LENGTHS_OF_ELEMENTS:
        yield [(text,) for text in neighbours(length)]
        yield [(x, text) for text in neighbours(length)]
    yield [tuple(text) for text in neighbours(LENGTH_OF_A_KEY)]


def _of_keys(keys: Sequence[Key], number: int, material: Material) -> Piece:
    filling = tuple(Set(key, material.value(8 * number + each)) for each, key in enumerate(keys, 1))
    dest = (*keys[1][:-1], f"to{number}")
    return Piece(filling, (*map(Get, keys), RemoveKey(keys[0]), HasKey(keys[0]), Move(keys[1], dest), HasKey(keys[1])))


def _of_values(length: int, material: Material) -> Piece:
    """Each text under a key of its own, and one after the other under another one."""
    texts = neighbours(length)
    above = (material.elements[0],) * (max(1, material.lengths[0]) - 1)
    keys: list[Key] = [(*above, f"n{length}-{number}") for number in range(len(texts))]
    over: Key = (*above, f"over{length}")
    filling = tuple(map(Set, keys, texts))
    using: Program = tuple(one for text in texts[1:] for one in (Update(over, text), Get(over)))
    return Piece((*filling, Set(over, texts[0])), (*map(Get, keys), *using))
