"""Looking for crashes: every scenario, stopped at each system call, or killed at random where that cannot be done."""

import os
from collections.abc import Iterable, Iterator
from random import Random

from conformance.bench import Bench
from conformance.crash import Crash
from conformance.crash_report import crash_failure
from conformance.crashes import Trial
from conformance.deadlines import Deadline
from conformance.options import Progress, Watcher
from conformance.origin import Origin
from conformance.probes.syscalls import UnreachableError, available
from conformance.results import Evidence
from conformance.scenarios import OPENING, UNSEEN, scenarios

SECONDS = 25.0
"""How long all scenarios may take once each requirement was put to the test."""

FURTHER = 4
"""How many crashes of one requirement are reported."""

BY_CHANCE = ("CRASH-1", "CRASH-2", "CRASH-3")
CLASS = ("CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1", "POWER-1")


def run_crashes(bench: Bench, origin: Origin, evidence: Evidence, watcher: Watcher, budget: float) -> None:
    """Judge what a process leaves that is killed or refused at a system call, and enter it into the evidence.

    Nothing is run unless it is claimed.
    """
    if not bench.subject.claims.crash_safe:
        return
    why = available()
    if why and not _falls_back(evidence, why):
        return
    power = bench.subject.claims.durability == "power"
    wanted = BY_CHANCE if why else CLASS if power else CLASS[:-1]
    deadline = Deadline.after(SECONDS, budget, wanted, evidence.exercised)
    watcher.started_program()
    found: list[Crash] = []
    trials = _trials(bench, evidence, watcher, deadline, found)
    try:
        if why:
            random = Random(0)
            for trial in trials:
                found += trial.killed_at_random(random, deadline)
        else:
            _search(trials, power, evidence, deadline, found)
    finally:  # what was found before an interrupt counts
        evidence.failures += [crash_failure(crash, origin) for crash in _to_report(found)]
    for name in CLASS:
        if not evidence.exercised[name]:
            evidence.reasons.setdefault(name, UNSEEN)


def _falls_back(evidence: Evidence, why: str) -> bool:
    """Whether processes can be killed at random at least, where they cannot be halted; both is said in the report."""
    reason = f"no process can be stopped at its system calls here: {why}"
    evidence.reasons.update(dict.fromkeys(CLASS, reason))
    if hasattr(os, "fork"):
        evidence.notes.append(f"{reason}; crashes are judged by a few kills at random moments alone")
    return hasattr(os, "fork")


def _trials(
    bench: Bench, evidence: Evidence, watcher: Watcher, deadline: Deadline, found: list[Crash]
) -> Iterator[Trial]:
    """One for each scenario, as far as the time goes."""
    every = (*scenarios(bench), OPENING)
    for number, scenario in enumerate(every):
        if deadline.over():
            return
        watcher.progress(Progress("crashes", number, len(every), len(found)))
        yield Trial(bench, scenario, lambda name: evidence.exercised.update([name]))


def _search(trials: Iterable[Trial], power: bool, evidence: Evidence, deadline: Deadline, found: list[Crash]) -> None:
    """Stop at each system call."""
    for trial in trials:
        found += trial.killed(deadline)
        found += trial.leftovers()
        try:
            found += trial.refused(deadline)
        except UnreachableError as error:
            evidence.reasons["FAULT-1"] = f"no connection can be cut here: {error.strerror or error}"
        if power:
            found += trial.unpowered()


def _to_report(found: list[Crash]) -> list[Crash]:
    """The first crash of each kind; those that another one explains are left out.

    A state that is torn when the process is killed is torn when a call is refused too, and without power: CRASH-1.
    """
    kept: dict[str, list[Crash]] = {}
    chosen: dict[tuple[str, str], Crash] = {}
    for crash in found:
        chosen.setdefault((crash.requirement, crash.scenario.title), crash)
    torn = {crash.scenario.title for crash in found if crash.requirement in ("CRASH-1", "CRASH-2")}
    for crash in chosen.values():
        if crash.requirement in ("FAULT-1", "POWER-1", "CRASH-3") and crash.scenario.title in torn:
            continue
        kept.setdefault(crash.requirement, []).append(crash)
    return [crash for crashes in kept.values() for crash in crashes[:FURTHER]]
