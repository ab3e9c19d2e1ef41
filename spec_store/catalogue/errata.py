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
        ("KEY-5",),
        "1.1",
        "A key may be a name that the store uses for itself: that of an argument, or of a file in its place. It is "
        "refused, or stored under exactly that key, like any other.",
    ),
    Erratum(
        ("KEY-7",),
        "1.1",
        "Great Expectations turns its identifiers into tuples before it calls a backend, but for one method: "
        "`Store.remove_key` hands over the identifier, an object with `to_tuple()`. remove_key takes such an object "
        "for the tuple that it gives, or refuses it by TypeError like anything else that is no tuple; it does not "
        "answer that nothing was stored. No other method need take one.",
    ),
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
        ("ISO-1",),
        "1.1",
        "Places are different however their names begin: `store` and `store2` are two, whichever is opened first.",
    ),
    Erratum(
        ("PROP-1", "CONFIG-1"),
        "1.1",
        "What the constructor was given is told the same at any time, whatever has been done with the backend since.",
    ),
    Erratum(
        ("URL-2",),
        "1.1",
        "Two URLs that a browser follows (`http`, `https`, `file`) are different if they lead to different documents: "
        "a `#`, `?`, `%` or space of a key is escaped in them, and does not end or begin anything.",
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
