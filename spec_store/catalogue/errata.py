"""Errata: what a later version of the specification says more clearly, without asking for anything else.

A requirement never changes. Where readers disagreed about what one says, the later version says how it was meant, and
it is judged so by every version: by `conformance run --spec 1.0` too. What asks for more is a requirement of its own,
with its own `since`, and no erratum.
"""

import attrs
from attrs.validators import in_

from spec_store.catalogue.vocabulary import SPEC_VERSIONS, RequirementId, SpecVersion


@attrs.frozen
class Erratum:
    """One point on which a later version is clearer than the one before.

    Args:
        requirements: the ids of the requirements that it is about.
        version: the version that says so first.
        text: how it is meant, in Markdown.
    """

    requirements: tuple[RequirementId, ...]
    version: SpecVersion = attrs.field(validator=in_(SPEC_VERSIONS))
    text: str


BY_NAME: tuple[RequirementId, ...] = (
    *("GET-1", "SET-1", "MOVE-1", "REMOVE-1", "HAS-1", "LIST-2", "URL-1", "IGNORE-1"),
    *("ADD-1", "UPDATE-1", "UPSERT-1"),
)
"""What a method whose arguments have other names is judged under."""

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        BY_NAME,
        "1.1",
        "That the names of arguments are fixed means that each method may be called by them: "
        "`list_keys(prefix=...)` does what `list_keys(...)` does. A method that cannot be is judged under what it is "
        "for.",
    ),
    Erratum(
        ("LIST-3",),
        "1.1",
        "A prefix that `set` would refuse as a key may be refused by list_keys with the same error (KEY-5), for "
        "nothing can start with what cannot be represented.",
    ),
    Erratum(
        ("ALL-1", "LIN-3"),
        "1.1",
        "get_all is no snapshot: beside writes it gives of each key the value before or after them. It raises nothing "
        "because a key has gone meanwhile, for its caller has named none.",
    ),
    Erratum(
        ("LIN-1", "CRASH-2", "FAULT-1"),
        "1.1",
        "Where `atomic_move=False` is claimed, an observer may see the value at both keys of a move, never at neither; "
        "so may one after a move that a refused system call has ended (FAULT-1).",
    ),
)
"""Every erratum, in the order of the catalogue."""


def errata_of(id: RequirementId) -> tuple[Erratum, ...]:
    """The errata about a requirement."""
    return tuple(one for one in ERRATA if id in one.requirements)
