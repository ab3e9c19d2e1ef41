"""Values that somebody's code changes on their way: texts that look like something else, and what is no text at all.

A function that is applied to values shows as soon as one that it changes comes back. So each text of the catalogue of
`transformations` is stored alone, and where it begins, divides and ends a longer one, and read; then it is brought in
by every other operation that writes, and by opening the store again:

    value                  brought by                         shows what is done to
    ---------------------  ---------------------------------  ------------------------------------------------
    text                   set                                whole values: words, numbers, dates
    text x text x text     set                                beginnings, ends, and all between
    text x text x text     update, add, add_or_update, move   values on that way alone
    text x text x text     set, and then the store is opened  values that are written to a file and read again
                           again, where it is durable
    an object of any type  set, update, move                  types: a date comes back as text, a bytearray as bytes;
                                                              JSON has no bytes, tuple, int key, nan; a float
                                                              has 53 bits, a column 64; what is falsy is taken for
                                                              nothing

Text with lone surrogates comes by set alone: which of the others refuses it, and how, is no matter of the text.
"""

import collections
import datetime as dt
import decimal
import difflib
import fractions
import ipaddress
import pathlib
import uuid
from collections.abc import Iterator
from typing import Any

from conformance.programs.material import Material
from conformance.programs.operations import Add, AddOrUpdate, Get, Move, Operation, Reopen, Set, Update
from conformance.programs.pieces import Batch, Piece, packed
from conformance.programs.transformations.catalogue import TRANSFORMATIONS
from conformance.subject.subject import Subject
from spec_store import Key

PIECES_OF_A_STORE = 80
"""How many values are tried in one store."""

LOOK_ALIKES: tuple[str, ...] = (
    *('{"a": 1}', "[1, 2]", '"a"', "{}", "[]", "''", "()", "{'a': 1}", "None,", "b'a'", "<a/>", "<!-- a", "a: b"),
    *(
        "- a",
        "---",
        "!!int 1",
        "&a",
        "*a",
        "=1+1",
        "@a",
        "`a`",
        "'; --",
        "${a}",
        "$(a)",
        "{{a}}",
        "%(a)s",
        "\\N",
        "\\.",
    ),
    *("data:,a", "#!a", "x" * 255 + "\n", "\r", "\r\n\r\n", "\n\n", "\0\0", "\x1a", "\ufeff\ufeff", "\ufffd"),
    *(
        "\ufffe",
        "a\U0001f468\u200d\U0001f469",
        "\u00c3\u00a9",
        "\u00e2\u201a\u00ac",
        "\u0130",
        "\u2028\u2029",
        "gzip\x1f\x8b",
    ),
    *("=?utf-8?q?a?=", "a=20b", "YQ==", "0x61"),
)
"""Texts that look like another notation, or like text that has been damaged already."""

OBJECTS: tuple[Any, ...] = (
    *(b"", b"x", b"\xff\0\n", 0, 1, -1, 2**53 + 1, 2**63, -(2**63) - 1, 2**64 + 1, 10**30, None, True, False),
    *(0.0, -0.0, 1.0, 1.5, 0.1 + 0.2, 5e-324, float("inf"), float("-inf"), float("nan"), 1j),
    *([], {}, (), set(), [""], [None], [0, False, 0.0], [1, True, 1.0], ["x"], ("x",), {"x"}, frozenset({1})),
    *([("x", 1)], [["x", [()]]], ((), []), [b"x"], [2**64 + 1, -0.0]),
    *({"a": 1}, {"a": None}, {"": ""}, {"a": {"b": ()}}, {1: "a"}, {"1": 1, 1: 2}, {True: "a"}, {None: "a"}),
    *({1.5: "a"}, {(1, "x"): "a"}, {b"x": 1}, {"b": 1, "a": 2}, {"a": float("nan")}, {"a": [{1: (2, {3: {4}})}]}),
)
"""Values that are no text: stored exactly, or refused."""

OF_THE_LIBRARY: tuple[Any, ...] = (
    *(bytearray(), bytearray(b"x\0\xff"), [bytearray(b"x")], dt.date(2024, 1, 5), dt.time(10, 0, 0, 5)),
    *(dt.datetime(2024, 1, 5), dt.datetime(2024, 1, 5, 10, 0, 0, 5, dt.UTC), dt.timedelta(days=1, microseconds=1)),
    *(decimal.Decimal("1.10"), decimal.Decimal("1E+2"), {"a": decimal.Decimal(1)}, fractions.Fraction(1, 3)),
    *(uuid.UUID(int=5), uuid.UUID(int=0), uuid.SafeUUID.safe, ipaddress.ip_address("127.0.0.1")),
    *(pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("a/b"), difflib.Match(1, 2, 3), range(3), ...),
    *(collections.OrderedDict(b=1, a=2), collections.Counter("aab"), collections.deque([1])),
)
"""Objects of the standard library, of which most have a text that is much like them: likewise."""


def changing_values(subject: Subject, material: Material) -> Iterator[Batch]:
    """The batches of values for a subject that takes any text; of objects alone where its author says what it takes."""
    if material.values is None:
        texts = tuple(dict.fromkeys((*_texts(), *LOOK_ALIKES)))
        pieces = [_set(text, *keys_of_a_value(number, material)) for number, text in enumerate(texts)]
        yield from packed(pieces, PIECES_OF_A_STORE)
        written = [_written(text, *keys_of_a_value(number, material)) for number, text in enumerate(_one_of_each())]
        yield from packed(written, PIECES_OF_A_STORE)
        if subject.claims.durable:
            kept = [_kept(text, keys_of_a_value(number, material)[0]) for number, text in enumerate(texts)]
            yield from packed(kept, PIECES_OF_A_STORE, (Reopen(),))
    plain = material.value(1)
    objects = [
        _of_object(value, plain, *keys_of_a_value(number, material))
        for number, value in enumerate((*OBJECTS, *OF_THE_LIBRARY))
    ]
    yield from packed(objects, PIECES_OF_A_STORE)


def keys_of_a_value(number: int, material: Material) -> tuple[Key, Key]:
    """Two plain keys for the values of one piece."""
    length = max(1, material.lengths[0])
    before = (material.elements[0],) * (length - 1)
    return (*before, f"v{number}"), (*before, f"w{number}")


def _texts() -> Iterator[str]:
    for one in TRANSFORMATIONS:
        yield from one.texts


def _one_of_each() -> tuple[str, ...]:
    """One text for each function of texts, and every look-alike."""
    return tuple(dict.fromkeys((*(one.texts[0] for one in TRANSFORMATIONS if one.texts), *LOOK_ALIKES)))


def _around(text: str) -> str:
    """A text that begins and ends with another, and has it in its middle."""
    return f"{text}x{text}x{text}"


def _set(text: str, key: Key, other: Key) -> Piece:
    return _using(Set(key, text), Get(key), Set(other, _around(text)))


def _written(text: str, key: Key, other: Key) -> Piece:
    updated = (Update(key, _around(text)), Get(key), AddOrUpdate(key, text), Get(key), Set(key, "1"), Update(key, text))
    return _using(Add(key, text), Get(key), *updated, Move(key, other))


def _kept(text: str, key: Key) -> Piece:
    return Piece((Set(key, _around(text)),), ())


def _of_object(value: Any, plain: Any, key: Key, other: Key) -> Piece:
    return _using(Set(key, value), Get(key), Set(key, plain), Update(key, value), Move(key, other))


def _using(*operations: Operation) -> Piece:
    return Piece((), operations)
