"""Trying a round: running it, and saying what came of it. The search and the shrinking are made of this."""

import contextlib
import itertools
from collections.abc import Iterator
from random import Random

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.load.counterexample import Found
from conformance.concurrent.load.rounds import Round, RoundResult, orders
from conformance.concurrent.load.runner import Runner
from conformance.concurrent.load.verdict import UNEXPLAINED, LoadVerdict, explanation_of, general, verdict
from conformance.run.run import Run
from conformance.subject.subject import Claims
from spec_store.requirements import RequirementId, asked_for

REPEATING, LONGEST_REPEATING = 0.7, 4
"""Seconds for the tries of one smaller round; how many times that they may take to be as many as are tried at least."""

FEWEST_REPEATS = 100
"""How often a smaller round is tried at least: on a busy machine the seconds would end after a third of that."""

SHRINKING = 4.0
"""Seconds for all smaller rounds of one kind."""

ORDERS = 20
"""How many orders of a failing program are run without concurrency."""

FEWEST_ORDERS = 2
"""How many are, however long they take: as the operations began, and as they ended."""


@attrs.frozen
class Mode:
    """Threads or processes, and what is spent on them.

    Args:
        runner: how rounds are run.
        clients: how many threads or processes a round has.
        seconds: how long to look for a round that fails.
        repeats: how often a smaller round is tried before it counts as one that does not fail.
    """

    runner: Runner
    clients: int
    seconds: float
    repeats: int

    @property
    def who(self) -> Who:
        """What a client is."""
        return self.runner.who

    @property
    def requirements(self) -> tuple[RequirementId, ...]:
        """The ids of what is judged: what the claim makes asked, but for ID-9, which is about openings."""
        every = asked_for("processes" if self.who == "process" else "threads", "threads or processes")
        return tuple(name for name in every if name != "ID-9")


@attrs.frozen
class Trials:
    """Rounds of one run of the kit, tried by threads or by processes."""

    run: Run
    mode: Mode
    random: Random

    @property
    def claims(self) -> Claims:
        """What the subject claims."""
        return self.run.claims

    def verdict(self, result: RoundResult) -> LoadVerdict:
        """The id of the requirement that a round violates, or why it violates none."""
        if result.stuck:
            return general(self.mode.who)
        return verdict(result.seen, self.claims, self.mode.who)

    def repeated(self, round_: Round, times: int) -> Iterator[RoundResult]:
        """Run a round again and again, for as long as a smaller one is tried; not after it was stuck."""
        budget, latest = self.run.budget.within(REPEATING), self.run.budget.within(LONGEST_REPEATING * REPEATING)
        with contextlib.closing(self.mode.runner.run(itertools.repeat(round_, times))) as results:
            for number, result in enumerate(results, 1):
                self.run.watcher.started_program()
                if result.impediment is not None:
                    return
                yield result
                if result.stuck or latest.over() or (number >= FEWEST_REPEATS and budget.over()):
                    return

    def failure(self, round_: Round, wanted: frozenset[RequirementId]) -> Found | None:
        """What a round shows that violates one of the requirements in one of many tries."""
        for result in self.repeated(round_, self.mode.repeats):
            requirement = self.verdict(result)
            # A round that is stuck violates the general requirement whatever it was to show, and costs much time.
            if requirement in wanted and not result.stuck:
                return Found(requirement, result, self.mode.who)
        return None

    def is_wrong_alone(self, result: RoundResult) -> bool:
        """Whether the operations of a round are wrong one after another too, in one of some orders.

        Then they say nothing of concurrency. In which order they took effect is not known, but a fault of one
        operation mostly shows in any order.
        """
        try:
            return self._is_wrong_in_order(result)
        finally:
            self.run.watcher.started_program()

    def _is_wrong_in_order(self, result: RoundResult) -> bool:
        budget = self.run.budget.within(SHRINKING / 2)
        for number, program in enumerate(orders(result, self.random, ORDERS)):
            if number >= FEWEST_ORDERS and budget.over():
                return False
            alone = self.mode.runner.alone(program)
            if alone.impediment is not None or alone.stuck:
                return True
            if explanation_of([one.record for one in alone.seen], self.claims) is UNEXPLAINED:
                return True
        return False
