"""Which of the crashes that were found are told, and what cannot be judged for them.

Each is told that violates its requirement by the words of that. A refused write that leaves a third state violates
FAULT-1, though a kill at the same call leaves it too (CRASH-1): who has mended the one has not mended the other. Only
one thing is not told of what was seen:

| seen                                 | where also                             | told as                              |
|--------------------------------------|----------------------------------------|--------------------------------------|
| POWER-1: a wrong state without power | a kill at the same point of the        | CRASH-1, or CRASH-2; POWER-1 as      |
|                                      | scenario leaves a wrong one            | masked, if that is all that was seen |

What a kill tears says nothing of what was synced.
"""

from collections.abc import Sequence

import attrs

from conformance.crash.crash import AtEnd, Crash, Killed, Point, PowerLost
from conformance.report.evidence import Evidence, Mask
from spec_store.requirements import RequirementId

MOST_CRASHES = 4
"""How many crashes of one requirement are reported."""

TORN: tuple[RequirementId, ...] = ("CRASH-1", "CRASH-2")


def crashes_to_report(found: Sequence[Crash]) -> list[Crash]:
    """The first crash of each requirement and scenario; those that another one explains are left out."""
    kept: dict[RequirementId, list[Crash]] = {}
    chosen: dict[tuple[RequirementId, str], Crash] = {}
    torn = {_where(crash) for crash in found if crash.requirement in TORN and isinstance(crash.cause, Killed)}
    for crash in found:
        if not (isinstance(crash.cause, PowerLost) and _where(crash) in torn):
            chosen.setdefault((crash.requirement, crash.scenario.title), crash)
    for crash in chosen.values():
        kept.setdefault(crash.requirement, []).append(crash)
    return [crash for crashes in kept.values() for crash in crashes[:MOST_CRASHES]]


def _where(crash: Crash) -> tuple[object, ...]:
    """The scenario and the point of a crash, to be compared with those of another run of the scenario."""
    scenario = crash.scenario
    again = getattr(crash.cause, "again", None)
    return (scenario.title, scenario.initial, scenario.program, _number_of(crash.point), _number_of(again))


def _number_of(point: Point | None) -> int | str | None:
    if isinstance(point, AtEnd):
        return "end"
    return None if point is None else point.number


def mask(evidence: Evidence, found: Sequence[Crash], told: Sequence[Crash]) -> None:
    """Enter what was seen to go wrong and is not told of any scenario: another violation spoils the judging of it."""
    shown = {crash.requirement for crash in told}
    for crash in found:
        if crash.requirement not in shown:
            by = next(name for name in TORN if name in shown)
            why = "where it was wrong without power, a kill at the same moment leaves it as wrong"
            evidence.masked[crash.requirement] = Mask(by, why)


@attrs.frozen
class Unmoved:
    """Why a scenario puts its requirement to no test: its operation does not return, with or without a crash.

    Args:
        name: of the operation.
        words: what came of it.
    """

    name: str
    words: str

    def enter(self, evidence: Evidence, requirement: RequirementId) -> None:
        """Say so of a requirement; masked by the violation that is known of the operation, if there is one."""
        why = f"{self.name} {self.words} in a scenario with and without a crash"
        by = next((one.requirement for one in evidence.failures if one.requirement.startswith(self.prefix)), None)
        if by is None:
            evidence.reasons[requirement] = why
        else:
            evidence.masked[requirement] = Mask(by, why)

    @property
    def prefix(self) -> str:
        """What the ids begin with of the requirements of the operation."""
        return f"{self.name.partition('_')[0].upper()}-"
