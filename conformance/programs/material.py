"""What programs are made of: pools of related keys, values that name their writer, plain stand-ins."""

from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from conformance.probes.vocabulary import SILENT, Vocabulary
from conformance.programs.families import ODD_FAMILIES, STRUCTURES
from conformance.programs.keys import ID_KEY, fit_all
from conformance.programs.telling import NUMBERS_ALONE, Telling
from conformance.subject.subject import Claims
from spec_store.keys import Key

TAILS = ("", "", "", "\n", "\r\n", " ", "\u00e9", "\U0001f600", "\0", "\t", "x" * 300, "\n\n", "\u2028")
"""What follows the number in a text value; most real faults sit at the end of a value."""

PAGES = 3 * 4096
"""The length of a text that takes several pages of memory, or blocks of a file, to write or to read."""

PLAIN_ELEMENTS = ("a", "b", "c", "d", "e", "f", "g", "h")


def sample(strategy: SearchStrategy[Any], count: int) -> tuple[Any, ...]:
    """Up to `count` different examples of a strategy, simple ones first, the same in every run."""
    found: dict[str, Any] = {}

    @seed(0)
    @settings(
        max_examples=count * 4,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        found.setdefault(repr(example), example)

    collect()
    return tuple(sorted(found.values(), key=lambda example: (len(repr(example)), repr(example)))[:count])


@attrs.frozen
class Material:
    """What the keys and values of one subject's programs are made of.

    Args:
        elements: plain key elements that the subject accepts, at least one.
        values: plain values that it accepts; None where any text goes, and values are made to name their writer.
        families: pools of related keys.
        lengths: the fewest and most elements of a key.
        telling: how values are made that show what is done to them; they are plain until it is known what it keeps.
        vocabulary: what its code knows; nothing until that has been read.
    """

    elements: tuple[str, ...]
    values: tuple[Any, ...] | None
    families: tuple[tuple[Key, ...], ...]
    lengths: tuple[int, int]
    telling: Telling = NUMBERS_ALONE
    vocabulary: Vocabulary = SILENT

    @property
    def foreign(self) -> tuple[Any, ...]:
        """The values of a subject that takes no text; empty for one that does."""
        return () if any(isinstance(value, str) for value in self.values or ("",)) else self.values or ()

    @property
    def plain_values(self) -> tuple[Any, ...]:
        """Two values that have little in common, digits and letters where any text goes."""
        return ("1", "text") if self.values is None else (self.value(1), self.value(2))

    def value(self, number: int, tail: int = 0) -> Any:
        """The value of the `number`-th write of a program."""
        if self.values is None:
            return f"{number}{TAILS[tail % len(TAILS)]}"
        return self.values[(number + tail) % len(self.values)]

    def telling_value(self, number: int) -> Any:
        """The value of the `number`-th write where values are to show whatever is done to them."""
        return self.telling.value(number) if self.values is None else self.value(number)

    def plain_key(self, number: int) -> Key:
        """The `number`-th of some plain keys that are unrelated to one another."""
        size = len(self.elements)
        length = max(1, self.lengths[0], 1 if number < size else 2)
        if length == 1:
            return (self.elements[number % size],)
        return (
            self.elements[number % size],
            *(self.elements[number // size % size],) * (min(length, self.lengths[1]) - 1),
        )


def material(claims: Claims) -> Material:
    """The material that fits a subject's claims."""
    lengths = claims.lengths
    elements = PLAIN_ELEMENTS if claims.elements is None else sample(claims.elements, 8)
    values = None if claims.values is None else sample(claims.values, 40)
    by_shape = [
        tuple(tuple(elements[number % len(elements)] for number in shape) for shape in shapes) for shapes in STRUCTURES
    ]
    if claims.elements is None:
        plain = by_shape * 3
        families = [*plain, *ODD_FAMILIES, (ID_KEY, ("a",), ("b",))]
    else:
        odd = sample(claims.elements, 60)
        groups = [odd[start : start + 4] for start in range(0, len(odd), 4)]
        families = by_shape + [tuple((element,) for element in group) for group in groups]
        families += [((group[0],), (group[0], group[-1]), (group[-1],)) for group in groups]
    fitted = tuple(fit_all(family, lengths, elements[0]) for family in families)
    return Material(tuple(elements), values, fitted, lengths)
