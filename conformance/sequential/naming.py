"""Which requirement a minimal program is about: a decision table."""

from conformance.harness.performing import perform
from conformance.programs.keys import related
from conformance.programs.oddities import oddity
from conformance.programs.operations import ListKeys, Move, Program, RemoveKey, Reopen, Set, SetMany, keys_in
from conformance.programs.outcomes import Raised
from conformance.sequential.findings import Finding
from conformance.sequential.oracle import duty
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

STATES = frozenset({"lost", "stale", "changed", "shared", "appeared"})


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


def _about_order(program: Program, finding: Finding) -> RequirementId:
    if finding.symptom in STATES and program and not program[-1].writes:
        return "GET-3"
    removed = any(isinstance(one, RemoveKey) and one.key in finding.cause.keys for one in program[:-1])
    if finding.requirement in ("SET-1", "GET-1") and removed and isinstance(finding.cause, Set):
        return "REMOVE-1"
    if finding.requirement == "GET-1" and finding.symptom in STATES and _written_before(program, finding):
        return "SET-1"
    if finding.requirement == "KEY-6":
        return duty(finding.cause, reference_after(program))
    return finding.requirement


def _written_before(program: Program, finding: Finding) -> bool:
    """Whether an earlier value of the key is needed for the fault: then it is that which is not gone."""
    return any(isinstance(one, Set) and one.key == finding.key for one in program[:-1])


def reference_after(program: Program) -> InMemoryStoreBackend:
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program:
        if not isinstance(operation, Reopen):
            perform(operation, reference)
    return reference
