"""Looking for races between threads: every pair of operations, and two openings of empty storage at once."""

import time
from functools import partial

from conformance.harness.harness import Bench
from conformance.harness.performing import perform
from conformance.harness.preflight import cheap_options
from conformance.harness.store import close_backend
from conformance.pairs import Pair, Race, pairs, run_pair, tracing
from conformance.probes.interleaving import Partner, StuckError, interleave
from conformance.programs.operations import Add, ReadId
from conformance.programs.outcomes import Outcome, Raised, Returned
from conformance.race_report import opening_failure, race_failure
from conformance.report.evidence import Evidence
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import Origin
from conformance.system.budget import Deadline
from spec_store.requirements import RequirementId

SECONDS = 5.0
"""CPU seconds that the pairs may take once each requirement was put to the test; what fails most often comes first."""

FURTHER = 5
"""How many races of one requirement are reported."""

TRIES = 3
"""How often a race is tried again."""


def run_races(bench: Bench, origin: Origin, evidence: Evidence, watcher: Watcher, deadline: float) -> None:
    """Judge operations of two threads on one backend, and enter what was found into the evidence.

    Nothing is run unless threads are claimed.
    """
    if not bench.subject.claims.threads:
        return
    bench.quick = cheap_options(bench)
    watcher.started_program()
    with Partner() as partner:
        found = _races(bench, evidence, partner, watcher, deadline)
        for race in _to_report(found):
            shown = sum(_again(bench, race, partner) for _ in range(TRIES))
            evidence.failures.append(race_failure(race, origin, 1 + shown, 1 + TRIES))
        if evidence.wants("ID-9"):
            _race_openings(bench, origin, evidence, partner, deadline)


def _races(bench: Bench, evidence: Evidence, partner: Partner, watcher: Watcher, budget: float) -> list[Race]:
    """A race for each pair that has one, as far as the time goes."""
    found: list[Race] = []
    every = [pair for pair in pairs(bench.material) if applies(pair, evidence)]
    deadline = Deadline.after(SECONDS, budget, (pair.requirement for pair in every), evidence.exercised)
    for number, pair in enumerate(every):
        if deadline.over():
            break
        watcher.started_program()
        watcher.progress(Progress("pairs of operations", number, len(every), len(found)))
        for race in run_pair(bench, pair, partner):
            evidence.exercised[pair.requirement] += 1
            if race is not None:
                found.append(race)
            if race is not None or time.monotonic() > budget:
                break
    return found


def applies(pair: Pair, evidence: Evidence) -> bool:
    """Whether a pair is to be judged, and the backend has the methods that it calls."""
    return evidence.wants(pair.requirement) and not (
        "add" in evidence.missing and any(isinstance(one, Add) for one in (pair.first, pair.second))
    )


def _to_report(found: list[Race]) -> list[Race]:
    """The races to tell, the shortest of each kind; those that another fault explains are left out.

    An add that looks first and stores then is told once, as ADD-2; writes that are lost to one of another key, as
    LIN-4, for they show in everything else too.
    """
    violated = {race.requirement for race in found}
    chosen: dict[tuple[RequirementId, str, str], Race] = {}
    for race in sorted(found, key=lambda race: (race.size, race.at)):
        adds = isinstance(race.pair.first, Add) or isinstance(race.pair.second, Add)
        if race.requirement in ("LIN-1", "LIN-4") and adds and "ADD-2" in violated:
            continue
        if race.requirement in ("LIN-1", "ADD-2") and "LIN-4" in violated:
            continue
        chosen.setdefault((race.requirement, race.pair.first.name, race.pair.second.name), race)
    kept: dict[RequirementId, list[Race]] = {}
    for race in chosen.values():
        kept.setdefault(race.requirement, []).append(race)
    return [race for races in kept.values() for race in races[:FURTHER]]


def _again(bench: Bench, race: Race, partner: Partner) -> bool:
    return any(one is not None for one in run_pair(bench, race.pair, partner, only=race.at))


LINES_OF_OPENING = 400
SECONDS_OF_OPENING = 8.0


def _race_openings(bench: Bench, origin: Origin, evidence: Evidence, partner: Partner, budget: float) -> None:
    """Two threads that open empty storage and read its id, one of them stopped at each of its lines (ID-9).

    Where storage does not outlive its backend, both read the id of one new backend.
    """
    sample = bench.open()
    bench.close(sample)
    traced = tracing(sample.backend)
    deadline = Deadline.after(SECONDS_OF_OPENING, budget, ("ID-9",), evidence.exercised)
    for at in range(1, LINES_OF_OPENING):
        if deadline.over():
            return
        with bench.subject.place() as place:
            shared = None if bench.subject.claims.durable else bench.subject.open(place)
            call = partial(opened_id, bench, place) if shared is None else partial(_id_of, shared)
            try:
                met = interleave(call, call, at, traced, partner)
            except StuckError as error:
                evidence.reasons["ID-9"] = f"one of two that open at once is {error}"
                return
            after = call()
        if not met.reached:
            return
        evidence.exercised["ID-9"] += 1
        ids = (met.first, met.second, after)
        if len({repr(one) for one in ids}) != 1 or isinstance(after, Raised):
            where = (met.file, met.line, met.occurrence)
            evidence.failures.append(opening_failure("thread", where, ids, origin))
            return


def opened_id(bench: Bench, place: object) -> Outcome:
    """The id that a backend reads that is opened on a place, as text; or what opening it raises."""
    try:
        backend = bench.subject.open(place)
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    came = _id_of(backend)
    close_backend(backend)
    return came


def _id_of(backend: object) -> Outcome:
    came = perform(ReadId(), backend)
    return Returned(str(came.value)) if isinstance(came, Returned) else came
