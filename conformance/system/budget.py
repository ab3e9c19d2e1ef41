"""What a search may spend: time by the wall, CPU time, and replays.

A run has one `Budget`, which ends it in any case. What a search takes of it is one of two things made from it: a
`Share`, which ends a search that could go on for ever once it has put everything wanted to the test; or an `Effort`,
a number of replays for making one program smaller.

A share is of CPU time, so that what is found does not depend on who else uses the machine; only where a busy machine
gives hardly any does the wall clock end it too, late.
"""

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
class Budget:
    """Time by the wall: it is over at `end`, by `time.monotonic`; infinite is never."""

    end: float = float("inf")

    @classmethod
    def of(cls, seconds: float | None) -> "Budget":
        """A budget of so many seconds from now; None is without an end."""
        return cls() if seconds is None else cls(time.monotonic() + seconds)

    def over(self) -> bool:
        """Whether all is to end now."""
        return time.monotonic() > self.end

    def within(self, seconds: float) -> "Budget":
        """One that is over after so many seconds from now, or with this one if that is sooner."""
        return Budget(min(self.end, time.monotonic() + seconds))

    def prolonged(self, seconds: float, endless: float) -> "Budget":
        """One for what must be done at the end, though time is up: so many seconds from now at least.

        Args:
            seconds: how long it lasts in any case.
            endless: how long it lasts where this one has no end.
        """
        if self.end == float("inf"):
            return Budget.of(endless)
        return Budget(max(self.end, time.monotonic() + seconds))

    def share(self, seconds: float, wanted: Iterable[RequirementId], exercised: Mapping[RequirementId, int]) -> "Share":
        """A share of so many CPU seconds from now, for a search that is to put the `wanted` to the test."""
        latest = time.monotonic() + LONGEST * seconds
        return Share(self, cpu_seconds() + seconds, latest, frozenset(wanted), exercised)

    def effort(self, replays: int) -> "Effort":
        """So many replays, while this lasts."""
        return Effort(replays, self)


@attrs.frozen
class Share:
    """When a search ends that could go on for ever.

    Args:
        budget: it ends with it in any case.
        cpu_end: the CPU time, by `cpu_seconds`, at which it ends once it has put everything wanted to the test.
        latest: the time, by `time.monotonic`, at which it does so too.
        wanted: the ids of the requirements that it is to put to the test.
        exercised: how often each has been, as far as the search has come.
    """

    budget: Budget
    cpu_end: float
    latest: float
    wanted: frozenset[RequirementId]
    exercised: Mapping[RequirementId, int]

    def over(self) -> bool:
        """Whether the search is to end now."""
        if self.budget.over():
            return True
        late = time.monotonic() > self.latest or cpu_seconds() > self.cpu_end
        return late and all(self.exercised[name] for name in self.wanted)


@attrs.define
class Effort:
    """How much minimizing may cost: a number of replays, which become fewer, and the time that it ends with."""

    replays: int = 400
    budget: Budget = attrs.field(factory=Budget)

    def spend(self) -> bool:
        """Take one replay; False when there is none left."""
        self.replays -= 1
        return self.replays >= 0 and not self.budget.over()
