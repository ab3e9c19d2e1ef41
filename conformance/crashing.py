"""Looking for crashes: every scenario, stopped at each system call, or killed at random where that cannot be done."""

import os

from conformance.bench import Bench
from conformance.crash_report import crash_failure
from conformance.crashes import Crash, Trial
from conformance.deadlines import Deadline
from conformance.options import Progress, Watcher
from conformance.origin import Origin
from conformance.probes.syscalls import available
from conformance.results import Evidence
from conformance.scenarios import OPENING, scenarios

SECONDS = 25.0
"""How long all scenarios may take once each requirement was put to the test."""

FURTHER = 4
"""How many crashes of one requirement are reported."""

CLASS = ("CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1", "POWER-1")


def run_crashes(bench: Bench, origin: Origin, evidence: Evidence, watcher: Watcher, budget: float) -> None:
    """Judge what a process leaves that is killed or refused at a system call, and enter it into the evidence.

    Nothing is run unless it is claimed, and the place is a directory.
    """
    if not bench.subject.claims.crash_safe:
        return
    why = _cannot(bench)
    if why:
        evidence.reasons.update(dict.fromkeys(CLASS, why))
        return
    power = bench.subject.claims.durability == "power"
    wanted = CLASS if power else CLASS[:-1]
    deadline = Deadline.after(SECONDS, budget, wanted, evidence.exercised)
    watcher.started_program()
    found: list[Crash] = []
    every = (*scenarios(bench), OPENING)
    for number, scenario in enumerate(every):
        if deadline.over():
            break
        watcher.progress(Progress("crashes", number, len(every), len(found)))
        trial = Trial(bench, scenario, lambda name: evidence.exercised.update([name]))
        found += trial.killed()
        found += trial.leftovers()
        found += trial.refused(deadline)
        if power:
            found += trial.unpowered()
    for crash in _to_report(found):
        evidence.failures.append(crash_failure(crash, origin))


def _cannot(bench: Bench) -> str:
    """Why nothing can be tried, or ""."""
    with bench.subject.place() as place:
        if not isinstance(place, str | os.PathLike):
            return "the place is no directory, in which a process could be stopped at each system call"
    why = available()
    return f"no process can be stopped at its system calls here: {why}" if why else ""


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
