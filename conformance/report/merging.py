"""Several reports of one subject as one: what a run found before and after its worker process had to be replaced."""

from collections.abc import Sequence

import attrs

from conformance.report.reach import Reach
from conformance.report.verdicts import (
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Counterexample,
    Report,
    Result,
)
from spec_store.requirements import RequirementId

_WEIGHT = (VIOLATED, DEVIATION, UNDECIDED, PASSED, MASKED, WORKS_NOT_CLAIMED, NOT_CLAIMED, NOT_EXERCISED)
"""Of two verdicts on one requirement the one that comes first here holds."""


def merged(reports: Sequence[Report]) -> Report:
    """One report for all: counts added, violations united, the shorter counterexample first.

    Args:
        reports: at least one, of one subject, the first that began first.
    """
    first = reports[0]
    by_id: dict[RequirementId, Result] = {}
    for report in reports:
        for result in report.results:
            known = by_id.get(result.requirement.id)
            by_id[result.requirement.id] = result if known is None else _united(known, result)
    return attrs.evolve(
        first,
        seconds=sum(report.seconds for report in reports),
        results=tuple(by_id.values()),
        invalid=next((report.invalid for report in reports if report.invalid), ""),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
        interrupted=any(report.interrupted for report in reports),
        measured=next((report.measured for report in reports if report.measured), None),
        reached=_farthest([reach for report in reports for reach in report.reached]),
    )


def _farthest(every: Sequence[Reach]) -> tuple[Reach, ...]:
    """Of each thing that was gone through, how far it was at best."""
    found: dict[str, Reach] = {}
    for reach in every:
        known = found.setdefault(reach.what, reach)
        found[reach.what] = max(known, reach, key=lambda one: one.done)
    return tuple(found.values())


def _united(left: Result, right: Result) -> Result:
    stronger, weaker = sorted((left, right), key=lambda result: _WEIGHT.index(result.verdict))
    found: dict[str, Counterexample] = {}
    for one in (left.counterexample, right.counterexample, *left.further, *right.further):
        if one is not None:
            found.setdefault(one.message, one)
    ordered = sorted(found.values(), key=lambda one: one.operations)
    return attrs.evolve(
        stronger,
        exercised=left.exercised + right.exercised,
        counterexample=ordered[0] if ordered else None,
        further=tuple(ordered[1:]),
        cut_short=stronger.cut_short or weaker.cut_short,
        reason=stronger.reason or (weaker.reason if stronger.verdict == weaker.verdict else ""),
    )
