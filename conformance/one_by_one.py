"""The part of a run in which one operation is performed at a time: programs and directed checks, and their triage.

Where the budget is short for the subject, three things keep it from being spent on what comes first: each stage has a
part of the time that is left (`_part`); checks come in rounds, the first of each requirement before the second of any;
and of the programs a sample comes first. What a stage had no time for it says.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import attrs

from conformance.checks.case import Case
from conformance.checks.counterexample import failure_of_case
from conformance.checks.search import FailedCase, cases, other_process_of, run_cases, triage_cases
from conformance.harness.spare import keeping, leave
from conformance.harness.store import SubjectError
from conformance.programs.alternating import alternating_programs
from conformance.programs.changing_values import changing_values
from conformance.programs.constants import constants_in_keys_and_values
from conformance.programs.directed import basic_programs, directed_programs, reopening_programs
from conformance.programs.documents import documents_as_values
from conformance.programs.neighbours import neighbouring_keys_and_values
from conformance.programs.operations import Program
from conformance.programs.pieces import Batch
from conformance.programs.transformed_keys import range_ends, transformed_keys
from conformance.report.evidence import Mask
from conformance.report.reach import TOO_SLOW, Reach
from conformance.run.run import Run
from conformance.sequential.again import judge_again
from conformance.sequential.bare import run_barely, with_telling_values, with_vocabulary
from conformance.sequential.candidates import Candidates
from conformance.sequential.exploring import explore_small_world
from conformance.sequential.search import PROGRAM_CLASSES, judged_by_programs, run_batches, run_programs, run_random
from conformance.sequential.speed import measure_speed
from conformance.sequential.sweeping import affordable_by_processor, blocked_seconds, run_sweeps
from conformance.sequential.triage import triage, untold
from conformance.sequential.waiting import explore_idle_time
from conformance.subject.claims import takes_two
from conformance.system.budget import OutOfTimeError
from spec_store.requirements import REQUIREMENTS, RequirementId, requirement

OF_BASICS, OF_CHECKS, OF_PROGRAMS = 0.15, 0.6, 0.5
"""What part of the time that is left basic programs have, then directed checks, then programs if more is to come.

It only matters where the budget is short for the subject: each of them then says what it was cut short at. Of such a
run each is done in another order too, so that everything is put to the test once before anything is for the second
time.
"""

OF_THE_WORLD, WORLD_SECONDS = 0.2, 8.0
"""What part of the time that is left the small worlds have, and how many seconds of served time where there is no end.

Of a store that is no server they are all through in a second. One of which an operation takes 5 ms has its plainest
families explored, and the programs that follow put to the test what these do not.
"""

BATCH_SECONDS = 8.0
"""Seconds of served time that batches take at most: they are done by then where an operation takes 0.5 ms."""

BATCH_SAMPLE = 8
"""Every which batch comes first."""

SAMPLE = 40
"""Every which directed program comes first where time may be short."""

SECONDS_OF_DIRECTED, TIMES_A_SWEEP = 150.0, 24
"""For how many seconds the directed programs may block, and how many times as many operations of the processor they may
have as sweeps. An operation that blocks for 5 ms is of the class of 19 ms: they have 40 s then."""

MOST_OF_DIRECTED, BETWEEN_LOOKS = 14_500, 10
"""More operations than they have, and how many of them are run before it is looked how many there have been."""

ERROR = re.compile(r"\b\w*(Error|Exception|Busy|Timeout|Locked)\b: .*")
"""What an operation raised, in the words of a check that failed."""

LAST_SECONDS, OF_THE_BUDGET = 4.0, 0.05
"""Seconds of served time that triage has in any case, but no more than this part of the budget where that is short.

Its own efforts end sooner, but for what one replay takes.
"""


def judge_alone(run: Run, candidates: Candidates) -> Run:
    """Programs and directed checks, one operation at a time; the run with what they have shown of its harness.

    The checks come between plain programs and all others, for they tell whether keys stay inside the store (KEY-8):
    until that is known, no key is tried that might lead out of it.

    What was found before an interrupt counts, so each `finally` triages what has come up to then: first the candidates
    of programs, which explain why checks fail; then, when the last check has run, the checks that failed.
    """
    judges_programs = run.evidence.judges(*PROGRAM_CLASSES)
    chosen = cases(run)
    failures: list[FailedCase] = []  # filled as they come
    try:
        with other_process_of(run, chosen) as started:
            try:
                if judges_programs:
                    with _part(run, OF_BASICS) as part:
                        run_programs(part, _plain_programs(run), candidates)
                with _part(run, OF_CHECKS) as part:
                    failures.extend(_run_checks(part, in_rounds(run, [case for case in chosen if not case.spawns])))
                failures.sort(key=lambda failed: chosen.index(failed[0]))
                run = confined(run, failures)
                if judges_programs:
                    with _part(run, OF_PROGRAMS if _more_to_come(run) else 1.0) as part:
                        _run_most_programs(part, candidates)
            finally:
                _triage(run, candidates, failures)
            if judges_programs and not run.budget.over():
                explore_idle_time(run)
                measure_speed(run)
            failures.extend(run_cases(run, [case for case in chosen if case.spawns], started))
    finally:
        tell_cases(run, failures)
    return run


def _plain_programs(run: Run) -> tuple[Program, ...]:
    """The programs that a run begins with."""
    material = run.harness.material
    reopening = reopening_programs(material) if run.claims.durable else ()
    return (*basic_programs(material), *reopening)


def in_rounds(run: Run, chosen: Sequence[Case]) -> Sequence[Case]:
    """Directed checks in the order to run them: where time may be short, the first of each requirement come first.

    Of these, those of the core come last, most of which programs put to the test as well.
    """
    if run.options.budget is None:
        return chosen
    rounds = Counter({one.id: 1 for one in REQUIREMENTS if run.evidence.exercised[one.id]})
    ranked: list[tuple[int, bool, int, Case]] = []
    for case in chosen:
        is_core = requirement(case.requirement).class_ == "core"
        ranked.append((rounds[case.requirement], is_core, len(ranked), case))
        rounds[case.requirement] += 1
    return [case for *_, case in sorted(ranked, key=lambda each: each[:3])]


def sampled(run: Run, plain: Sequence[Program]) -> tuple[Program, ...]:
    """Programs in the order to run them, the plain ones first; where time may be short, a sample of all comes first.

    Of the plain ones, those that are most unlike what has been run already then come first: the last.
    """
    if run.options.budget is not None:
        return _spread(run, plain)
    return (*plain, *directed_programs(run.harness.subject, run.harness.material))


def _spread(run: Run, plain: Sequence[Program]) -> tuple[Program, ...]:
    """Programs, a sample of all first."""
    directed = tuple(directed_programs(run.harness.subject, run.harness.material))
    sample = directed[::SAMPLE]
    mixed = [program for pair in zip_longest(reversed(plain), sample) for program in pair if program is not None]
    rest = (program for number, program in enumerate(directed) if number % SAMPLE)
    return (*mixed, *rest)


def _batches(run: Run) -> tuple[Batch, ...]:
    """The batches of a subject, some of every kind first."""
    subject, material = run.harness.subject, run.harness.material
    makers = (
        constants_in_keys_and_values,
        neighbouring_keys_and_values,
        documents_as_values,
        range_ends,
        transformed_keys,
        changing_values,
    )
    batches = [batch for make in makers for batch in make(subject, material)]
    return tuple(batch for first in range(BATCH_SAMPLE) for batch in batches[first::BATCH_SAMPLE])


def _run_checks(run: Run, chosen: Sequence[Case]) -> Iterator[FailedCase]:
    """Run directed checks, of which some use a store again."""
    kept = attrs.evolve(run, harness=keeping(run.harness))
    try:
        yield from run_cases(kept, chosen)
    finally:
        leave(kept.harness)


def _run_most_programs(run: Run, candidates: Candidates) -> None:
    """Run the programs that the plain ones are followed by."""
    plain = _plain_programs(run)[candidates.programs :]  # there was no time for these
    kept = attrs.evolve(run, harness=keeping(run.harness))
    try:
        with _part(kept, OF_THE_WORLD, WORLD_SECONDS) as part:
            explore_small_world(part, candidates)
        _run_directed(kept, plain, candidates)
        kept = attrs.evolve(kept, harness=with_vocabulary(kept.harness))
        telling = with_telling_values(kept.harness)
        if takes_two(run.claims):
            for program in alternating_programs(telling.material):
                run_barely(run, program, candidates)
        run_sweeps(attrs.evolve(kept, harness=telling), candidates)
        with _part(kept, 1.0, BATCH_SECONDS) as part:
            run_batches(part, _batches(part), candidates)
        run_random(kept, candidates)
    except OutOfTimeError:
        run.cut_short("random programs", candidates.random, run.options.examples, judged_by_programs(run))
        raise
    finally:
        leave(kept.harness)


def _run_directed(run: Run, plain: Sequence[Program], candidates: Candidates) -> None:
    """Run the directed programs; of a subject that blocks, as many as it has operations for, and say so.

    They are counted in operations, of which a subject's class of slowness has so many, and not by a clock.
    """
    operations, pace = float("inf"), run.harness.memory.pace
    if run.options.budget is None:
        operations = min(SECONDS_OF_DIRECTED / blocked_seconds(run), TIMES_A_SWEEP * affordable_by_processor(run))
    if operations > MOST_OF_DIRECTED:
        run_programs(run, sampled(run, plain), candidates)
        return
    programs = _spread(run, plain)
    began, done = pace.operations, 0
    while done < len(programs) and pace.operations - began < operations:
        run_programs(run, programs[done : done + BETWEEN_LOOKS], candidates)
        done = min(done + BETWEEN_LOOKS, len(programs))
    run.evidence.reached.append(Reach("directed programs", done, len(programs), "programs", TOO_SLOW))


@contextlib.contextmanager
def _part(run: Run, share: float, seconds: float = float("inf")) -> Iterator[Run]:
    """A run for a part of the time that is left; once that is up, the run goes on with its next part.

    Args:
        run: the run.
        share: what part of the time.
        seconds: the most that it has of served time.
    """
    budget = run.budget.part(share)
    if seconds < float("inf"):
        budget = budget.within(seconds)
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
    """Triage what programs have shown; what there is no time for, or does not open any more, is told as it was seen."""
    if not candidates.kept:
        return
    shared = any(case.requirement == "ISO-1" for case, _ in failures)
    at_the_end = _at_the_end(run)
    try:
        violations = triage(at_the_end, candidates, stores_are_shared=shared)
    except (OutOfTimeError, SubjectError):
        run.evidence.failures.extend(untold(run, candidates))
    else:
        if not run.budget.over():
            harness = run.harness
            programs = (*basic_programs(harness.material), *directed_programs(harness.subject, harness.material))
            judge_again(at_the_end, programs, candidates, violations, shared=shared)
    candidates.kept.clear()  # all told, or explained


def tell_cases(run: Run, failures: Sequence[FailedCase]) -> None:
    """Triage the checks that failed; what there is no time for, or does not open any more, is told as it was seen."""
    failures = blocked_once(run, failures)
    try:
        triage_cases(_at_the_end(run), failures)
    except (OutOfTimeError, SubjectError):
        known = {failure.requirement for failure in run.evidence.failures}
        run.evidence.failures.extend(
            attrs.evolve(failure_of_case(case, outcome, run.origin), shown_again=False)
            for case, outcome in failures
            if case.requirement not in known
        )


def blocked_once(run: Run, failures: Sequence[FailedCase]) -> list[FailedCase]:
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
    most = float("inf") if run.options.budget is None else max(OF_THE_BUDGET * run.options.budget, 1.0)
    budget = run.budget.prolonged(min(LAST_SECONDS, most), float("inf"))
    return attrs.evolve(run, harness=attrs.evolve(run.harness, budget=budget))


def confined(run: Run, failures: Sequence[FailedCase]) -> Run:
    """The run with a harness that knows whether the checks have shown that no key leads out of the store."""
    escaped = any(case.requirement == "KEY-8" for case, _ in failures)
    # One check that has passed tells nothing of the others.
    inside = run.evidence.exercised["KEY-8"] > 0 and not escaped and "KEY-8" not in run.evidence.cut_short
    return attrs.evolve(run, harness=attrs.evolve(run.harness, confined=inside))
