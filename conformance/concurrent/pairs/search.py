"""Looking for races: every pair of operations, the second at each step of the first, run by threads or by processes.

One search for both, which differ in how they are run (`interleaving.Interleaver`) and in what that costs (`Plan`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from conformance.concurrent.pairs.counterexample import failure_of_race
from conformance.concurrent.pairs.interleaving import Interleaver, Stuck
from conformance.concurrent.pairs.openings import run_openings
from conformance.concurrent.pairs.pairs import Pair, Race, pairs_for
from conformance.concurrent.pairs.processes import ProcessInterleaver
from conformance.concurrent.pairs.threads import ThreadInterleaver
from conformance.concurrent.pairs.verdict import comparable_text, is_explained
from conformance.harness.halting import UNSEEN
from conformance.harness.harness import Harness
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import available
from conformance.programs.operations import Add
from conformance.report.evidence import Evidence
from conformance.run.run import Run
from spec_store.requirements import RequirementId, asked_for


def races_to_report(races: Iterable[Race]) -> list[Race]:
    """Of the races of threads those to report: the shortest of each kind, without those that another one explains.

    Most pairs of a faulty store race, at many of their lines, and nearly all for one reason.
    """
    races = sorted(races, key=lambda race: (race.size, race.where.number))
    violated = {race.requirement for race in races}
    kinds: dict[tuple[RequirementId, str, str], Race] = {}
    for race in races:
        if not _is_masked(race, violated):
            kinds.setdefault((race.requirement, race.pair.first.name, race.pair.second.name), race)
    return _first_of_each(kinds.values(), RACES_OF_THREADS)


def _is_masked(race: Race, violated: set[RequirementId]) -> bool:
    """Whether a race shows no more than what is reported as the violation of another requirement."""
    adds = isinstance(race.pair.first, Add) or isinstance(race.pair.second, Add)
    # An add that looks first and stores then loses to any write: it is reported once, as what ADD-2 forbids.
    if race.requirement in ("LIN-1", "LIN-4") and adds and "ADD-2" in violated:
        return True
    # Writes that get lost to those of another key get lost to those of the same key all the more.
    return race.requirement in ("LIN-1", "ADD-2") and "LIN-4" in violated


RACES_OF_THREADS = 5
"""How many races of threads are reported under one requirement."""

RACES_OF_PROCESSES = 3
"""How many of processes are, of which fewer are tried."""


def _first_of_each(races: Iterable[Race], most: int) -> list[Race]:
    """So many races of each requirement, requirement by requirement."""
    kept: dict[RequirementId, list[Race]] = {}
    for race in races:
        kept.setdefault(race.requirement, []).append(race)
    return [race for group in kept.values() for race in group[:most]]


@attrs.frozen
class Plan:
    """What the search spends on pairs, and what it reports of what it finds.

    Args:
        stage: what it is called where its progress is shown.
        seconds: CPU seconds that it may take once each requirement was put to the test.
        choose: which races to report, and in which order.
        tries: how often a race to report is tried again, at the same step.
    """

    stage: str
    seconds: float
    choose: Callable[[Sequence[Race]], list[Race]]
    tries: int


# What fails most often comes first, so what the seconds cut off is what is least likely to tell more.
OF_THREADS = Plan("pairs of operations", 5.0, races_to_report, tries=3)
# The system calls of an operation are the same every time, and so are the races at them: none is tried again.
OF_PROCESSES = Plan("pairs of processes", 8.0, lambda races: _first_of_each(races, RACES_OF_PROCESSES), tries=0)

SECONDS_OF_OPENINGS = 8.0
"""CPU seconds that two threads may take which open empty storage; two processes have few steps, and try them all."""


def run_thread_pairs(run: Run) -> None:
    """Judge pairs of operations, and of openings, of two threads, and enter what was found into the evidence.

    Nothing is run unless threads are claimed.
    """
    if not run.claims.threads:
        return
    run.watcher.started_program()
    with Partner() as partner:
        interleaver = ThreadInterleaver(run.harness, partner)
        run_pairs(run, interleaver, OF_THREADS)
        run_openings(run, interleaver, SECONDS_OF_OPENINGS)


def run_process_pairs(run: Run) -> None:
    """Judge pairs of operations, and of openings, of two processes, and enter what was found into the evidence.

    Nothing is run unless processes are claimed, and where none can be halted.
    """
    if not run.claims.processes:
        return
    evidence, asked = run.evidence, asked_for("processes", "threads or processes")
    why = available()
    if why:
        evidence.reasons.update(dict.fromkeys(asked, f"no process can be halted at its system calls here: {why}"))
        return
    run.watcher.started_program()
    with Partner() as partner:
        interleaver = ProcessInterleaver(run.harness, partner)
        run_openings(run, interleaver, float("inf"))
        run_pairs(run, interleaver, OF_PROCESSES)
    evidence.reasons.update({name: UNSEEN for name in asked if not evidence.exercised[name]})


def run_pairs(run: Run, interleaver: Interleaver, plan: Plan) -> None:
    """Run the pairs of one kind, and enter the races to report into the evidence."""
    races: list[Race] = []
    tries = 0
    try:
        races.extend(_search(run, interleaver, plan))  # one by one: what was found before an interrupt counts
        tries = plan.tries  # an interrupt is to end the run, so no race is tried again after it
    finally:
        for race in plan.choose(races):
            shown = sum(_shows_again(run.harness, interleaver, race) for _ in range(tries))
            run.evidence.failures.append(failure_of_race(race, run.origin, 1 + shown, 1 + tries))


def _search(run: Run, interleaver: Interleaver, plan: Plan) -> Iterator[Race]:
    """A race for each pair that has one, as far as the time goes."""
    evidence, who = run.evidence, interleaver.who
    pairs = [pair for pair in pairs_for(who, run.harness.material) if applies(pair, evidence)]
    # Counted from here, not in the evidence: what another search has put to the test leaves this one its whole turn.
    tried: Counter[RequirementId] = Counter()
    share = run.budget.share(plan.seconds, (pair.requirement_for(who) for pair in pairs), tried)
    count = 0
    for number, pair in enumerate(pairs):
        if share.over():
            return
        run.watcher.started_program()
        run.tell(plan.stage, number, len(pairs), count)
        for race in _tries(run.harness, interleaver, pair, range(1, interleaver.most)):
            tried[pair.requirement_for(who)] += 1
            evidence.exercised[pair.requirement_for(who)] += 1
            if race is not None:
                count += 1
                yield race
            # One race says of a pair what there is to say: at the steps that follow it mostly shows the same.
            if race is not None or run.budget.over():
                break


def applies(pair: Pair, evidence: Evidence) -> bool:
    """Whether a pair is to be judged, and the backend has the methods that it calls."""
    return evidence.wants(pair.requirement) and not (
        "add" in evidence.missing and any(isinstance(operation, Add) for operation in (pair.first, pair.second))
    )


def _tries(harness: Harness, interleaver: Interleaver, pair: Pair, numbers: Iterable[int]) -> Iterator[Race | None]:
    """Try a pair at some steps of its first operation: a race where there is one, else None."""
    first, second = (interleaver.in_order(pair, swapped=swapped) for swapped in (False, True))
    orders = comparable_text(pair, first), comparable_text(pair, second)
    for number in numbers:
        result = interleaver.at(pair, number)
        if result is None:
            return
        if isinstance(result, Stuck):
            yield Race(pair, result.where, True, (), orders, result.message)
            return
        observation, claims, foreign = result.observation, harness.subject.claims, bool(harness.material.foreign)
        fine = is_explained(pair, observation, orders, claims=claims, foreign=foreign)
        yield None if fine else Race(pair, result.where, result.waited, comparable_text(pair, observation), orders)


def _shows_again(harness: Harness, interleaver: Interleaver, race: Race) -> bool:
    return any(again is not None for again in _tries(harness, interleaver, race.pair, (race.where.number,)))
