"""Values that tell what was done to them: whatever somebody's code does to a text, there is something in it to change.

A store that strips every hundredth value gives back "17" as it came. So where it is not the value that is swept, but a
count, an age or a state, each value has a part for every common change: white space at both ends, ends of lines, an
upper-case letter, characters beyond ASCII, a NUL. A subject that changes one of these parts at once, or refuses it, is
given values without it: else nothing but that would be seen at each step.
"""

from collections.abc import Callable, Iterator

import attrs

PARTS: tuple[tuple[str, str], ...] = (
    (" ", ""),
    ("", "A"),
    ("", "\u00e9"),
    ("", "\r\nx"),
    ("", "\nx"),
    ("", "\0x"),
    ("", "\n"),
    ("", " "),
)
"""What a value may begin and end with besides its number, each of one kind; the last two take turns at the end."""

TAKING_TURNS = 2
"""How many of the parts, the last ones, take turns."""


@attrs.frozen
class Telling:
    """How telling values are made.

    Args:
        parts: which of `PARTS` they have, in order.
    """

    parts: tuple[tuple[str, str], ...] = ()

    def value(self, number: int) -> str:
        """The value of a number."""
        always = [part for part in self.parts if part not in PARTS[-TAKING_TURNS:]]
        turns = [part for part in self.parts if part in PARTS[-TAKING_TURNS:]]
        used = [*always, *turns[number % max(len(turns), 1) :][:1]]
        return f"{''.join(first for first, _ in used)}{number}{''.join(last for _, last in used)}"


NUMBERS_ALONE = Telling()
"""Values that are nothing but their numbers."""


def telling(keeps: Callable[[tuple[str, ...]], bool]) -> Telling:
    """The most telling values that a subject keeps as they are.

    Args:
        keeps: whether it keeps some values.
    """
    for made in _candidates(keeps):
        if keeps((made.value(1), made.value(2))):
            return made
    return NUMBERS_ALONE


def _candidates(keeps: Callable[[tuple[str, ...]], bool]) -> Iterator[Telling]:
    yield Telling(PARTS)
    kept = tuple(part for part in PARTS if keeps((Telling((part,)).value(1),)))
    if kept != PARTS:
        yield Telling(kept)
