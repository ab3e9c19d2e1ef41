"""Concurrency under load: threads, or processes, do random operations at once, and their history is judged.

It is for what cannot be stopped at a line or a system call: native code, libraries, servers (LIN-1 to LIN-4, ADD-2).
One search for both, which differ in how rounds are run (`runner.Runner`) and in what is spent on them (`trials.Mode`).
"""

import contextlib
import enum
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from random import Random

import attrs

from conformance.concurrent.load.counterexample import Found, failure_of_run
from conformance.concurrent.load.pausing import OF
from conformance.concurrent.load.processes import ProcessRunner
from conformance.concurrent.load.rounds import (
    KEYS_OF_A_ROUND,
    Round,
    RoundResult,
    of_adds,
    of_moves,
    of_own_keys,
    of_pages,
    of_removals,
    random_round,
)
from conformance.concurrent.load.shrinking import smallest
from conformance.concurrent.load.threads import ThreadRunner
from conformance.concurrent.load.trials import Mode, Trials
from conformance.concurrent.load.verdict import EXPLAINED, UNDECIDED, general
from conformance.harness.harness import Harness
from conformance.harness.store import SubjectError
from conformance.programs.operations import Add, ListKeys
from conformance.report.evidence import Evidence, Mask
from conformance.run.run import Run
from conformance.system.budget import Allowance
from spec_store.requirements import RequirementId

FEWEST, LONGEST_SEARCH = 200, 2
"""How many rounds are run at least, unless they take so many times the time, or the budget ends."""

SEARCH_SECONDS, SHARE = 3.0, 0.05
"""How long to look for a round that fails, in served seconds: so long, or so much of the budget if that is more."""

CLIENTS, PER_CLIENT, MOST_CLIENTS = 3, 120, 6
"""How many clients a round has; for every so many seconds of the budget one more, up to a limit."""

MOST_SPOILT = 3
"""After how many rounds that fail without concurrency too no more are run."""

REPEATS_OF_THREADS, REPEATS_OF_PROCESSES = 300, 60
"""How often a smaller round is tried before it counts as one that does not fail; one of processes takes longer."""

MOST_UNDECIDED = 0.1
"""The share of histories that may have too many orders to try without the report saying so."""

SHOWN_AGAIN = 100
"""How often the round to report is run again at most, to say how often it fails."""


class Ending(enum.Enum):
    """What a round of the search has come to."""

    IMPOSSIBLE = "it could not be run"
    UNDECIDED = "its history could not be judged"
    SPOILT = "it fails without concurrency too"
    EXPLAINED = "its history is explained"
    FAILED = "it violates a requirement"


def run_load(run: Run) -> None:
    """Judge threads, and processes, at once at random, and enter what was found into the evidence.

    Nothing is run of what is not claimed. What is known to be violated is held out (`HELD_OUT`), and the rest is
    judged without it, where that can be done. The longer the budget is, the more threads, or processes, there are, and
    the longer they run.
    """
    evidence = run.evidence
    for mode in modes_for(run.harness, run.options.budget or 0):
        violated = {failure.requirement for failure in evidence.failures if failure.requirement in mode.requirements}
        if general(mode.who) in violated:  # no history can be explained then, whatever is held out
            why = f"not judged under load, for {general(mode.who)} is violated"
            for name in mode.requirements:
                evidence.reasons.setdefault(name, why)
                if evidence.exercised[name] and name not in violated:  # by pairs alone, which is not all that is wanted
                    evidence.cut_short.setdefault(name, why)
        elif any(map(evidence.wants, mode.requirements)):
            run.watcher.started_program()
            try:
                _Search(Trials(run, mode, Random(run.options.seed)), frozenset(violated)).find()
            except SubjectError as error:  # it did open before, and what was found then is to be told
                evidence.notes.append(f"Load was ended early: {error}")
                for name in mode.requirements:
                    evidence.cut_short.setdefault(name, f"load was ended early: {error}")


def modes_for(harness: Harness, budget: float) -> Iterator[Mode]:
    """What is claimed of threads and processes, for a budget in seconds; 0 is none."""
    seconds, clients = max(SEARCH_SECONDS, budget * SHARE), min(CLIENTS + int(budget // PER_CLIENT), MOST_CLIENTS)
    if harness.subject.claims.threads:
        yield Mode(ThreadRunner(harness), clients, seconds, REPEATS_OF_THREADS)
    if harness.subject.claims.processes:
        yield Mode(ProcessRunner(harness), clients, seconds, REPEATS_OF_PROCESSES)


HELD_OUT: Mapping[RequirementId, frozenset[str]] = {"ADD-2": frozenset({"add"}), "LIN-3": frozenset({"list_keys"})}
"""The operations that are left out where a requirement is violated; where LIN-4 is, all keys but one."""


def rounds_for(trials: Trials, violated: Collection[RequirementId] = ()) -> Iterator[Round]:
    """Rounds at random, and between them those in which all clients want the same, which fail most often.

    Args:
        trials: what they are for.
        violated: what is known to be violated, and so held out.
    """
    harness, clients = trials.run.harness, trials.mode.clients
    material, most_keys = harness.material, 1 if "LIN-4" in violated else KEYS_OF_A_ROUND
    without = harness.avoided.union(*(HELD_OUT.get(name, ()) for name in violated))
    every = (make(material, clients) for make in (of_pages, of_adds, of_removals, of_own_keys, of_moves))
    directed = [
        round_
        for round_ in every
        if round_ is not None
        and without.isdisjoint(operation.name for operation in round_.every)
        and len(round_.keys) <= (most_keys if most_keys == 1 else len(round_.keys))
    ]
    # As many in turn as are coprime with the turns of pausing, or a kind would always be run with pauses, or never.
    one_more = (len(directed) + (len(directed) + 1) // 2) % OF == 0
    while True:
        for number, round_ in enumerate(directed or [None]):
            if number % 2 == 0 or (one_more and number == 1):
                yield random_round(trials.random, material, without, clients, most_keys)
            if round_ is not None:
                yield round_


@attrs.frozen
class _Search:
    """Looking for a round that fails."""

    trials: Trials
    violated: frozenset[RequirementId] = frozenset()

    @property
    def run(self) -> Run:
        return self.trials.run

    @property
    def mode(self) -> Mode:
        return self.trials.mode

    @property
    def evidence(self) -> Evidence:
        return self.trials.run.evidence

    def find(self) -> None:
        """Run rounds until one fails, or the time is over."""
        share, latest = Allowance(self.mode.seconds), self.run.budget.within(LONGEST_SEARCH * self.mode.seconds)
        counts: Counter[Ending] = Counter()
        with contextlib.closing(self.mode.runner.run(rounds_for(self.trials, self.violated))) as results:
            for result in results:
                ending = self._ending(result)
                counts[ending] += 1
                if ending is Ending.FAILED:
                    return
                self._progress(share)
                # Few rounds show little, however long they take: so many are run unless that takes far too long.
                enough = latest.over() or (counts.total() >= FEWEST and share.over())
                if ending is Ending.IMPOSSIBLE or counts[Ending.SPOILT] == MOST_SPOILT:
                    break
                if enough:
                    self.run.cut_short("rounds under load", counts.total(), FEWEST, self.mode.requirements)
                    break
        self._say_why(result.impediment, counts)

    def _ending(self, result: RoundResult) -> Ending:
        """What a round has come to; one that failed is reported."""
        if result.impediment is not None:
            return Ending.IMPOSSIBLE
        verdict = self.trials.verdict(result)
        if verdict is UNDECIDED:  # it may hide a violation, so it has put nothing to the test
            return Ending.UNDECIDED
        # What single operations do wrong is for programs to find; here it would be put to the wrong requirement.
        if verdict is not EXPLAINED and self.trials.is_wrong_alone(result):
            self._note_spoilt(Found(verdict, result, self.mode.who))
            return Ending.SPOILT
        self._count(result.round)
        if verdict is EXPLAINED:
            return Ending.EXPLAINED
        self._report(Found(verdict, result, self.mode.who))
        return Ending.FAILED

    def _note_spoilt(self, found: Found) -> None:
        """Enter what was seen of a round that is wrong without concurrency too: what programs found explains it.

        If they found nothing, it has been seen all the same, though not what is to blame.
        """
        known = [failure.requirement for failure in self.evidence.failures]
        if known:
            why = "operations under load are wrong one after another too"
            self.evidence.masked.setdefault(general(self.mode.who), Mask(known[0], why))
        else:
            failure = failure_of_run(found, self.run.claims, self.run.origin_without_id, 1, 1)
            self.evidence.failures.append(attrs.evolve(failure, shown_again=False))

    def _progress(self, share: Allowance) -> None:
        self.run.watcher.started_program()
        total, done = int(share.seconds * 10), int((time.monotonic() - share.since.wall) * 10)
        stage = "processes under load" if self.mode.who == "process" else "threads under load"
        self.run.tell(stage, min(done, total), total)

    def _say_why(self, impediment: str | None, counts: Counter[Ending]) -> None:
        """Enter why nothing could be judged, for what nothing has put to the test."""
        why = impediment
        if counts[Ending.SPOILT]:
            why = "operations under load are wrong without concurrency too; mend that first"
        elif counts[Ending.UNDECIDED]:
            why = f"{counts[Ending.UNDECIDED]} histories under load could not be judged: too many orders to try"
            if counts[Ending.UNDECIDED] > counts.total() * MOST_UNDECIDED:
                of = f"{why}, of {counts.total()}"
                self.evidence.cut_short.setdefault(general(self.mode.who), of)
        if why is not None:
            for name in self.mode.requirements:
                self.evidence.reasons.setdefault(name, why)

    def _count(self, round_: Round) -> None:
        """Note what a round has put to the test."""
        operations = [operation for client in round_.clients for operation in client]
        # Adds compete only where they name one key, and an operation can be lost to another key only if there is one.
        adds = [operation.key for operation in operations if isinstance(operation, Add)]
        judged: dict[RequirementId, bool] = {
            general(self.mode.who): any(not isinstance(operation, ListKeys) for operation in operations),
            "LIN-3": any(isinstance(operation, ListKeys) for operation in operations),
            "ADD-2": len(adds) > len(set(adds)),
            "LIN-4": len(round_.keys) > 1,
        }
        tested = (name for name, applies in judged.items() if applies)
        self.evidence.exercised.update(filter(self.evidence.wants, tested))

    def _report(self, failing: Found) -> None:
        """Enter the smallest round like one that failed into the evidence."""
        # A round that is stuck takes its time whenever it is run, and may leave threads behind: it is told as it is.
        least = failing if failing.run.stuck else smallest(failing, self.trials)
        # Whatever made the smaller ones fail, the round that was found is right one operation after the other.
        if least is not failing and self.trials.is_wrong_alone(least.run):
            least = failing
        if not self.evidence.wants(least.requirement):
            return
        shown, tries = 1, 1
        if not failing.run.stuck:
            for again in self.trials.repeated(least.run.round, SHOWN_AGAIN):
                tries += 1
                shown += self.trials.verdict(again) not in (EXPLAINED, UNDECIDED)
        else:
            tries += 1
            shown += any(again.stuck for again in self.trials.repeated(least.run.round, 1))
        # What was found may be put to another requirement than those that its round was counted for.
        self.evidence.exercised[least.requirement] += not self.evidence.exercised[least.requirement]
        failure = failure_of_run(least, self.run.claims, self.run.origin_without_id, shown, tries)
        # A smaller round that fails shows the fault again. What no history has shown twice accuses nobody.
        sure = shown > 1 or least is not failing
        self.evidence.failures.append(attrs.evolve(failure, shown_again=sure))
