"""The requirements of the specification, as data; `SPEC.md` is rendered from it.

An id never changes its meaning: a requirement that changes gets a new id, and says since when it holds. So a backend
can be judged by an earlier version, which is the same catalogue without what came later.
"""

import difflib

from spec_store.catalogue.concurrent import CONCURRENT
from spec_store.catalogue.core_keys import CORE_KEYS
from spec_store.catalogue.core_values import CORE_VALUES
from spec_store.catalogue.crash_safe import CRASH_SAFE
from spec_store.catalogue.durable import DURABLE
from spec_store.catalogue.extended import EXTENDED
from spec_store.catalogue.identity import IDENTITY
from spec_store.catalogue.surface import SURFACE
from spec_store.catalogue.vocabulary import (
    CLAIMS,
    CLASSES,
    LEVELS,
    ORIGINS,
    SPEC_VERSIONS,
    Claim,
    Requirement,
    RequirementClass,
    RequirementId,
    SpecVersion,
)

__all__ = [
    "CLAIMS",
    "CLASSES",
    "LEVELS",
    "ORIGINS",
    "REQUIREMENTS",
    "SPEC_VERSION",
    "SPEC_VERSIONS",
    "Claim",
    "Requirement",
    "RequirementClass",
    "RequirementId",
    "SpecVersion",
    "asked_for",
    "belongs_to",
    "for_processes",
    "requirement",
]

SPEC_VERSION: SpecVersion = SPEC_VERSIONS[-1]
"""The version of the specification that the catalogue states."""

REQUIREMENTS: tuple[Requirement, ...] = (
    *CORE_VALUES,
    *CORE_KEYS,
    *IDENTITY,
    *SURFACE,
    *EXTENDED,
    *DURABLE,
    *CONCURRENT,
    *CRASH_SAFE,
)
"""Every requirement, class by class in the order of `CLASSES`."""

_BY_ID: dict[str, Requirement] = {one.id: one for one in REQUIREMENTS}


def requirement(id: str) -> Requirement:
    """The requirement of that id.

    Raises:
        KeyError: there is none; the message names those most like it.
    """
    if id not in _BY_ID:
        similar = difflib.get_close_matches(id.upper(), _BY_ID, n=5) or sorted(_BY_ID)
        raise KeyError(f"no requirement has the id {id!r}; there is {', '.join(similar)}")
    return _BY_ID[id]


def belongs_to(one: Requirement, version: SpecVersion) -> bool:
    """Whether a version of the specification has a requirement, and not only a later one."""
    return SPEC_VERSIONS.index(one.since) <= SPEC_VERSIONS.index(version)


def asked_for(*claims: Claim) -> tuple[RequirementId, ...]:
    """The ids of the requirements that one of these claims makes asked, in the order of the catalogue."""
    return tuple(one.id for one in REQUIREMENTS if one.claim in claims)


def for_processes(id: RequirementId) -> RequirementId:
    """What processes are judged by where threads are judged by `id`: LIN-2 for LIN-1, and else the same."""
    return "LIN-2" if id == "LIN-1" else id
