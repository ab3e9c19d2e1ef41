"""One rule for several violations: a fault that falls on every so-many-th call, or write, whatever it is.

A store that loses every sixteenth write loses sets, updates and moves, of odd keys and of related ones. Each of these is
a violation with a program of its own, and all are one fault. What shows it is that a program cannot be begun otherwise:
with one more write before it, the sixteenth is another one, and the program shows nothing; with sixteen more it shows
the fault again. So each violation with a long program is run again with 1, 2, 3, ... sets before it:

    before it stand sets of   if it shows again with p of them and not with 1,   the period is of
                              and with 2 p, but not with p + 1
    ------------------------  -------------------------------------------------  ----------------------------------
    a key of no part in it    the store counts calls, or writes                  the store
    the key concerned         it counts the writes to a key                      each key

Violations of one period are told as one, by the shortest program, under the requirement of the operation that lost
something (no key is to blame, though odd ones are left in the program); the others are named there, and masked by it.
"""

from collections.abc import Callable, Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.programs.operations import Program, RemoveKey, Set
from conformance.report.evidence import Mask
from conformance.sequential.findings import Violation
from conformance.sequential.replay import contradiction_of
from conformance.system.budget import Effort
from spec_store import Key
from spec_store.requirements import RequirementId

FEWEST = 4
"""How many operations a program has at least that may show a count."""

LONGEST = 128
"""The longest period that is looked for."""

REPLAYS = 200
"""How many replays the periods of one run's violations may cost each."""


@attrs.frozen
class Period:
    """After how many operations a fault shows again.

    Args:
        length: how many.
        of_key: whether only those on one key count.
    """

    length: int
    of_key: bool

    def __str__(self) -> str:
        return f"every {self.length} operations" + (" on one key" if self.of_key else "")


@attrs.frozen
class Grouped:
    """Violations, those of one rule told as one.

    Args:
        violations: what is to be told.
        masked: the requirements that are told by another one's violation alone.
    """

    violations: tuple[Violation, ...]
    masked: dict[RequirementId, Mask]


def grouped(harness: Harness, violations: Sequence[Violation], effort: Callable[[int], Effort]) -> Grouped:
    """Violations with those of one period told as one.

    Args:
        harness: the subject.
        violations: what was found.
        effort: gives an effort of so many replays.
    """
    periods = {number: period_of(harness, one, effort(REPLAYS)) for number, one in enumerate(violations)}
    told: list[Violation] = []
    masked: dict[RequirementId, Mask] = {}
    for number, violation in enumerate(violations):
        period = periods[number]
        if period is None:
            told.append(violation)
            continue
        faces = [one for other, one in enumerate(violations) if periods[other] == period]
        first = min(faces, key=_rank)
        if violation is first:
            named = attrs.evolve(first, requirement=first.finding.requirement, remark=_remark(period, first, faces))
            told.append(named)
            others = {one.requirement for one in faces} - {named.requirement}
            masked |= {name: Mask(named.requirement, f"it was seen {period} only, as that is") for name in others}
    return Grouped(tuple(told), masked)


def _rank(violation: Violation) -> tuple[object, ...]:
    """What says most comes first: a set that is lost, then the shortest program."""
    return (violation.finding.requirement != "SET-1", violation.size)


def _remark(period: Period, first: Violation, faces: Sequence[Violation]) -> str:
    """What a reader has to know of a violation that comes round."""
    text = f"It comes round: {period} it shows again, whichever they are."
    names = dict.fromkeys(one.finding.cause.name for one in faces if one is not first)
    others = [name for name in names if name != first.finding.cause.name]
    return f"{text} {', '.join(others)} fail{'s' * (len(others) == 1)} by the same rule." if others else text


def period_of(harness: Harness, violation: Violation, effort: Effort) -> Period | None:
    """After how many operations a violation shows again; None where that makes no difference, or none was found."""
    if violation.size < FEWEST or violation.shown < violation.tried:
        return None
    used = {key for operation in (*violation.setup, violation.observation) for key in operation.keys}
    unrelated = next(
        key for key in map(harness.material.plain_key, range(len(used) + 1, len(used) + 100)) if key not in used
    )
    candidates = ((unrelated, False), (violation.finding.key, True))
    for key, of_key in candidates:
        length = _length(harness, violation, key, effort) if key is not None else None
        if length is not None:
            return Period(length, of_key)
    return None


def _length(harness: Harness, violation: Violation, key: Key, effort: Effort) -> int | None:
    def shows(count: int) -> bool:
        before: Program = (*(Set(key, harness.material.value(number)) for number in range(count)), RemoveKey(key))
        setup = (*(before if count else ()), *violation.setup)
        return contradiction_of(harness, setup, violation.observation, violation.expected) is not None

    if shows(1) or not effort.spend():
        return None
    length = next((count for count in range(2, LONGEST) if effort.spend() and shows(count)), None)
    if length is None or not shows(2 * length) or shows(length + 1):
        return None
    return length
