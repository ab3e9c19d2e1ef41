"""From evidence to results: one verdict a requirement, the first row here that applies.

what is known                                                        verdict
-------------------------------------------------------------------  ---------------------
it was seen to be violated, and again when that was replayed         violated, or deviation
it was seen to be violated, once, and not again                      undecided
it is not asked of the subject                                       not claimed
another violation spoils what would judge it                         masked
nothing put it to the test                                           not exercised
it was put to the test, and held                                     passed
"""

from collections.abc import Mapping

from conformance.report.evidence import Evidence
from conformance.report.verdicts import (
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Result,
)
from conformance.subject.claims import unclaimed_reason
from conformance.subject.subject import Claims
from spec_store.requirements import REQUIREMENTS, Requirement

MOST_FURTHER = 9

UNTRIED = "no operation of this run put it to the test"
"""Why a requirement was not exercised, where nothing else is known."""

INTERRUPTED_BEFORE = "the run was interrupted before"
"""Why a requirement was not exercised in such a report."""

INTERRUPTED = "interrupted: this is the report so far"
"""The note of a report that was asked for before its time."""


def results(
    evidence: Evidence, claims: Claims, deviations: Mapping[str, str], *, interrupted: bool
) -> tuple[Result, ...]:
    """One result for each requirement of the classes judged, in the order of the catalogue."""
    chosen = [one for one in REQUIREMENTS if evidence.wants(one.id)]
    return tuple(_result(one, evidence, claims, deviations, interrupted) for one in chosen)


def _result(
    one: Requirement, evidence: Evidence, claims: Claims, deviations: Mapping[str, str], interrupted: bool
) -> Result:
    count = evidence.exercised[one.id]
    cut_short = evidence.cut_short.get(one.id, "")
    failures = sorted((each for each in evidence.failures if each.requirement == one.id), key=lambda each: each.rank)
    sure = [failure.counterexample for failure in failures if failure.shown_again]
    if sure:
        verdict = DEVIATION if one.id in deviations else VIOLATED
        further = tuple(sure[1 : 1 + MOST_FURTHER])
        return Result(one, verdict, max(count, 1), sure[0], further, deviations.get(one.id, ""), cut_short)
    if failures:
        once = [failure.counterexample for failure in failures]
        return Result(one, UNDECIDED, max(count, 1), once[0], tuple(once[1 : 1 + MOST_FURTHER]), "", cut_short)
    unclaimed = unclaimed_reason(one, claims, evidence.missing)
    if unclaimed is not None:
        probes = evidence.probed.get(one.id, [])
        verdict = WORKS_NOT_CLAIMED if probes and all(probes) else NOT_CLAIMED
        return Result(one, verdict, len(probes), reason=unclaimed)
    if one.id in evidence.masked:
        mask = evidence.masked[one.id]
        return Result(one, MASKED, count, reason=f"masked by {mask.by}: {mask.why}")
    if not count:
        reason = evidence.reasons.get(one.id, UNTRIED)
        return Result(one, NOT_EXERCISED, 0, reason=INTERRUPTED_BEFORE if interrupted else reason)
    return Result(one, PASSED, count, cut_short=cut_short)
