"""Core requirements that random programs do not reach: failing storage, aliasing, isolation."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import (
    ID_KEY,
    NO_KEY,
    expect,
    failing,
    is_a,
    listed,
    observed,
    outcome,
    plain_keys,
    unchanged,
)

MUTABLE: tuple[Any, ...] = (["a"], {"a": "b"}, [["a"]], {"a": ["b"]}, bytearray(b"a"))
READS = ("list_keys", "list_keys of a prefix", "url")


def reports_a_value_error(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """SET-3: a ValueError inside `_set` comes out of set as StoreBackendError, with the ValueError as its cause."""
    backend = open_backend(new_place())
    keys = plain_keys(backend)
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
    keys = plain_keys(backend)
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


def leaves_other_stores_alone(new_place: "NewPlace", open_backend: "OpenBackend", operation: str) -> "str | None":
    """ISO-1: two stores open in two places at once do not see or change one another's keys."""
    here, there = open_backend(new_place()), open_backend(new_place())
    keys = plain_keys(here)
    if not keys:
        return NO_KEY
    for number, key in enumerate(keys[:2] if operation != "set of a missing key" else ()):
        there.set(key, str(number))
        here.set(key, "x")
    before = observed(there, *keys)
    if operation == "move":
        here.move(keys[0], keys[2])
    elif operation == "remove_key":
        here.remove_key(keys[0])
    else:
        here.set(keys[0], "y")
    unchanged(before, observed(there, *keys), f"{operation} in a store of its own in another place")
    return None


def changes_nothing_by_reading(new_place: "NewPlace", open_backend: "OpenBackend", reading: str) -> "str | None":
    """GET-3: a reading, made three times, changes nothing, nor does what is done to its answer."""
    backend = open_backend(new_place())
    keys = plain_keys(backend)
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
    keys = plain_keys(backend)
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
    for operation in ("set", "set of a missing key", "move", "remove_key"):
        yield Case("ISO-1", leaves_other_stores_alone, (operation,), f"{operation} beside another store", 4)
    for reading in READS:
        yield Case("GET-3", changes_nothing_by_reading, (reading,), f"reading: {reading}", 3)
    yield Case("LIST-4", lists_no_suppressed_id, title="a suppressed id in a listing", operations=2)


CASES: tuple[Case, ...] = tuple(_cases())
