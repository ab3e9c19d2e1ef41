"""Looking for crashes: every scenario, stopped at each system call, or killed at random where that cannot be done."""

import os
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from random import Random

from conformance.crash.counterexample import failure_of_crash
from conformance.crash.crash import Crash
from conformance.crash.refusals import refused
from conformance.crash.scenarios import DRAWN, OPENING, Scenario, drawn, scenarios
from conformance.crash.trial import Trial
from conformance.harness.halting import UNSEEN
from conformance.harness.harness import Bench
from conformance.probes.syscalls import UnreachableError, available
from conformance.programs.minimize import minimize
from conformance.programs.operations import Program
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import Origin
from conformance.system.budget import Deadline, Effort
from spec_store.requirements import RequirementId, asked_for

SECONDS = 10.0
"""CPU seconds that all scenarios may take once each requirement was put to the test."""

MOST_DRAWN = 12
"""How many scenarios are drawn at random, if there are so many random programs."""

REPLAYS, SHRINKING = 80, 5.0
"""How many shorter scenarios are tried for one that goes wrong, and for how many seconds."""

FURTHER = 4
"""How many crashes of one requirement are reported."""

BY_CHANCE: tuple[RequirementId, ...] = ("CRASH-1", "CRASH-2", "CRASH-3")
CRASH_SAFE, POWER = asked_for("crash_safe"), asked_for('durability="power"')


def run_crashes(
    bench: Bench, origin: Origin, evidence: Evidence, watcher: Watcher, until: float, options: Options
) -> None:
    """Judge what a process leaves that is killed or refused at a system call, and enter it into the evidence.

    Nothing is run unless it is claimed.

    Args:
        bench: the subject.
        origin: how a script opens it.
        evidence: what is known so far, and what is added to.
        watcher: told how far it is.
        until: the time, by `time.monotonic`, at which it ends in any case.
        options: the seed of the scenarios that are drawn at random, and of how many random programs there are.
    """
    if not bench.subject.claims.crash_safe:
        return
    why = available()
    if why and not _falls_back(evidence, why):
        return
    power = bench.subject.claims.durability == "power"
    wanted = BY_CHANCE if why else (*CRASH_SAFE, *POWER) if power else CRASH_SAFE
    deadline = Deadline.after(SECONDS, until, wanted, evidence.exercised)
    found: list[Crash] = []
    random = Random(options.seed)
    more = () if why else tuple(drawn(bench, random, min(options.examples, MOST_DRAWN)))
    trials = _trials(bench, more, evidence, watcher, deadline, found)
    try:
        if why:
            for trial in trials:
                found += trial.killed_at_random(random, deadline)
        else:
            _search(trials, power, evidence, deadline, found)
    finally:  # what was found before an interrupt counts
        evidence.failures += [failure_of_crash(crash, origin) for crash in _to_report(found)]
    for name in (*CRASH_SAFE, *POWER):
        if not evidence.exercised[name]:
            evidence.reasons.setdefault(name, UNSEEN)


def _falls_back(evidence: Evidence, why: str) -> bool:
    """Whether processes can be killed at random at least, where they cannot be halted; both is said in the report."""
    reason = f"no process can be stopped at its system calls here: {why}"
    evidence.reasons.update(dict.fromkeys((*CRASH_SAFE, *POWER), reason))
    if hasattr(os, "fork"):
        evidence.notes.append(f"{reason}; crashes are judged by a few kills at random moments alone")
    return hasattr(os, "fork")


def _trials(
    bench: Bench,
    more: tuple[Scenario, ...],
    evidence: Evidence,
    watcher: Watcher,
    deadline: Deadline,
    found: list[Crash],
) -> Iterator[Trial]:
    """One for each scenario, as far as the time goes; those that are drawn come last."""
    every = (*scenarios(bench), OPENING, *more)
    for number, scenario in enumerate(every):
        if deadline.over():
            return
        watcher.started_program()  # what was performed before is not in flight any more
        watcher.progress(Progress("crashes", number, len(every), len(found)))
        trial = Trial(bench, scenario, lambda name: evidence.exercised.update([name]))
        if scenario.title != DRAWN or trial.is_sound():
            yield trial


def _search(trials: Iterable[Trial], power: bool, evidence: Evidence, deadline: Deadline, found: list[Crash]) -> None:
    """Stop at each system call. What a drawn scenario shows counts where nothing else has violated the requirement."""
    for trial in trials:
        for crash in _met(trial, power, evidence, deadline):
            if trial.scenario.title != DRAWN:
                found.append(crash)
            elif crash.requirement not in {known.requirement for known in found}:
                found.append(_smallest(trial, crash, deadline))


def _met(trial: Trial, power: bool, evidence: Evidence, deadline: Deadline) -> Iterator[Crash]:
    """What goes wrong in one scenario."""
    yield from trial.killed(deadline)
    if trial.scenario.title != DRAWN:
        yield from trial.leftovers()
    try:
        yield from refused(trial, deadline)
    except UnreachableError as error:
        evidence.reasons["FAULT-1"] = f"no connection can be cut here: {error.strerror or error}"
    if power:
        yield from trial.unpowered()


def _like(trial: Trial, known: Crash, deadline: Deadline) -> Crash | None:
    """The first thing that goes wrong as `known` did in another scenario, or None."""
    looked = trial.unpowered() if known.power else chain(trial.killed(deadline), refused(trial, deadline))
    return next((one for one in looked if one.requirement == known.requirement), None)


def _smallest(trial: Trial, crash: Crash, deadline: Deadline) -> Crash:
    """What goes wrong in the shortest program that shows the same, all of it but the last operation done before."""
    scenario, bench = trial.scenario, trial.bench
    shown = crash

    def shows(program: Program) -> bool:
        nonlocal shown
        again = Trial(bench, Scenario(DRAWN, program[:-1], program[-1:]), lambda _name: None)
        came = _like(again, crash, deadline) if again.is_sound() else None
        shown = came or shown
        return came is not None

    program = (*scenario.initial, *scenario.program[: crash.acknowledged + 1])
    if shows(program):
        minimize(program, shows, bench.material, Effort(REPLAYS, min(deadline.budget, time.monotonic() + SHRINKING)))
    return shown


def _to_report(found: list[Crash]) -> list[Crash]:
    """The first crash of each kind; those that another one explains are left out.

    A state that is torn when the process is killed is torn when a call is refused too, and without power: CRASH-1.
    """
    kept: dict[RequirementId, list[Crash]] = {}
    chosen: dict[tuple[RequirementId, str], Crash] = {}
    for crash in found:
        chosen.setdefault((crash.requirement, crash.scenario.title), crash)
    torn = {crash.scenario.title for crash in found if crash.requirement in ("CRASH-1", "CRASH-2")}
    for crash in chosen.values():
        if crash.requirement in ("FAULT-1", "POWER-1", "CRASH-3") and crash.scenario.title in torn:
            continue
        kept.setdefault(crash.requirement, []).append(crash)
    return [crash for crashes in kept.values() for crash in crashes[:FURTHER]]
