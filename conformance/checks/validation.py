"""Key validation: what is no tuple of str is refused by TypeError (KEY-1, KEY-2, KEY-7), and () is a key (KEY-3)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import kind, observed, outcome, plain_keys, unchanged
from spec_store.requirements import RequirementId

NO_TUPLES: tuple[Any, ...] = (None, 1, 1.5, True, "a", b"a", ["a"], {"a": 1}, {"a"})
NO_STRINGS: tuple[Any, ...] = (None, 1, 1.5, True, b"a", ("a",), ["a"])

VALIDATING = ("get", "has_key", "set", "move from", "move to")
LISTING = ("list_keys", "remove_key")


def refuses(
    new_place: "NewPlace", open_backend: "OpenBackend", operation: str, bad_key: "Any", culprit: "Any"
) -> "str | None":
    """What is no tuple of str is refused: TypeError, naming the backend's class and the culprit's type."""
    backend = open_backend(new_place())
    stored = plain_keys(open_backend, backend)[:2]
    if stored:
        backend.set(stored[0], "1")
    before = observed(backend, *stored)
    good_key = stored[0] if stored else ("a",)
    calls: dict[str, Callable[[], Any]] = {
        "get": lambda: backend.get(bad_key),
        "has_key": lambda: backend.has_key(bad_key),
        "set": lambda: backend.set(bad_key, "2"),
        "move from": lambda: backend.move(bad_key, good_key),
        "move to": lambda: backend.move(good_key, bad_key),
        "list_keys": lambda: backend.list_keys(bad_key),
        "remove_key": lambda: backend.remove_key(bad_key),
    }
    try:
        actual = f"it returned {calls[operation]()!r}"
        names_both = False
    except Exception as error:
        actual = f"{type(error).__name__}: {error}"
        words = re.findall(r"\w+", str(error))
        named = type(backend).__name__ in words and type(culprit).__name__ in words
        names_both = named and isinstance(error, TypeError)
    if not names_both:
        wanted = f"TypeError naming {type(backend).__name__} and {type(culprit).__name__}"
        raise AssertionError(f"expected of {operation} {bad_key!r} {wanted}, came {actual}")
    unchanged(before, observed(backend, *stored), f"{operation} {bad_key!r}")
    return None


def takes_the_empty_key(new_place: "NewPlace", open_backend: "OpenBackend", operation: str) -> "str | None":
    """() is no invalid key: get and has_key of it do not raise TypeError or ValueError, unless set refuses it so."""
    try:
        open_backend(new_place()).set((), "1")
        refusal = ""
    except Exception as error:
        refusal = kind(error)
    backend = open_backend(new_place())
    actual = outcome(getattr(backend, operation), ())
    if actual == "raised TypeError":
        raise AssertionError(f"expected that the key () of {operation} passes validation, came: it raised TypeError")
    if actual == "raised ValueError" and actual != f"raised {refusal}":
        set_does = f"raises {refusal}" if refusal else "takes it"
        raise AssertionError(
            f"expected that {operation}(()) takes the key or refuses it as set does, which {set_does}, "
            f"came: it {actual}"
        )
    return None


def _refusals(requirement: RequirementId, operations: tuple[str, ...], bad: Any, culprit: Any) -> Iterator[Case]:
    for operation in operations:
        title = f"{operation} of {bad!r}"
        yield Case(requirement, refuses, (operation, bad, culprit), title, operations=1, emptied=True)


def _cases() -> Iterator[Case]:
    for bad in NO_TUPLES:
        yield from _refusals("KEY-1", VALIDATING, bad, bad)
        yield from _refusals("KEY-7", LISTING, bad, bad)
    for element in NO_STRINGS:
        yield from _refusals("KEY-2", VALIDATING, ("a", element), element)
        yield from _refusals("KEY-7", LISTING, ("a", element), element)
    yield from _refusals("KEY-2", VALIDATING, (1, "a"), 1)
    for operation in ("get", "has_key"):
        yield Case("KEY-3", takes_the_empty_key, (operation,), f"{operation} of ()", operations=1)


CASES: tuple[Case, ...] = tuple(_cases())
