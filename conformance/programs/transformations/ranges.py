"""Where a range of keys ends: a listing by prefix that scans from the prefix to what somebody took for the end of it.

The end is the prefix and a last character, which is none: U+00FF, U+FFFF, `~`, `z`. Or it is the prefix with its last
character raised by one, which for the last of all characters does not go, and lets a sibling in if the end counts.
"""

from spec_store import Key

_LAST_OF_ALL = chr(0x10FFFF)
_ENDS = (
    "",
    "\0",
    " ",
    "!",
    "0",
    "z",
    "~",
    "\x7f",
    "\xff",
    "\u0100",
    "\u20ac",
    "\ufffd",
    "\uffff",
    "\U00010000",
    _LAST_OF_ALL,
)


def _below(prefix: str) -> tuple[Key, ...]:
    return tuple((prefix, text) for text in _ENDS)


def _beside(prefix: str, *siblings: str) -> tuple[Key, ...]:
    return ((prefix, "x"), (prefix, "x", "y"), *((text, "x") for text in siblings))


RANGES: tuple[tuple[tuple[Key, ...], tuple[Key, ...]], ...] = (
    ((("r",),), (*_below("r"), ("s",), ("q",), ("r\0", "x"), ("ra", "x"), ("r\xff", "x"), ("r\uffff", "x"))),
    ((("r", "r"),), tuple(("r", *key) for key in _below("r"))),
    ((("z",), ("\xff",), ("\uffff",)), (*_beside("z", "{", "z~"), *_beside("\xff", "\u0100"), *_beside("\uffff"))),
    (((_LAST_OF_ALL,), ("a" + _LAST_OF_ALL,)), (*_beside(_LAST_OF_ALL), *_beside("a" + _LAST_OF_ALL, "b", "a"))),
    ((("\ud7ff",), ("d\ud7ff",)), (*_beside("\ud7ff", "\ue000"), *_beside("d\ud7ff", "d\ue000", "e"))),
    ((("\x7f",), ("9",)), (*_beside("\x7f", "\x80"), *_beside("9", ":", "9:"))),
)
"""Prefixes to list, with all keys that are stored then, of which some are below them and others next to them."""
