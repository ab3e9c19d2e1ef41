"""Core requirements that random programs do not reach: failing storage, aliasing, unknown keywords, isolation."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

from conformance.cases import Case, NewPlace, OpenBackend
from conformance.checks.tools import (
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
WRITES = ("set", "move", "add", "update", "add_or_update")
READS = ("get", "get missing", "has_key", "has_key missing", "list_keys", "list_keys of a prefix", "id", "url")


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
    came = outcome(backend.set, keys[0], given)
    if came in ("raised TypeError", "raised StoreBackendError"):
        return None  # a backend that refuses such values cannot share them with anyone
    if came.startswith("raised") or outcome(backend.get, keys[0]) != f"returned {value!r}":
        return f"the backend does not give {value!r} back as it was, so that sharing does not show"
    change(given if when == "after set" else backend.get(keys[0]))
    came = outcome(backend.get, keys[0])
    expect(f"get, when {value!r} was changed {when},", f"returned {value!r}", came)
    return None


def takes_unknown_keywords(new_place: "NewPlace", open_backend: "OpenBackend", operation: str) -> "str | None":
    """SET-6: a keyword argument that the backend does not know makes no difference."""
    backend = open_backend(new_place())
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    if not hasattr(backend, operation):
        return f"the backend has no method {operation}"
    if operation in ("move", "update"):
        backend.set(keys[0], "1")
    arguments = (keys[0], keys[1]) if operation == "move" else (keys[0], "2")
    extra = {"content_type": "text/plain", "unknown_option": True}
    try:
        getattr(backend, operation)(*arguments, **extra)
    except Exception as error:
        raise AssertionError(
            f"expected that {operation} takes {extra}, came {type(error).__name__}: {error}"
        ) from error
    key, value = (keys[1], "1") if operation == "move" else (keys[0], "2")
    expect(f"get, after {operation} with {extra},", f"returned {value!r}", outcome(backend.get, key))
    if operation == "move":
        expect(f"has_key of the source, after move with {extra},", "returned False", outcome(backend.has_key, keys[0]))
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
    """GET-3: a reading, made three times, changes nothing."""
    backend = open_backend(new_place())
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    _ = backend.store_backend_id  # the first read may create it
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    reads: dict[str, Callable[[], Any]] = {
        "get": lambda: backend.get(keys[0]),
        "get missing": lambda: backend.get(keys[1]),
        "has_key": lambda: backend.has_key(keys[0]),
        "has_key missing": lambda: backend.has_key(keys[1]),
        "list_keys": lambda: backend.list_keys().clear(),
        "list_keys of a prefix": lambda: backend.list_keys(keys[1]).clear(),
        "id": lambda: backend.store_backend_id,
        "url": lambda: backend.get_url_for_key(keys[1]),
    }
    for _ in range(3):
        with contextlib.suppress(Exception):
            reads[reading]()
    unchanged(before, observed(backend, *keys[:2]), f"reading ({reading}), whatever is done to the answer,")
    return None


def lists_the_id_key(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """LIST-4: the id key is listed, once, when the id exists."""
    backend = open_backend(new_place())
    text = str(backend.store_backend_id)
    if outcome(backend.has_key, ID_KEY) != "returned True":
        return f"the id ({text}) is not stored under the id key"
    keys = backend.list_keys()
    if keys.count(ID_KEY) != 1:
        raise AssertionError(f"expected that list_keys() lists {ID_KEY} once, the id being stored, came {keys}")
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
    for operation in WRITES:
        title = f"{operation} with unknown keywords"
        yield Case("SET-6", takes_unknown_keywords, (operation,), title, 3 if operation in ("move", "update") else 2)
    for operation in ("set", "set of a missing key", "move", "remove_key"):
        yield Case("ISO-1", leaves_other_stores_alone, (operation,), f"{operation} beside another store", 4)
    for reading in READS:
        yield Case("GET-3", changes_nothing_by_reading, (reading,), f"reading: {reading}", 3)
    yield Case("LIST-4", lists_the_id_key, title="the id key in a listing", operations=2)
    yield Case("LIST-4", lists_no_suppressed_id, title="a suppressed id in a listing", operations=2)


CASES: tuple[Case, ...] = tuple(_cases())
