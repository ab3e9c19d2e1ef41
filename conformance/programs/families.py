"""Related keys: the families from which the keys of one program are drawn, and what makes a key odd.

Keys drawn at random hardly ever meet. A fault shows where keys are related: a key and a longer one, string
prefixes of one another, case, normal forms, joined elements, dots, empty elements, trailing newlines.
"""

from spec_store.keys import Key

LONG_ELEMENT = "n" * 300

STRUCTURES: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((0,), (0, 1), (0, 1, 2), (1,)),
    ((0,), (1,), (2,), (3,)),
    ((0, 1), (0, 2), (1, 0), (1, 2)),
    ((0,), (0, 1), (0, 2), (1,)),
    ((0, 1, 2), (0, 1), (0,), (0, 1, 1)),
    ((0,), (1,), (0, 0), (1, 0, 0)),
)
"""Families by shape alone; the numbers stand for elements."""

ODD_FAMILIES: tuple[tuple[Key, ...], ...] = (
    (("a",), ("ab",), ("a", "b"), ("ab", "c"), ("abc",)),
    (("a",), ("A",), ("a", "b"), ("A", "b"), ("a", "B")),
    (("a", "b"), ("a/b",), ("a\\b",), ("a",)),
    (("a", "b"), ("a.b",), ("a_b",), ("a__b",), ("a-b",), ("a:b",), ("a,b",)),
    (("a", "b c"), ("a b", "c"), ("a b c",), ("a\0b",), ("a\x1fb",)),
    (("a", ".", "b"), ("a", "b"), ("b",), (".", "b"), ("a", ".")),
    (("a", "..", "b"), ("b",), ("a", "b"), ("a", "..")),
    (("a", ""), ("a",), ("", "a"), ("",), ("a", "", "b"), ("a", "b")),
    (("a", "x\n"), ("a", "x"), ("a", "x "), ("a", " x"), ("a", "x.")),
    (("\u00e9",), ("e\u0301",), ("e",), ("\u00c9",)),
    (("\u00df",), ("ss",), ("\u1e9e",), ("\ufb01",), ("fi",)),
    (("%2F",), ("%2f",), ("%",), ("%25",), ("a%2Fb",)),
    (("a*",), ("a?",), ("a[b]",), ("ab",), ("a",)),
    (("a%",), ("a_",), ("ab",), ("a'",), ('a"',)),
    (("{0}",), ("{}",), ("$HOME",), ("~",), ("a",)),
    (("\U0001f600",), ("\U0001f601",), ("\uffff",), ("a",)),
    (("a.json",), ("a",), ("a.tmp",), ("a.lock",), (".a",)),
    (("nul",), ("NUL",), ("NUL_",), ("NUL.txt",)),
    (("con",), ("con_",), ("_con",), ("a",)),
    (("a",), ("a-1",), ("a.bak",), ("a~",), ("a_old",)),
    ((LONG_ELEMENT + "1",), (LONG_ELEMENT + "2",), (LONG_ELEMENT,), ("a",)),
    (("0",), ("00",), ("1",), ("None",), ("True",)),
    ((), ("a",), ("a", "b")),
    (("a",) * 12, ("a",) * 11, ("a",)),
)
"""Families by text. Keys that would leave a directory are not among them: the check of KEY-8 has those."""


def pool(families: tuple[tuple[Key, ...], ...], first: int, second: int | None) -> tuple[Key, ...]:
    """The keys of one program: a family, or a family and the beginning of another; numbers go round and round."""
    chosen = families[first % len(families)]
    if second is None:
        return chosen
    return tuple(dict.fromkeys((*chosen, *families[second % len(families)][:2])))
