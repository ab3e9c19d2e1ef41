"""Looking for races: every pair of operations, the second at each step of the first, run by threads or by processes.

One search for both, which differ in how they are run (`interleaving.Interleaver`) and in what that costs (`Plan`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.limits import patience
from conformance.concurrent.pairs.counterexample import failure_of_race
from conformance.concurrent.pairs.explaining import masks, of_processes, races_to_report
from conformance.concurrent.pairs.interleaving import Impeded, Interleaver, Stuck
from conformance.concurrent.pairs.openings import run_openings
from conformance.concurrent.pairs.pairs import Observation, Pair, Race, Transcript, pairs_for
from conformance.concurrent.pairs.processes import ProcessInterleaver, cannot_be_opened
from conformance.concurrent.pairs.threads import Code, ThreadInterleaver
from conformance.concurrent.pairs.verdict import comparable_text, is_explained
from conformance.harness.halting import unseen
from conformance.harness.harness import Harness
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import available
from conformance.report.evidence import Evidence
from conformance.run.run import Run
from conformance.subject.claims import ONE_OPENING
from conformance.system.budget import LONGEST, cpu_seconds
from conformance.system.starvation import Reading
from spec_store.requirements import RequirementId, asked_for


@attrs.frozen
class Plan:
    """What the search spends on pairs, and what it reports of what it finds.

    Args:
        stage: what it is called where its progress is shown.
        seconds: CPU seconds that it may take once each requirement was put to the test.
        choose: which races to report, and in which order.
        tries: how often a race to report is tried again, at the same step.
        every: whether each requirement is to be put to the test, however long that takes.
    """

    stage: str
    seconds: float
    choose: Callable[[Sequence[Race]], list[Race]]
    tries: int
    every: bool = True


# What fails most often comes first, so what the seconds cut off is what is least likely to tell more.
OF_THREADS = Plan("pairs of operations", 5.0, races_to_report, tries=3)
OF_IMPORTED = Plan("pairs of operations, in what is imported", 5.0, races_to_report, tries=3, every=False)
OF_PROCESSES = Plan("pairs of processes", 8.0, of_processes, tries=2)

SECONDS_OF_OPENINGS = 2.0
"""CPU seconds that two threads may take which open empty storage; two processes have few steps, and try them all."""

MOST_STUCK = 3
"""After how many pairs that do not end no more are run: each takes as long as one operation may take, or longer."""

MOST_DOUBTS = 5
"""After how many races of one pair that do not show again its later steps are left."""

MOST_IMPEDED = 3
"""After how many pairs for which the backend could not be opened no more are run."""


def run_thread_pairs(run: Run) -> None:
    """Judge pairs of operations, and of openings, of two threads, and enter what was found into the evidence.

    Nothing is run unless threads are claimed.
    """
    if not run.claims.threads:
        return
    run.watcher.started_program()
    with Partner(patience(run.harness)) as partner:
        interleaver = ThreadInterleaver(run.harness, partner)
        begin, reading = cpu_seconds(), Reading.now()
        run_pairs(run, interleaver, OF_THREADS)
        left = OF_THREADS.seconds - max(cpu_seconds() - begin, reading.since() / LONGEST)
        if left > 0:
            inside = attrs.evolve(interleaver, code=Code.IMPORTED)
            run_pairs(run, inside, attrs.evolve(OF_IMPORTED, seconds=left))
        if run.claims.openings == 1 and run.claims.durable:
            run.evidence.reasons["ID-9"] = ONE_OPENING  # two processes may open it at once, if they are claimed
        else:
            run_openings(run, interleaver, SECONDS_OF_OPENINGS)


def run_process_pairs(run: Run) -> None:
    """Judge pairs of operations, and of openings, of two processes, and enter what was found into the evidence.

    Nothing is run unless processes are claimed, and where none can be halted, or none can open the backend.
    """
    if not run.claims.processes:
        return
    evidence, asked = run.evidence, asked_for("processes", "threads or processes")
    why = available()
    why = f"no process can be halted at its system calls here: {why}" if why else cannot_be_opened(run.harness)
    if why:
        evidence.reasons.update(dict.fromkeys(asked, why))
        return
    run.watcher.started_program()
    with Partner(patience(run.harness)) as partner:
        interleaver = ProcessInterleaver(run.harness, partner)
        run_openings(run, interleaver, float("inf"))
        run_pairs(run, interleaver, OF_PROCESSES)
    for name in asked:
        if not evidence.exercised[name]:
            evidence.reasons.setdefault(name, unseen(run.harness.subject))


def run_pairs(run: Run, interleaver: Interleaver, plan: Plan) -> None:
    """Run the pairs of one kind, and enter the races to report into the evidence."""
    races: list[Race] = []
    tries = 0
    try:
        races.extend(_search(run, interleaver, plan))  # one by one: what was found before an interrupt counts
        tries = plan.tries  # an interrupt is to end the run, so no race is tried again after it
    finally:
        races = surest(races)
        origin = run.origin_without_id if interleaver.who == "thread" else run.origin
        for race in plan.choose(races):
            told = _tried_again(run, interleaver, race, min(tries, 1) if race.stuck else tries)
            failure = failure_of_race(told, origin, 1 + sum(told.tries), 1 + len(told.tries))
            run.evidence.failures.append(attrs.evolve(failure, shown_again=not told.doubtful))
        run.evidence.masked.update(masks(races))


def surest(races: Iterable[Race]) -> list[Race]:
    """One race of each pair: as it was seen last, the first that shows again, or else the first."""
    found: dict[Pair, Race] = {}
    for race in races:
        known = found.get(race.pair)
        if known is None or race.where == known.where or (known.doubtful and not race.doubtful):
            found[race.pair] = race
    return list(found.values())


def _tried_again(run: Run, interleaver: Interleaver, race: Race, tries: int) -> Race:
    """A race with what came of so many tries in all; one that is stuck takes long, and so is hurried."""
    if race.stuck:
        interleaver = interleaver.hurried()
    while len(race.tries) < tries:
        run.watcher.started_program()
        race = attrs.evolve(race, tries=(*race.tries, _shows_again(run.harness, interleaver, race)))
    return race


def _shown_once_more(run: Run, interleaver: Interleaver, race: Race, tries: int) -> Race:
    """A race, tried until it shows again, or so often."""
    while not any(race.tries) and len(race.tries) < tries:
        race = _tried_again(run, interleaver, race, len(race.tries) + 1)
    return race


def _search(run: Run, interleaver: Interleaver, plan: Plan) -> Iterator[Race]:
    """A race for each pair that has one, as far as the time goes."""
    evidence, who = run.evidence, interleaver.who
    pairs = _pairs_to_try(run, who)
    # Counted from here, not in the evidence: what another search has put to the test leaves this one its whole turn.
    tried: Counter[RequirementId] = Counter()
    wanted = {pair.requirement_for(who) for pair in pairs} if plan.every else ()
    share = run.budget.share(plan.seconds, wanted, tried)
    stuck: set[tuple[str, str]] = set()
    races, impeded = 0, 0
    for number, pair in enumerate(pairs):
        name = pair.requirement_for(who)
        if share.over():
            run.cut_short(plan.stage, number, len(pairs), {pair.requirement_for(who) for pair in pairs[number:]})
            return
        if (pair.first.name, pair.second.name) in stuck:
            continue
        run.watcher.started_program()
        run.tell(plan.stage, number, len(pairs), races)
        for result in _judged(run, interleaver, pair, plan.tries):
            if isinstance(result, Impeded):
                evidence.reasons[name] = result.message
                impeded += 1
                break
            if result is not None:
                yield result
            if result is None or not result.tries:  # one that was tried again is counted already
                tried[name] += 1
                evidence.exercised[name if result is None else result.requirement] += 1
            elif not result.doubtful:
                races += 1
            if result is not None and result.stuck:
                interleaver = interleaver.hurried()
                stuck.add((pair.first.name, pair.second.name))
            if share.over():
                break
        if len(stuck) == MOST_STUCK or impeded == MOST_IMPEDED:
            why = f"no more {plan.stage} were run after {MOST_STUCK} that did not end"
            for other in {pair.requirement_for(who) for pair in pairs if stuck}:
                evidence.cut_short.setdefault(other, why)
            return


def _pairs_to_try(run: Run, who: Who) -> list[Pair]:
    """The pairs to judge: what another search found, or found to be masked, would be found for the same reason."""
    found = {failure.requirement for failure in run.evidence.failures} | set(run.evidence.masked)
    every = pairs_for(who, run.harness.material)
    return [pair for pair in every if applies(pair, run.evidence) and pair.requirement_for(who) not in found]


def _judged(run: Run, interleaver: Interleaver, pair: Pair, tries: int) -> Iterator[Race | Impeded | None]:
    """What a pair shows, step by step, up to the first race that shows again; a race comes again with its tries.

    One race says of a pair what there is to say: at the steps that follow it mostly shows the same. Where it does not
    show again, it may have been at a step that is there once (what has filled a cache), and others are looked at.
    """
    doubts = 0
    for result in _tries(run.harness, interleaver, pair, range(1, interleaver.most)):
        yield result
        if isinstance(result, Race):
            if result.stuck:
                return
            race = _shown_once_more(run, interleaver, result, tries)
            yield race
            doubts += race.doubtful
            if not race.doubtful or doubts == MOST_DOUBTS:
                return


def applies(pair: Pair, evidence: Evidence) -> bool:
    """Whether a pair is to be judged, and the backend has the methods that it calls."""
    names = {operation.name for operation in (pair.first, pair.second)}
    return evidence.wants(pair.requirement) and names.isdisjoint(evidence.missing)


def _tries(
    harness: Harness, interleaver: Interleaver, pair: Pair, numbers: Iterable[int]
) -> Iterator[Race | Impeded | None]:
    """Try a pair at some steps of its first operation: a race where there is one, else None."""
    orders: list[Transcript] = []
    for swapped in (False, True):
        order = interleaver.in_order(pair, swapped=swapped)
        if not isinstance(order, Observation):
            yield order if isinstance(order, Impeded) else Race(pair, order.where, True, (), (), order.message)
            return
        orders.append(comparable_text(pair, order))
    for number in numbers:
        result = interleaver.at(pair, number)
        if result is None or isinstance(result, Impeded):
            if result is not None:
                yield result
            return
        if isinstance(result, Stuck):
            yield Race(pair, result.where, True, (), tuple(orders), result.message)
            return
        fine = is_explained(pair, result.observation, orders, claims=harness.subject.claims)
        seen = comparable_text(pair, result.observation)
        yield None if fine else Race(pair, result.where, result.waited, seen, tuple(orders))


def _shows_again(harness: Harness, interleaver: Interleaver, race: Race) -> bool:
    numbers = (race.where.number,) if race.where.number else ()
    return any(isinstance(again, Race) for again in _tries(harness, interleaver, race.pair, numbers))
