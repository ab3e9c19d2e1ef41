"""One rule for several violations: a fault that falls on every so-many-th call, or write, whatever it is.

A store that loses every sixteenth write loses sets, updates and moves, of odd keys and of related ones. Each of them is
a violation with a program of its own, and all are one fault. What shows it is that a program cannot be begun otherwise:
with one more write before it, the sixteenth is another one, and the program shows nothing; with sixteen more it shows
the fault again. So each violation with a long program is run again with 1, 2, 3, ... sets before it:

    it shows again with                                      the rule is
    -------------------------------------------------------  ----------------------------------------------
    k + p sets of a key of no part in it, if with k; not 1   every p operations on the store
    k + p sets of the key concerned, likewise                every p operations on one key
    the same, and though with 1                              likewise, if that is another one's rule
    neither, and not with 1 or 2                             at the n-th value stored, as the program has it

Violations of one rule are told as one, by the shortest program, under the requirement of the operation that lost
something (no key is to blame, though odd ones are left in the program); the others are named there, and masked by it.
"""

from collections.abc import Callable, Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.operations import (
    OPENS,
    WRITES,
    GetAll,
    ListKeys,
    Move,
    Operation,
    Program,
    Set,
    SetMany,
    keys_in,
)
from conformance.programs.outcomes import Returned
from conformance.report.evidence import Mask
from conformance.sequential.findings import Violation
from conformance.sequential.replay import contradiction_of
from conformance.system.budget import Effort
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

FEWEST_CALLS = 4
"""How many operations a program has at least that may show a count."""

LONGEST_PERIOD = 130
"""The longest period that is looked for."""

REPLAYS_OF_A_RULE = 300
"""How many replays the rule of one violation may cost."""


@attrs.frozen
class Rule:
    """When a fault shows, whatever the operation is.

    Args:
        count: after how many operations it shows again; or with which value that is stored it shows.
        of_key: whether only the operations on one key count.
        again: whether it shows again.
    """

    count: int
    of_key: bool = False
    again: bool = True

    def __str__(self) -> str:
        if not self.again:
            return f"with value number {self.count} that is stored"
        return f"once in {self.count} operations" + (" on one key" if self.of_key else "")


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
    rules = [rule_of(harness, one, effort(REPLAYS_OF_A_RULE)) for one in violations]
    known = {rule for rule in rules if rule is not None and rule.again}
    for number, violation in enumerate(violations):
        if rules[number] not in known:
            shared = (rule for rule in known if follows(harness, violation, rule, effort(REPLAYS_OF_A_RULE)))
            rules[number] = next(shared, rules[number])
    told: list[Violation] = []
    masked: dict[RequirementId, Mask] = {}
    for violation, rule in zip(violations, rules, strict=True):
        faces = [one for one, other in zip(violations, rules, strict=True) if rule is not None and other == rule]
        if rule is None or (not rule.again and len(faces) == 1):
            told.append(violation)
            continue
        first = min(faces, key=_rank)
        if violation is first:
            named = attrs.evolve(first, requirement=_requirement(first), remark=_remark(rule, first, faces))
            told.append(named)
            others = {one.requirement for one in faces} - {named.requirement}
            masked |= {
                name: Mask(named.requirement, f"what was seen of it came {rule}, as that does") for name in others
            }
    return Grouped(tuple(told), masked)


def _requirement(violation: Violation) -> RequirementId:
    """The requirement of the operation that did it, where the keys seemed to matter, and are no reason any more."""
    return violation.finding.requirement if violation.requirement.startswith("KEY-") else violation.requirement


def _rank(violation: Violation) -> tuple[object, ...]:
    """What says most comes first: a set that is lost, then the shortest program."""
    return (_requirement(violation) != "SET-1", len(calls_of(violation)))


def _remark(rule: Rule, first: Violation, faces: Sequence[Violation]) -> str:
    """What a reader has to know of a violation that is a matter of counting."""
    text = f"It shows {rule}, and not if others are put before them."
    causes = [one.finding.cause.name for one in faces]
    others = [name for name in dict.fromkeys(causes) if name != first.finding.cause.name]
    return f"{text} By the same rule it shows after {' and '.join(others)}." if others else text


def rule_of(harness: Harness, violation: Violation, effort: Effort) -> Rule | None:
    """By which rule a violation shows; None where it makes no difference what is before it, or cannot be tried."""
    key = violation.finding.key
    if len(calls_of(violation)) < FEWEST_CALLS or not _can_be_preceded(violation):
        return None
    shows = _shows_after_sets_of(_unrelated_key(harness, violation), harness, violation, effort)
    matters = not shows(1) and not shows(2)
    length = _period(shows) if matters else None
    if length is not None:
        return Rule(length)
    of_key = _period(_shows_after_sets_of(key, harness, violation, effort)) if key is not None else None
    if of_key is not None:
        return Rule(of_key, of_key=True)
    return Rule(stored_until_loss(violation), again=False) if matters else None


def _can_be_preceded(violation: Violation) -> bool:
    """Whether sets of another key may stand before a violation's program and change nothing about what is due."""
    return violation.shown == violation.tried and not isinstance(violation.observation, ListKeys | GetAll)


def follows(harness: Harness, violation: Violation, rule: Rule, effort: Effort) -> bool:
    """Whether a violation shows by a rule that another one has, though it shows more often than that."""
    if not _can_be_preceded(violation):
        return False
    key = violation.finding.key if rule.of_key else _unrelated_key(harness, violation)
    if key is None:
        return False
    shows = _shows_after_sets_of(key, harness, violation, effort)
    once, again = ([shows(start + count) for count in range(1, rule.count + 1)] for start in (0, rule.count))
    return once == again and not all(once) and any(once)


def _unrelated_key(harness: Harness, violation: Violation) -> Key:
    used = set(keys_in((*violation.setup, violation.observation)))
    return next(key for key in map(harness.material.plain_key, range(3, 100)) if key not in used)


def _shows_after_sets_of(key: Key, harness: Harness, violation: Violation, effort: Effort) -> Callable[[int], bool]:
    def shows(count: int) -> bool:
        before = tuple(Set(key, harness.material.value(number)) for number in range(count))
        setup = (*before, *violation.setup)
        return (
            effort.spend() and contradiction_of(harness, setup, violation.observation, violation.expected) is not None
        )

    return shows


def _period(shows: Callable[[int], bool]) -> int | None:
    """After how many more operations it shows again, each time that it has shown; None if it shows in no such order.

    That it shows with none before it counts for nothing: a first set makes a key, which later operations may meet.
    """
    shown: list[int] = []
    for count in range(1, 2 * LONGEST_PERIOD):
        if not shows(count):
            continue
        if count == 1:
            return None
        shown.append(count)
        for earlier in (*reversed(shown[:-1]), 0):
            length = count - earlier
            if length > 1 and count >= 2 * length and _recurs(shown, length):
                return length
    return None


def _recurs(shown: Sequence[int], length: int) -> bool:
    """Whether it shows at just the counts that are so much higher than another one at which it shows."""
    last = shown[-1]
    later = {count + length for count in shown if count + length <= last}
    return later == {count for count in shown if count > length}


def stored_until_loss(violation: Violation) -> int:
    """How many values there have been to store when that one is which is then found wrong."""
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    stored, until_loss = 0, 0
    for operation in calls_of(violation):
        if not isinstance(operation, OPENS) and isinstance(perform(operation, reference), Returned):
            stored += isinstance(operation, (*WRITES, Move))
            until_loss = stored if violation.finding.key in operation.keys else until_loss
    return until_loss or stored


def calls_of(violation: Violation) -> Program:
    """The operations before the observation, each of many sets by itself."""
    return tuple(one for operation in violation.setup for one in _single(operation))


def _single(operation: Operation) -> Program:
    return tuple(Set(*item) for item in operation.items()) if isinstance(operation, SetMany) else (operation,)
