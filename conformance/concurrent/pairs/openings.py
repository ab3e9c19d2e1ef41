"""Two that open empty storage at once, and whoever opens it afterwards, read one id (ID-9).

The second opens and reads whole at one step of the first after another. Where storage does not outlive its backend,
there is one new backend instead, and both read its id.
"""

import attrs

from conformance.concurrent.pairs.counterexample import failure_of_opening
from conformance.concurrent.pairs.interleaving import Impeded, Opener, Openings, Stuck
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.programs.operations import ReadId
from conformance.programs.outcomes import Outcome, Raised, Returned
from conformance.report.evidence import Failure
from conformance.run.run import Run
from conformance.system.interruption import PASSED_ON

TRIED_AGAIN = 3
"""How often openings that disagree are tried again."""


def run_openings(run: Run, opener: Opener, seconds: float) -> None:
    """Judge two openings at once, and enter what was found into the evidence.

    Args:
        run: the run.
        opener: what opens it.
        seconds: CPU seconds that they may take once the requirement was put to the test.
    """
    evidence = run.evidence
    if not evidence.wants("ID-9"):
        return
    share = run.budget.share(seconds, ("ID-9",), evidence.exercised)
    if share.over():
        return
    run.tell("openings at once", 0, 1)
    found: Failure | None = None
    try:
        for result in opener.openings():
            if not isinstance(result, Openings):
                evidence.reasons["ID-9"] = _why_not(result)
                return
            evidence.exercised["ID-9"] += 1
            if not agree(result):
                # The first may be by chance: where one waits for a lock of the other's, they run at once from then on.
                tried = _failure(run, opener, result)
                found = tried if found is None or tried.shown_again else found
            if share.over() or (found is not None and found.shown_again):
                return
    finally:
        if found is not None:
            evidence.failures.append(found)


def _why_not(result: Stuck | Impeded) -> str:
    """Why it could not be judged. Of openings that wait for one another ID-9 says nothing, so that is no violation."""
    return result.message if isinstance(result, Impeded) else f"one of two that open at once is {result.message}"


def _failure(run: Run, opener: Opener, found: Openings) -> Failure:
    """What is told of openings that disagree, tried again at the same step: once alone, it is no violation yet."""
    shown = []
    for _ in range(TRIED_AGAIN):
        run.watcher.started_program()
        again = opener.opening(found.where.number)
        shown.append(isinstance(again, Openings) and not agree(again))
    ids = (found.first, found.second, found.after)
    failure = failure_of_opening(found.where, ids, run.origin)
    told = attrs.evolve(failure.counterexample, shown=1 + sum(shown), tried=1 + len(shown))
    return attrs.evolve(failure, counterexample=told, shown_again=any(shown))


def agree(openings: Openings) -> bool:
    """Whether all three have read one id.

    They are compared by their repr, for what is read may be no id, but anything at all. That all three raise the same
    is no agreement: the last is alone with a store that the first two have made, and has no reason to raise.
    """
    outcomes = (openings.first, openings.second, openings.after)
    return len({repr(outcome) for outcome in outcomes}) == 1 and isinstance(openings.after, Returned)


# What each of them does


def opened_id(harness: Harness, place: object) -> Outcome:
    """The id that a backend reads that is opened on a place, as text; or what opening it raises."""
    try:
        backend = harness.subject.open(place)
    except PASSED_ON:
        raise
    except BaseException as error:
        return Raised(type(error).__name__, str(error))
    outcome = id_of(backend)
    close_backend(backend)
    return outcome


def id_of(backend: object) -> Outcome:
    """The id that a backend reads, as text; or what reading it raises."""
    outcome = perform(ReadId(), backend)
    return Returned(str(outcome.value)) if isinstance(outcome, Returned) else outcome
