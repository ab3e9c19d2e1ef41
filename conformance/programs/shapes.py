"""The values of a small world, of other shapes in each family: what an operation does may hang on what a value is like.

A world has two values, and takes its keys through every order of them: so each shape is written where there was none,
over itself and over the other, is removed, and is moved, beside others of both. What a store makes of it takes no more
steps than two plain values do, if every family has other ones.

    values             are                           show
    -----------------  ----------------------------  -------------------------------------------------------------
    plain              "1", "2"                      what is about no value
    long and short     300 characters, and one       what is left of the longer; a link to an equal one, a block
    named by keys      elements of the family's keys a value that is looked up, or compared with a key
    empty and not      "", "2"                       a key that is there, and is taken for one that has nothing
    falsy              "False", "None"               what is taken for nothing, or for text that stands for it
    long and longer    300 characters, and 301       what is cut, or told by how it begins

Keys beyond ASCII have more bytes, or units, than characters; what confuses these shows where a value gets shorter. So
their families have a long and a short one.
"""

from collections.abc import Callable, Sequence
from itertools import islice

from conformance.programs.material import Material
from spec_store import Key

LONG_SHAPE = "long" * 75
"""Longer than what is kept beside a key, shorter than any limit; past 255, which is as much as a byte counts."""

LONGER_FIRST = (LONG_SHAPE, "2")
"""What families of keys beyond ASCII have."""

TwoValues = tuple[object, object]
"""The two values of a world."""

SHAPES: tuple[Callable[[Sequence[Key]], TwoValues], ...] = (
    lambda _: ("1", "2"),
    lambda _: LONGER_FIRST,
    lambda keys: named_by(keys),
    lambda _: ("", "2"),
    lambda _: ("False", "None"),
    lambda _: (LONG_SHAPE, f"{LONG_SHAPE}r"),
)
"""What makes the values of a family, the first in turn plain."""


def named_by(keys: Sequence[Key]) -> TwoValues:
    """The first two elements of some keys, as far as there are two."""
    elements = dict.fromkeys(element for key in keys for element in key)
    one, two = islice((*(element for element in elements if element != "2"), "1", "2"), 2)
    return one, two


def values_of(number: int, keys: Sequence[Key], material: Material) -> TwoValues:
    """The two values of a family; of a subject that does not take any text, two of its own, which may be equal.

    Args:
        number: which family it is.
        keys: its keys.
        material: of the subject.
    """
    if material.values is not None:
        return material.value(1), material.value(2)
    if not all(element.isascii() for key in keys for element in key):
        return LONGER_FIRST
    return SHAPES[number % len(SHAPES)](keys)
