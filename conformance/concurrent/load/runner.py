"""How a round is run is one thing, which rounds are run and how they are judged another: what stands between the two.

A `Runner` runs rounds and gives what was seen of them. There is one for threads and one for processes. It judges
nothing: that is for `verdict`.
"""

from collections.abc import Generator, Iterable
from typing import Protocol

from conformance.concurrent.histories.records import Who
from conformance.concurrent.load.rounds import Round, RoundResult
from conformance.programs.operations import Program

LOOK_SECONDS = 0.05
"""Seconds between two looks at the clients of a round."""


class Runner(Protocol):
    """Runs rounds, each on a new store, with a thread, or a process, for each client."""

    @property
    def who(self) -> Who:
        """What a client is."""

    def run(self, rounds: Iterable[Round]) -> Generator[RoundResult, None, None]:
        """Run rounds, all of the same number of clients, and give what came of each; some may run before their turn.

        Raises:
            SubjectError: the backend cannot be opened.
        """

    def alone(self, program: Program) -> RoundResult:
        """Run operations one after another, and then the reads that show what they have left.

        Raises:
            SubjectError: the backend cannot be opened.
        """
