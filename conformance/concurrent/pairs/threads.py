"""Looking for races between threads: every pair of operations, and two openings of empty storage at once."""

import sys
import sysconfig
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from conformance.concurrent.pairs.counterexample import failure_of_opening, failure_of_race
from conformance.concurrent.pairs.openings import id_of, opened_id
from conformance.concurrent.pairs.pairs import Pair, Race, Seen, applies, explained, pairs, reads_after, seen
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import Store
from conformance.probes.interleaving import Partner, StuckError, interleave
from conformance.programs.operations import Add
from conformance.programs.outcomes import Outcome, Raised
from conformance.run.run import Run
from spec_store.requirements import RequirementId

LINES = 300
"""How many lines of an operation are tried at most."""


def tracing(backend: Any) -> Callable[[str], bool]:
    """Whether a file is the backend's own code: that of its class, its bases, and the packages that they are from."""
    roots = tuple(_roots(type(backend)))
    known: dict[str, bool] = {}

    def traced(name: str) -> bool:
        if name not in known:
            known[name] = name.startswith(roots)
        return known[name]

    return traced


def _roots(cls: type) -> Iterator[str]:
    library = sysconfig.get_path("stdlib")
    for base in cls.__mro__:
        module = sys.modules.get(base.__module__)
        file = getattr(module, "__file__", None)
        if file is None or (file.startswith(library) and "site-packages" not in file):
            continue
        package = sys.modules.get(base.__module__.partition(".")[0])
        directory = getattr(package, "__file__", None)
        own = base.__module__.partition(".")[0] in ("conformance", "tests") or package is module or directory is None
        yield file if own else str(Path(str(directory)).parent)


def run_pair(harness: Harness, pair: Pair, partner: Partner, only: int = 0) -> Iterator[Race | None]:
    """Try a pair at one line after another, or at the `only` one: a race where there is one, else None."""
    orders = _in_order(harness, pair, swapped=False), _in_order(harness, pair, swapped=True)
    for at in (only,) if only else range(1, LINES):
        with _opened(harness, pair) as store:
            backend = store.backend
            first, second = partial(perform, pair.first, backend), partial(perform, pair.second, backend)
            try:
                met = interleave(first, second, at, tracing(backend), partner)
            except StuckError as error:
                yield Race(pair, at, "", 0, True, (), orders, stuck=str(error))
                return
            if not met.reached:
                return
            reads = _reads_of(backend, pair)
        came = seen(pair, met.first, met.second, reads)
        fine = came in orders or explained(harness, pair, met.first, met.second, reads, orders)
        yield None if fine else Race(pair, at, met.file, met.line, met.waited, came, orders, met.occurrence)


@attrs.frozen
class _Opened:
    """A store with the initial operations done; closed in the end."""

    harness: Harness
    store: Store

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.harness.close(self.store)


def _opened(harness: Harness, pair: Pair) -> _Opened:
    store = harness.open(**harness.cheap)
    for operation in pair.initial:
        perform(operation, store.backend)
    return _Opened(harness, store)


def _in_order(harness: Harness, pair: Pair, *, swapped: bool) -> Seen:
    with _opened(harness, pair) as store:
        order = (pair.second, pair.first) if swapped else (pair.first, pair.second)
        came = [perform(operation, store.backend) for operation in order]
        first, second = reversed(came) if swapped else came
        return seen(pair, first, second, _reads_of(store.backend, pair))


def _reads_of(backend: Any, pair: Pair) -> tuple[Outcome, ...]:
    return tuple(perform(operation, backend) for operation in reads_after(pair))


SECONDS = 5.0
"""CPU seconds that the pairs may take once each requirement was put to the test; what fails most often comes first."""

FURTHER = 5
"""How many races of one requirement are reported."""

TRIES = 3
"""How often a race is tried again."""


def run_races(run: Run) -> None:
    """Judge operations of two threads on one backend, and enter what was found into the evidence.

    Nothing is run unless threads are claimed.
    """
    if not run.claims.threads:
        return
    run.watcher.started_program()
    with Partner() as partner:
        found = _races(run, partner)
        for race in _to_report(found):
            shown = sum(_again(run.harness, race, partner) for _ in range(TRIES))
            run.evidence.failures.append(failure_of_race(race, run.origin, 1 + shown, 1 + TRIES))
        if run.evidence.wants("ID-9"):
            _race_openings(run, partner)


def _races(run: Run, partner: Partner) -> list[Race]:
    """A race for each pair that has one, as far as the time goes."""
    found: list[Race] = []
    evidence = run.evidence
    every = [pair for pair in pairs(run.harness.material) if applies(pair, evidence)]
    share = run.budget.share(SECONDS, (pair.requirement for pair in every), evidence.exercised)
    for number, pair in enumerate(every):
        if share.over():
            break
        run.watcher.started_program()
        run.tell("pairs of operations", number, len(every), len(found))
        for race in run_pair(run.harness, pair, partner):
            evidence.exercised[pair.requirement] += 1
            if race is not None:
                found.append(race)
            if race is not None or run.budget.over():
                break
    return found


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


def _again(harness: Harness, race: Race, partner: Partner) -> bool:
    return any(one is not None for one in run_pair(harness, race.pair, partner, only=race.at))


LINES_OF_OPENING = 400
SECONDS_OF_OPENING = 8.0


def _race_openings(run: Run, partner: Partner) -> None:
    """Two threads that open empty storage and read its id, one of them stopped at each of its lines (ID-9).

    Where storage does not outlive its backend, both read the id of one new backend.
    """
    harness, evidence = run.harness, run.evidence
    sample = harness.open()
    harness.close(sample)
    traced = tracing(sample.backend)
    share = run.budget.share(SECONDS_OF_OPENING, ("ID-9",), evidence.exercised)
    for at in range(1, LINES_OF_OPENING):
        if share.over():
            return
        with harness.subject.place() as place:
            shared = None if harness.subject.claims.durable else harness.subject.open(place)
            call = partial(opened_id, harness, place) if shared is None else partial(id_of, shared)
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
            evidence.failures.append(failure_of_opening("thread", where, ids, run.origin))
            return
