"""Which requirement a minimal program violates: what cannot be taken out of it is what it is about.

The session names a requirement by provenance. Here the program is changed in one respect at a time (plain keys
for odd ones, unrelated keys for related ones, `set` for `add`), and if the fault stays, that respect was not the
matter. What stays necessary decides between, say, SET-2 (a set changed another key), KEY-4 (because the two keys
share a place) and KEY-6 (because one key starts with the other).
"""

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import related
from conformance.programs.minimize import minimize
from conformance.programs.oddities import oddity
from conformance.programs.operations import (
    WRITES,
    Add,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Set,
    Update,
    keys_in,
)
from conformance.programs.outcomes import Outcome, Returned, same
from conformance.sequential.expectations import Anything, Lists
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.generalizing import plainer_programs
from conformance.sequential.model import Observing
from conformance.sequential.naming import STATES, named, reference_after
from conformance.sequential.oracle import decided
from conformance.sequential.replay import judged, observed
from conformance.system.budget import Effort
from spec_store.requirements import RequirementId


def attributed(
    harness: Harness, program: Program, finding: Finding, observing: Observing, effort: Effort
) -> Violation | None:
    """A minimal program whose first finding is like `finding`, with the requirement that it is about.

    Returns:
        None if no program shows the finding as the first thing wrong: it was a consequence of another.
    """
    wanted = _likeness(finding)

    def among(candidate: Program) -> bool:
        return any(_likeness(one) == wanted for one in judged(harness, candidate, observing))

    cut = program[: finding.step]
    program = cut if among(cut) else program
    program = minimize(program, among, harness.material, effort)
    first = _first(harness, program, observing, finding)
    if first is None or not (_likeness(first) == wanted or _another_state(first, finding)):
        return None
    if _is_masked(harness, program, first, observing):
        return None
    program, first = _generalized(harness, program, first, observing, effort)
    shown = _plainly(harness, program, first, effort)
    if shown is None:
        return None
    setup, came = shown
    if _was_lost(harness, setup, first.observation):
        return None
    first = first if observing.after_each_write else _by_last_write(first, setup)
    reading = _reading_breaks(harness, setup, observing)
    requirement = "GET-3" if reading else _of_refusal(harness, setup) or named(setup, first)
    if requirement == "LIST-3" and first.symptom == "added" and _adds_always(harness, setup, first, observing):
        requirement = "LIST-2"
    if requirement in ("SET-2", "MOVE-5", "ADD-1", "UPSERT-1"):
        requirement = _of_another_key(harness, setup, first) or requirement
    violation = Violation(requirement, setup, first.observation, first.expected, came, first)
    return _confirmed(harness, violation)


def _is_masked(harness: Harness, program: Program, finding: Finding, observing: Observing) -> bool:
    """Whether a plainer program shows something alike that is settled already and not reported any more."""
    if not observing.ignoring:
        return False
    everything = attrs.evolve(observing, ignoring=frozenset())
    for candidate in plainer_programs(program, harness.material):
        first = _first(harness, candidate, everything, finding) if candidate != program else None
        alike = first is not None and _akin(first, finding, candidate, program)
        if alike and first is not None and (first.requirement, first.symptom) in observing.ignoring:
            return True
    return False


def _reading_breaks(harness: Harness, setup: Program, observing: Observing) -> bool:
    """Whether the store is wrong as soon as a read that the fault needs has been made."""
    ends = (number for number, operation in enumerate(setup, 1) if not operation.writes)
    return any(judged(harness, setup[:end], attrs.evolve(observing, after_each_write=False)) for end in ends)


def _was_lost(harness: Harness, setup: Program, observation: Operation) -> bool:
    """Whether a stored key could not be read any more before an operation on it, which did as it must without it."""
    if not isinstance(observation, Add | Update | Move | RemoveKey):
        return False
    key = observation.keys[0]
    return reference_after(setup).has_key(key) and observed(harness, setup, Get(key), Anything()) is not None


def _of_refusal(harness: Harness, setup: Program) -> RequirementId | None:
    """The requirement by which a refused write changes nothing, if the fault needs such a write; else None."""
    for operation in setup:
        if operation.writes and any(map(harness.refusals.of_key, operation.keys[-1:])):
            return "KEY-5"
        if isinstance(operation, WRITES) and harness.refusals.of_value(operation.value):
            return "SET-4"
    return None


def _plainly(harness: Harness, program: Program, finding: Finding, effort: Effort) -> tuple[Program, Outcome] | None:
    """The operations after which the observation alone, with no other reading, shows the finding."""
    observation, expected = finding.observation, finding.expected
    own = program[: finding.step]
    setup = own[:-1] if own and own[-1] == observation else own

    def shows(candidate: Program) -> bool:
        return observed(harness, candidate, observation, expected) is not None

    came = observed(harness, setup, observation, expected)
    if came is None:
        setup = _with_reads(setup, finding)
        if not shows(setup):
            return None
        setup = minimize(setup, lambda shorter: _subset(shorter, setup) and shows(shorter), harness.material, effort)
        came = observed(harness, setup, observation, expected)
    if came is None:
        return None
    for read in [operation for operation in reversed(setup) if not operation.writes]:
        shorter = tuple(operation for operation in setup if operation is not read)
        if shows(shorter):
            setup = shorter
    return setup, came


def _by_last_write(finding: Finding, setup: Program) -> Finding:
    """A finding of an unwatched program, put to the last write: a minimal program ends with what did it."""
    if finding.symptom not in STATES or finding.key is None or not setup or not setup[-1].writes:
        return finding
    last = setup[-1]
    reference = reference_after(setup[:-1])
    existed = bool(last.keys) and reference.has_key(last.keys[-1])
    requirement = decided(last, finding.key, finding.symptom, failed=False, existed=existed)
    return attrs.evolve(finding, cause=last, requirement=requirement)


def _with_reads(program: Program, finding: Finding) -> Program:
    """The program with every read that a session makes between its writes."""
    keys = (*keys_in(program), *((finding.key,) if finding.key is not None else ()))
    reads: Program = (*(Get(key) for key in keys), ListKeys(), *(HasKey(key) for key in keys))
    expanded: list[Operation] = []
    for operation in program:
        expanded.append(operation)
        if operation.writes:
            expanded += reads
    return tuple(expanded)


def _subset(shorter: Program, program: Program) -> bool:
    writes = tuple(operation for operation in program if operation.writes)
    return tuple(operation for operation in shorter if operation.writes) == writes


def _confirmed(harness: Harness, violation: Violation, tries: int = 3) -> Violation:
    """The violation with the number of times that replaying it shows it."""
    again = [observed(harness, violation.setup, violation.observation, violation.expected) for _ in range(tries)]
    return attrs.evolve(violation, shown=1 + sum(came is not None for came in again), tried=tries + 1)


def _likeness(finding: Finding) -> tuple[object, ...]:
    flavour = finding.flavour
    about_key = finding.key is not None and flavour == oddity(finding.key)
    return (*finding.signature[:3], finding.own, "" if about_key else flavour)


def _another_state(first: Finding, finding: Finding) -> bool:
    """Whether the first finding is another view of the same: state gone wrong by the same kind of operation."""
    return {first.symptom, finding.symptom} <= STATES and first.cause.name == finding.cause.name


def _first(harness: Harness, program: Program, observing: Observing, like: Finding) -> Finding | None:
    """The first finding of a program; those about the id are passed over unless `like` is about it too."""
    findings = judged(harness, program, observing)
    return next((one for one in findings if _about_id(one) == _about_id(like)), None)


def _about_id(finding: Finding) -> bool:
    return finding.requirement.startswith("ID-")


def _generalized(
    harness: Harness, program: Program, finding: Finding, observing: Observing, effort: Effort
) -> tuple[Program, Finding]:
    """The program with everything replaced that the fault does not need, whatever requirement it is then about."""
    changed = True
    while changed:
        changed = False
        for candidate in plainer_programs(program, harness.material):
            if candidate == program or not effort.spend():
                continue
            first = _first(harness, candidate, observing, finding)
            if first is None or not _akin(first, finding, candidate, program):
                continue
            wanted = _likeness(first)

            def alike(shorter: Program, wanted: tuple[object, ...] = wanted, like: Finding = first) -> bool:
                found = _first(harness, shorter, observing, like)
                return found is not None and _likeness(found) == wanted

            program = minimize(candidate, alike, harness.material, effort)
            finding = _first(harness, program, observing, first) or first
            changed = True
            break
    return program, finding


def _akin(new: Finding, old: Finding, shorter: Program, program: Program) -> bool:
    unblocked = (old.symptom, new.symptom) == ("blocked", "raised") and new.requirement != "KEY-6"
    if unblocked:
        return new.cause.name == old.cause.name
    states = {new.symptom, old.symptom} <= STATES
    if new.symptom != old.symptom and not states:
        return False
    if len(shorter) == len(program) or (states and not new.cause.writes):
        return True
    return new.cause.name == old.cause.name and new.own == old.own


def _of_another_key(harness: Harness, setup: Program, finding: Finding) -> RequirementId | None:
    """The requirement, if a value that turned up under a key was written to another one, which shares or lost it."""
    last = setup[-1] if setup else None
    key = finding.key
    if finding.symptom not in ("appeared", "shared") or key is None or last is None or not last.writes:
        return None
    if not last.keys or key in last.keys:
        return None
    target = last.keys[-1]
    if observed(harness, setup, Get(target), Anything()) is not None:
        return "KEY-6" if related(target, key) else "KEY-5"
    value = harness.material.value(8)
    came = observed(harness, (*setup, Set(key, value)), Get(target), Lists(frozenset()))
    return "KEY-4" if isinstance(came, Returned) and same(came.value, value) else None


def _adds_always(harness: Harness, program: Program, finding: Finding, observing: Observing) -> bool:
    """Whether the listing adds keys as well where something does start with the prefix."""
    observation = finding.observation
    if not isinstance(observation, ListKeys):
        return False
    below = (*observation.prefix, harness.material.elements[0])
    longer = (*program, Set(below, harness.material.value(9)), observation)
    return any(one.requirement == "LIST-2" for one in judged(harness, longer, observing))
