"""How a finding is told: requirement, what was expected, what came, after which operations."""

from collections.abc import Sequence

from conformance.findings import Finding, Violation
from conformance.programs.calls import call
from conformance.programs.operations import Program
from spec_store.requirements import RequirementId, requirement


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
