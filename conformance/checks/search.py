"""All directed checks of a run, and which failures to report."""

import contextlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.counterexample import calls, failure_of_case
from conformance.checks.masking import explained
from conformance.checks.other_process import interpreter
from conformance.checks.running import Broken, NothingToJudge, run_case
from conformance.harness.harness import HUNG_BEFORE, Bench
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import Origin, standalone_opener
from conformance.system.limits import TimeLimit
from spec_store.requirements import RequirementId, requirement

BrokenCase: TypeAlias = tuple[Case, Broken]
"""A directed check that failed, and how."""

AGAIN = 2
"""How often a directed check that failed is run again, to tell whether it always fails."""


def cases(classes: frozenset[str] | None, options: Options) -> tuple[Case, ...]:
    """The directed checks to run: not those to be skipped, nor those that call an operation to be avoided."""
    return tuple(
        case
        for case in CASES
        if case.name not in options.skip
        and (classes is None or requirement(case.requirement).class_ in classes)
        and not any(calls(case, name) for name in options.avoid)
    )


Process: TypeAlias = "subprocess.Popen[bytes] | None"


@contextlib.contextmanager
def other_process_of(bench: Bench, chosen: Iterable[Case], origin: Origin) -> Iterator[Process]:
    """Another process for the check that needs one, which imports what the subject needs while other checks run."""
    needed = any(case.spawns and case.is_claimed(bench.subject.claims) for case in chosen)
    source = standalone_opener(origin) if needed else ""
    process = None
    with contextlib.suppress(OSError):  # then the check tries itself
        process = interpreter(source) if source else None
    try:
        yield process
    finally:
        if process is not None:
            with process:
                process.kill()


def run_cases(
    bench: Bench,
    chosen: Iterable[Case],
    origin: Origin,
    watcher: Watcher,
    evidence: Evidence,
    started: Process = None,
) -> Iterator[BrokenCase]:
    """Run directed checks, enter what they exercised into the evidence, and give each that fails as soon as it has."""
    source = standalone_opener(origin)
    every = tuple(chosen)
    failed = 0
    for number, case in enumerate(every):
        claimed = case.is_claimed(bench.subject.claims)
        if case.spawns and not claimed:
            continue
        watcher.started_program()
        watcher.started_case(case.name)
        if number % 10 == 0:
            watcher.progress(Progress("directed checks", number, len(every), failed))
        outcome = run_case(_hurried(bench, case), case, source, started=started)
        if isinstance(outcome, NothingToJudge):
            evidence.reasons.setdefault(case.requirement, outcome.reason)
            continue
        if not claimed:
            evidence.probed.setdefault(case.requirement, []).append(not isinstance(outcome, Broken))
            continue
        evidence.exercised[case.requirement] += 1
        if isinstance(outcome, Broken):
            failed += 1
            yield case, outcome
    watcher.started_case("")


def _hurried(bench: Bench, case: Case) -> Bench:
    """The bench, with little time for a check that calls what has hung before."""
    if not any(calls(case, name) for name in bench.hangs):
        return bench
    return Bench(bench.subject, TimeLimit(min(bench.limit.seconds, HUNG_BEFORE)))


def _cause(bench: Bench, case: Case, outcome: Broken, source: str, known: frozenset[RequirementId]) -> str | None:
    """The id of a known violation that explains that a check failed, or the method that hung before it; or None."""
    if case.requirement != "ISO-1" and "ISO-1" in known:
        return "ISO-1"
    if outcome.hung:
        return next((name for name in bench.hangs if calls(case, name)), None)
    return None if case.spawns else explained(bench, case, source, known - {"ISO-1"})


def settle_cases(bench: Bench, origin: Origin, evidence: Evidence, broken: Sequence[BrokenCase]) -> None:
    """Enter the directed checks that failed, but for those that a violation known from programs explains."""
    source = standalone_opener(origin)
    known = frozenset(failure.requirement for failure in evidence.failures) | evidence.raw
    known |= {case.requirement for case, _ in broken if case.requirement == "ISO-1"}
    for case, outcome in broken:
        by = _cause(bench, case, outcome, source, known)
        if by is not None:
            evidence.exercised[case.requirement] -= 1
            evidence.reasons[case.requirement] = f"the checks fail because {by} is violated; mend that first"
        else:
            again = [run_case(bench, case, source) for _ in range(0 if case.spawns or outcome.hung else AGAIN)]
            shown = 1 + sum(isinstance(one, Broken) for one in again)
            evidence.failures.append(
                failure_of_case(case, outcome.text, origin, bench.material.foreign, (shown, 1 + len(again)))
            )
