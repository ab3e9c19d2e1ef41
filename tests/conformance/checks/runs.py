"""Running directed checks on a subject, as a campaign does."""

import attrs

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.running import CaseOutcome, Failed, Inconclusive, Passed, Setting, run_case
from conformance.harness.harness import Harness
from conformance.subject.subject import Subject
from tests.conformance.checks.faults import SHARED


@attrs.frozen
class Came:
    """A case and what came of it."""

    case: Case
    outcome: CaseOutcome


def came_of_all(subject: Subject, source: str = "", cases: tuple[Case, ...] = CASES) -> tuple[Came, ...]:
    """Run all cases on a subject; `source` defines open_backend for another process."""
    harness = Harness(subject)
    came = []
    for case in cases:
        SHARED.clear()
        came.append(Came(case, run_case(harness, case, Setting(source))))
    return tuple(came)


def broken(came: tuple[Came, ...]) -> dict[str, str]:
    """The cases that are broken, by name, and how."""
    return {one.case.name: one.outcome.text for one in came if isinstance(one.outcome, Failed)}


def reasons(came: tuple[Came, ...]) -> dict[str, str]:
    """The cases that had nothing to judge, by name, and why."""
    return {one.case.name: one.outcome.reason for one in came if isinstance(one.outcome, Inconclusive)}


def violated(came: tuple[Came, ...]) -> set[str]:
    return {one.case.requirement for one in came if isinstance(one.outcome, Failed)}


def held(came: tuple[Came, ...]) -> set[str]:
    return {one.case.requirement for one in came if isinstance(one.outcome, Passed)}
