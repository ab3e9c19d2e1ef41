"""How a counterexample is told: the words that are the same for a program, a check, a race and a crash.

A message is the requirement, what is done on a new, empty store, what was to be expected and what came, and how often
that was seen. Each kind of counterexample puts what is its own between these: a timeline, the files at a moment.
"""

from collections.abc import Iterable, Sequence

from conformance.programs.calls import call, program_calls
from conformance.programs.operations import Operation, Program
from conformance.programs.outcomes import Outcome
from spec_store.requirements import RequirementId, requirement

FIRST, LAST = 21, 20
"""How many lines of a long program are told, at its beginning and at its end."""


def heading(requirement_id: RequirementId) -> str:
    """A requirement's id, level and text on one line."""
    found = requirement(requirement_id)
    return f"{found.id} ({found.level}): {found.text}"


def message_of(requirement_id: RequirementId, *parts: Iterable[str]) -> str:
    """A message: the heading and then each part, with an empty line before it, if it has any line."""
    lines = [heading(requirement_id)]
    for part in map(list, parts):
        lines += ["", *part] if part else []
    return "\n".join(lines)


def program_lines(program: Program) -> list[str]:
    """What is done on a new store."""
    return ["On a new, empty store:", *indented(program_calls(program))]


def abridged(lines: Sequence[str]) -> list[str]:
    """Lines of a program, without the middle of one that nobody would read; its script has every call."""
    left = len(lines) - FIRST - LAST
    if left <= 1:
        return list(lines)
    indent = " " * (len(lines[-1]) - len(lines[-1].lstrip()))
    return [*lines[:FIRST], f"{indent}... {left:,} more calls, which are in the script ...", *lines[-LAST:]]


def beginning(initial: Program, then: str) -> list[str]:
    """What is done on a new store: some operations, if any, and then something that lines are to tell."""
    return [*program_lines(initial), f"then {then}:"] if initial else [f"On a new, empty store, {then}:"]


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """Lines, as they stand below another."""
    return [f"{'    ' * depth}{line}" for line in lines]


def expected_lines(expected: Sequence[str]) -> list[str]:
    """What was to be expected, each alternative on a line."""
    return [f"Expected: {line}" for line in expected]


def actual_lines(actual: Sequence[str]) -> list[str]:
    """What came, each part of it on a line."""
    return [f"Actual:   {line}" for line in actual]


def tries_line(failures: int, tries: int) -> str:
    """In how many of how many tries it was seen."""
    return f"Seen in {failures} of {tries} tries."


def sentence(operation: Operation, outcome: Outcome | None) -> str:
    """An operation and what came of it."""
    return f"{call(operation)} {outcome}"


def many(who: str) -> str:
    """Several of a "thread" or a "process"."""
    return f"{who}es" if who.endswith("s") else f"{who}s"
