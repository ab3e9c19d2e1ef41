"""The names, the order and the defaults of arguments are fixed: what is called by name does as what is called in order.

Which requirement a method's arguments belong to is that of what the method is for:

    method                                   requirement
    ---------------------------------------  ---------------------------
    get, set, move, has_key, remove_key      GET-1, SET-1, MOVE-1, HAS-1, REMOVE-1
    list_keys                                LIST-2, for its argument is the prefix
    get_url_for_key, is_ignored_key          URL-1, IGNORE-1
    add, update, add_or_update               ADD-1, UPDATE-1, UPSERT-1
"""

from collections.abc import Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, expect, observed, outcome, plain_keys
from spec_store.requirements import RequirementId

READING = ("get", "has_key", "list_keys", "get_url_for_key", "is_ignored_key")

NAMES: tuple[tuple[RequirementId, str, dict[str, Any]], ...] = (
    ("GET-1", "get", {"key": 0}),
    ("HAS-1", "has_key", {"key": 0}),
    ("LIST-2", "list_keys", {"prefix": 0}),
    ("URL-1", "get_url_for_key", {"key": 0}),
    ("URL-1", "get_url_for_key", {"key": 0, "protocol": None}),
    ("IGNORE-1", "is_ignored_key", {"key": 0}),
    ("SET-1", "set", {"key": 0, "value": "2"}),
    ("MOVE-1", "move", {"source_key": 0, "dest_key": 1}),
    ("REMOVE-1", "remove_key", {"key": 0}),
    ("ADD-1", "add", {"key": 1, "value": "2"}),
    ("UPDATE-1", "update", {"key": 0, "value": "2"}),
    ("UPSERT-1", "add_or_update", {"key": 1, "value": "2"}),
)
"""Each method with its arguments; a number stands for one of the keys, of which the first is stored."""


def takes_arguments_by_name(
    new_place: "NewPlace", open_backend: "OpenBackend", method: str, arguments: "dict[str, Any]"
) -> "str | None":
    """Called by the names of its arguments, a method does as it does when they are given in order."""
    seen = []
    call = f"{method}({', '.join(f'{name}=...' for name in arguments)})"
    for by_name in (True, False):
        backend = open_backend(new_place())
        keys = plain_keys(open_backend, backend)
        if not keys:
            return NO_KEY
        if not hasattr(backend, method):
            return f"the backend has no method {method}"
        backend.set(keys[0], "1")
        given = {name: keys[value] if isinstance(value, int) else value for name, value in arguments.items()}
        if by_name:
            actual = outcome(getattr(backend, method), **given)
        else:
            actual = outcome(getattr(backend, method), *given.values())
        # What a write returns is free, and a URL may tell the place.
        read = method in READING and method != "get_url_for_key"
        actual = actual if read or actual.startswith("raised") else "returned"
        seen.append([actual, *observed(backend, *keys[:2])])
        if not by_name and actual.startswith("raised") and actual != "raised StoreError":
            return f"{method} {actual} when its arguments are given in order"
    second, first = seen
    expect(f"{call}, its arguments given by name,", first[0], second[0])
    for in_order, named in zip(first[1:], second[1:], strict=True):
        if in_order != named:
            raise AssertionError(f"expected {in_order} after {call}, as with its arguments in order, came: {named}")
    return None


def _cases() -> Iterator[Case]:
    for requirement, method, arguments in NAMES:
        title = f"{method} by the names of its arguments: {', '.join(arguments)}"
        yield Case(requirement, takes_arguments_by_name, (method, arguments), title, 2)


CASES: tuple[Case, ...] = tuple(_cases())
