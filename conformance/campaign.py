"""One pass that finds everything: run the checks, settle what was found, and give a report."""

import contextlib
import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence

from conformance.checks.case import Case
from conformance.checks.search import BrokenCase, cases, other_process_of, run_cases, settle_cases
from conformance.concurrent.load.search import run_stress
from conformance.concurrent.pairs.processes import run_process_races
from conformance.concurrent.pairs.threads import run_races
from conformance.crash.search import run_crashes
from conformance.harness.harness import Bench
from conformance.harness.preflight import methods_missing, require_subject
from conformance.harness.store import SubjectError
from conformance.programs.directed import basic_programs, directed_programs
from conformance.report.evidence import Evidence
from conformance.report.results import results
from conformance.report.verdicts import Report
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Watcher
from conformance.sequential.candidates import Catch
from conformance.sequential.search import run_programs, run_random
from conformance.sequential.triage import settle
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
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
    origin = origin or UNKNOWN
    evidence = Evidence()
    interrupted = False
    invalid = ""
    with alarm(options.limit) as limit, quiet():
        try:
            bench = Bench(subject, limit, watcher.started_operation, set(options.avoid))
            _gather(bench, options, origin, watcher, evidence, start)
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


def _gather(bench: Bench, options: Options, origin: Origin, watcher: Watcher, evidence: Evidence, start: float) -> None:
    deadline = float("inf") if options.budget is None else start + options.budget
    require_subject(bench)
    evidence.missing = methods_missing(bench)
    bench.avoid |= evidence.missing
    catch = Catch(exercised=evidence.exercised)
    evidence.classes = wanted = None if options.classes is None else frozenset(options.classes)
    chosen = cases(wanted, options)
    broken: list[BrokenCase] = []  # filled as they come: what failed before an interrupt counts
    try:
        with other_process_of(bench, chosen, origin) as started:
            try:
                broken.extend(_hunt(bench, chosen, origin, options, watcher, evidence, catch, deadline))
            finally:
                if catch.candidates:
                    shared = any(case.requirement == "ISO-1" for case, _ in broken)
                    settle(bench, catch, origin, evidence, watcher, deadline, stores_are_shared=shared)
            spawning = [case for case in chosen if case.spawns]
            broken.extend(run_cases(bench, spawning, origin, watcher, evidence, started))
    finally:
        settle_cases(bench, origin, evidence, broken)
    run_races(bench, origin, evidence, watcher, deadline)
    run_process_races(bench, origin, evidence, watcher, deadline)
    run_stress(bench, origin, evidence, watcher, deadline, options)
    if wanted is None or "crash-safe" in wanted:
        run_crashes(bench, origin, evidence, watcher, deadline, options)
    if time.monotonic() > deadline:
        evidence.reasons.update({one.id: TOO_LATE for one in REQUIREMENTS if not evidence.exercised[one.id]})


def _hunt(
    bench: Bench,
    chosen: Sequence[Case],
    origin: Origin,
    options: Options,
    watcher: Watcher,
    evidence: Evidence,
    catch: Catch,
    deadline: float,
) -> Iterator[BrokenCase]:
    """Run programs, for what is to be settled, and the directed checks that need no other process: those that fail."""
    judges_programs = evidence.classes is None or bool(evidence.classes & PROGRAM_CLASSES)
    if judges_programs:
        run_programs(bench, tuple(basic_programs(bench.material)), catch, watcher, deadline)
    escaped = False
    for one in run_cases(bench, [case for case in chosen if not case.spawns], origin, watcher, evidence):
        escaped = escaped or one[0].requirement == "KEY-8"
        yield one
    bench.confined = evidence.exercised["KEY-8"] > 0 and not escaped
    if judges_programs:
        run_programs(bench, tuple(directed_programs(bench.subject, bench.material)), catch, watcher, deadline)
        run_random(bench, catch, options, watcher, deadline)
