"""Related keys: the families from which the keys of one program are drawn, and what makes a key odd.

Keys drawn at random hardly ever meet. A fault shows where keys are related: a key and a longer one, string
prefixes of one another, case, normal forms, joined elements, dots, empty elements, trailing newlines.
"""

import posixpath
import string
import unicodedata
from collections.abc import Sequence

from spec_store import StoreBackend
from spec_store.keys import Key

ID_KEY: Key = StoreBackend.STORE_BACKEND_ID_KEY

LONG = "n" * 300

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
    (("nul",), ("con",), ("NUL",), ("a",)),
    ((LONG + "1",), (LONG + "2",), (LONG,), ("a",)),
    (("0",), ("00",), ("1",), ("None",), ("True",)),
    ((), ("a",), ("a", "b")),
    (("a",) * 12, ("a",) * 11, ("a",)),
)
"""Families by text. Keys that would leave a directory are not among them: the check of KEY-8 has those."""

ODD_ELEMENTS: tuple[str, ...] = tuple(
    dict.fromkeys(element for family in ODD_FAMILIES for key in family for element in key)
)

_PLAIN = frozenset(string.ascii_lowercase + string.digits)

_ODDITIES: tuple[tuple[str, str], ...] = (
    ("separator", "/\\"),
    ("control character", "".join(map(chr, range(32))) + "\x7f"),
    ("space", " "),
    ("percent sign", "%"),
    ("wildcard", "*?[]"),
    ("quote", "'\"`"),
    ("brace", "{}$~"),
    ("joiner", "._-:,"),
)


def _element_oddity(element: str) -> str | None:
    if element in ("", ".", ".."):
        return {"": "empty element", ".": "dot element", "..": "dot-dot element"}[element]
    if len(element.encode("utf-8", "surrogatepass")) > 200:
        return "long element"
    if _PLAIN.issuperset(element):
        return None
    for name, characters in _ODDITIES:
        if any(character in characters for character in element):
            return name
    if not element.isascii():
        return "normal form" if unicodedata.normalize("NFKC", element) != element else "non-ASCII text"
    return "upper case"


def oddity(key: Sequence[str]) -> str | None:
    """What is out of the ordinary about a key, in two words; None for short lower-case letters and digits."""
    if not key:
        return "empty key"
    return next((odd for odd in map(_element_oddity, key) if odd), None)


def value_oddity(value: object) -> str | None:
    """What is out of the ordinary about a value, in two words; None for short plain text."""
    if not isinstance(value, str):
        return f"{type(value).__name__} value"
    if not value:
        return "empty value"
    if len(value) > 2000:
        return "long value"
    for name, found in (
        ("CR LF", "\r" in value),
        ("trailing newline", value.endswith("\n")),
        ("trailing space", value != value.strip()),
        ("control character", any(ord(character) < 32 for character in value)),
        ("lone surrogate", any("\ud800" <= character <= "\udfff" for character in value)),
        ("non-ASCII text", not value.isascii()),
    ):
        if found:
            return name
    return None


def escapes(key: Key) -> bool:
    """Whether a key, joined to a path, would lead out of a directory: by `..`, or as an absolute path.

    A run performs such keys only where the checks of KEY-8 have shown that they stay inside.
    """
    path = "/".join(key).replace("\\", "/")
    absolute = path.startswith("/") or (len(path) > 1 and path[1] == ":")
    return absolute or posixpath.normpath(path).startswith("..")


def starts_with(key: Key, prefix: Key) -> bool:
    """Whether `key` starts with `prefix`, by whole elements."""
    return key[: len(prefix)] == prefix


def related(left: Key, right: Key) -> bool:
    """Whether two different keys are such that one starts with the other."""
    return left != right and (starts_with(left, right) or starts_with(right, left))


def fit(key: Key, lengths: tuple[int, int], filler: str = "a") -> Key:
    """`key` cut or filled up to a permitted length."""
    fewest, most = lengths
    return (*key[:most], *(filler,) * max(0, fewest - len(key)))


def fit_all(keys: Sequence[Key], lengths: tuple[int, int], filler: str = "a") -> tuple[Key, ...]:
    """Each of `keys` fitted to the permitted lengths, each result once."""
    return tuple(dict.fromkeys(fit(key, lengths, filler) for key in keys))
