"""From evidence to results: one verdict a requirement."""

from collections.abc import Mapping

from conformance.evidence import Evidence
from conformance.subject.subject import Claims
from conformance.verdicts import (
    DEVIATION,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Result,
)
from spec_store.requirements import REQUIREMENTS, Requirement

FURTHER = 9
METHODS = {"ADD-1": "add", "UPDATE-1": "update", "UPSERT-1": "add_or_update", "ALL-1": "get_all"}
CONCURRENT = frozenset({"ID-9", "ADD-2"})


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
        further = tuple(found[1 : 1 + FURTHER])
        return Result(one, verdict, max(count, 1), found[0], further, deviations.get(one.id, ""))
    unclaimed = _unclaimed(one, claims, evidence)
    if unclaimed:
        probes = evidence.probed.get(one.id, [])
        verdict = WORKS_NOT_CLAIMED if probes and all(probes) else NOT_CLAIMED
        return Result(one, verdict, len(probes), reason=unclaimed)
    if not count:
        reason = evidence.reasons.get(one.id, "no operation of this run put it to the test")
        return Result(one, NOT_EXERCISED, 0, reason="the run was interrupted before" if interrupted else reason)
    return Result(one, PASSED, count, reason="")


def _unclaimed(one: Requirement, claims: Claims, evidence: Evidence) -> str:
    """Why a requirement does not apply to the subject, or ""."""
    if one.id in METHODS and METHODS[one.id] in evidence.missing:
        return f"the backend has no method {METHODS[one.id]}"
    if one.id in CONCURRENT:
        return "" if claims.threads or claims.processes else "neither threads nor processes are claimed"
    if one.id == "ID-8" or one.class_ == "durable":
        return "" if claims.durable else "durable is not claimed"
    if one.id == "LIN-1":
        return "" if claims.threads else "threads is not claimed"
    if one.id == "LIN-2":
        return "" if claims.processes else "processes is not claimed"
    if one.class_ == "concurrent":
        return "" if claims.threads or claims.processes else "neither threads nor processes are claimed"
    if one.id == "POWER-1":
        return "" if claims.durability == "power" else 'durability="power" is not claimed'
    if one.class_ == "crash-safe":
        return "" if claims.crash_safe else "crash_safe is not claimed"
    return ""
