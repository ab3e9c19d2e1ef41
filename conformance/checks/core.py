"""Core requirements that random programs do not reach: failing storage, aliasing, isolation."""

import contextlib
import copy
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import (
    ID_KEY,
    NO_KEY,
    Key,
    expect,
    failing,
    is_a,
    listed,
    observed,
    outcome,
    plain_keys,
    shown,
    unchanged,
)
from spec_store.requirements import RequirementId

MUTABLE: tuple[Any, ...] = (["a"], {"a": "b"}, [["a"]], {"a": ["b"]}, bytearray(b"a"))
MOVES: tuple[tuple[RequirementId, str], ...] = (
    ("MOVE-1", "to a missing key"),
    ("MOVE-2", "to a stored key"),
    ("MOVE-3", "onto itself"),
)
CHANGES_BY_ITSELF = "a store answers otherwise when it is asked again, without another store"
READS = ("list_keys", "list_keys of a prefix", "url")


def reports_a_value_error(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """SET-3: a ValueError inside `_set` comes out of set as StoreBackendError, with the ValueError as its cause."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    refusal = ValueError("refused by the storage")

    def raised() -> "Exception | None":
        try:
            backend.set(keys[0] if keys else ("a",), "1")
        except Exception as error:
            return error
        return None

    error, calls = failing(backend, ["_set"], refusal, raised)
    if not calls:
        return "the backend stores without a method _set, so that nothing can be made to fail in it"
    if error is None or not is_a(error, "StoreBackendError"):
        raise AssertionError(f"expected StoreBackendError where _set raises ValueError, came {error!r}")
    if refusal not in (error.__cause__, error.__context__):
        raise AssertionError(f"expected {refusal!r} as the cause of {error!r}, came {error.__cause__!r}")
    return None


def change(value: "Any") -> None:
    """Change a list, dict or bytearray, as far inside as it goes."""
    while isinstance(value, list | dict):
        inside = value["a"] if isinstance(value, dict) else value[0]
        if isinstance(inside, str):
            break
        value = inside
    if isinstance(value, dict):
        value["changed"] = "changed"
    else:
        value.extend(value)


def keeps_its_own_copy(new_place: "NewPlace", open_backend: "OpenBackend", value: "Any", when: str) -> "str | None":
    """SET-5: changing a value after set, or one that get returned, does not change the store."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    given = copy.deepcopy(value)
    actual = outcome(backend.set, keys[0], given)
    if actual in ("raised TypeError", "raised StoreBackendError"):
        return None  # a backend that refuses such values cannot share them with anyone
    if actual.startswith("raised") or outcome(backend.get, keys[0]) != f"returned {value!r}":
        return f"the backend does not give {value!r} back as it was, so that sharing does not show"
    change(given if when == "after set" else backend.get(keys[0]))
    actual = outcome(backend.get, keys[0])
    expect(f"get, when {value!r} was changed {when},", f"returned {value!r}", actual)
    return None


def moves_a_value(new_place: "NewPlace", open_backend: "OpenBackend", where: str) -> "str | None":
    """MOVE-1 to MOVE-3: after move dest has the value, and source is missing, unless both are one key."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    if where == "to a stored key":
        backend.set(keys[1], "2")
    dest = keys[0] if where == "onto itself" else keys[1]
    try:
        backend.move(keys[0], dest)
    except Exception as error:
        actual = f"{type(error).__name__}: {error}"
        raise AssertionError(f"expected that move({keys[0]!r}, {dest!r}) moves the value, came {actual}") from error
    expect(f"get({dest!r}), after a move {where},", "returned '1'", outcome(backend.get, dest))
    if dest != keys[0]:
        actual = outcome(backend.get, keys[0])
        expect(f"get({keys[0]!r}), which was moved {where},", "raised InvalidKeyError", actual)
    return None


def new_keys(open_backend: "OpenBackend", backend: "Any") -> "list[Key]":
    """Three plain keys that no store has had before, for a class may remember the keys of all its stores.

    Where the author claims which keys the backend takes, or it takes no such names, any plain keys.
    """
    keys = plain_keys(open_backend, backend)
    mark = uuid.uuid4().hex[:8]
    new = [(*key[:-1], f"{key[-1]}{mark}") for key in keys]
    refused = bool(getattr(open_backend, "keys", ())) or not keys
    refused = refused or outcome(backend.set, (*keys[0][:-1], f"probe{mark}"), "0").startswith("raised")
    return keys if refused else new


def told_beside(
    new_place: "NewPlace", open_backend: "OpenBackend", operation: str, who: str, alone: bool
) -> "list[tuple[str, str]]":
    """What a store answers before and after an operation of another one; empty where it takes no plain key.

    Args:
        new_place: as for a check.
        open_backend: likewise.
        operation: what the other one does.
        who: which of the two does it.
        alone: whether there is to be no other, and nothing is done.
    """
    stores = [open_backend(new_place()) for _ in range(1 if alone else 2)]
    here, there = (stores[0], stores[-1]) if who == "the one opened first" else (stores[-1], stores[0])
    keys = new_keys(open_backend, there)
    for number, key in enumerate(keys[:2] if operation != "set of a missing key" else ()):
        attempt(there, "set", key, str(number))
        if not alone:
            attempt(here, "set", key, "x")
    before = seen_of(there, keys)
    if keys and not alone:
        write(here, operation, keys)
    return list(zip(before, seen_of(there, keys), strict=True)) if keys else []


def leaves_other_stores_alone(
    new_place: "NewPlace", open_backend: "OpenBackend", operation: str, who: str
) -> "str | None":
    """ISO-1: two stores open in two places at once do not see or change one another's keys or ids.

    What one store does is tried as it is: whether it succeeds is no matter here, the other store is to show nothing of
    it. A control, which asks a store the same questions with nothing done elsewhere, tells what a store does by itself.
    """
    told = told_beside(new_place, open_backend, operation, who, False)
    if not told:
        return NO_KEY
    if all(before == after for before, after in told):
        return None
    control = told_beside(new_place, open_backend, operation, who, True)
    for (before, after), (old, new) in zip(told, control, strict=True):
        if before != after and old == new:
            doing = f"{operation} in {who}, a store of its own in another place,"
            raise AssertionError(f"expected that {doing} changes nothing ({shown(before)}), came: {shown(after)}")
    return CHANGES_BY_ITSELF


def write(backend: "Any", operation: str, keys: "list[Key]") -> None:
    """Do one kind of write to three keys, or to the id's, whatever comes of it."""
    if operation == "move":
        attempt(backend, "move", keys[0], keys[2])
    elif operation == "remove_key":
        attempt(backend, "remove_key", keys[0])
    elif operation == "set of the id":
        attempt(backend, "set", ID_KEY, "store_backend_id = 5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b6c")
    elif operation == "removal of the id":
        attempt(backend, "remove_key", ID_KEY)
    else:
        attempt(backend, "set", keys[0], "y")


def seen_of(backend: "Any", keys: "list[Key]") -> list[str]:
    """All that a store answers about keys, the id's among them, and its id, which may be created by that."""
    identity = outcome(getattr, backend, "store_backend_id")
    return [f"store_backend_id {identity}", *observed(backend, *keys, ID_KEY)]


def attempt(backend: "Any", operation: str, *arguments: "Any") -> None:
    """Do something, whatever comes of it."""
    with contextlib.suppress(Exception):
        getattr(backend, operation)(*arguments)


def leaves_earlier_stores_alone(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ISO-1: opening a store, and its making of its id, changes nothing of one that is open in another place."""
    there = open_backend(new_place())
    keys = new_keys(open_backend, there)
    if not keys:
        return NO_KEY
    attempt(there, "set", keys[0], "1")
    seen_of(there, keys)
    before = seen_of(there, keys)
    if seen_of(there, keys) != before:
        return CHANGES_BY_ITSELF
    here = open_backend(new_place())
    _ = outcome(getattr, here, "store_backend_id")
    unchanged(before, seen_of(there, keys), "opening a store in another place")
    actual = outcome(here.get, keys[0])
    if actual == outcome(there.get, keys[0]) != outcome(here.get, keys[2]):
        raise AssertionError(f"expected nothing of {keys[0]!r}, set in another store before, came: get {actual}")
    return None


def changes_nothing_by_reading(new_place: "NewPlace", open_backend: "OpenBackend", reading: str) -> "str | None":
    """GET-3: a reading, made three times, changes nothing, nor does what is done to its answer."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    _ = backend.store_backend_id  # the first read may create it
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    reads: dict[str, Callable[[], Any]] = {
        "list_keys": lambda: backend.list_keys().clear(),
        "list_keys of a prefix": lambda: backend.list_keys(keys[1]).clear(),
        "url": lambda: backend.get_url_for_key(keys[1]),
    }
    for _ in range(3):
        with contextlib.suppress(Exception):
            reads[reading]()
    unchanged(before, observed(backend, *keys[:2]), f"reading ({reading}), whatever is done to the answer,")
    return None


def lists_no_suppressed_id(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """LIST-4: the id key is not listed while the id is suppressed."""
    backend = open_backend(new_place(), suppress_store_backend_id=True)
    keys = plain_keys(open_backend, backend)
    _ = backend.store_backend_id
    if ID_KEY in backend.list_keys() or ID_KEY in backend.list_keys(ID_KEY):
        raise AssertionError(f"expected a listing without {ID_KEY}, the id being suppressed, came {listed(backend)}")
    return None if keys else NO_KEY


def _cases() -> Iterator[Case]:
    yield Case("SET-3", reports_a_value_error, title="_set raises ValueError", operations=1)
    for value in MUTABLE:
        for when in ("after set", "after get"):
            title = f"{type(value).__name__} changed {when}"
            yield Case("SET-5", keeps_its_own_copy, (value, when), title, 3 if when == "after get" else 2)
    for name, where in MOVES:
        yield Case(name, moves_a_value, (where,), f"move {where}", 4 if name == "MOVE-2" else 3)
    for who in ("the one opened first", "the one opened second"):
        for operation in ("set", "set of a missing key", "move", "remove_key", "set of the id", "removal of the id"):
            title = f"{operation} beside another store, by {who}"
            yield Case("ISO-1", leaves_other_stores_alone, (operation, who), title, 4)
    yield Case("ISO-1", leaves_earlier_stores_alone, (), "opening beside another store", 3)
    for reading in READS:
        yield Case("GET-3", changes_nothing_by_reading, (reading,), f"reading: {reading}", 3)
    yield Case("LIST-4", lists_no_suppressed_id, title="a suppressed id in a listing", operations=2)


CASES: tuple[Case, ...] = tuple(_cases())
