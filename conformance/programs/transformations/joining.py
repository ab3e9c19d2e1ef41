"""Elements that are joined to a name, divided again, dropped or put in order: functions of the whole key.

A name joined by a separator is the name of every key that holds the separator itself. It may be joined from any element
on: the first may be a bucket, a table or a directory.
"""

import posixpath
from collections.abc import Callable

from conformance.programs.transformations.transformation import Transformation, of_keys
from spec_store import Key

SEPARATORS: tuple[str, ...] = (
    *("/", "\\", ".", "_", "-", ":", ",", " ", "|", ";", "#", "+", "=", "&", "@", "~", "\0", "\x1f", "\n", "\t"),
    *("::", "__", "--", "..", ", ", '","', "', '", '", "', "%2F", "\u2215"),
)
"""What names are joined by, the usual ones first."""


def joined(separator: str, first: int = 0) -> Callable[[Key], Key]:
    """A function that joins the elements of a key, from the `first` on."""

    def apply(key: Key) -> Key:
        return (*key[:first], separator.join(key[first:])) if len(key) > first else key

    return apply


def resolved(key: Key) -> Key:
    """A key whose elements are names of directories, "." and ".." as the file system takes them."""
    path = posixpath.normpath("/".join(key))
    return key if path.startswith(("..", "/")) else tuple(path.split("/"))


def without_elements(*names: str) -> Callable[[Key], Key]:
    """A function that drops elements of some names, unless nothing would be left."""
    return lambda key: tuple(element for element in key if element not in names) or key


def _joinings(separator: str) -> tuple[Transformation, ...]:
    phrase = f"where they are divided at {separator!r}"
    return (
        of_keys(phrase, joined(separator), ("a", "b", "c"), ("a", f"b{separator}c"), (f"a{separator}b", "c")),
        of_keys(phrase, joined(separator, 1), ("d", "b", "c")),
        of_keys(phrase, joined(separator, 2), ("d", "e", "b", "c")),
    )


JOINING: tuple[Transformation, ...] = (
    *(one for separator in SEPARATORS for one in _joinings(separator)),
    of_keys("where one element ends", joined(""), ("ab", "c"), ("a", "bc"), ("x", "yz")),
    of_keys("where one element ends", joined("", 1), ("p", "ab", "c"), ("p", "a", "bc")),
    of_keys("empty elements", without_elements(""), ("a", "", "b"), ("", "a", "b"), ("a", "b", "")),
    of_keys('elements "."', without_elements("."), ("a", ".", "b"), (".", "a", "b"), ("a", "b", ".")),
    of_keys('elements ".."', resolved, ("x", "..", "a", "b"), ("a", "b", "x", ".."), ("a", "x", "..", "b")),
    of_keys("slashes in a row", lambda key: tuple(e.replace("//", "/") for e in key), ("a//b",), ("c", "a//b")),
    of_keys("a slash at the end", lambda key: tuple(e.rstrip("/") for e in key), ("k/",), ("k", "l/")),
    of_keys("all but their last element", lambda key: key[-1:], ("a", "x"), ("b", "x"), ("a", "b", "x")),
    of_keys("all but their first element", lambda key: key[:1], ("y", "a"), ("y", "b", "c")),
    of_keys("all but their ends", lambda key: (*key[:1], *key[-1:]), ("a", "b", "d"), ("a", "c", "c", "d")),
    of_keys("the order of their elements", lambda key: tuple(sorted(key)), ("b", "a"), ("c", "b", "d")),
    of_keys("the order of their elements", lambda key: key[::-1], ("e", "f", "g"), settles=False),
    of_keys("elements that come twice", lambda key: tuple(dict.fromkeys(key)), ("a", "b", "a"), ("a", "a", "b")),
)
