"""How a finding is told: requirement, what was expected, what came, after which operations."""

from collections.abc import Callable, Sequence
from typing import Any

from conformance.findings import Finding, Violation
from conformance.operations import (
    EXTRA,
    WRITES,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    SetMany,
)
from conformance.outcomes import short
from spec_store.requirements import RequirementId, requirement


def call(operation: Operation) -> str:
    """An operation as a call on `backend`, values shortened."""
    match operation:
        case Reopen():
            return "backend = open_backend(place)"
        case ListKeys(prefix=prefix) if prefix:
            return f"backend.list_keys({prefix!r})"
        case SetMany(parent=parent, count=count):
            return f"{count} times backend.set({(*parent, '<number>')!r}, '<number>')"
    return method_call(operation, short)


def method_call(operation: Operation, shown: Callable[[Any], str]) -> str:
    """An operation that is one call on `backend`, its keys and values written as `shown` writes them.

    Raises:
        TypeError: it is not one call (Reopen, SetMany).
    """
    extra = _extra(operation)
    match operation:
        case ReadId():
            return "backend.store_backend_id"
        case GetAll():
            return "backend.get_all()"
        case ListKeys(prefix=prefix):
            return f"backend.list_keys({shown(prefix)})" if prefix else "backend.list_keys()"
        case Move(source=start, dest=dest):
            return f"backend.move({shown(start)}, {shown(dest)}{extra})"
        case Get(key=key) | HasKey(key=key) | RemoveKey(key=key):
            return f"backend.{operation.name}({shown(key)})"
    if isinstance(operation, WRITES):
        return f"backend.{operation.name}({shown(operation.key)}, {shown(operation.value)}{extra})"
    raise TypeError(f"no single call for {operation!r}")


def _extra(operation: Operation) -> str:
    return "".join(f", {name}={value!r}" for name, value in EXTRA.items()) if getattr(operation, "extra", False) else ""


def heading(requirement_id: RequirementId) -> str:
    """A requirement's id, level and text on one line."""
    found = requirement(requirement_id)
    return f"{found.id} ({found.level}): {found.text}"


def beginning(initial: Sequence[str], then: str) -> list[str]:
    """The first lines of what is done on a new store: some calls, if any, and then something that lines are to tell."""
    if not initial:
        return [f"On a new, empty store, {then}:"]
    return ["On a new, empty store:", *(f"    {one}" for one in initial), f"then {then}:"]


def told(finding: Finding, program: Program) -> str:
    """A finding in some lines, for a failing test."""
    lines = [heading(finding.requirement), "", "On a new, empty store:"]
    lines += [f"    {call(operation)}" for operation in program[: finding.step]]
    if not program or finding.observation != program[finding.step - 1]:
        lines.append(f"    {call(finding.observation)}")
    lines += [f"expected {call(finding.observation)} {finding.expected}", f"it {finding.came}"]
    return "\n".join(lines)


def sentence(violation: Violation) -> str:
    """What happened, in one sentence."""
    after = "; ".join(call(operation) for operation in violation.setup)
    came = f"{call(violation.observation)} {violation.came}, expected {violation.expected}"
    return f"after {after}: {came}" if after else came
