"""Looking for crashes: every scenario, with a fault injected at each system call, or killed at random moments.

The scenarios are short programs written for what is likeliest to go wrong, then the opening of empty storage, then
programs drawn at random. Each is put to trial by the same steps, in this order: killed at each call, killed again and
again at the last one, refused each call, without power at each call. The first step finds the calls at which the
others inject their faults.

What is reported is the first crash of each requirement and scenario, less what another crash explains.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from random import Random

from conformance.crash.counterexample import failure_of_crash
from conformance.crash.crash import Crash, PowerLost
from conformance.crash.kills import inject_kills, inject_power_losses, inject_random_kills, inject_repeated_kills
from conformance.crash.refusals import inject_refusals
from conformance.crash.scenarios import DRAWN, OPENING, Scenario, draw_scenarios, scenarios
from conformance.crash.trial import Trial
from conformance.harness.halting import UNSEEN
from conformance.probes.syscalls import UnreachableError, available
from conformance.programs.minimize import minimize
from conformance.programs.operations import Program
from conformance.report.evidence import Evidence
from conformance.run.run import Run
from conformance.system.budget import Share
from spec_store.requirements import RequirementId, asked_for

CRASH_SECONDS = 10.0
"""CPU seconds that all scenarios may take once each requirement was put to the test."""

MOST_DRAWN = 12
"""How many scenarios are drawn at random, if there are so many random programs."""

CRASH_REPLAYS, SHRINKING_SECONDS = 80, 5.0
"""How many shorter scenarios are tried for one that goes wrong, and for how many seconds."""

MOST_CRASHES = 4
"""How many crashes of one requirement are reported."""

BY_CHANCE: tuple[RequirementId, ...] = ("CRASH-1", "CRASH-2", "CRASH-3")
"""What random kills can judge: a call can be refused, or power be lost, only where a process can be halted."""

CRASH_SAFE, POWER = asked_for("crash_safe"), asked_for('durability="power"')


def run_crashes(run: Run) -> None:
    """Judge what a process leaves that is killed or refused at a system call, and enter it into the evidence.

    Nothing is run unless it is claimed.
    """
    if not run.claims.crash_safe:
        return
    evidence = run.evidence
    why = available()
    if why and not _falls_back(evidence, why):
        return
    random = Random(run.options.seed)
    wanted = BY_CHANCE if why else (*CRASH_SAFE, *POWER) if run.claims.durability == "power" else CRASH_SAFE
    share = run.budget.share(CRASH_SECONDS, wanted, evidence.exercised)
    # What is drawn is for calls that depend on the keys, and random kills would hardly meet those.
    more = () if why else tuple(draw_scenarios(run.harness, random, min(run.options.examples, MOST_DRAWN)))
    found: list[Crash] = []  # filled as they come, so that progress and an interrupt find those that there are
    trials = _trials(run, more, share, found)
    try:
        if why:
            for trial in trials:
                found.extend(inject_random_kills(trial, random, share))
        else:
            _search(run, trials, share, found)
    finally:  # what was found before an interrupt counts
        evidence.failures.extend(failure_of_crash(crash, run.origin) for crash in crashes_to_report(found))
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


def _trials(run: Run, more: Sequence[Scenario], share: Share, found: Sequence[Crash]) -> Iterator[Trial]:
    """One for each scenario, as far as the time goes; those that are drawn come last."""
    every = (*scenarios(run.harness), OPENING, *more)
    for number, scenario in enumerate(every):
        if share.over():
            return
        run.watcher.started_program()  # what was performed before is not in flight any more
        run.tell("crashes", number, len(every), len(found))
        trial = Trial(run.harness, scenario, lambda name: run.evidence.exercised.update([name]))
        # What is drawn may be what the backend fails at even without a crash, of which other searches tell; what is
        # written for this search is plain enough to be judged all the same.
        if scenario.title != DRAWN or trial.is_sound():
            yield trial


def _search(run: Run, trials: Iterable[Trial], share: Share, found: list[Crash]) -> None:
    """Inject faults at each system call.

    What a drawn scenario shows counts where nothing else has violated the requirement: the others come first, and are
    plainer, so that what they show is reported as it is, and only a drawn one is worth the time of making it smaller.
    """
    for trial in trials:
        for crash in _crashes_of(run, trial, share):
            if trial.scenario.title != DRAWN:
                found.append(crash)
            elif crash.requirement not in {known.requirement for known in found}:
                found.append(_smallest(trial, crash, share))


def _crashes_of(run: Run, trial: Trial, share: Share) -> Iterator[Crash]:
    """What goes wrong in one scenario."""
    yield from inject_kills(trial, share)  # first, for it enters the points at which the others inject
    if trial.scenario.title != DRAWN:  # how many files there are depends little on the keys that are drawn
        yield from inject_repeated_kills(trial)
    try:
        yield from inject_refusals(trial, share)
    except UnreachableError as error:
        run.evidence.reasons["FAULT-1"] = f"no connection can be cut here: {error.strerror or error}"
    if run.claims.durability == "power":
        yield from inject_power_losses(trial)


def _like(trial: Trial, known: Crash, share: Share) -> Crash | None:
    """The first thing that goes wrong as `known` did in another scenario, or None."""
    # The iterators are lazy: nothing is refused where the kills alone show it.
    if isinstance(known.cause, PowerLost):
        crashes = inject_power_losses(trial)
    else:
        crashes = chain(inject_kills(trial, share), inject_refusals(trial, share))
    return next((crash for crash in crashes if crash.requirement == known.requirement), None)


def _smallest(trial: Trial, crash: Crash, share: Share) -> Crash:
    """What goes wrong in the shortest program that shows the same, all of it but the last operation done before."""
    scenario, harness = trial.scenario, trial.harness
    shown = crash

    def shows(program: Program) -> bool:
        nonlocal shown
        again = Trial(harness, Scenario(DRAWN, program[:-1], program[-1:]), lambda _name: None)
        like = _like(again, crash, share) if again.is_sound() else None
        shown = like or shown
        return like is not None

    # What was still to come when the process died is left out at once. Where the crash needs more than one operation
    # in the dying process, moving the earlier ones before it shows nothing, and the crash stays as it was found.
    program = (*scenario.initial, *scenario.program[: crash.acknowledged + 1])
    if shows(program):
        minimize(program, shows, harness.material, share.budget.within(SHRINKING_SECONDS).effort(CRASH_REPLAYS))
    return shown


def crashes_to_report(found: list[Crash]) -> list[Crash]:
    """The first crash of each requirement and scenario; those that another one explains are left out.

    A state that is torn when the process is killed is torn when a call is refused too, and without power: that is one
    fault, of which CRASH-1 (or CRASH-2) tells, and a store that it has left may well not work (CRASH-3). In a scenario
    in which killing tears nothing, those are faults of their own.
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
    return [crash for crashes in kept.values() for crash in crashes[:MOST_CRASHES]]
