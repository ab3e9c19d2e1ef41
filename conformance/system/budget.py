"""What a search may spend: time, CPU time, and replays.

A run has one `Budget`, which ends it in any case. What a search takes of it is one of two things made from it: a
`Share`, which ends a search that could go on for ever once it has put everything wanted to the test; or an `Effort`,
a number of replays for making one program smaller.

What a user gives a run is by the wall, for that is what a user waits by. All that the kit gives itself is measured by
what it gets done, so that what is found does not depend on who else uses the machine:

| what                                   | ends by                                                | given by |
|----------------------------------------|--------------------------------------------------------|----------|
| `--budget`                             | the wall                                               | the user |
| a part of a run (`within`, `at_least`) | served time (`system.starvation`): CPU, and waiting for | the kit  |
|                                        | the subject, but not for a processor                   |          |
| a `Share`                              | CPU time; late, where the subject is waited for,       | the kit  |
|                                        | served time                                            |          |
| an `Effort`                            | replays                                                | the kit  |

What ends by served time ends beside 20 spinning processes after the same number of replays as on a quiet machine, give
or take what clocks cost; it takes longer by the wall, up to `starvation.STRETCHED` times.
"""

import os
import time
from collections.abc import Iterable, Mapping

import attrs

from conformance.system.interruption import Interruption
from conformance.system.starvation import Reading
from spec_store.requirements import RequirementId

LONGEST = 2
"""How many times its share a search takes in served time at most, where it waits for the subject (a server) as well."""


class OutOfTimeError(Interruption):
    """The time of the run is up, amid a program: what has been found so far is to be told. No Exception, as a limit."""


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


OFTEN_ENOUGH = 0.02
"""Seconds by the wall in which it is asked once at most how much of an allowance has been served."""


@attrs.define
class Allowance:
    """So many seconds of served time from a moment on.

    It is asked before each operation whether they are over, and what has been served takes a dozen files to read: more
    than many an operation. But no more is served in any time than passes by the wall in it. So it is not asked before
    the wall has come to where they could be over; beside many other processes, it has to be asked a few times more.
    """

    seconds: float
    since: Reading = attrs.field(factory=Reading.now)
    _earliest: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._earliest = self.since.wall + self.seconds

    def over(self, now: float | None = None) -> bool:
        """Whether they have been served; `now` is the time by the wall, for whoever has just asked for it."""
        if now is None:
            now = time.monotonic()
        if now <= self._earliest:
            return False
        left = self.seconds - self.since.since()
        if left <= 0:
            return True
        self._earliest = now + max(left, OFTEN_ENOUGH)
        return False


@attrs.frozen
class Budget:
    """When all is to end: at `end` by `time.monotonic` (infinite is never), and when one of the `allowances` is over.

    Though `end` has come, it is not over before the allowance `at_least` is, if there is one.
    """

    end: float = float("inf")
    allowances: tuple[Allowance, ...] = ()
    at_least: Allowance | None = None

    @classmethod
    def of(cls, seconds: float | None) -> "Budget":
        """A budget of so many seconds from now, by the wall; None is without an end."""
        return cls() if seconds is None else cls(time.monotonic() + seconds)

    def over(self) -> bool:
        """Whether all is to end now."""
        # It is asked before each operation: a loop is quicker than `any`, and the clock is read once.
        now = time.monotonic()
        for allowance in self.allowances:
            if allowance.over(now):
                return True
        return now > self.end and (self.at_least is None or self.at_least.over(now))

    def left(self) -> float:
        """Seconds by the wall until the end; infinite where it has none."""
        return max(self.end - time.monotonic(), 0.0)

    def within(self, seconds: float) -> "Budget":
        """One that is over when so many seconds have been served from now, or with this one if that is sooner."""
        return attrs.evolve(self, allowances=(*self.allowances, Allowance(seconds)))

    def part(self, share: float) -> "Budget":
        """One for so much of what is left by the wall; without an end where this one has none."""
        now = time.monotonic()
        return attrs.evolve(self, end=self.end if self.end == float("inf") else now + share * max(self.end - now, 0.0))

    def prolonged(self, seconds: float, endless: float) -> "Budget":
        """One for what must be done at the end, though time is up: so many seconds of served time from now at least.

        Args:
            seconds: how long it lasts in any case.
            endless: how long it lasts where this one has no end.
        """
        if self.end == float("inf"):
            return self.within(endless)
        return attrs.evolve(self, at_least=Allowance(seconds))

    def share(self, seconds: float, wanted: Iterable[RequirementId], exercised: Mapping[RequirementId, int]) -> "Share":
        """A share of so many CPU seconds from now, for a search that is to put the `wanted` to the test."""
        latest = Allowance(LONGEST * seconds)
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
        latest: the served time after which it does so too.
        wanted: the ids of the requirements that it is to put to the test.
        exercised: how often each has been, as far as the search has come.
    """

    budget: Budget
    cpu_end: float
    latest: Allowance
    wanted: frozenset[RequirementId]
    exercised: Mapping[RequirementId, int]

    def over(self) -> bool:
        """Whether the search is to end now."""
        if self.budget.over():
            return True
        late = cpu_seconds() > self.cpu_end or self.latest.over()
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

    def with_least(self, replays: int) -> "Effort":
        """What is left of it, but so many replays at least."""
        return Effort(max(self.replays, replays), self.budget)
