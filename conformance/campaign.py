"""One pass that finds everything: run programs, checks and searches, and give a report."""

import contextlib
import gc
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from conformance.checks.counterexample import failure_of_case
from conformance.checks.running import UNTIDY, Failed
from conformance.checks.search import FailedCase, cases, run_cases
from conformance.concurrent.load.search import run_load
from conformance.concurrent.pairs.search import run_process_pairs, run_thread_pairs
from conformance.crash.search import run_crashes
from conformance.harness.harness import Harness
from conformance.harness.orderly import untidy
from conformance.harness.preflight import cheap_options, missing_of, refused_second_opening, require_subject
from conformance.harness.store import SubjectError
from conformance.one_by_one import judge_alone, tell_cases
from conformance.report.evidence import Evidence, Mask
from conformance.report.results import INTERRUPTED, results
from conformance.report.verdicts import Report
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Progress, Watcher
from conformance.run.run import TOO_LATE, Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.triage import untold
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import Budget, OutOfTimeError
from conformance.system.limits import TimeLimit, alarm
from spec_store.requirements import REQUIREMENTS, SPEC_VERSION, SpecVersion, requirement

SECOND_REFUSED = (
    "a second backend cannot be opened on a place while the first is open ({}); if one opening a process is what the "
    "store promises, claim openings=1"
)


def check(
    subject: Subject,
    *,
    examples: int = DEFAULT_EXAMPLES,
    seed: int | None = None,
    classes: Sequence[str] | None = None,
    budget: float | None = None,
    spec: SpecVersion = SPEC_VERSION,
    wait: float = 0.0,
) -> Report:
    """Judge a subject and give the report.

    Args:
        subject: what to judge.
        examples: how many random programs to run.
        seed: of the random programs; None takes one at random, which the report names.
        classes: the classes of requirements to judge; None is all that apply.
        budget: seconds to be done in, about; None is as long as it takes.
        spec: the version of the specification to judge by; what came later is neither asked nor reported.
        wait: seconds to wait between what is written and what is read, once, and again for what is lost by that.

    Raises:
        KeyboardInterrupt: it was interrupted; there is no report then.
    """
    from conformance.subject.target import find_origin

    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    options = Options(examples, chosen, None if classes is None else tuple(classes), budget, spec=spec, wait=wait)
    report = run_campaign(subject, options, origin=find_origin(subject))
    if report.interrupted:
        raise KeyboardInterrupt
    return report


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


@contextlib.contextmanager
def _nothing_old_searched() -> Iterator[None]:
    """Have the garbage collector pass over what was there before: a run makes, and leaves, a great many objects.

    Each time it is about to search all there is, that is most of it by far where a subject has imported much. What the
    run leaves is collected at its end: between one run and the next too little is made for Python to do it, and a
    process with many runs would grow by some megabytes each.
    """
    if gc.get_freeze_count():  # somebody has done it, and is to undo it
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()


@quiet()
@_nothing_old_searched()
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
    telling = _Telling(subject, options, deviations or {}, Evidence(classes=options.classes, spec=options.spec))
    evidence, interrupted, invalid = telling.evidence, False, ""
    with alarm(options.limit) as limit:
        try:
            _judge_subject(telling, origin or UNKNOWN, watcher or Watcher(), limit)
        except SubjectError as error:
            invalid = str(error)
        except KeyboardInterrupt:
            interrupted = True
            evidence.notes.append(INTERRUPTED)
        except OutOfTimeError:  # before anything was judged
            evidence.reasons.update({one.id: f"{TOO_LATE}: it was still being opened" for one in REQUIREMENTS})
    return attrs.evolve(telling.report(evidence, interrupted=interrupted, invalid=invalid), interrupted=interrupted)


@attrs.frozen
class _Telling:
    """Tells at any moment of a run what has been found of a subject, and how long that took."""

    subject: Subject
    options: Options
    deviations: Mapping[str, str]
    evidence: Evidence
    start: float = attrs.field(factory=time.monotonic)

    def report(self, evidence: Evidence, *, interrupted: bool, invalid: str = "") -> Report:
        """The report of what is evident by now; nothing is, of a subject that cannot be judged."""
        claims = self.subject.claims
        return Report(
            self.subject.title,
            self.options.seed,
            time.monotonic() - self.start,
            () if invalid else results(evidence, claims, self.deviations, interrupted=interrupted),
            invalid,
            tuple(evidence.notes),
            reached=tuple(evidence.reached),
            spec=self.options.spec,
            measured=next(iter(evidence.measured), None),
        )


def _judge_subject(telling: _Telling, origin: Origin, watcher: Watcher, limit: TimeLimit) -> None:
    """Open a subject, and judge it as far as it opens; meanwhile the watcher is given the report so far."""
    options, evidence, claims = telling.options, telling.evidence, telling.subject.claims
    candidates = Candidates(exercised=evidence.exercised)
    budget = Budget.of(options.budget)
    harness = Harness(
        telling.subject,
        limit,
        watcher.started_operation,
        options.avoid,
        stepped=watcher.started_step,
        budget=budget,
    )
    watcher.began("opening")
    prepared = _prepared(harness, evidence)
    refused = refused_second_opening(prepared) if claims.durable and claims.openings is None else ""
    watcher.began("")
    run = Run(prepared, origin, options, watcher, evidence, budget)

    def so_far() -> Report:
        found = attrs.evolve(evidence, failures=[*evidence.failures, *untold(run, candidates)])
        return telling.report(found, interrupted=True)

    _judge_as_far_as_it_opens(attrs.evolve(run, watcher=_saving(watcher, so_far)), candidates, refused)


def _saving(watcher: Watcher, so_far: Callable[[], Report]) -> Watcher:
    """The watcher that has the report so far saved too, whenever something is told."""

    def progress(now: Progress) -> None:
        watcher.progress(now)
        watcher.save(so_far)

    def started_program() -> None:
        watcher.started_program()
        watcher.save(so_far)

    return attrs.evolve(watcher, progress=progress, started_program=started_program)


def _prepared(harness: Harness, evidence: Evidence) -> Harness:
    """The harness with what is found out of its subject before it is judged.

    Raises:
        SubjectError: it cannot be judged.
    """
    require_subject(harness)
    missing = missing_of(harness)
    evidence.missing.update(missing.methods)
    evidence.notes.extend(filter(None, [missing.advice]))
    claims = harness.subject.claims
    several = claims.threads or claims.processes
    cheap = cheap_options(harness) if several else {}
    return attrs.evolve(harness, avoid=harness.avoid | missing.methods, cheap=cheap)


def _judge_as_far_as_it_opens(run: Run, candidates: Candidates, refused: str) -> None:
    """All searches of a run; what was found before the subject did not open any more is told all the same.

    Args:
        run: the run.
        candidates: what programs have shown.
        refused: what a second opening of a place raises, if that is all that keeps two from being open at once.

    Raises:
        SubjectError: it did not open, and nothing was found before.
    """
    evidence = run.evidence
    try:
        _judge(_one_opening(run, refused) if refused else run, candidates)
    except SubjectError as error:
        evidence.failures.extend(untold(run, candidates))
        if all(requirement(failure.requirement).level != "MUST" for failure in evidence.failures):
            raise
        evidence.notes.append(f"the run ended early: {error}")
    finally:
        if not any(note.startswith(UNTIDY) for note in evidence.notes):
            evidence.notes.extend(f"{UNTIDY}: {trouble}" for trouble in untidy(run.harness.subject)[:1])


def _one_opening(run: Run, refused: str) -> Run:
    """The run of a subject that refuses a second opening, though it claims no such thing: that is REOPEN-2, and said.

    All else is judged with one backend open at a time, so that nothing is told that is only its consequence. What
    takes two (ID-9 by threads) is masked. If it refuses one now and then only, it is judged as any other.

    Raises:
        SubjectError: it did not open once, and nothing that is judged is about that.
    """
    together = [case for case in cases(run) if case.requirement == "REOPEN-2"]
    if not together and not refused_second_opening(run.harness):
        raise SubjectError(f"{run.harness.subject.title} did not open once, and did when tried again: {refused}")
    failures: list[FailedCase] = []
    with contextlib.suppress(OutOfTimeError):
        failures.extend(run_cases(run, together))
        if together and not failures:  # it was seen, but is no rule
            seen = Failed(f"expected that a second backend opens while the first is open, came {refused}")
            once = failure_of_case(together[0], seen, run.origin)
            run.evidence.failures.append(attrs.evolve(once, shown_again=False))
            return run
    run.evidence.notes.append(SECOND_REFUSED.format(refused))
    tell_cases(run, failures)
    if run.claims.threads and not run.claims.processes:
        run.evidence.masked["ID-9"] = Mask("REOPEN-2", f"a second opening raises {refused}")
    subject = run.harness.subject
    alone = attrs.evolve(subject, claims=attrs.evolve(subject.claims, openings=1))
    origin = attrs.evolve(run.origin, openings=1)
    return attrs.evolve(run, harness=attrs.evolve(run.harness, subject=alone), origin=origin)


def _judge(run: Run, candidates: Candidates) -> None:
    """All searches of a run, in the order in which one may build on what others have shown.

    Programs come before the checks are put to a requirement, for a check that fails only because something is wrong
    that programs have shown (a has_key that lies, say) says nothing of its own requirement. What is dear comes last.
    """
    try:
        run = judge_alone(run, candidates)
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
