"""What a planted fault and an odd one are, and how a class says that it is one."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

import attrs

from conformance.faults.stores.dict_store import new_shelf
from conformance.faults.stores.file_store import FileStore, new_directory
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Claims, Subject
from spec_store.requirements import RequirementId

LIMIT = 10.0
"""The time limit for one operation, in seconds."""

Store = TypeVar("Store", bound=type[Any])


def _nothing() -> None:
    pass


@attrs.frozen
class Fault:
    """A backend with one known fault.

    Args:
        name: its class.
        requirement: the id of the requirement that it violates, and is to be found under.
        subject: the backend.
        description: what is wrong with it, in a sentence.
        also: ids of requirements that the same fault violates by their words too.
        origin: how another process opens it; UNKNOWN where no other process is needed to find it.
        limit: the time limit for one operation, in seconds.
        reset: forget what an earlier run has left in this process.
    """

    name: str
    requirement: RequirementId
    subject: Subject
    description: str
    also: frozenset[RequirementId] = frozenset()
    origin: Origin = UNKNOWN
    limit: float = LIMIT
    reset: Callable[[], None] = attrs.field(default=_nothing, eq=False, repr=False)


@attrs.frozen
class OddOne:
    """A correct backend that does something uncommon, which no requirement forbids.

    Args:
        name: its class.
        subject: the backend.
        description: what is odd about it, in a sentence.
        origin: how another process opens it.
    """

    name: str
    subject: Subject
    description: str
    origin: Origin = UNKNOWN


@attrs.frozen
class _Mark:
    """What a class says of itself; the requirement is None for an odd one."""

    requirement: RequirementId | None = None
    also: frozenset[RequirementId] = frozenset()
    claims: Claims = Claims(durable=True)  # noqa: RUF009  (frozen)
    abroad: bool = False
    limit: float = LIMIT


def plants(
    requirement: RequirementId, *also: RequirementId, abroad: bool = False, limit: float = LIMIT
) -> Callable[[Store], Store]:
    """Mark a class as a planted fault; the first line of its docstring says what is wrong.

    Args:
        requirement: the id of what it violates.
        also: ids of what it unavoidably violates too.
        abroad: whether only another process shows it.
        limit: the time limit for one operation, in seconds.
    """
    return _marking(_Mark(requirement, frozenset(also), abroad=abroad, limit=limit))


def plants_race(requirement: RequirementId, *also: RequirementId) -> Callable[[Store], Store]:
    """Mark a class as a planted fault between threads; otherwise as `plants`."""
    return _marking(_Mark(requirement, frozenset(also), claims=Claims(durable=True, threads=True)))


def plants_crash(
    requirement: RequirementId, *also: RequirementId, durability: str = "process", atomic_move: bool = True
) -> Callable[[Store], Store]:
    """Mark a class as a fault that a crash, or a refused system call, shows; otherwise as `plants`."""
    claims = Claims(durable=True, crash_safe=True, durability=durability, atomic_move=atomic_move)
    return _marking(_Mark(requirement, frozenset(also), claims=claims))


def plants_process(requirement: RequirementId, *also: RequirementId) -> Callable[[Store], Store]:
    """Mark a class as a fault between processes; otherwise as `plants`."""
    return _marking(_Mark(requirement, frozenset(also), claims=Claims(durable=True, processes=True)))


def odd(claims: Claims | None = None) -> Callable[[Store], Store]:
    """Mark a class as correct but odd; the first line of its docstring says how."""
    return _marking(_Mark(claims=claims or Claims(durable=True)))


def _marking(mark: _Mark) -> Callable[[Store], Store]:
    def marked(cls: Store) -> Store:
        cls.mark_ = mark
        return cls

    return marked


def faults_in(module: ModuleType) -> tuple[Fault, ...]:
    """The planted faults that a module defines, in its order."""
    return tuple(_fault(cls, mark.requirement, mark) for cls, mark in _marked(module) if mark.requirement is not None)


def odd_ones_in(module: ModuleType) -> tuple[OddOne, ...]:
    """The odd ones that a module defines, in its order."""
    return tuple(
        OddOne(
            cls.__name__,
            subject_of(cls, mark.claims),
            _description(cls),
            origin_of(cls) if issubclass(cls, FileStore) else UNKNOWN,
        )
        for cls, mark in _marked(module)
        if mark.requirement is None
    )


def _marked(module: ModuleType) -> list[tuple[type[Any], _Mark]]:
    own = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return [(cls, vars(cls)["mark_"]) for cls in own if "mark_" in vars(cls)]


def _fault(cls: type[Any], requirement: RequirementId, mark: _Mark) -> Fault:
    return Fault(
        cls.__name__,
        requirement,
        subject_of(cls, mark.claims),
        _description(cls),
        mark.also,
        origin_of(cls) if mark.abroad else UNKNOWN,
        mark.limit,
        getattr(cls, "reset_", _nothing),
    )


def _description(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]


def subject_of(cls: type[Any], claims: Claims) -> Subject:
    """The subject of a class over a shelf, a directory, or what else it says."""
    place = new_directory if issubclass(cls, FileStore) else getattr(cls, "new_place_", new_shelf)
    return Subject(cls, place, claims, cls.__name__)


def origin_of(cls: type[Any]) -> Origin:
    """How another process opens a class over a directory, or on what place else it says."""
    place = getattr(cls, "new_place_", new_directory)
    return Origin(
        tuple(dict.fromkeys((f"import {cls.__module__}", f"import {place.__module__}"))),
        f"{cls.__module__}.{cls.__name__}(place{{options}})",
        f"{place.__module__}.{place.__name__}()",
    )
