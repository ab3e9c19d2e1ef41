"""Looking for crashes: every scenario, with a fault injected at each system call, or killed at random moments.

The scenarios are short programs written for what is likeliest to go wrong, then the opening of empty storage, then
long ones, then programs drawn at random. All of them are put to trial by the same steps twice over:

1. killed at each crash point, and at each call by which another process recovers from that, killed again and again at
   the last call, without power at each crash point;
2. refused each call that 1 has found.

First comes 1 for all of them, for it takes a process or two a scenario, then 2, which takes one or two a call. What is
found is shown again before it is told (`again`); what is told of it, `reporting` says.

Before all, a forked process is to open the store. Where it cannot, nothing is put to the test.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from random import Random

import attrs

from conformance.crash.again import like, shows_again, uncounted
from conformance.crash.counterexample import failure_of_crash
from conformance.crash.crash import Crash
from conformance.crash.elsewhere import refusal_elsewhere
from conformance.crash.kills import inject_kills, inject_power_losses, inject_random_kills, inject_repeated_kills
from conformance.crash.refusals import inject_refusals
from conformance.crash.reporting import MOST_CRASHES, Unmoved, crashes_to_report, mask
from conformance.crash.scenarios import LONG, OPENING, Scenario, draw_scenarios, long_scenarios, scenarios
from conformance.crash.trial import Trial
from conformance.harness.halting import unseen
from conformance.harness.harness import Harness
from conformance.probes.syscalls import UnreachableError, available
from conformance.programs.minimize import minimize
from conformance.programs.operations import Add, Move, Program, Set
from conformance.programs.outcomes import Returned
from conformance.report.evidence import Evidence, Failure
from conformance.report.reach import Reach
from conformance.run.run import Run
from conformance.system.budget import Share
from spec_store.requirements import RequirementId, asked_for

KILL_SECONDS, REFUSAL_SECONDS = 6.0, 6.0
"""CPU seconds after which no scenario that was drawn is begun any more, if each requirement was put to the test by
then; for either of the two passes. Those that are written here are all run, so that what they show does not depend on
how quick the machine is, or who else uses it."""

MOST_DRAWN = 12
"""How many scenarios are drawn at random, if there are so many random programs."""

CRASH_REPLAYS, SHRINKING_SECONDS = 80, 5.0
"""How many shorter scenarios are tried for one that goes wrong, and for how many seconds."""

SHOWINGS = 2
"""How often a crash that is told is tried again."""

AMID = "crashes amid short programs, long ones, and ones drawn at random"
"""What the report says how much of was run: of those that are drawn, as many as there is time for."""

BY_CHANCE: tuple[RequirementId, ...] = ("CRASH-1", "CRASH-2", "CRASH-3")
"""What random kills can judge: a call can be refused, or power be lost, only where a process can be halted."""

CRASH_SAFE, POWER = asked_for("crash_safe"), asked_for('durability="power"')


def run_crashes(run: Run) -> None:
    """Judge what a process leaves that is killed or refused at a system call, and enter it into the evidence.

    Nothing is run unless it is claimed, and where no forked process can open the store.
    """
    if not run.claims.crash_safe:
        return
    evidence = run.evidence
    why = available()
    if why and not _falls_back(evidence, why):
        return
    closed = refusal_elsewhere(run.harness)
    if closed:
        evidence.reasons.update(dict.fromkeys((*CRASH_SAFE, *POWER), closed))
        return
    found: list[Crash] = []  # filled as they come, so that progress and an interrupt find those that there are
    search = _Search(run, found, Random(run.options.seed), by_chance=bool(why))
    replays = 0
    try:
        search.run()
        replays = SHOWINGS  # an interrupt is to end the run, so nothing is tried again after it
    finally:  # what was found before an interrupt counts
        told = crashes_to_report(found)
        mask(evidence, found, told)
        failures = {(one.requirement, one.counterexample.headline): one for one in search.shown(told, replays)}
        evidence.failures.extend(failures.values())
    for name in (*CRASH_SAFE, *POWER):
        if not evidence.exercised[name] and name not in evidence.masked:
            evidence.reasons.setdefault(name, unseen(run.harness.subject))


def _falls_back(evidence: Evidence, why: str) -> bool:
    """Whether processes can be killed at random at least, where they cannot be halted; both is said in the report."""
    reason = f"no process can be stopped at its system calls here: {why}"
    evidence.reasons.update(dict.fromkeys((*CRASH_SAFE, *POWER), reason))
    if hasattr(os, "fork"):
        evidence.notes.append(f"{reason}; crashes are judged by a few kills at random moments alone")
    return hasattr(os, "fork")


@attrs.frozen
class _Search:
    """The search of one run.

    Args:
        run: the run.
        found: the crashes, entered as they come.
        random: where choices come from.
        by_chance: whether processes can be killed at random moments alone.
    """

    run_: Run
    found: list[Crash]
    random: Random
    by_chance: bool

    def run(self) -> None:
        """Put the scenarios to trial."""
        run, exercised = self.run_, self.run_.evidence.exercised
        power = POWER if run.claims.durability == "power" else ()
        share = run.budget.share(KILL_SECONDS, BY_CHANCE if self.by_chance else (*BY_CHANCE, *power), exercised)
        trials: list[Trial] = []
        for trial in self._trials(share):
            trials.append(trial)
            lasting = self._lasting(trial.scenario, share)
            self._enter(trial, self._kills(trial, lasting), lasting)
        if not self.by_chance:
            self._refuse(trials, run.budget.share(REFUSAL_SECONDS, ("FAULT-1",), exercised))
        self._enter_what_never_returned(trials)

    def _lasting(self, scenario: Scenario, share: Share) -> Share:
        """What a scenario may take: the share is for those that are drawn, the others have all the time of the run."""
        return share if scenario.is_drawn else self._endless()

    def _endless(self) -> Share:
        return self.run_.budget.share(float("inf"), (), {})

    def _trials(self, share: Share) -> Iterator[Trial]:
        """One for each scenario, as far as the time goes; those that are drawn come last, and end with the share."""
        run = self.run_
        # What is drawn is for calls that depend on the keys, and random kills would hardly meet those.
        count = 0 if self.by_chance else min(run.options.examples, MOST_DRAWN)
        plain = (*scenarios(run.harness), OPENING, *long_scenarios(run.harness))
        every = (*plain, *draw_scenarios(run.harness, self.random, count))
        for number, scenario in enumerate(every):
            if self._lasting(scenario, share).over():
                run.cut_short("crash scenarios", number, len(plain), share.wanted)
                run.evidence.reached.append(Reach(AMID, number, len(every), "programs", "for want of time"))
                return
            self._tell("crashes", number, len(every))
            trial = Trial(run.harness, scenario, lambda name: run.evidence.exercised.update([name]))
            trial.found.update(self._known_enough())
            # What is drawn may be what the backend fails at even without a crash, of which other searches tell; what is
            # written for this search is plain enough to be judged all the same.
            if not scenario.is_drawn or trial.is_sound():
                yield trial
        run.evidence.reached.append(Reach(AMID, len(every), len(every), "programs", ""))

    def _tell(self, stage: str, done: int, total: int) -> None:
        self.run_.watcher.started_program()  # what was performed before is not in flight any more
        self.run_.tell(stage, done, total, len({crash.requirement for crash in self.found}))

    def _known_enough(self) -> set[RequirementId]:
        """What has been shown so often that no more of it would be told."""
        counts = [crash.requirement for crash in crashes_to_report(self.found)]
        return {name for name in counts if counts.count(name) >= MOST_CRASHES}

    def _kills(self, trial: Trial, share: Share) -> Iterator[Crash]:
        """What goes wrong in one scenario when its process is killed, or without power."""
        if self.by_chance:
            yield from inject_random_kills(trial, self.random, share)
            return
        yield from inject_kills(trial, share)  # first, for it enters the points at which the others inject
        # How many files there are depends little on the keys, and on what came before. And what blocks the store is
        # known then.
        if trial.scenario.is_plain and "CRASH-3" not in trial.found:
            yield from inject_repeated_kills(trial)
        if self.run_.claims.durability == "power":
            yield from inject_power_losses(trial)

    def _refuse(self, trials: Sequence[Trial], share: Share) -> None:
        """Refuse each call of the scenarios that the kills came to; the share is for those that were drawn."""
        for number, trial in enumerate(trials):
            if "FAULT-1" in self._known_enough():
                return
            lasting = self._lasting(trial.scenario, share)
            if lasting.over():
                plain = sum(not one.scenario.is_drawn for one in trials)
                self.run_.cut_short("crash scenarios", number, plain, ["FAULT-1"])
                return
            self._tell("refused calls", number, len(trials))
            try:
                self._enter(trial, inject_refusals(trial, lasting), lasting)
            except UnreachableError as error:
                self.run_.evidence.reasons["FAULT-1"] = f"no connection can be cut here: {error.strerror or error}"
                return

    def _enter(self, trial: Trial, crashes: Iterable[Crash], share: Share) -> None:
        """Enter what goes wrong in a scenario.

        What a long or a drawn one shows counts where nothing else has violated the requirement: the others come first,
        and are plainer, so that what they show is reported as it is, and only these are worth the time of making them
        smaller.
        """
        for crash in crashes:
            if trial.scenario.is_plain:
                self.found.append(crash)
            elif crash.requirement not in {known.requirement for known in self.found}:
                self.found.append(_smallest(trial, crash, share))

    def _enter_what_never_returned(self, trials: Sequence[Trial]) -> None:
        """Say why CRASH-2 was not put to the test where no move returned."""
        evidence = self.run_.evidence
        moves = [
            outcome
            for trial in trials
            for operation, outcome in zip(trial.scenario.program, trial.course.outcomes, strict=True)
            if isinstance(operation, Move)
        ]
        if moves and not evidence.exercised["CRASH-2"] and not any(isinstance(one, Returned) for one in moves):
            Unmoved(Move.name, str(moves[0])).enter(evidence, "CRASH-2")

    def shown(self, crashes: Iterable[Crash], replays: int) -> Iterator[Failure]:
        """The failures that crashes are, each tried again so often; by a shorter scenario, if one shows it."""
        run = self.run_
        share = self._endless()
        for crash in crashes:
            tries = 0 if run.budget.over() else replays
            told = (_alone(run.harness, crash, share) if tries else None) or crash
            again = sum(shows_again(run.harness, told, share) for _ in range(tries))
            yield failure_of_crash(told, run.origin, 1 + again, 1 + tries)


def _alone(harness: Harness, crash: Crash, share: Share) -> Crash | None:
    """What was acknowledged and is lost, shown by the one operation that was, if that shows it."""
    program = crash.scenario.program[: crash.acknowledged]
    if not program or not isinstance(program[-1], Set | Add) or not crash.scenario.initial + program[:-1]:
        return None
    alone = Scenario(f"{program[-1].name} in an empty store", (), program[-1:])
    return like(uncounted(harness, alone, crash), crash, share)


def _smallest(trial: Trial, crash: Crash, share: Share) -> Crash:
    """What goes wrong in the shortest program that shows the same, all of it but the last operation done before."""
    scenario, harness = trial.scenario, trial.harness
    shown = crash

    def shows(program: Program, before: int = 0) -> bool:
        nonlocal shown
        split = min(before, len(program) - 1) if before else len(program) - 1
        again = uncounted(harness, Scenario(scenario.title, program[:split], program[split:]), crash)
        # A script does what was done before as it stands: none of it may come to raise when a long program is cut.
        whole = uncounted(harness, Scenario(LONG, (), program)).course.outcomes if scenario.title == LONG else ()
        sound = all(isinstance(outcome, Returned) for outcome in whole) and again.is_sound()
        found = like(again, crash, share) if sound else None
        shown = found or shown
        return found is not None

    effort = share.budget.within(SHRINKING_SECONDS).effort(CRASH_REPLAYS)
    # What was still to come when the process died is left out at once. Where the crash needs more than one operation in
    # the dying process, moving the earlier ones before it shows nothing: then those stay there, and one is done before.
    program = (*scenario.initial, *scenario.program[: crash.acknowledged + 1])
    for before in (0, 1):
        test = partial(shows, before=before)
        if test(program):
            minimize(program, test, harness.material, effort)
            break
    return shown
