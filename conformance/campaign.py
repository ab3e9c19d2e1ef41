"""One pass that finds everything: run programs, checks and searches, and give a report."""

import contextlib
import logging
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from conformance.checks.counterexample import failure_of_case
from conformance.checks.search import FailedCase, cases, other_process_of, run_cases, triage_cases
from conformance.concurrent.load.search import run_load
from conformance.concurrent.pairs.search import run_process_pairs, run_thread_pairs
from conformance.crash.search import run_crashes
from conformance.harness.harness import Harness
from conformance.harness.preflight import cheap_options, methods_missing, refused_second_opening, require_subject
from conformance.harness.spare import keeping, leave
from conformance.harness.store import SubjectError
from conformance.programs.directed import basic_programs, directed_programs
from conformance.report.evidence import Evidence, Failure, Mask
from conformance.report.results import INTERRUPTED, results
from conformance.report.verdicts import Report
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Progress, Watcher
from conformance.run.run import TOO_LATE, Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.search import PROGRAM_CLASSES, judged_by_programs, run_programs, run_random
from conformance.sequential.triage import triage, unminimized
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import Budget, OutOfTimeError
from conformance.system.limits import alarm
from spec_store.requirements import REQUIREMENTS, RequirementId

OF_BASICS, OF_CHECKS, OF_PROGRAMS = 0.25, 0.5, 0.5
"""What part of the time that is left basic programs have, then directed checks, then programs if more is to come.

It only matters where the budget is short for the subject: each of them then says what it was cut short at.
"""

ONE_OPENING = (
    "a second backend cannot be opened on a place while the first is open ({}); if one opening a process is what the "
    "store promises, claim openings=1"
)

ERROR = re.compile(r"\b\w*(Error|Exception|Busy|Timeout|Locked)\b: .*")
"""What an operation raised, in the words of a check that failed."""

LAST_SECONDS = 4.0
"""Seconds of served time that triage has in any case; its own efforts end sooner, but for what one replay takes."""


def check(
    subject: Subject,
    *,
    examples: int = DEFAULT_EXAMPLES,
    seed: int | None = None,
    classes: Sequence[str] | None = None,
    budget: float | None = None,
) -> Report:
    """Judge a subject and give the report.

    Args:
        subject: what to judge.
        examples: how many random programs to run.
        seed: of the random programs; None takes one at random, which the report names.
        classes: the classes of requirements to judge; None is all that apply.
        budget: seconds to be done in, about; None is as long as it takes.

    Raises:
        KeyboardInterrupt: it was interrupted; there is no report then.
    """
    from conformance.subject.target import find_origin

    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    options = Options(examples, chosen, None if classes is None else tuple(classes), budget)
    report = run_campaign(subject, options, origin=find_origin(subject))
    if report.interrupted:
        raise KeyboardInterrupt
    return report


def run_campaign(
    subject: Subject,
    options: Options,
    *,
    origin: Origin | None = None,
    watcher: Watcher | None = None,
    deviations: Mapping[str, str] | None = None,
) -> Report:
    """Judge a subject in this process, as `options` say, and give the report.

    An interrupt (Ctrl-C) ends the run and gives the report so far, with a note; so does the end of its time, after
    which what was found is still made smaller for a moment. A subject that cannot be opened, or whose place is not
    empty, gives a report that is invalid.
    """
    start = time.monotonic()
    watcher = watcher or Watcher()
    evidence = Evidence(classes=options.classes)
    candidates = Candidates(exercised=evidence.exercised)
    interrupted = False
    invalid = ""
    with alarm(options.limit) as limit, quiet():
        try:
            harness = Harness(subject, limit, watcher.started_operation, options.avoid, stepped=watcher.started_step)
            budget = Budget.of(options.budget)
            watcher.began("opening")
            prepared = attrs.evolve(_prepared(harness, evidence), budget=budget)
            watcher.began("")
            run = Run(prepared, origin or UNKNOWN, options, watcher, evidence, budget)

            def so_far() -> Report:
                found = attrs.evolve(evidence, failures=[*evidence.failures, *untold(run, candidates)])
                every = results(found, subject.claims, deviations or {}, interrupted=True)
                return Report(subject.title, options.seed, time.monotonic() - start, every, "", tuple(found.notes))

            _judge(attrs.evolve(run, watcher=_saving(watcher, so_far)), candidates)
        except SubjectError as error:
            invalid = str(error)
        except KeyboardInterrupt:
            interrupted = True
    found = () if invalid else results(evidence, subject.claims, deviations or {}, interrupted=interrupted)
    notes = (*evidence.notes, *([INTERRUPTED] if interrupted else []))
    return Report(subject.title, options.seed, time.monotonic() - start, found, invalid, notes, interrupted)


def _saving(watcher: Watcher, so_far: Callable[[], Report]) -> Watcher:
    """The watcher that has the report so far saved too, whenever something is told."""

    def progress(now: Progress) -> None:
        watcher.progress(now)
        watcher.save(so_far)

    def started_program() -> None:
        watcher.started_program()
        watcher.save(so_far)

    return attrs.evolve(watcher, progress=progress, started_program=started_program)


def untold(run: Run, candidates: Candidates) -> list[Failure]:
    """What programs have shown of requirements of which nothing is told yet, neither minimized nor shown again."""
    known = {failure.requirement for failure in run.evidence.failures}
    return [
        attrs.evolve(failure_of_violation(unminimized(candidate), run.origin, frozenset()), shown_again=False)
        for candidate in tuple(candidates.kept.values())
        if candidate.finding.requirement not in known
    ]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what the subject logs off the terminal and out of a test's captured log: a run makes it log a lot.

    The directed checks of warnings see them all the same.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _prepared(harness: Harness, evidence: Evidence) -> Harness:
    """The harness with what is found out of its subject before it is judged.

    Raises:
        SubjectError: it cannot be judged.
    """
    require_subject(harness)
    missing = methods_missing(harness)
    evidence.missing.update(missing)
    claims = harness.subject.claims
    refused = refused_second_opening(harness) if claims.durable and claims.openings is None else ""
    if refused:
        evidence.notes.append(ONE_OPENING.format(refused))
    several = claims.threads or claims.processes
    cheap = cheap_options(harness) if several else {}
    return attrs.evolve(harness, avoid=harness.avoid | missing, cheap=cheap)


def _judge(run: Run, candidates: Candidates) -> None:
    """All searches of a run, in the order in which one may build on what others have shown.

    Programs come before the checks are put to a requirement, for a check that fails only because something is wrong
    that programs have shown (a has_key that lies, say) says nothing of its own requirement. What is dear comes last.
    """
    try:
        run = _judge_alone(run, candidates)
        run_thread_pairs(run)
        run_process_pairs(run)
        run_load(run)
        if run.evidence.judges("crash-safe"):
            run_crashes(run)
    except OutOfTimeError:
        pass  # what was found has been told on the way
    _mask(run)
    if run.budget.over():
        for one in REQUIREMENTS:
            if not run.evidence.exercised[one.id]:
                run.evidence.reasons.setdefault(one.id, TOO_LATE)


def _judge_alone(run: Run, candidates: Candidates) -> Run:
    """Programs and directed checks, one operation at a time; the run with what they have shown of its harness.

    The checks come between plain programs and all others, for they tell whether keys stay inside the store (KEY-8):
    until that is known, no key is tried that might lead out of it.

    What was found before an interrupt counts, so each `finally` triages what has come up to then: first the candidates
    of programs, which explain why checks fail; then, when the last check has run, the checks that failed.
    """
    harness, judges_programs = run.harness, run.evidence.judges(*PROGRAM_CLASSES)
    chosen = cases(run)
    failures: list[FailedCase] = []  # filled as they come
    try:
        with other_process_of(run, chosen) as started:
            try:
                if judges_programs:
                    with _part(run, OF_BASICS) as part:
                        run_programs(part, tuple(basic_programs(harness.material)), candidates)
                with _part(run, OF_CHECKS) as part:
                    failures.extend(run_cases(part, [case for case in chosen if not case.spawns]))
                run = _confined(run, failures)
                if judges_programs:
                    with _part(run, OF_PROGRAMS if _more_to_come(run) else 1.0) as part:
                        _run_most_programs(part, candidates)
            finally:
                _triage(run, candidates, failures)
            failures.extend(run_cases(run, [case for case in chosen if case.spawns], started))
    finally:
        _triage_cases(run, failures)
    return run


def _run_most_programs(run: Run, candidates: Candidates) -> None:
    """Run the programs that the plain ones are followed by."""
    kept = attrs.evolve(run, harness=keeping(run.harness))
    try:
        run_programs(kept, tuple(directed_programs(run.harness.subject, run.harness.material)), candidates)
        run_random(kept, candidates)
    except OutOfTimeError:
        run.cut_short("random programs", candidates.random, run.options.examples, judged_by_programs(run))
        raise
    finally:
        leave(kept.harness)


@contextlib.contextmanager
def _part(run: Run, share: float) -> Iterator[Run]:
    """A run for a part of the time that is left; once that is up, the run goes on with its next part."""
    budget = run.budget.part(share)
    try:
        yield attrs.evolve(run, budget=budget, harness=attrs.evolve(run.harness, budget=budget))
    except OutOfTimeError:
        if run.budget.over():
            raise


def _more_to_come(run: Run) -> bool:
    """Whether there is something to judge that single operations do not show."""
    claims, judges = run.claims, run.evidence.judges
    several = (claims.threads or claims.processes) and judges("concurrent", "identity", "extended")
    return several or (claims.crash_safe and judges("crash-safe"))


def _triage(run: Run, candidates: Candidates, failures: Sequence[FailedCase]) -> None:
    """Triage what programs have shown; what there is no time for is told as it was seen."""
    if not candidates.kept:
        return
    shared = any(case.requirement == "ISO-1" for case, _ in failures)
    try:
        triage(_at_the_end(run), candidates, stores_are_shared=shared)
    except OutOfTimeError:
        run.evidence.failures.extend(untold(run, candidates))
    candidates.kept.clear()  # all told, or explained


def _triage_cases(run: Run, failures: Sequence[FailedCase]) -> None:
    """Triage the checks that failed; what there is no time for is told as it was seen."""
    failures = _blocked_once(run, failures)
    try:
        triage_cases(_at_the_end(run), failures)
    except OutOfTimeError:
        known = {failure.requirement for failure in run.evidence.failures}
        run.evidence.failures.extend(
            attrs.evolve(failure_of_case(case, outcome, run.origin), shown_again=False)
            for case, outcome in failures
            if case.requirement not in known
        )


def _blocked_once(run: Run, failures: Sequence[FailedCase]) -> list[FailedCase]:
    """The checks that failed, of those that blocked before they raised one error the first alone.

    The others are masked by that: each of their requirements may be met where nothing blocks.
    """
    kept: list[FailedCase] = []
    first: dict[str, RequirementId] = {}
    for case, outcome in failures:
        error = ERROR.search(outcome.text) if outcome.hung else None
        if error is None or first.setdefault(error[0], case.requirement) == case.requirement:
            kept.append((case, outcome))
        else:
            why = f"its check blocks, and then raises {error[0]}"
            run.evidence.masked.setdefault(case.requirement, Mask(first[error[0]], why))
    return kept


def _at_the_end(run: Run) -> Run:
    """The run with a moment for what must be done though its time is up; no single replay takes longer either."""
    budget = run.budget.prolonged(LAST_SECONDS, float("inf"))
    return attrs.evolve(run, harness=attrs.evolve(run.harness, budget=budget))


def _mask(run: Run) -> None:
    """Enter as masked what was never put to the test because an operation hangs and is not performed any more."""
    evidence = run.evidence
    avoided = sorted(run.harness.avoided - run.harness.avoid)
    blocked = run.harness.memory.blocked
    by = next((blocked[name] for name in avoided if name in blocked), None)
    if by is None:
        return
    why = f"{' and '.join(avoided)} {'blocks' if len(avoided) == 1 else 'block'}, and is not performed any more"
    for one in REQUIREMENTS:
        if not evidence.exercised[one.id] and one.id not in evidence.reasons:
            evidence.masked[one.id] = Mask(by, why)


def _confined(run: Run, failures: Sequence[FailedCase]) -> Run:
    """The run with a harness that knows whether the checks have shown that no key leads out of the store."""
    escaped = any(case.requirement == "KEY-8" for case, _ in failures)
    confined = run.evidence.exercised["KEY-8"] > 0 and not escaped
    return attrs.evolve(run, harness=attrs.evolve(run.harness, confined=confined))
