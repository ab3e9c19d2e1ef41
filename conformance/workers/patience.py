"""How long a worker is waited for: until it seems to be stuck, and until the time of the whole run is up.

A worker is heard of by its journal. While that does not change it is either at work on something long, or stuck, or
kept from running by others; so what counts is served time (`system.starvation`), of the worker and of all that descends
from it. How long the journal may be quiet depends on what is in flight, for a limit of `limit` seconds an operation:

| in flight                                 | may be quiet for                     | because                         |
|-------------------------------------------|--------------------------------------|---------------------------------|
| an operation, one of many sets too        | `limit` + `GRACE`                    | the worker's alarm comes first  |
| a directed check, or nothing that is told | `limit` + `CASE_GRACE`               | many operations, a new process  |
| the import of the target                  | `IMPORTING`                          | large libraries                 |
| the first opening                         | `FIRST_OPENINGS` * `limit` + `GRACE` | schemas are made, pools filled  |

With a limit of 0 nobody is stuck. The time of the whole run (`Deadline`) is by the wall, from the beginning of the
command. A worker ends by itself when it is up, tells what it has, and needs a while for that. If it does not, it is
asked for its report (interrupted) when `OVERTIME` is over as well; if it does not answer within `last_words`, it is
killed, and what it saved last is told. Both together are no more than a fifth of the time of a run, of one of 20 s or
more; a shorter one has the least of both.
"""

import time
from pathlib import Path

import attrs

from conformance.harness.harness import FIRST_OPENINGS
from conformance.programs.outcomes import Hung
from conformance.run.options import Options
from conformance.system.starvation import served, starved_tree
from conformance.workers.journal import InFlight, in_flight

GRACE = 5.0
"""Seconds past the time limit of an operation after which the worker is killed: the alarm did not get through."""

CASE_GRACE = 75.0
"""The same for a directed check, which may perform many operations and start another process."""

IMPORTING = 60.0
"""Seconds that importing the target may take."""

OVERTIME, LEAST_OVERTIME = 0.1, 2.0
"""What part of the time of a run, and how many seconds at least, a worker has for its end once that is up."""

LAST_WORDS, LEAST_LAST_WORDS = 5.0, 2.0
"""Seconds that an interrupted worker has for its report at most, and at least where the time of the run is up."""

LEAST_LEFT = 1.0
"""Seconds that a worker is given at least, where the time of the run is up."""


@attrs.frozen
class Deadline:
    """When the time of a run is up, by `time.monotonic`; never, where it has no budget."""

    began: float
    seconds: float | None

    @classmethod
    def of(cls, options: Options) -> "Deadline":
        """That of a run that begins now."""
        return cls(time.monotonic(), options.budget)

    def passed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def over(self) -> bool:
        """Whether the time is up."""
        return self.seconds is not None and self.passed() > self.seconds

    def overdue(self) -> bool:
        """Whether that is so long ago that a worker should have ended by itself."""
        if self.seconds is None:
            return False
        return self.passed() > self.seconds + max(OVERTIME * self.seconds, LEAST_OVERTIME)

    def last_words(self) -> float:
        """Seconds that a worker has for its report which has to be asked for it."""
        return LAST_WORDS if self.seconds is None else min(max(OVERTIME * self.seconds, LEAST_LAST_WORDS), LAST_WORDS)

    def left_of(self, options: Options) -> Options:
        """The options with what is left of the time, for the next worker."""
        if self.seconds is None:
            return options
        return attrs.evolve(options, budget=max(self.seconds - self.passed(), LEAST_LEFT))


@attrs.define
class Quiet:
    """For how long a worker's journal has been quiet, in served time."""

    seconds: float = 0.0
    _mark: object = None
    _wall: float = 0.0
    _starved: float = 0.0

    def look(self, mark: object, wall: float, starved: float) -> float:
        """Look again; the seconds so far.

        Args:
            mark: what changes when something is written.
            wall: the time by the wall.
            starved: for how many seconds the worker has been starved so far.
        """
        if mark != self._mark:
            self.seconds, self._mark = 0.0, mark
        else:
            self.seconds += served(wall - self._wall, starved - self._starved)
        self._wall, self._starved = wall, starved
        return self.seconds


@attrs.define
class Patience:
    """What the supervisor knows of one worker while it waits for it."""

    pid: int
    journal: Path
    limit: float
    quiet: Quiet = attrs.field(factory=Quiet)

    def look(self) -> InFlight | None:
        """Look at the journal; what is in flight if the worker is stuck at it."""
        try:
            mark = self.journal.stat().st_mtime_ns
        except OSError:
            return None
        seconds = self.quiet.look(mark, time.monotonic(), starved_tree(self.pid))
        if not self.limit or seconds < min(self.limit + GRACE, IMPORTING):
            return None
        flight = in_flight(self.journal)
        return flight if seconds > seconds_allowed(flight, self.limit) else None

    def hung(self) -> Hung:
        """What is in flight, as it is told of a worker that is killed: it has not returned in all that time."""
        return Hung(round(self.quiet.seconds, 1))

    def waiting_for(self) -> str:
        """What a worker has been at for some seconds, in words; "" where it has been heard of since."""
        return in_flight(self.journal).words if self.quiet.seconds >= 1.0 else ""


def seconds_allowed(flight: InFlight, limit: float) -> float:
    """For how many seconds a journal may be quiet that says this."""
    if flight.program:
        return limit + GRACE
    if flight.beginning == "importing":
        return IMPORTING
    if flight.beginning:
        return FIRST_OPENINGS * limit + GRACE
    return limit + CASE_GRACE
