"""When a search ends that could go on: at the end of the budget, or of its own share of time if it has tried all."""

import os
import time
from collections.abc import Iterable, Mapping

import attrs

from spec_store.requirements import RequirementId

LONGEST = 4
"""How many times its share a search takes by the wall at most, where a busy machine gives it no more CPU time."""


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


@attrs.frozen
class Deadline:
    """When a search ends.

    Its share is of CPU time, so that what is found does not depend on who else uses the machine.

    Args:
        budget: the time, by `time.monotonic`, at which it ends in any case.
        share: the CPU time, by `cpu_seconds`, at which it ends once it has put everything wanted to the test.
        latest: the time, by `time.monotonic`, at which it does so too.
        wanted: the ids of the requirements that it is to put to the test.
        exercised: how often each has been.
    """

    budget: float
    share: float
    latest: float
    wanted: frozenset[RequirementId]
    exercised: Mapping[RequirementId, int]

    @classmethod
    def after(
        cls, seconds: float, budget: float, wanted: Iterable[RequirementId], exercised: Mapping[RequirementId, int]
    ) -> "Deadline":
        """A share of so many seconds from now."""
        latest = time.monotonic() + LONGEST * seconds
        return cls(budget, cpu_seconds() + seconds, latest, frozenset(wanted), exercised)

    def over(self) -> bool:
        """Whether the search is to end now."""
        now = time.monotonic()
        if now > self.budget:
            return True
        return (now > self.latest or cpu_seconds() > self.share) and all(self.exercised[name] for name in self.wanted)


@attrs.define
class Effort:
    """How much minimizing may cost: a number of replays and a time (by time.monotonic) to be done by."""

    replays: int = 400
    deadline: float = float("inf")

    def spend(self) -> bool:
        """Take one replay; False when there is none left."""
        self.replays -= 1
        return self.replays >= 0 and time.monotonic() < self.deadline
