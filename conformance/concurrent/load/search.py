"""Concurrency under load: threads, or processes, do random operations at once, and their history is judged.

It is for what cannot be stopped at a line or a system call: native code, libraries, servers (LIN-1 to LIN-4, ADD-2).
"""

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Literal

import attrs

from conformance.concurrent.load.counterexample import Found, failure_of_run
from conformance.concurrent.load.processes import alone_in_a_process, by_processes
from conformance.concurrent.load.rounds import (
    Round,
    RoundResult,
    Runner,
    of_adds,
    of_moves,
    of_own_keys,
    of_removals,
    of_two,
    orders,
    random_round,
    smaller,
    without_listings,
)
from conformance.concurrent.load.threads import alone, by_threads
from conformance.concurrent.load.verdict import EXPLAINED, UNDECIDED, explained, general, verdict
from conformance.harness.harness import Harness
from conformance.programs.operations import Add, ListKeys, Program
from conformance.report.evidence import Evidence
from conformance.run.run import Run
from spec_store.requirements import RequirementId, asked_for

FEWEST, LONGEST = 200, 4
"""How many rounds are run at least, unless they take so many times the time, or the budget ends."""

SECONDS, SHARE = 3.0, 0.05
"""How long to look for a round that fails, in seconds: so long, or so much of the budget if that is more."""

SIDES, MORE_SIDES, MOST_SIDES = 3, 120, 6
"""How many threads or processes a round has; for every so many seconds of the budget one more, up to a limit."""

MOST_SPOILT = 3
"""After how many rounds that fail without concurrency too no more are run."""

CANNOT, SPOILT, FAILED = "cannot", "spoilt", "failed"

FEW = 4
"""How many operations a round has that need not be replaced by one of two."""

ORDERS = 20
"""How many orders of a failing program are run without concurrency."""


@attrs.frozen
class _Mode:
    """Threads or processes.

    Args:
        who: "thread" or "process".
        runner: how rounds are run.
        alone: how operations are run one after another.
        sides: how many threads or processes a round has.
        seconds: how long to look for a round that fails.
        repeats: how often a smaller program is tried before it counts as one that does not fail.
        repeating: seconds for these tries.
        shrinking: seconds for all smaller programs of one kind.
    """

    who: str
    runner: Runner
    alone: Callable[[Program], RoundResult]
    sides: int
    seconds: float
    repeats: int
    repeating: float
    shrinking: float

    @property
    def requirements(self) -> tuple[RequirementId, ...]:
        """The ids of what is judged: what the claim makes asked, but for ID-9, which is about openings."""
        every = asked_for("processes" if self.who == "process" else "threads", "threads or processes")
        return tuple(name for name in every if name != "ID-9")


def run_stress(run: Run) -> None:
    """Judge threads, and processes, at once at random, and enter what was found into the evidence.

    Nothing is run of what is not claimed, nor where a requirement of the same is known to be violated. The longer the
    budget is, the more threads, or processes, there are, and the longer they run.

    Raises:
        SubjectError: the backend cannot be opened.
    """
    evidence = run.evidence
    for mode in _modes(run.harness, run.options.budget or 0):
        violated = [failure.requirement for failure in evidence.failures if failure.requirement in mode.requirements]
        if violated:
            for name in mode.requirements:
                evidence.reasons.setdefault(name, f"not judged under load, for {violated[0]} is violated")
        elif any(map(evidence.wants, mode.requirements)):
            run.watcher.started_program()
            _Search(run, mode, Random(run.options.seed)).find()


def _modes(harness: Harness, budget: float) -> Iterator[_Mode]:
    """What is claimed of threads and processes, for a budget in seconds; 0 is none."""
    seconds, sides = max(SECONDS, budget * SHARE), min(SIDES + int(budget // MORE_SIDES), MOST_SIDES)
    if harness.subject.claims.threads:
        yield _Mode("thread", partial(by_threads, harness), partial(alone, harness), sides, seconds, 300, 0.7, 4.0)
    if harness.subject.claims.processes:
        several, one = partial(by_processes, harness), partial(alone_in_a_process, harness)
        yield _Mode("process", several, one, sides, seconds, 60, 0.7, 4.0)


@attrs.frozen
class _Search:
    """Looking for a round that fails, and for the smallest like it."""

    run: Run
    mode: _Mode
    random: Random

    @property
    def harness(self) -> Harness:
        return self.run.harness

    @property
    def evidence(self) -> Evidence:
        return self.run.evidence

    def find(self) -> None:
        """Run rounds until one fails, or the time is over."""
        begin = time.monotonic()
        share, latest = begin + self.mode.seconds, min(begin + LONGEST * self.mode.seconds, self.run.budget.end)
        met: Counter[str] = Counter()
        with contextlib.closing(self.mode.runner(self._rounds())) as runs:
            for run in runs:
                came = self._met(run)
                met[came] += 1
                if came == FAILED:
                    return
                self._progress(share)
                now = time.monotonic()
                enough = now > latest or (now > share and met.total() >= FEWEST)
                if came == CANNOT or met[SPOILT] == MOST_SPOILT or enough:
                    break
        self._say_why(run.cannot, met)

    def _met(self, run: RoundResult) -> str:
        """What a run is: `CANNOT`, `SPOILT`, `FAILED`, `UNDECIDED` or `EXPLAINED`; one that failed is reported."""
        if run.cannot:
            return CANNOT
        came = self._verdict(run)
        if came == UNDECIDED:
            return UNDECIDED
        if came != EXPLAINED and self._wrong_alone(run):
            return SPOILT
        self._count(run.round)
        if came == EXPLAINED:
            return EXPLAINED
        self._report(run, came)
        return FAILED

    def _progress(self, share: float) -> None:
        self.run.watcher.started_program()
        total = int(self.mode.seconds * 10)
        done = total - int((share - time.monotonic()) * 10)
        stage = "processes under load" if self.mode.who == "process" else "threads under load"
        self.run.tell(stage, min(done, total), total)

    def _say_why(self, cannot: str, met: Counter[str]) -> None:
        """Enter why nothing could be judged, for what nothing has put to the test."""
        why = cannot
        if met[SPOILT]:
            why = "operations under load are wrong without concurrency too; mend that first"
        elif met[UNDECIDED]:
            why = f"{met[UNDECIDED]} histories under load could not be judged: too many orders to try"
        for name in self.mode.requirements if why else ():
            self.evidence.reasons.setdefault(name, why)

    def _rounds(self) -> Iterator[Round]:
        """Rounds at random, and between them those in which all sides want the same, which fail most often."""
        without, material, sides = self.harness.avoided, self.harness.material, self.mode.sides
        every = (make(material, sides) for make in (of_adds, of_removals, of_own_keys, of_moves))
        directed = [one for one in every if without.isdisjoint(operation.name for operation in one.every)]
        while True:
            for number, one in enumerate(directed or [None]):
                if number % 2 == 0:
                    yield random_round(self.random, material, without, sides)
                if one is not None:
                    yield one

    def _count(self, one: Round) -> None:
        """Note what a round has put to the test."""
        operations = [operation for side in one.sides for operation in side]
        adds = [operation.key for operation in operations if isinstance(operation, Add)]
        judged: dict[RequirementId, bool] = {
            general(self.mode.who): any(not isinstance(operation, ListKeys) for operation in operations),
            "LIN-3": any(isinstance(operation, ListKeys) for operation in operations),
            "ADD-2": len(adds) > len(set(adds)),
            "LIN-4": len(one.keys) > 1,
        }
        tested = (name for name, applies in judged.items() if applies)
        self.evidence.exercised.update(filter(self.evidence.wants, tested))

    def _verdict(self, run: RoundResult) -> RequirementId | Literal["explained", "undecided"]:
        """The id of the requirement that a run violates, `EXPLAINED` or `UNDECIDED`."""
        if run.stuck:
            return general(self.mode.who)
        return verdict(run.seen, self.harness.subject.claims, self.mode.who)

    def _wrong_alone(self, run: RoundResult) -> bool:
        """Whether the operations of a run are wrong one after another too, in one of some orders."""
        try:
            return self._wrong_in_order(run)
        finally:
            self.run.watcher.started_program()

    def _wrong_in_order(self, run: RoundResult) -> bool:
        budget = self.run.budget.within(self.mode.shrinking / 2)
        for number, program in enumerate(orders(run, self.random, ORDERS)):
            if number > 1 and budget.over():
                break
            came = self.mode.alone(program)
            if came.cannot or came.stuck:
                return True
            if explained([one.record for one in came.seen], self.harness.subject.claims) is False:
                return True
        return False

    # The smallest program that fails

    def _report(self, run: RoundResult, requirement: RequirementId) -> None:
        known = Found(requirement, run, self.mode.who)
        found = known if run.stuck else self._shrunk(known)
        if found is not known and self._wrong_alone(found.run):
            found = known
        if not self.evidence.wants(found.requirement):
            return
        shown, tried = 1, 1
        if not run.stuck:
            for again in self._tries(found.run.round, 100):
                tried += 1
                shown += self._verdict(again) not in (EXPLAINED, UNDECIDED)
        self.evidence.exercised[found.requirement] += not self.evidence.exercised[found.requirement]
        failure = failure_of_run(found, self.harness.subject.claims, self.run.origin, shown, tried)
        self.evidence.failures.append(failure)

    def _tries(self, one: Round, times: int) -> Iterator[RoundResult]:
        """Run a round again and again, for as long as a smaller program is tried; not after a run that is stuck."""
        budget = self.run.budget.within(self.mode.repeating)
        with contextlib.closing(self.mode.runner(itertools.repeat(one, times))) as runs:
            for run in runs:
                self.run.watcher.started_program()
                if run.cannot:
                    return
                yield run
                if run.stuck or budget.over():
                    return

    def _fails(self, one: Round, wanted: frozenset[RequirementId]) -> Found | None:
        """What a round shows that fails with one of the requirements in one of many tries."""
        for run in self._tries(one, self.mode.repeats):
            came = self._verdict(run)
            if came in wanted and not run.stuck:
                return Found(came, run, self.mode.who)
        return None

    def _shrunk(self, found: Found) -> Found:
        """The smallest round that was seen to fail like one, or in a way that says more of the fault."""
        telling = self._telling(found)
        while (tried := next(telling, None)) is not None:
            better = self._fails(*tried)
            if better is not None and not self._wrong_alone(better.run):
                found, telling = better, self._telling(better)
        return self._fewer(self._of_two(found))

    def _of_two(self, found: Found) -> Found:
        """A round of just two of its operations that fails like one, or itself."""
        budget = self.run.budget.within(self.mode.shrinking)
        for two in of_two(found.run.round) if len(found.run.round.every) > FEW else ():
            less = self._fails(two, frozenset({found.requirement}))
            if less is not None or budget.over():
                return less or found
        return found

    def _fewer(self, found: Found) -> Found:
        """The smallest round that fails like one and is made from it by leaving out."""
        budget = self.run.budget.within(self.mode.shrinking)
        coming = smaller(found.run.round)
        while (one := next(coming, None)) is not None and not budget.over():
            less = self._fails(one, frozenset({found.requirement}))
            if less is not None:
                found = less
                coming = smaller(found.run.round)
        return found

    def _telling(self, found: Found) -> Iterator[tuple[Round, frozenset[RequirementId]]]:
        """Rounds that fail only for one reason, and the requirement that it violates."""
        one, whole, material = found.run.round, general(self.mode.who), self.harness.material
        if found.requirement == "LIN-3":
            yield without_listings(one), frozenset({whole, "ADD-2", "LIN-4"})
        adds, own = of_adds(material, self.mode.sides), of_own_keys(material, self.mode.sides)
        if (
            found.requirement in (whole, "ADD-2", "LIN-4")
            and one != own
            and {"set", "get"}.isdisjoint(self.harness.avoided)
        ):
            yield own, frozenset({"LIN-4"})
        if found.requirement in (whole, "ADD-2") and one != adds and any(isinstance(each, Add) for each in one.every):
            yield adds, frozenset({"ADD-2"})
