"""In what an outcome differs from what was expected, where a reader would have to look for it.

What is long is told with its middle left out, and there the difference may lie:

    expected          came                  told besides
    ----------------  --------------------  ----------------------------------------------------------
    some keys         another list of keys  which are missing, which are too many, which stand there twice
    a long text       another text          the first place at which they differ, and what stands there
"""

from collections.abc import Iterable

from conformance.programs.outcomes import Returned, short
from conformance.sequential.expectations import Demand, Exactly, Lists
from spec_store import Key

FEW_KEYS = 3
"""Listings of so many keys are seen at a glance."""

SHORT_TEXT = 80
"""So are texts of so many characters."""

AROUND = 12
"""How many characters are told from where two texts begin to differ."""


def told_difference(expected: Demand, actual: object) -> list[str]:
    """Lines that say in what `actual` differs from what was `expected`; none where that is seen, or cannot be said."""
    if not isinstance(actual, Returned):
        return []
    came = actual.value
    if isinstance(expected, Lists) and isinstance(came, list) and max(len(expected.keys), len(came)) > FEW_KEYS:
        return _of_keys(expected.keys, came)
    if isinstance(expected, Exactly) and isinstance(expected.value, str) and isinstance(came, str):
        return _of_texts(expected.value, came)
    return []


def _of_keys(expected: frozenset[Key], came: list[object]) -> list[str]:
    try:
        listed = frozenset(came)
    except TypeError:  # what cannot be hashed is no key
        return []
    twice = {key for key in listed if came.count(key) > 1} if len(listed) != len(came) else set()
    kinds: tuple[tuple[str, Iterable[object]], ...] = (
        ("It leaves out", expected - listed),
        ("It has besides", listed - expected),
        ("It has more than once", twice),
    )
    return [f"{words} {short(sorted(keys, key=repr), 300)}." for words, keys in kinds if keys]


def _of_texts(expected: str, came: str) -> list[str]:
    longest = max(len(expected), len(came))
    if longest <= SHORT_TEXT or expected == came:
        return []
    lengths = "" if len(expected) == len(came) else f" It has {len(came):,} characters, not {len(expected):,}."
    at = next(
        (number for number, (one, other) in enumerate(zip(expected, came, strict=False)) if one != other),
        min(len(expected), len(came)),
    )
    there, due = (repr(text[at : at + AROUND]) if at < len(text) else "its end" for text in (came, expected))
    return [f"From character {at:,} on it has {there}, where {due} was expected.{lengths}"]
