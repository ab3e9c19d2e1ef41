"""What is out of the ordinary about a key or a value, in two words."""

import functools
import string
import unicodedata
from collections.abc import Sequence

LONG_BYTES = 40
"""More bytes than an element has that nobody calls long: an id has 36."""

LONG_VALUE = 2000
"""More characters than a value has that nobody calls long."""

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


@functools.lru_cache(maxsize=4096)
def _element_oddity(element: str) -> str | None:
    if element in ("", ".", ".."):
        return {"": "empty element", ".": "dot element", "..": "dot-dot element"}[element]
    if len(element.encode("utf-8", "surrogatepass")) > LONG_BYTES:
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
    return "long value" if len(value) > LONG_VALUE else _text_oddity(value)


@functools.lru_cache(maxsize=1024)  # the minimizer asks it of the same few values thousands of times
def _text_oddity(value: str) -> str | None:
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
