"""When a search ends that could go on: at the end of the budget, or of its own share of time if it has tried all."""

import time
from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Deadline:
    """When a search ends.

    Args:
        budget: the time, by `time.monotonic`, at which it ends in any case.
        share: the time at which it ends once it has put everything wanted to the test.
        wanted: the ids of the requirements that it is to put to the test.
        exercised: how often each has been.
    """

    budget: float
    share: float
    wanted: frozenset[str]
    exercised: Mapping[str, int]

    @classmethod
    def after(cls, seconds: float, budget: float, wanted: Iterable[str], exercised: Mapping[str, int]) -> "Deadline":
        """A share of so many seconds from now."""
        return cls(budget, time.monotonic() + seconds, frozenset(wanted), exercised)

    def over(self) -> bool:
        """Whether the search is to end now."""
        now = time.monotonic()
        return now > self.budget or (now > self.share and all(self.exercised[name] for name in self.wanted))
