"""One pass that finds everything: run programs, checks and searches, and give a report."""

import contextlib
import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence

import attrs

from conformance.checks.search import FailedCase, cases, other_process_of, run_cases, triage_cases
from conformance.concurrent.load.search import run_load
from conformance.concurrent.pairs.search import run_process_pairs, run_thread_pairs
from conformance.crash.search import run_crashes
from conformance.harness.harness import Harness
from conformance.harness.preflight import cheap_options, methods_missing, require_subject
from conformance.harness.store import SubjectError
from conformance.programs.directed import basic_programs, directed_programs
from conformance.report.evidence import Evidence
from conformance.report.results import results
from conformance.report.verdicts import Report
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import run_programs, run_random
from conformance.sequential.triage import triage
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import Budget
from conformance.system.limits import alarm
from spec_store.requirements import REQUIREMENTS

PROGRAM_CLASSES = frozenset({"core", "identity", "extended", "durable"})
"""The classes that programs put to the test. It is no matter of claims: surface, asked of all, has checks alone."""


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


TOO_LATE = "the time that the budget gives was over before"
INTERRUPTED = "interrupted: this is the report so far"


def run_campaign(
    subject: Subject,
    options: Options,
    *,
    origin: Origin | None = None,
    watcher: Watcher | None = None,
    deviations: Mapping[str, str] | None = None,
) -> Report:
    """Judge a subject in this process, as `options` say, and give the report.

    An interrupt (Ctrl-C) ends the run and gives the report so far, with a note. A subject that cannot be opened,
    or whose place is not empty, gives a report that is invalid.
    """
    start = time.monotonic()
    watcher = watcher or Watcher()
    evidence = Evidence(classes=options.classes)
    interrupted = False
    invalid = ""
    with alarm(options.limit) as limit, quiet():
        try:
            harness = Harness(subject, limit, watcher.started_operation, options.avoid)
            budget = Budget.of(options.budget)
            _judge(Run(_prepared(harness, evidence), origin or UNKNOWN, options, watcher, evidence, budget))
        except SubjectError as error:
            invalid = str(error)
        except KeyboardInterrupt:
            interrupted = True
    found = () if invalid else results(evidence, subject.claims, deviations or {}, interrupted=interrupted)
    notes = (*evidence.notes, *([INTERRUPTED] if interrupted else []))
    return Report(subject.title, options.seed, time.monotonic() - start, found, invalid, notes, interrupted)


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
    several = harness.subject.claims.threads or harness.subject.claims.processes
    cheap = cheap_options(harness) if several else {}
    return attrs.evolve(harness, avoid=harness.avoid | missing, cheap=cheap)


def _judge(run: Run) -> None:
    """All searches of a run, in the order in which one may build on what others have shown.

    Programs come before the checks are put to a requirement, for a check that fails only because something is wrong
    that programs have shown (a has_key that lies, say) says nothing of its own requirement. What is dear comes last.
    """
    run = _judge_alone(run)
    run_thread_pairs(run)
    run_process_pairs(run)
    run_load(run)
    if run.evidence.judges("crash-safe"):
        run_crashes(run)
    if run.budget.over():
        run.evidence.reasons.update({one.id: TOO_LATE for one in REQUIREMENTS if not run.evidence.exercised[one.id]})


def _judge_alone(run: Run) -> Run:
    """Programs and directed checks, one operation at a time; the run with what they have shown of its harness.

    The checks come between plain programs and all others, for they tell whether keys stay inside the store (KEY-8):
    until that is known, no key is tried that might lead out of it.

    What was found before an interrupt counts, so each `finally` triages what has come up to then: first the candidates
    of programs, which explain why checks fail; then, when the last check has run, the checks that failed.
    """
    harness, judges_programs = run.harness, run.evidence.judges(*PROGRAM_CLASSES)
    candidates = Candidates(exercised=run.evidence.exercised)
    chosen = cases(run)
    failures: list[FailedCase] = []  # filled as they come
    try:
        with other_process_of(run, chosen) as started:
            try:
                if judges_programs:
                    run_programs(run, tuple(basic_programs(harness.material)), candidates)
                failures.extend(run_cases(run, [case for case in chosen if not case.spawns]))
                run = _confined(run, failures)
                if judges_programs:
                    run_programs(run, tuple(directed_programs(harness.subject, harness.material)), candidates)
                    run_random(run, candidates)
            finally:
                if candidates.kept:
                    shared = any(case.requirement == "ISO-1" for case, _ in failures)
                    triage(run, candidates, stores_are_shared=shared)
            failures.extend(run_cases(run, [case for case in chosen if case.spawns], started))
    finally:
        triage_cases(run, failures)
    return run


def _confined(run: Run, failures: Sequence[FailedCase]) -> Run:
    """The run with a harness that knows whether the checks have shown that no key leads out of the store."""
    escaped = any(case.requirement == "KEY-8" for case, _ in failures)
    confined = run.evidence.exercised["KEY-8"] > 0 and not escaped
    return attrs.evolve(run, harness=attrs.evolve(run.harness, confined=confined))
