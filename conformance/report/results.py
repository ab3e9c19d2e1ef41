"""From evidence to results: one verdict a requirement."""

from collections.abc import Mapping

from conformance.report.evidence import Evidence
from conformance.report.verdicts import (
    DEVIATION,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Result,
)
from conformance.subject.claims import unclaimed_reason
from conformance.subject.subject import Claims
from spec_store.requirements import REQUIREMENTS, Requirement

MOST_FURTHER = 9


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
    failures = [failure for failure in evidence.failures if failure.requirement == one.id]
    found = [failure.counterexample for failure in sorted(failures, key=lambda failure: failure.rank)]
    if found:
        verdict = DEVIATION if one.id in deviations else VIOLATED
        further = tuple(found[1 : 1 + MOST_FURTHER])
        return Result(one, verdict, max(count, 1), found[0], further, deviations.get(one.id, ""))
    unclaimed = unclaimed_reason(one, claims, evidence.missing)
    if unclaimed is not None:
        probes = evidence.probed.get(one.id, [])
        verdict = WORKS_NOT_CLAIMED if probes and all(probes) else NOT_CLAIMED
        return Result(one, verdict, len(probes), reason=unclaimed)
    if not count:
        reason = evidence.reasons.get(one.id, "no operation of this run put it to the test")
        return Result(one, NOT_EXERCISED, 0, reason="the run was interrupted before" if interrupted else reason)
    return Result(one, PASSED, count, reason="")
