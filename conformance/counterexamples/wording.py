"""Words that every counterexample begins with."""

from collections.abc import Sequence

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
