"""Names that a store may use for itself: as elements of keys, and as the beginning of another place's name.

what a store may do                                   what shows it                               requirement
----------------------------------------------------  ------------------------------------------  -----------
keep its settings, an index or a lock where its keys  keys of the strings in its config, and of   KEY-5
are, and hide them from listings                      the names of the files in its place
find its keys, or an open store, by how a name        places "store" and "store2", opened in      ISO-1
begins, with nothing to end it                        either order
"""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.core import attempt
from conformance.checks.support import (
    ID_KEY,
    NO_KEY,
    Key,
    expect,
    leave,
    observed,
    outcome,
    plain_keys,
    shown,
    unsteady,
)

MOST_NAMES = 16
NO_DIRECTORY = "the place is no directory, in which two stores could have names that begin alike"
BEGIN_ALIKE = ("store", "store2")


def own_names(backend: "Any", place: "Any") -> list[str]:
    """The strings of a store's config, and the names of the files in its place, with and without an ending."""
    config = backend.config if isinstance(backend.config, dict) else {}
    found = [one for pair in config.items() for one in pair if isinstance(one, str)]
    if isinstance(place, str | os.PathLike) and pathlib.Path(place).is_dir():
        for path in sorted(pathlib.Path(place).rglob("*"))[:MOST_NAMES]:
            found += [path.name, path.name.partition(".")[0]]
    # What may lead out of the store is tried by other checks, in a directory of their own.
    plain = (one for one in found if one and ".." not in one and not {"/", "\\", "~"} & set(one))
    return list(dict.fromkeys(plain))[:MOST_NAMES]


def told_of_itself(backend: "Any") -> "dict[str, str]":
    """The id, the name, and the strings of the config of a store."""
    config = backend.config if isinstance(backend.config, dict) else {}
    told = {}
    for name in ("store_backend_id", "store_backend_id", "store_name"):  # the first read of the id may create it
        told[name] = outcome(getattr, backend, name)
    return {**told, **{f"{name} in config": value for name, value in config.items() if isinstance(value, str)}}


def stores_its_own_names(new_place: "NewPlace", open_backend: "OpenBackend", reopened: bool) -> "str | None":
    """KEY-5: whatever set accepts, it stores under exactly that key, the store's own names too."""
    place = new_place()
    backend = open_backend(place, store_name="a_name")
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    if getattr(open_backend, "keys", None):
        return "only some keys are claimed"
    backend.set(keys[0], "1")
    before = told_of_itself(backend)
    stored: dict[Key, str] = {keys[0]: "1"}
    for number, name in enumerate(own_names(backend, place)):
        key = (*keys[0][:-1], name)
        if key != ID_KEY and outcome(backend.set, key, f"own {number}").startswith("returned"):
            stored[key] = f"own {number}"
    if reopened:
        leave(backend)
        backend = open_backend(place, store_name="a_name")
        if outcome(backend.get, keys[0]) != "returned '1'":
            return "what was stored is not there when the store is opened again"
    listing = outcome(lambda: sorted(key for key in backend.list_keys() if key in stored))
    expect("a listing of keys that are names of the store's own", f"returned {sorted(stored)!r}", listing)
    for key, value in stored.items():
        expect(f"get({key!r}), a name of the store's own,", f"returned {value!r}", outcome(backend.get, key))
        expect(f"has_key({key!r}), a name of the store's own,", "returned True", outcome(backend.has_key, key))
    for name, answer in told_of_itself(backend).items():
        if name != "store_backend_id" or not (reopened or unsteady(backend)):
            expect(f"{name}, when keys were set that are names of the store's own,", before.get(name, answer), answer)
    return None


def told_of_two(open_backend: "OpenBackend", one: "Any", other: "Any") -> list[str]:
    """What two stores answer, each after a write to either; whether their ids are the same; and to close them."""
    first = open_backend(one)
    second = open_backend(other)
    keys = plain_keys(open_backend, first)
    told = []
    for backend, operation, *arguments in (
        (
            (first, "set", keys[0], "1"),
            (second, "set", keys[0], "2"),
            (second, "set", keys[1], "3"),
            (first, "move", keys[0], keys[2]),
            (second, "remove_key", keys[1]),
            (first, "remove_key", keys[0]),
        )
        if keys
        else ()
    ):
        attempt(backend, operation, *arguments)
        for each in (first, second):
            told += [f"{operation}: {answer}" for answer in observed(each, *keys)]
            told.append(f"{operation}: list_keys({keys[0]!r}) {outcome(each.list_keys, keys[0])}")
    ids = [outcome(getattr, each, "store_backend_id") for each in (first, second)]
    told.append(f"the ids {'are one' if ids[0] == ids[1] else 'differ'}")
    leave(second)
    leave(first)
    return told if keys else []


def keeps_apart_places_that_begin_alike(
    new_place: "NewPlace", open_backend: "OpenBackend", first: str, second: str
) -> "str | None":
    """ISO-1: two stores whose places begin alike are told apart as those in any two places are."""
    outer = new_place()
    if not isinstance(outer, str | os.PathLike) or not pathlib.Path(outer).is_dir():
        return NO_DIRECTORY
    apart = told_of_two(open_backend, new_place(), new_place())
    if not apart:
        return NO_KEY
    places = [pathlib.Path(outer, name) for name in (first, second)]
    alike = []
    with contextlib.suppress(Exception):
        for place in places:
            place.mkdir()
        alike = told_of_two(open_backend, *(str(place) if isinstance(outer, str) else place for place in places))
    if not alike:
        return "the backend does not open in a directory inside of its place"
    for usual, actual in zip(apart, alike, strict=True):
        if usual != actual:
            where = f"of stores in places {first!r} and {second!r}, opened in this order,"
            raise AssertionError(f"expected {where} what any two answer ({shown(usual)}), came: {shown(actual)}")
    return None


def _cases() -> Iterator[Case]:
    yield Case("KEY-5", stores_its_own_names, (False,), "the store's own names as keys", 3)
    yield Case("KEY-5", stores_its_own_names, (True,), "the store's own names as keys, reopened", 4, claim="durable")
    for first, second in (BEGIN_ALIKE, BEGIN_ALIKE[::-1]):
        title = f"places {first!r} and {second!r}, opened in this order"
        yield Case("ISO-1", keeps_apart_places_that_begin_alike, (first, second), title, 3)


CASES: tuple[Case, ...] = tuple(_cases())
