"""Programs where random ones are weak: special values, odd keys one by one, sizes, pages, and the plain basics.

They are judged as random programs are; being fixed, they make the verdict the same whatever the seed.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from conformance.programs.families import ODD_FAMILIES
from conformance.programs.material import Material
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Update,
)
from conformance.subject.subject import Subject
from spec_store import Key

TEXTS: tuple[str, ...] = (
    "",
    "\n",
    "x\n",
    "x\n\n",
    "x\r\n",
    "\r\nx",
    "a\rb",
    "\n x",
    "\0",
    "x\0y",
    " x ",
    "\t",
    "\x1a",
    "\ufeffx",
    "\u2028",
    "\x85",
    "\u00e9",
    "e\u0301",
    "\U0001f600",
    "\ud800",
    "null",
    "0",
    "'; --",
    '{"a": [1]}',
    "%s {0} $x \\n",
)
"""Values that text handling likes to change."""

SIZES: tuple[int, ...] = (4096, 4097, 65537, 1_048_577)
"""Lengths of values just past the sizes of buffers, columns and packets, in characters."""

FOREIGN: tuple[Any, ...] = (b"x", 1, None, ["x"])
"""Values that are no text, one of each kind: stored exactly, or refused. More are in `changing_values`."""

PAGE = 1100
"""More keys than a page of any listing interface that we know (1,000)."""

PAST_32_KIB = 32 * 1024 + 1
"""Past the size from which stores keep a value in another way: in a file of its own, outside the row."""

ENDS: tuple[str, ...] = ("\r\n", "\r", "\n", " ", "\0", "\u00e9", "\U0001f600", "\ud800")
"""What a long value holds in its middle and ends with: two oddities may have to meet."""

WILDCARDS: tuple[tuple[Key, tuple[Key, ...]], ...] = (
    (("a_",), (("a_", "x"), ("ab", "x"), ("a_b", "x"), ("ab",))),
    (("%",), (("%", "x"), ("a", "x"), ("a%b",))),
    (("a%",), (("a%", "x"), ("ab", "x"), ("a", "b", "x"))),
    (("*",), (("*", "x"), ("a", "x"), ("ab",))),
    (("a?",), (("a?", "x"), ("ab", "x"), ("ab",))),
    (("[ab]",), (("[ab]", "x"), ("a", "x"), ("b",))),
    (("a.",), (("a.", "x"), ("ab", "x"), ("ab",))),
    (("a", "_"), (("a", "_", "x"), ("a", "b", "x"), ("a", "b"))),
    (("a\\",), (("a\\", "x"), ("a", "x"), ("a\\_", "x"))),
)
"""Prefixes that a pattern of SQL, a shell or regular expressions takes for more, and keys that it then matches."""


def directed_programs(subject: Subject, material: Material) -> Iterator[Program]:
    """Every directed program for a subject but the basic ones."""
    first, second = (material.plain_key(number) for number in range(2))
    yield from _relatives(first, second, material)
    yield from _values(first, second)
    yield from _same_values(first, second, material)
    # Families have keys in common, so each program once; by its repr, for a value may be one that has no hash.
    yield from {repr(program): program for program in _odd_keys(material)}.values()
    yield from _wildcards(material)
    if subject.claims.durable:
        yield from _reopened(first, material)
    parent = first[: material.lengths[1] - 1]
    yield (SetMany(parent, PAGE), ListKeys(parent), ListKeys(), Set(second, material.value(1)), ListKeys(parent))


def basic_programs(material: Material) -> Iterator[Program]:
    """The plain uses of every operation: what ends the process, or hangs, is found here before all else."""
    first, second, third = (material.plain_key(number) for number in range(3))
    yield from _basics(first, second, third, material)
    yield from _extended(first, second, material)


def reopening_programs(material: Material) -> Iterator[Program]:
    """The plain uses of what was opened again, for what is durable."""
    first, second = (material.plain_key(number) for number in range(2))
    one, two = material.value(1), material.value(2)
    yield (Set(first, one), Reopen(), Get(first), HasKey(first), ListKeys(), Set(first, two), Reopen(), Get(first))
    yield (Set(first, one), Set(second, two), Reopen(), RemoveKey(first), Reopen(), HasKey(first), ListKeys())
    yield (Set(first, one), Reopen(), Move(first, second), Reopen(), Get(second), HasKey(first))
    yield (ReadId(), Reopen(), ReadId())


def _basics(a: Key, b: Key, c: Key, material: Material) -> Iterator[Program]:
    one, two, three = (material.value(number) for number in (1, 2, 3))
    yield (Get(a), HasKey(a), ListKeys(), ListKeys(a))
    yield (Set(a, one), Get(a), HasKey(a), ListKeys(), ListKeys(a), Get(b), HasKey(b), ListKeys(b))
    yield (Set(a, one), Set(a, two), Get(a))
    yield (Set(a, one, extra=True), Set(b, two, extra=True), Move(a, b, extra=True))
    yield (Set(a, one), Set(b, two), Set(c, three), RemoveKey(b), Get(a), ListKeys())
    yield (Set(a, one), Set(b, two), Set(c, three), Move(a, b), Get(b), Get(a), Get(c))
    yield (Set(a, one), Set(c, three), Move(a, b), Get(b), HasKey(a), Set(a, two), Get(a), Get(b))
    # What has been listed before is listed anew after each kind of write.
    yield (ListKeys(a), ListKeys(b), Set(a, one), ListKeys(a), Move(a, b), ListKeys(a), ListKeys(b))
    yield (Set(a, one), Set(b, two), ListKeys(b), Move(a, b), ListKeys(b), RemoveKey(b), ListKeys(b), ListKeys(a))
    yield (Set(a, one), Move(a, a), Get(a))
    yield (Move(a, b), HasKey(a), HasKey(b))
    yield (Move(a, a),)
    yield (Set(b, two), Move(a, b), Get(b))
    yield (Set(a, one), RemoveKey(a), Get(a), HasKey(a), ListKeys(), RemoveKey(a), Set(a, two), Get(a))
    yield (RemoveKey(a), HasKey(a))
    yield (Set(b, two), RemoveKey(a), Get(b))
    yield (Set(a, one), Move(a, b), Move(b, c), Move(c, a), Get(a), RemoveKey(a), Set(c, three))
    yield (ReadId(), Set(a, one), ReadId(), Move(a, b), RemoveKey(b), ReadId())
    yield tuple(Set(material.plain_key(number), material.value(number)) for number in range(12))


def _relatives(a: Key, b: Key, material: Material) -> Iterator[Program]:
    """A key and longer ones, in every order of set, move and remove."""
    element = material.elements[1]
    child, grandchild = (*a, element), (*a, element, element)
    fewest, most = material.lengths
    if not fewest <= len(child) <= most:
        return
    keys = (a, child, grandchild) if len(grandchild) <= most else (a, child)
    one, two, three = (material.value(number) for number in (1, 2, 3))
    values = dict(zip(keys, (one, two, three), strict=False))
    for left, right in permutations(keys, 2):
        yield (Set(left, one), Get(right), HasKey(right), ListKeys(right))
    for order in permutations(keys):
        yield tuple(Set(key, values[key]) for key in order)
        yield (*(Set(key, values[key]) for key in order), *(RemoveKey(key) for key in order))
    yield (*(Set(key, values[key]) for key in keys), GetAll())
    for left, right in permutations(keys, 2):
        yield (Set(left, one), RemoveKey(left), Set(right, two), Get(right), ListKeys(left))
        yield (Set(left, one), Move(left, b), Set(right, two), Get(right), Get(b))
        yield (Set(left, one), Move(left, right), Get(right), Get(left))
        yield (Set(left, one), Set(right, two), Move(left, b), Get(right))
        yield (Set(b, one), Set(right, two), Move(b, left), Get(right), Get(left))
        yield (Set(left, one), RemoveKey(right), Get(left), HasKey(right), Get(right))
        yield (Set(left, one), Move(right, b), Get(left))
        yield (Set(left, one), Set(right, two), ListKeys(left), ListKeys(right), ListKeys(b))


def _values(a: Key, b: Key) -> Iterator[Program]:
    for text in TEXTS:
        yield (Set(a, text), Get(a))
        yield (Set(a, "1"), Set(a, text), Move(a, b), Get(b))
    for size in SIZES:
        yield (Set(a, ("0123456789" * (size // 10 + 1))[:size]), Get(a), Move(a, b), Get(b))
    for text in ENDS:
        yield (Set(a, f"{'x' * PAST_32_KIB}{text}y{text}"), Get(a), Move(a, b), Get(b))
    for value in FOREIGN:
        yield (Set(a, value), Get(a))
        yield (Set(a, "1"), Set(a, value), Get(a), Set(b, "2"), Get(b))


def _same_values(a: Key, b: Key, material: Material) -> Iterator[Program]:
    """What has the value already that it is given: a database may take that for a conflict, or for no change."""
    one, two = material.value(1), material.value(2)
    yield (Set(a, one), Set(a, one), Get(a), HasKey(a), ListKeys())
    yield (Set(a, one), Set(b, one), Get(a), Get(b), RemoveKey(a), Get(b))
    yield (Set(a, one), Set(b, one), Move(a, b), Get(b), HasKey(a))
    yield (Set(a, one), Set(a, two), Set(a, one), Get(a))
    yield (Set(a, one), RemoveKey(a), Set(a, one), Get(a))
    yield (Set(a, one), AddOrUpdate(a, one), Update(a, one), Get(a))
    yield (Set(a, one), Add(b, one), Get(a), Get(b))


def _wildcards(material: Material) -> Iterator[Program]:
    fewest, most = material.lengths
    for prefix, keys in WILDCARDS:
        if all(fewest <= len(key) <= most for key in keys):
            sets = tuple(Set(key, material.value(number)) for number, key in enumerate(keys))
            yield (*sets, ListKeys(prefix), RemoveKey(prefix))
            yield (*sets[1:], ListKeys(prefix))


def _odd_keys(material: Material) -> Iterator[Program]:
    other = material.plain_key(2)
    value = material.value
    for family in ODD_FAMILIES:
        for key in family:
            yield (
                Set(key, value(1)),
                Get(key),
                HasKey(key),
                ListKeys(),
                ListKeys(key),
                RemoveKey(key),
                HasKey(key),
            )
            yield (Get(key), HasKey(key), RemoveKey(key), Move(key, other))
            yield (Set(other, value(1)), Move(other, key), Get(key), Get(other), ListKeys(key[:1]))
        # Read after each write, these two show of every two keys each removed beside the other.
        for order in (family, family[::-1]):
            sets = tuple(Set(key, value(number)) for number, key in enumerate(order))
            yield (*sets, *map(RemoveKey, order))


def _extended(a: Key, b: Key, material: Material) -> Iterator[Program]:
    one, two, three = (material.value(number) for number in (1, 2, 3))
    yield (Add(a, one), Get(a), Add(a, two), Get(a))
    yield (Set(b, three), Add(a, one), Add(b, two), RemoveKey(a), Add(a, two), Get(a))
    yield (Update(a, one), HasKey(a), Set(a, one), Update(a, two), Get(a))
    yield (AddOrUpdate(a, one), Get(a), AddOrUpdate(a, two), Get(a), AddOrUpdate(b, three))
    # What a move has brought is stored, and what it has taken is not, for those that ask first.
    yield (Set(a, one), Move(a, b), Update(b, two), Get(b), Update(a, three), HasKey(a))
    yield (Set(a, one), Move(a, b), Add(b, two), Get(b), Add(a, three), Get(a))
    yield (Add(a, one, extra=True), Update(a, two, extra=True), AddOrUpdate(a, three, extra=True), Get(a))
    yield (GetAll(), Set(a, one), Set(b, one), ReadId(), GetAll(), RemoveKey(a), GetAll())


def _reopened(a: Key, material: Material) -> Iterator[Program]:
    for text in TEXTS:
        yield (Set(a, text), Reopen(), Get(a))
    for family in ODD_FAMILIES:
        yield (*(Set(key, material.value(number)) for number, key in enumerate(family)), Reopen(), ListKeys())
