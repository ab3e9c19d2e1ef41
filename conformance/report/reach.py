"""How far a run went into something that it goes through from one end to the other."""

from typing import Any

import attrs

TOO_SLOW = "an operation takes too long"
"""Why a subject is not gone through to the end of something that others are."""


@attrs.frozen
class Reach:
    """How much of something was gone through.

    Args:
        what: what was gone through, as it follows "explored:".
        done: how much of it.
        total: how much there is.
        unit: what is counted, in the plural; "" where the number of it tells a reader nothing.
        why: why that is not all, or ""; where nothing is counted, how far it went, in words.
    """

    what: str
    done: int
    total: int
    unit: str
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return self.done >= self.total

    def __str__(self) -> str:
        if not self.unit:
            return f"{self.what}: {self.why}"
        if self.is_whole:
            return f"{self.what}, {self.total} {self.unit}"
        share = f"{self.done} of {self.total} {self.unit} ({self.done / self.total:.0%})"
        return f"{self.what}, {share}{f': {self.why}' if self.why else ''}"

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reach":
        return cls(**data)
