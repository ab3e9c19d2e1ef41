"""What the catalogue is made of: a function of keys, or a match of one text by another, with keys that show it.

    value            says                                         so that these meet in a store
    ---------------  -------------------------------------------  ----------------------------------
    Transformation   a key is brought into another form           each key, and what it is turned into
    Match            a text is taken for a pattern, or a range    each pattern, and what it matches

Both have a phrase that completes "keys that differ by ... only share a value", and say whether they relate two keys.
"""

from collections.abc import Callable
from typing import TypeAlias

import attrs

from spec_store import Key


@attrs.frozen
class Transformation:
    """A function of keys.

    Args:
        phrase: by what keys differ that it makes the same.
        apply: the function.
        keys: keys that it changes.
        change: the same of one text, if it is done to each element; None if it takes the whole key.
        settles: whether to apply it twice is to apply it once.
    """

    phrase: str
    apply: Callable[[Key], Key]
    keys: tuple[Key, ...]
    change: Callable[[str], str] | None = None
    settles: bool = True

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that it changes; none if it takes the whole key."""
        return () if self.change is None else tuple(key[0] for key in self.keys)

    @property
    def groups(self) -> tuple[tuple[Key, ...], ...]:
        """Keys that it makes the same."""
        return tuple((key, self.apply(key)) for key in self.keys)

    def relates(self, left: Key, right: Key) -> bool:
        """Whether two different keys are the same to it: one is what it makes of the other, or of both."""
        if left == right:
            return False
        try:
            one, other = self.apply(left), self.apply(right)
        except ValueError:  # lone surrogates, which most encodings have no bytes for
            return False
        return one in (right, other) or other == left

    def turns(self, left: Key, right: Key) -> bool:
        """Whether one of two different keys is made into the other, and not both into a third."""
        return self.relates(left, right) and (self.apply(left) == right or self.apply(right) == left)


@attrs.frozen
class Match:
    """A text that is taken for a pattern.

    Args:
        phrase: by what keys differ of which one matches the other.
        matches: whether a text, taken for a pattern, matches another.
        examples: patterns, each with texts that it matches.
    """

    phrase: str
    matches: Callable[[str, str], bool]
    examples: tuple[tuple[str, ...], ...]

    @property
    def groups(self) -> tuple[tuple[Key, ...], ...]:
        """Keys of which the first matches the others."""
        return tuple(tuple((text,) for text in example) for example in self.examples)

    def relates(self, left: Key, right: Key) -> bool:
        """Whether one of two different keys, element by element, matches the other."""
        return left != right and len(left) == len(right) and (self._covers(left, right) or self._covers(right, left))

    def turns(self, left: Key, right: Key) -> bool:
        """Whether one of two different keys matches the other: there is no third here."""
        return self.relates(left, right)

    def _covers(self, patterns: Key, key: Key) -> bool:
        return all(pattern == text or self.matches(pattern, text) for pattern, text in zip(patterns, key, strict=True))


Relation: TypeAlias = Transformation | Match


def of_texts(phrase: str, change: Callable[[str], str], *texts: str, settles: bool = True) -> Transformation:
    """A function that is applied to each element of a key.

    Args:
        phrase: by what keys differ that it makes the same.
        change: the function of one text.
        texts: texts that it changes.
        settles: whether to apply it twice is to apply it once.
    """

    def apply(key: Key) -> Key:
        return tuple(map(change, key))

    return Transformation(phrase, apply, tuple((text,) for text in texts), change, settles)


def of_keys(phrase: str, apply: Callable[[Key], Key], *keys: Key, settles: bool = True) -> Transformation:
    """A function of whole keys; the arguments are as in `Transformation`."""
    return Transformation(phrase, apply, keys, None, settles)


def match(phrase: str, matches: Callable[[str, str], bool], *examples: tuple[str, ...]) -> Match:
    """A text that is taken for a pattern; the arguments are as in `Match`."""
    return Match(phrase, matches, examples)


def replacing(table: dict[str, str]) -> Callable[[str], str]:
    """A function that replaces each text of a table, in its order."""

    def change(text: str) -> str:
        for old, new in table.items():
            text = text.replace(old, new)
        return text

    return change


def without(characters: str) -> Callable[[str], str]:
    """A function that drops characters."""
    gone = dict.fromkeys(map(ord, characters))
    return lambda text: text.translate(gone)
