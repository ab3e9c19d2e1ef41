"""What a minimal program alone does not tell of its fault: found out by running one more program.

Before the table in `naming` is asked, two facts are found out for it (`facts_of`). After it has answered, an answer may
leave open what the fault is about (`experiment`).
"""

from collections.abc import Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY, related
from conformance.programs.oddities import oddity
from conformance.programs.operations import (
    WRITES,
    Get,
    HasKey,
    ListKeys,
    Move,
    Program,
    RemoveKey,
    Set,
    SetMany,
    keys_in,
)
from conformance.programs.outcomes import Returned, same
from conformance.sequential.expectations import MISSING, Anything, Exactly
from conformance.sequential.findings import Finding
from conformance.sequential.laboratory import Exhibit, Laboratory
from conformance.sequential.model import Limit
from conformance.sequential.naming import Facts, reference_after
from conformance.sequential.oracle import requirement_of_set
from conformance.sequential.replay import contradiction_of, outcome_of
from spec_store import Key
from spec_store.requirements import RequirementId

SAID_OF_ABSENT: frozenset[RequirementId] = frozenset(
    {"GET-2", "GET-3", "HAS-1", "MOVE-4", "UPDATE-1", "ADD-1", "REMOVE-3", "REMOVE-4"}
)
"""Requirements that say what holds of a key that is absent."""

MOST_OTHERS = 4
"""How many stored keys may share a place with one that is absent, in a program that is minimal."""


def facts_of(laboratory: Laboratory, exhibit: Exhibit) -> Facts:
    """What the table is to know of an exhibit."""
    if reading_breaks(laboratory, exhibit.program):
        return Facts(exhibit.program, exhibit.finding, reading_breaks=True)
    return Facts(exhibit.program, exhibit.finding, limit=limit_met_by(laboratory.harness, exhibit.program))


def reading_breaks(laboratory: Laboratory, program: Program) -> bool:
    """Whether the store is wrong as soon as a read that the fault needs has been made."""
    at_the_end = attrs.evolve(laboratory.observing, after_each_write=False)
    # Each read ends a program of its own, so that it is the last thing that can have done it.
    ends = (number for number, operation in enumerate(program, 1) if not operation.writes)
    return any(laboratory.findings(program[:end], at_the_end) for end in ends)


def limit_met_by(harness: Harness, program: Program) -> Limit | None:
    """The limit of the subject with which a write meets that the fault needs, if there is one."""
    for operation in program:
        if operation.writes and any(map(harness.refusals.of_key, operation.keys[-1:])):
            return "KEY-5"
        if isinstance(operation, WRITES) and harness.refusals.of_value(operation.value):
            return "SET-4"
    return None


def experiment(laboratory: Laboratory, exhibit: Exhibit, requirement: RequirementId) -> RequirementId:
    """The requirement, after one more program where the minimal one leaves open what it is about.

    named                     tried                                         if so
    ------------------------  --------------------------------------------  --------------
    LIST-3, a key is added    does a listing add it where a key matches?    LIST-2
    SET-2, MOVE-5, ADD-1,     was the value lost under its own key?         KEY-6 or KEY-5
    UPSERT-1, for a value     does a write to this key reach its own?       KEY-4
    under another key
    SET-2, of many sets       is it as wrong right after its own set?       SET-1 or GET-1
    GET-3                     does a second get of an absent key not raise, GET-2
                              though has_key says that it is absent?
    KEY-4, where a value      was it given none that was written? where it  GET-1, SET-2,
    was changed, or lost      is gone, do they hold a value each?           MOVE-5, ...
    KEY-4, where a write      do they, and is one of its own keys odd?      KEY-5, or
    raises                                                                  its own
    what is said of a key     does a set of this key reach one that is      KEY-4
    that is absent            stored?
    """
    if requirement in SAID_OF_ABSENT and shares_a_place(laboratory, exhibit):
        return "KEY-4"
    if requirement == "LIST-3" and exhibit.finding.symptom == "added":
        return "LIST-2" if adds_always(laboratory, exhibit) else requirement
    if requirement == "GET-3":
        return "GET-2" if raises_once(laboratory, exhibit.program) else requirement
    if requirement == "KEY-4" and exhibit.finding.cause.writes:
        return of_keys_apart(laboratory, exhibit) or requirement
    if isinstance(exhibit.finding.cause, SetMany) and requirement == "SET-2":
        return of_own_set(laboratory.harness, exhibit.program, exhibit.finding) or requirement
    if requirement in ("SET-2", "MOVE-5", "ADD-1", "UPSERT-1"):
        return place_of_value(laboratory, exhibit) or requirement
    return requirement


def adds_always(laboratory: Laboratory, exhibit: Exhibit) -> bool:
    """Whether the listing adds keys as well where something does start with the prefix."""
    observation, material = exhibit.finding.observation, laboratory.harness.material
    if not isinstance(observation, ListKeys):
        return False
    below = (*observation.prefix, material.elements[0])
    longer = (*exhibit.program, Set(below, material.value(9)), observation)
    return any(finding.requirement == "LIST-2" for finding in laboratory.findings(longer))


def place_of_value(laboratory: Laboratory, exhibit: Exhibit) -> RequirementId | None:
    """The requirement, if a value that turned up under a key was written to another, which shares or lost it."""
    program, key = exhibit.program, exhibit.finding.key
    if exhibit.finding.symptom not in ("appeared", "shared") or key is None or not program:
        return None
    last = program[-1]
    if not last.writes or not last.keys or key in last.keys:
        return None
    target = last.keys[-1]
    # The value is not where it was put: the key was stored as another, or could not be beside its relative.
    if laboratory.contradiction(program, Get(target), Anything()) is not None:
        return "KEY-6" if related(target, key) else "KEY-5"
    # If what is written to the one is read from the other, the two have one place; else the set has written twice.
    value = laboratory.harness.material.value(8)
    actual = outcome_of(laboratory.harness, (*program, Set(key, value)), Get(target))
    return "KEY-4" if isinstance(actual, Returned) and same(actual.value, value) else None


def shares_a_place(laboratory: Laboratory, exhibit: Exhibit) -> bool:
    """Whether a key that is absent has one place with another that is stored: what is set under it, that one gives."""
    observation, reference = exhibit.finding.observation, reference_after(exhibit.program)
    keys = observation.keys[:1] or ((exhibit.finding.key,) if exhibit.finding.key is not None else ())
    stored = [key for key in reference.list_keys() if key != ID_KEY][:MOST_OTHERS]
    if not keys or reference.has_key(keys[0]):
        return False
    value = laboratory.harness.material.value(8)
    written = (*exhibit.program, Set(keys[0], value))
    read = (outcome_of(laboratory.harness, written, Get(key)) for key in stored)
    return any(isinstance(outcome, Returned) and same(outcome.value, value) for outcome in read)


def raises_once(laboratory: Laboratory, program: Program) -> bool:
    """Whether a get of the program that is made again does not raise, of a key that is absent by has_key as well."""
    for number, operation in enumerate(program, 1):
        if not isinstance(operation, Get) or reference_after(program[:number]).has_key(operation.key):
            continue
        again = laboratory.contradiction(program[:number], operation, MISSING)
        is_there = laboratory.contradiction(program[:number], HasKey(operation.key), Exactly(False))
        if again is not None and is_there is None:
            return True
    return False


def of_keys_apart(laboratory: Laboratory, exhibit: Exhibit) -> RequirementId | None:
    """The requirement of a write that goes wrong though its keys share no place with others, odd as they may be."""
    finding, cause = exhibit.finding, exhibit.finding.cause
    if finding.symptom in ("raised", "blocked"):
        if not hold_apart(laboratory, keys_in((*exhibit.program, finding.observation))):
            return None
        return "KEY-5" if sum(oddity(key) is not None for key in cause.keys) == 1 else finding.requirement
    if not finding.about_state or finding.key is None:
        return None
    actual = exhibit.actual
    of_other = finding.key not in cause.keys
    if of_other and (isinstance(cause, RemoveKey | Move) or not isinstance(actual, Returned)):
        return finding.requirement if hold_apart(laboratory, (*cause.keys, finding.key)) else None
    # Of keys that share a place, one has what was written to the other.
    written = written_by(exhibit.program)
    altered = isinstance(actual, Returned) and not any(same(actual.value, value) for value in written)
    return finding.requirement if altered else None


def written_by(program: Program) -> list[object]:
    """Every value that a program writes."""
    many = (value for operation in program if isinstance(operation, SetMany) for _, value in operation.items())
    return [*(operation.value for operation in program if isinstance(operation, WRITES)), *many]


def hold_apart(laboratory: Laboratory, keys: Sequence[Key]) -> bool:
    """Whether some keys hold a value each, side by side, in whatever order they are set."""
    sets = tuple(Set(each, laboratory.harness.material.value(number)) for number, each in enumerate(keys, 20))
    return not any(
        laboratory.contradiction(order, Get(one.key), Exactly(one.value)) is not None
        for order in (sets, sets[::-1])
        for one in order
    )


def of_own_set(harness: Harness, program: Program, finding: Finding) -> RequirementId | None:
    """The requirement of one of many sets, if its key is as wrong before the next one of them has been made."""
    many = finding.cause
    if not isinstance(many, SetMany) or many not in program:
        return None
    keys = [key for key, _ in many.items()]
    if finding.key not in keys:
        return None
    upto = attrs.evolve(many, count=keys.index(finding.key) + 1)
    before = (*program[: program.index(many)], upto)
    if contradiction_of(harness, before, finding.observation, finding.expected) is None:
        return None
    return requirement_of_set(True, finding.symptom)
