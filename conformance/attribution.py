"""Which requirement a minimal program violates: what cannot be taken out of it is what it is about.

The session names a requirement by provenance. Here the program is changed in one respect at a time (plain keys
for odd ones, unrelated keys for related ones, `set` for `add`), and if the fault stays, that respect was not the
matter. What stays necessary decides between, say, SET-2 (a set changed another key), KEY-4 (because the two keys
share a place) and KEY-6 (because one key starts with the other).
"""

from collections.abc import Callable, Iterator

import attrs

from conformance.expectations import Anything, Lists
from conformance.findings import Finding, Violation
from conformance.harness.harness import Bench
from conformance.harness.performing import perform
from conformance.judge import decided, duty
from conformance.programs.keys import related
from conformance.programs.material import Material
from conformance.programs.minimize import minimize
from conformance.programs.oddities import oddity
from conformance.programs.operations import (
    WRITES,
    Add,
    AddOrUpdate,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Update,
    keys_in,
    map_keys,
)
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from conformance.replay import judged, observed
from conformance.system.budget import Effort
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

STATES = frozenset({"lost", "stale", "changed", "shared", "appeared"})


def settled(bench: Bench, program: Program, finding: Finding, *, watchful: bool, effort: Effort) -> Violation | None:
    """A minimal program whose first finding is like `finding`, with the requirement that it is about.

    Returns:
        None if no program shows the finding as the first thing wrong: it was a consequence of another.
    """
    wanted = _likeness(finding)

    def among(candidate: Program) -> bool:
        return any(_likeness(one) == wanted for one in judged(bench, candidate, watchful=watchful))

    cut = program[: finding.step]
    program = cut if among(cut) else program
    program = minimize(program, among, bench.material, effort)
    first = _first(bench, program, watchful, finding)
    if first is None or not (_likeness(first) == wanted or _another_state(first, finding)):
        return None
    if _is_chronic(bench, program, first, watchful):
        return None
    program, first = _generalized(bench, program, first, watchful, effort)
    shown = _plainly(bench, program, first, effort)
    if shown is None:
        return None
    setup, came = shown
    if _was_lost(bench, setup, first.observation):
        return None
    first = first if watchful else _by_last_write(first, setup)
    requirement = "GET-3" if _reading_breaks(bench, setup) else _of_refusal(bench, setup) or named(setup, first)
    if requirement == "LIST-3" and first.symptom == "added" and _adds_always(bench, setup, first, watchful):
        requirement = "LIST-2"
    if requirement in ("SET-2", "MOVE-5", "ADD-1", "UPSERT-1"):
        requirement = _of_another_key(bench, setup, first) or requirement
    violation = Violation(requirement, setup, first.observation, first.expected, came, first)
    return _confirmed(bench, violation)


def _is_chronic(bench: Bench, program: Program, finding: Finding, watchful: bool) -> bool:
    """Whether a plainer program shows something alike that is settled already and not reported any more."""
    if not bench.chronic:
        return False
    chronic, bench.chronic = bench.chronic, set()
    try:
        for candidate in _generalizations(program, bench.material):
            first = _first(bench, candidate, watchful, finding) if candidate != program else None
            alike = first is not None and _akin(first, finding, candidate, program)
            if alike and first is not None and (first.requirement, first.symptom) in chronic:
                return True
    finally:
        bench.chronic = chronic
    return False


def _reading_breaks(bench: Bench, setup: Program) -> bool:
    """Whether the store is wrong as soon as a read that the fault needs has been made."""
    ends = (number for number, operation in enumerate(setup, 1) if not operation.writes)
    return any(judged(bench, setup[:end], watchful=False) for end in ends)


def _was_lost(bench: Bench, setup: Program, observation: Operation) -> bool:
    """Whether a stored key could not be read any more before an operation on it, which did as it must without it."""
    if not isinstance(observation, Add | Update | Move | RemoveKey):
        return False
    key = observation.keys[0]
    return _reference_after(setup).has_key(key) and observed(bench, setup, Get(key), Anything()) is not None


def _of_refusal(bench: Bench, setup: Program) -> RequirementId | None:
    """The requirement by which a refused write changes nothing, if the fault needs such a write; else None."""
    for operation in setup:
        if operation.writes and any(map(bench.refusals.of_key, operation.keys[-1:])):
            return "KEY-5"
        if isinstance(operation, WRITES) and bench.refusals.of_value(operation.value):
            return "SET-4"
    return None


def _plainly(bench: Bench, program: Program, finding: Finding, effort: Effort) -> tuple[Program, Outcome] | None:
    """The operations after which the observation alone, with no other reading, shows the finding."""
    observation, expected = finding.observation, finding.expected
    own = program[: finding.step]
    setup = own[:-1] if own and own[-1] == observation else own

    def shows(candidate: Program) -> bool:
        return observed(bench, candidate, observation, expected) is not None

    came = observed(bench, setup, observation, expected)
    if came is None:
        setup = _with_reads(setup, finding)
        if not shows(setup):
            return None
        setup = minimize(setup, lambda shorter: _subset(shorter, setup) and shows(shorter), bench.material, effort)
        came = observed(bench, setup, observation, expected)
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
    reference = _reference_after(setup[:-1])
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


def _confirmed(bench: Bench, violation: Violation, tries: int = 3) -> Violation:
    """The violation with the number of times that replaying it shows it."""
    again = [observed(bench, violation.setup, violation.observation, violation.expected) for _ in range(tries)]
    return attrs.evolve(violation, shown=1 + sum(came is not None for came in again), tried=tries + 1)


def _likeness(finding: Finding) -> tuple[object, ...]:
    flavour = finding.flavour
    about_key = finding.key is not None and flavour == oddity(finding.key)
    return (*finding.signature[:3], finding.own, "" if about_key else flavour)


def _another_state(first: Finding, finding: Finding) -> bool:
    """Whether the first finding is another view of the same: state gone wrong by the same kind of operation."""
    return {first.symptom, finding.symptom} <= STATES and first.cause.name == finding.cause.name


def _first(bench: Bench, program: Program, watchful: bool, like: Finding) -> Finding | None:
    """The first finding of a program; those about the id are passed over unless `like` is about it too."""
    findings = judged(bench, program, watchful=watchful)
    return next((one for one in findings if _about_id(one) == _about_id(like)), None)


def _about_id(finding: Finding) -> bool:
    return finding.requirement.startswith("ID-")


def _generalized(
    bench: Bench, program: Program, finding: Finding, watchful: bool, effort: Effort
) -> tuple[Program, Finding]:
    """The program with everything replaced that the fault does not need, whatever requirement it is then about."""
    changed = True
    while changed:
        changed = False
        for candidate in _generalizations(program, bench.material):
            if candidate == program or not effort.spend():
                continue
            first = _first(bench, candidate, watchful, finding)
            if first is None or not _akin(first, finding, candidate, program):
                continue
            wanted = _likeness(first)

            def alike(shorter: Program, wanted: tuple[object, ...] = wanted, like: Finding = first) -> bool:
                found = _first(bench, shorter, watchful, like)
                return found is not None and _likeness(found) == wanted

            program = minimize(candidate, alike, bench.material, effort)
            finding = _first(bench, program, watchful, first) or first
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


def _generalizations(program: Program, material: Material) -> Iterator[Program]:
    for number in range(len(program)):
        if len(program) > 1:
            yield program[:number] + program[number + 1 :]
    for number, operation in enumerate(program):
        if isinstance(operation, Add | Update | AddOrUpdate):
            plain = Set(operation.key, operation.value, operation.extra)
            yield (*program[:number], plain, *program[number + 1 :])
        if isinstance(operation, SetMany):
            yield (*program[:number], Set(*operation.items()[0]), *program[number + 1 :])
    yield _with_keys(program, _plain_elements(program, material))
    if material.values is None:
        yield _with_keys(program, lambda key: tuple(_lettered(element) for element in key))
    yield _with_keys(program, _unrelated(program, material))


def _with_keys(program: Program, change: Callable[[Key], Key]) -> Program:
    return tuple(map_keys(operation, change) for operation in program)


def _plain_elements(program: Program, material: Material) -> Callable[[Key], Key]:
    elements = dict.fromkeys(element for key in keys_in(program) for element in key)
    plain = dict(zip(elements, material.elements, strict=False))
    if len(plain) < len(elements):
        return lambda key: key
    empty = () if material.lengths[0] == 0 and len(elements) == len(material.elements) else (material.elements[-1],)
    return lambda key: tuple(plain[element] for element in key) if key else empty


def _lettered(element: str) -> str:
    """The element with a plain letter for every odd character: as alike to others as before, but plain."""
    return "".join(one if one.isascii() and (one.islower() or one.isdigit()) else "z" for one in element) or "z"


def _unrelated(program: Program, material: Material) -> Callable[[Key], Key]:
    written = dict.fromkeys(key for operation in program for key in operation.keys)
    plain = {key: material.plain_key(number) for number, key in enumerate(written)}
    return lambda key: plain.get(key, key)


def named(program: Program, finding: Finding) -> RequirementId:
    """The requirement that a minimal program is about, nothing in which can be replaced by something plainer."""
    shown = (*program, finding.observation)
    if any(getattr(operation, "extra", False) for operation in shown):
        return "SET-6"
    if finding.key == () and isinstance(finding.came, Raised) and finding.came.kind == "TypeError":
        return "KEY-3"
    if finding.requirement.startswith(("ID-", "LIST-", "REOPEN-", "SET-4")) or finding.symptom == "hung":
        return finding.requirement
    keys = dict.fromkeys((*keys_in(shown), *((finding.key,) if finding.key is not None else ())))
    if any(oddity(key) for key in keys):
        return _about_odd_keys(finding, tuple(keys))
    many = any(isinstance(operation, SetMany) for operation in program)
    if any(related(one, other) for one in keys for other in keys) and not many:
        return _about_relatives(finding)
    return _about_order(program, finding)


def _about_odd_keys(finding: Finding, keys: tuple[Key, ...]) -> RequirementId:
    if finding.requirement == "KEY-5":
        return "KEY-5" if finding.own else "KEY-4"
    if finding.symptom not in STATES:
        if finding.symptom == "returned" and finding.cause.writes and len(keys) > 1:
            return "KEY-4"
        if finding.symptom in ("raised", "blocked"):
            return "KEY-5" if len(keys) == 1 or not finding.cause.writes else "KEY-4"
        return finding.requirement
    if finding.requirement == "REMOVE-3":
        return "KEY-4" if not finding.own else finding.requirement
    return "KEY-5" if len(keys) == 1 else "KEY-4"


def _about_relatives(finding: Finding) -> RequirementId:
    cause = finding.cause
    if (
        finding.requirement in ("REMOVE-3", "REMOVE-4", "MOVE-4", "GET-2", "HAS-1")
        or not cause.writes
        or isinstance(cause, Reopen)
    ):
        return finding.requirement
    if not finding.own and isinstance(cause, Move | RemoveKey):
        return finding.requirement
    if isinstance(cause, SetMany | ListKeys):
        return finding.requirement
    if finding.symptom in ("appeared", "shared") and not finding.own:
        return finding.requirement
    return "KEY-6"


def _of_another_key(bench: Bench, setup: Program, finding: Finding) -> RequirementId | None:
    """The requirement, if a value that turned up under a key was written to another one, which shares or lost it."""
    last = setup[-1] if setup else None
    key = finding.key
    if finding.symptom not in ("appeared", "shared") or key is None or last is None or not last.writes:
        return None
    if not last.keys or key in last.keys:
        return None
    target = last.keys[-1]
    if observed(bench, setup, Get(target), Anything()) is not None:
        return "KEY-6" if related(target, key) else "KEY-5"
    value = bench.material.value(8)
    came = observed(bench, (*setup, Set(key, value)), Get(target), Lists(frozenset()))
    return "KEY-4" if isinstance(came, Returned) and same(came.value, value) else None


def _about_order(program: Program, finding: Finding) -> RequirementId:
    if finding.symptom in STATES and program and not program[-1].writes:
        return "GET-3"
    removed = any(isinstance(one, RemoveKey) and one.key in finding.cause.keys for one in program[:-1])
    if finding.requirement in ("SET-1", "GET-1") and removed and isinstance(finding.cause, Set):
        return "REMOVE-1"
    if finding.requirement == "GET-1" and finding.symptom in STATES and _written_before(program, finding):
        return "SET-1"
    if finding.requirement == "KEY-6":
        return duty(finding.cause, _reference_after(program))
    return finding.requirement


def _written_before(program: Program, finding: Finding) -> bool:
    """Whether an earlier value of the key is needed for the fault: then it is that which is not gone."""
    return any(isinstance(one, Set) and one.key == finding.key for one in program[:-1])


def _reference_after(program: Program) -> InMemoryStoreBackend:
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program:
        if not isinstance(operation, Reopen):
            perform(operation, reference)
    return reference


def _adds_always(bench: Bench, program: Program, finding: Finding, watchful: bool) -> bool:
    """Whether the listing adds keys as well where something does start with the prefix."""
    observation = finding.observation
    if not isinstance(observation, ListKeys):
        return False
    below = (*observation.prefix, bench.material.elements[0])
    longer = (*program, Set(below, bench.material.value(9)), observation)
    return any(one.requirement == "LIST-2" for one in judged(bench, longer, watchful=watchful))
