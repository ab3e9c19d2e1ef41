"""How a finding is told: requirement, what was expected, what came, after which operations."""

from conformance.counterexamples.wording import heading
from conformance.findings import Finding, Violation
from conformance.programs.calls import call
from conformance.programs.operations import Program


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
