"""How a known violation is held out while a check is judged again: what is faulty is done by means of what is not.

    violated            what is done instead
    ------------------  --------------------------------------------------------------------------------
    MOVE-1 to MOVE-5    move is get, set and remove_key
    HAS-1               has_key is whether get finds the key
    GET-2, GET-3        get asks has_key before, and does not read a missing key
    SET-1               set removes the key before
    REMOVE-3, REMOVE-4  remove_key asks has_key, does nothing to a missing key, and returns what has_key did
    LIST-1 to LIST-3    list_keys lists what has been written, as far as get finds it
    LIST-4              list_keys lists the id key if get finds it, and not otherwise
    KEY-4 to KEY-6      plain keys are taken of a length that works
    ISO-1               a store is emptied when it is first opened, and has keys that none had before; by that two
                        stores at once cannot be told apart

An operation that a check itself is about is never replaced, and none is replaced by what is faulty itself. That a
mending works is not taken for granted: the known violations are looked for in what the check does on the mended store
as well (`masking`).
"""

import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import attrs

from conformance.checks.case import Case
from conformance.checks.counterexample import calls
from conformance.checks.support import leave
from conformance.harness.harness import Harness
from conformance.harness.interface import PREFIXES
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, Set
from conformance.programs.outcomes import Returned
from conformance.subject.subject import Place
from spec_store import InvalidKeyError, Key
from spec_store.requirements import RequirementId

LISTS_THE_ID: RequirementId = "LIST-4"


@attrs.frozen
class Calls:
    """The methods of one backend as they are, and what has been written to its place, whichever backend did it."""

    get: Callable[..., Any]
    set: Callable[..., Any]
    has_key: Callable[..., Any]
    list_keys: Callable[..., Any]
    remove_key: Callable[..., Any]
    written: dict[Key, None]

    def finds(self, key: Key) -> bool:
        """Whether get finds a key."""
        try:
            self.get(key)
        except Exception as error:
            if any(cls.__name__ == "InvalidKeyError" for cls in type(error).__mro__):
                return False
            raise
        return True


def _move(of: Calls) -> Callable[..., Any]:
    def move(source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = of.get(source_key)
        of.set(dest_key, value, **kwargs)
        of.written[dest_key] = None
        if source_key != dest_key:
            of.remove_key(source_key)

    return move


def _has_key(of: Calls) -> Callable[..., Any]:
    def has_key(key: Key) -> bool:
        return of.finds(key)

    return has_key


def _get(of: Calls) -> Callable[..., Any]:
    def get(key: Key, **kwargs: Any) -> Any:
        if of.has_key(key) is False:
            raise InvalidKeyError(f"has_key knows of no {key!r}")
        return of.get(key, **kwargs)

    return get


def _set(of: Calls) -> Callable[..., Any]:
    def set_(key: Key, value: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(Exception):
            of.remove_key(key)
        return of.set(key, value, **kwargs)

    return set_


def _remove_key(of: Calls) -> Callable[..., Any]:
    def remove_key(key: Key) -> bool:
        if not of.has_key(key):
            return False
        of.remove_key(key)
        return True

    return remove_key


def _list_keys(of: Calls) -> Callable[..., Any]:
    def list_keys(prefix: Key = ()) -> list[Key]:
        every = dict.fromkeys((*of.written, ID_KEY))
        return [key for key in every if key[: len(prefix)] == prefix and of.finds(key)]

    return list_keys


def _list_with_id(of: Calls) -> Callable[..., Any]:
    def list_keys(prefix: Key = ()) -> list[Key]:
        found = [key for key in of.list_keys(prefix) if key != ID_KEY]
        return [*found, ID_KEY] if ID_KEY[: len(prefix)] == prefix and of.finds(ID_KEY) else found

    return list_keys


@attrs.frozen
class Substitute:
    """What is called in place of a method that is known to be faulty.

    Args:
        violated: the ids of the violations that it holds out.
        method: the name of the method.
        by: the ids of what it relies on; where one of these is violated, it is of no use.
        make: gives the substitute for one backend.
        words: what is done instead, as "move is ...".
    """

    violated: tuple[RequirementId, ...]
    method: str
    by: tuple[RequirementId, ...]
    make: Callable[[Calls], Callable[..., Any]]
    words: str


_GET: tuple[RequirementId, ...] = ("GET-1", "GET-2", "GET-3")
_SET: tuple[RequirementId, ...] = ("SET-1", "SET-2")
_REMOVE: tuple[RequirementId, ...] = ("REMOVE-1", "REMOVE-2")

SUBSTITUTES = (
    Substitute(
        ("MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4", "MOVE-5"),
        "move",
        (*_GET, *_SET, *_REMOVE),
        _move,
        "move is done by get, set and remove_key",
    ),
    Substitute(("HAS-1",), "has_key", _GET, _has_key, "has_key is whether get finds the key"),
    Substitute(("GET-2", "GET-3"), "get", ("HAS-1",), _get, "get asks has_key before"),
    Substitute(("SET-1",), "set", _REMOVE, _set, "set removes the key before"),
    Substitute(("REMOVE-3", "REMOVE-4"), "remove_key", ("HAS-1",), _remove_key, "remove_key goes by has_key"),
    Substitute(
        ("LIST-1", "LIST-2", "LIST-3"),
        "list_keys",
        (*_GET, *_SET),
        _list_keys,
        "list_keys lists what was set and is found",
    ),
    Substitute(
        (LISTS_THE_ID,), "list_keys", ("GET-2", "GET-3"), _list_with_id, "list_keys lists the id key if get finds it"
    ),
)

BY_OTHER_KEYS = ("KEY-4", "KEY-5", "KEY-6")


@attrs.frozen
class Mending:
    """What is held out, and how.

    Args:
        methods: what is called instead of faulty methods.
        keys: plain keys that work; empty where the check may choose.
        empties: whether stores are emptied when they are first opened.
        places: the places opened so far.
    """

    methods: tuple[Substitute, ...] = ()
    keys: tuple[Key, ...] = ()
    empties: bool = False
    places: list[tuple[Place, dict[Key, None]]] = attrs.field(factory=list, eq=False)

    def __str__(self) -> str:
        words = [one.words for one in self.methods]
        words += ["keys taken that work"] if self.keys else []
        words += ["each store emptied when it is first opened"] if self.empties else []
        return ", ".join(words)

    def applied(self, harness: Harness) -> Harness:
        """The harness of a subject that does so; what is known of the other is not known of it."""
        subject = harness.subject

        def mended(place: Place, **options: Any) -> Any:
            written = self._written(place, lambda: subject.open(place, suppress_store_backend_id=True))
            return self._mended(subject.open(place, **options), written)

        return attrs.evolve(harness, subject=attrs.evolve(subject, open=mended)).remembering()

    def shares(self) -> bool:
        """Whether stores that share their keys were open at the same time, so that nothing can be told apart."""
        return self.empties and len(self.places) > 1

    def _written(self, place: Place, opening: Callable[[], Any]) -> dict[Key, None]:
        """What has been written to a place; a new place is emptied, if that is to be done."""
        for known, written in self.places:
            if place is not None and known is place:
                return written
        self.places.append((place, {}))
        if self.empties:
            _emptied(opening)
        return self.places[-1][1]

    def _mended(self, backend: Any, written: dict[Key, None]) -> Any:
        for name in ("set", "add", "update", "add_or_update"):
            if callable(getattr(backend, name, None)):
                setattr(backend, name, _noting(getattr(backend, name), written))
        of = Calls(backend.get, backend.set, backend.has_key, backend.list_keys, backend.remove_key, written)
        for one in self.methods:
            setattr(backend, one.method, one.make(of))
        return backend


def _noting(method: Callable[..., Any], written: dict[Key, None]) -> Callable[..., Any]:
    def noting(key: Key, *arguments: Any, **keywords: Any) -> Any:
        returned = method(key, *arguments, **keywords)
        written[key] = None
        return returned

    return noting


def _emptied(opening: Callable[[], Any]) -> None:
    """Remove all that a store lists, as far as that can be done."""
    with contextlib.suppress(Exception):
        backend = opening()
        for key in backend.list_keys():
            backend.remove_key(key)
        leave(backend)


def mending_of(harness: Harness, case: Case, by: RequirementId, known: frozenset[RequirementId]) -> Mending | None:
    """How to hold out a violation, and with it all others that are known and can be; None where it cannot be.

    Args:
        harness: what the check failed on.
        case: the check.
        by: what explains the failure.
        known: what else is known to be violated.
    """
    if by == "ISO-1":
        mark = uuid.uuid4().hex[:8]  # a class may remember the keys of all its stores
        keys = working_keys(harness) if harness.subject.claims.elements is None else ()
        return Mending(keys=tuple((*key[:-1], f"{key[-1]}{mark}") for key in keys), empties=True)
    usable = [
        one
        for one in SUBSTITUTES
        if calls(case, one.method) and not _is_about(case, one.method) and _is_of_use(one, known)
    ]
    keys = working_keys(harness) if not known.isdisjoint(BY_OTHER_KEYS) else ()
    held = {name for one in usable for name in one.violated} | set(BY_OTHER_KEYS if keys else ())
    return Mending(tuple(usable), keys) if by in held and _takes_attributes(harness) else None


def _is_of_use(one: Substitute, known: frozenset[RequirementId]) -> bool:
    """Whether a substitute is called for, and goes by nothing that is faulty itself."""
    return not known.isdisjoint(one.violated) and known.isdisjoint(one.by)


def _takes_attributes(harness: Harness) -> bool:
    """Whether methods of a backend can be replaced; not where it has slots."""
    store = harness.open()
    try:
        store.backend.get = store.backend.get
    except AttributeError:
        return False
    finally:
        harness.close(store)
    return True


def _is_about(case: Case, method: str) -> bool:
    """Whether a check judges what a method does, or refuses: by its requirement, or its first argument."""
    first = str(case.arguments[0]).split() if case.arguments else []
    judged = case.requirement.startswith(("KEY-", "GET-", "SET-", "MOVE-")) and first[:1] == [method]
    return case.requirement.startswith(f"{PREFIXES[method]}-") or judged


def working_keys(harness: Harness) -> tuple[Key, ...]:
    """Four plain keys of one length, each of which is set and read back on a store of its own; empty if none is."""
    text = harness.material.value(0)
    for more in range(5):
        keys = tuple((*("a",) * more, name) for name in ("probe", "one", "two", "three"))
        if all(_works(harness, key, text) for key in keys):
            return keys
    return ()


def _works(harness: Harness, key: Key, value: Any) -> bool:
    store = harness.open()
    try:
        done = harness.perform(Set(key, value), store.backend)
        read = harness.perform(Get(key), store.backend)
    finally:
        harness.close(store)
    return isinstance(done, Returned) and isinstance(read, Returned)
