"""Mutants of the reference, each wrong in one way, by which the laws are shown to be independent of one another.

Each says which laws it breaks, from states that nothing is remembered of. Those that break a law alone remember, many
of them, what cannot be read of the store: of a store that does not, laws follow from one another.
"""

from typing import Any

from tests.conformance.programs import other_mutants, writing_mutants

MUTANTS: dict[type[Any], frozenset[str]] = {
    one: vars(one)["broken"]
    for module in (writing_mutants, other_mutants)
    for one in vars(module).values()
    if isinstance(one, type) and "broken" in vars(one)
}
"""Every mutant, with the ids of the laws that it breaks."""


def breaking_alone(law: str) -> list[type[Any]]:
    """The mutants that break a law, and no other."""
    return [one for one, broken in MUTANTS.items() if broken == {law}]
