"""How fast a subject is: information, which decides nothing."""

from typing import Any

import attrs

NOTABLE_GROWTH = 2.0
"""From how many times as long on it is told that an operation takes longer with more keys."""


@attrs.frozen
class Speed:
    """How long one operation takes, by the wall.

    Args:
        operation: its name.
        few: seconds, where few keys are stored.
        many: seconds, where many are; None where there was no time to store so many.
    """

    operation: str
    few: float
    many: float | None = None

    @property
    def growth(self) -> float:
        """How many times as long it takes with many keys; 1 where that is not known."""
        return 1.0 if self.many is None else self.many / self.few


@attrs.frozen
class Measured:
    """What was measured of a subject.

    Args:
        speeds: of each operation that could be measured.
        few: with how many keys.
        many: with how many keys then.
    """

    speeds: tuple[Speed, ...]
    few: int
    many: int

    def __str__(self) -> str:
        first, *rest = (f"{one.operation} {_rounded(1 / one.few):,}" for one in self.speeds)
        each = ", ".join([f"{first} times a second", *rest])
        grown = [
            f"{one.operation} takes {_rounded(one.growth):,} times as long with {self.many} keys as with {self.few}"
            for one in self.speeds
            if one.growth >= NOTABLE_GROWTH
        ]
        known = any(one.many is not None for one in self.speeds)
        alike = f"with {self.many} keys each takes about as long as with {self.few}" if known else ""
        return "; ".join(part for part in (each, *(grown or [alike])) if part)

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> "Measured | None":
        """What `to_json` gave these values of; None of None."""
        return None if data is None else cls(tuple(Speed(**one) for one in data["speeds"]), data["few"], data["many"])


def _rounded(number: float) -> int:
    """A number to two digits, for more of them are noise."""
    return round(float(f"{number:.1e}"))
