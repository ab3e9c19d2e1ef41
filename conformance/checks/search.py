"""All directed checks of a run, and which failures to report."""

import contextlib
import functools
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import attrs

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.counterexample import Plain, calls, failure_of_case
from conformance.checks.masking import Known, Own, judge
from conformance.checks.other_process import interpreter
from conformance.checks.running import BLOCKS, UNTIDY, Failed, Inconclusive, Setting, claimed_keys, run_case
from conformance.harness.harness import HUNG_BEFORE, Harness
from conformance.programs.operations import Reopen
from conformance.report.evidence import Evidence, Mask
from conformance.run.run import Run
from conformance.subject.origin import standalone_opener
from conformance.system.budget import OutOfTimeError
from conformance.system.starvation import blocked_clock
from spec_store.requirements import RequirementId

FailedCase: TypeAlias = tuple[Case, Failed]
"""A directed check that failed, and how."""

CHECK_RERUNS = 2
"""How often a directed check that failed is run again, to tell whether it always fails."""


def cases(run: Run) -> tuple[Case, ...]:
    """The directed checks to run: not those to be skipped, nor those that call an operation to be avoided.

    Nor those that need more backends open on one place than can be.
    """
    return tuple(
        case
        for case in CASES
        if case.name not in run.options.skip
        and run.evidence.wants(case.requirement)
        and (run.claims.openings is None or case.together <= run.claims.openings)
        and not any(calls(case, name) for name in run.options.avoid)
    )


Process: TypeAlias = "subprocess.Popen[bytes] | None"


@contextlib.contextmanager
def other_process_of(run: Run, chosen: Iterable[Case]) -> Iterator[Process]:
    """Another process for the check that needs one, which imports what the subject needs while other checks run."""
    needed = any(case.spawns and case.is_claimed(run.claims) for case in chosen)
    source = standalone_opener(run.origin) if needed else ""
    process = None
    with contextlib.suppress(OSError):  # then the check tries itself
        process = interpreter(source) if source else None
    try:
        yield process
    finally:
        if process is not None:
            with process:
                process.kill()


def run_cases(run: Run, chosen: Iterable[Case], started: Process = None) -> Iterator[FailedCase]:
    """Run directed checks, enter what they exercised into the evidence, and give each that fails as soon as it has.

    Raises:
        OutOfTimeError: the time is up; what was cut short is noted.
    """
    evidence, watcher = run.evidence, run.watcher
    source = standalone_opener(run.origin)
    setting = Setting(source, started=started, told=functools.partial(_note, evidence))
    every = tuple(chosen)
    failed = 0
    blocked: set[RequirementId] = set()
    for number, case in enumerate(every):
        if run.budget.over():
            _cut_short(run, every, number)
            raise OutOfTimeError
        claimed = case.is_claimed(run.claims)
        if case.spawns and not claimed:
            continue
        watcher.started_program()
        watcher.started_case(case.name)
        if number % 10 == 0:
            run.tell("directed checks", number, len(every), failed)
        if case.requirement in blocked or any(calls(case, name) for name in run.harness.avoided):
            continue  # it would block as the one before
        began = blocked_clock()
        outcome = run_case(_hurried(run.harness, case), case, setting)
        if isinstance(outcome, Failed) and not case.spawns:
            outcome = _blocked(run.harness, case, outcome, blocked_clock() - began)
            blocked |= {case.requirement} if outcome.hung else set()
        if isinstance(outcome, Inconclusive):
            if outcome.reason != BLOCKS or Reopen.name not in run.harness.memory.blocked:  # else it is masked by that
                evidence.reasons.setdefault(case.requirement, outcome.reason)
            continue
        if not claimed:
            evidence.probed.setdefault(case.requirement, []).append(not isinstance(outcome, Failed))
            continue
        evidence.exercised[case.requirement] += 1
        if isinstance(outcome, Failed):
            failed += 1
            yield case, outcome
    watcher.started_case("")


def _blocked(harness: Harness, case: Case, outcome: Failed, seconds: float) -> Failed:
    """How a check failed; where that took it seconds it counts as hung, so that it is not run again and again."""
    if not outcome.hung and seconds < harness.memory.pace.blocked:
        return outcome
    harness.memory.hangs.update(name for name in harness.memory.hangs if calls(case, name))
    return attrs.evolve(outcome, hung=True)


def _cut_short(run: Run, every: Sequence[Case], done: int) -> None:
    """Note for each requirement that there was no time for some of its checks."""
    for name in dict.fromkeys(case.requirement for case in every[done:]):
        of_it = [case.requirement == name for case in every]
        run.cut_short("directed checks", sum(of_it[:done]), sum(of_it), [name])


def _note(evidence: Evidence, trouble: str) -> None:
    """Note what is no matter of the specification, the first time."""
    if not any(note.startswith(UNTIDY) for note in evidence.notes):
        evidence.notes.append(trouble)


def _hurried(harness: Harness, case: Case) -> Harness:
    """The harness, with little time for a check that calls what has hung before."""
    hung_before = any(calls(case, name) for name in harness.memory.hangs)
    return harness.with_limit(HUNG_BEFORE) if hung_before else harness


def triage_cases(run: Run, failures: Sequence[FailedCase]) -> None:
    """Enter the directed checks that failed, and what is masked; `masking` tells whose violation each has shown.

    Those of ISO-1 come first: where stores share, nothing else can be believed as it is.
    """
    source = standalone_opener(run.origin)
    run = attrs.evolve(run, harness=run.harness.remembering())  # many checks do the same before they fail
    for case, outcome in sorted(failures, key=lambda failed: failed[0].requirement != "ISO-1"):
        _triage(run, case, outcome, Setting(source, told=functools.partial(_note, run.evidence)))


def _triage(run: Run, case: Case, outcome: Failed, setting: Setting) -> None:
    evidence, harness = run.evidence, _hurried(run.harness, case)
    reported = frozenset(failure.requirement for failure in evidence.failures)
    # What was seen at first counts as known too: attribution may have put it to another requirement since.
    judgement = judge(harness, case, outcome, setting, Known(reported, reported | evidence.raw))
    if isinstance(judgement, Mask):
        evidence.masked.setdefault(case.requirement, judgement)
    elif isinstance(judgement, Own):
        mending = judgement.mending
        if mending is not None:
            harness = mending.applied(harness)
            setting = attrs.evolve(setting, keys=mending.keys)
        # One that spawns takes seconds, and one that hung takes the whole time limit: once must do.
        reruns = 0 if case.spawns or outcome.hung else CHECK_RERUNS
        again = [run_case(harness, case, setting) for _ in range(reruns)]
        shown = 1 + sum(isinstance(one, Failed) for one in again)
        plain = Plain(harness.material.foreign, setting.keys or claimed_keys(harness))
        evidence.failures.append(failure_of_case(case, judgement.seen, run.origin, plain, (shown, 1 + len(again))))
