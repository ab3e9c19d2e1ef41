"""Storage outlives the object: reopened, opened twice, opened where writing is refused (REOPEN-1 to REOPEN-3)."""

import errno
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, expect, failing, leave, observed, outcome, plain_keys, unchanged
from conformance.probes.audit import audited, may_be_inside

LONG = 100_000
VALUES = ("1", "", "a\n", "\n", "a\r\nb\r", "a\0b", " a ", "\u00e9", "\U0001f600", "\ufeffa")
WRITES = ("set", "overwrite", "move", "remove_key", "set after remove_key")


def answers_as_before(
    new_place: "NewPlace", open_backend: "OpenBackend", value: str, length: int, times: int
) -> "str | None":
    """REOPEN-1: opened again on the same storage, a backend answers every observation as the one before."""
    place = new_place()
    backend = open_backend(place)
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    actual = outcome(backend.set, keys[0], value * length)
    if actual.startswith("raised"):
        return f"the backend does not store the value {value!r}: {actual}"
    before = observed(backend, *keys[:2])
    for _ in range(times):
        leave(backend)
        backend = open_backend(place)
    unchanged(before, observed(backend, *keys[:2]), "opening again" + f" {times} times" * (times > 1))
    return None


def write(backend: "Any", operation: str, keys: "list[Key]") -> None:
    """Do one kind of write to the first of three keys."""
    if operation == "move":
        backend.move(keys[0], keys[2])
    elif operation == "set":
        backend.set(keys[2], "2")
    elif operation == "overwrite":
        backend.set(keys[0], "2")
    else:
        backend.remove_key(keys[0])
    if operation == "set after remove_key":
        backend.set(keys[0], "2")


def sees_the_writes_of_another(new_place: "NewPlace", open_backend: "OpenBackend", operation: str) -> "str | None":
    """REOPEN-2: two backends open on the same storage see each other's completed writes."""
    place = new_place()
    one = open_backend(place)
    other = open_backend(place)
    keys = plain_keys(open_backend, one)
    if not keys:
        return NO_KEY
    for number, key in enumerate(keys[:2]):
        (one, other)[number].set(key, str(number))
    observed(other, *keys)  # whatever it remembers of this must not outlive the write
    done = outcome(write, one, operation, keys)
    if done.startswith("raised"):
        alone = open_backend(new_place())
        for number, key in enumerate(keys[:2]):
            alone.set(key, str(number))
        if outcome(write, alone, operation, keys).startswith("raised"):
            return f"{operation} {done}, whoever looks at it"
        expect(f"{operation} by one backend, after a set by another on the same storage,", "returned None", done)
    expected = {
        "set": ("'0'", "'1'", "'2'"),
        "overwrite": ("'2'", "'1'", ""),
        "move": ("", "'1'", "'0'"),
        "remove_key": ("", "'1'", ""),
        "set after remove_key": ("'2'", "'1'", ""),
    }[operation]
    call = f"by one backend, after {operation} by another on the same storage,"
    for key, value in zip(keys, expected, strict=True):
        wanted = f"returned {value}" if value else "raised InvalidKeyError"
        expect(f"get({key!r}) {call}", wanted, outcome(other.get, key))
        expect(f"has_key({key!r}) {call}", f"returned {bool(value)}", outcome(other.has_key, key))
    stored = [key for key, value in zip(keys, expected, strict=True) if value]
    listed = outcome(lambda: sorted(key for key in other.list_keys() if key in keys))
    expect(f"list_keys() {call}", f"returned {sorted(stored)!r}", listed)
    return None


def sees_the_writes_of_several(new_place: "NewPlace", open_backend: "OpenBackend", count: int) -> "str | None":
    """REOPEN-2: backends open on the same storage, as many as there are, see each other's completed writes."""
    place = new_place()
    backends = [open_backend(place) for _ in range(count)]
    keys = plain_keys(open_backend, backends[0])
    if not keys:
        return NO_KEY
    backends[0].set(keys[0], "first")
    for number, one in enumerate(backends):
        for other in backends:
            other.get(keys[0])  # whatever it remembers of this must not outlive the write
        one.set(keys[0], str(number))
        for place_of, other in enumerate(backends):
            call = f"get({keys[0]!r}) by backend {place_of} of {count}, after a set by backend {number},"
            expect(call, f"returned {str(number)!r}", outcome(other.get, keys[0]))
    backends[-1].remove_key(keys[0])
    for place_of, other in enumerate(backends):
        call = f"has_key({keys[0]!r}) by backend {place_of} of {count}, after remove_key by the last one,"
        expect(call, "returned False", outcome(other.has_key, keys[0]))
    return None


def goes_on_beside_a_closed_one(new_place: "NewPlace", open_backend: "OpenBackend", closed: int) -> "str | None":
    """REOPEN-2: a backend goes on when another that was open on the same storage is closed."""
    place = new_place()
    backends = [open_backend(place) for _ in range(2)]
    keys = plain_keys(open_backend, backends[0])
    if not keys:
        return NO_KEY
    for number, one in enumerate(backends):
        one.set(keys[number], str(number))
    leave(backends[closed])
    open_one = backends[1 - closed]
    for number in range(2):
        call = f"get({keys[number]!r}) once another backend on the same storage was closed"
        expect(call, f"returned {str(number)!r}", outcome(open_one.get, keys[number]))
    call = f"set({keys[0]!r}, '2') once another backend on the same storage was closed"
    done = outcome(open_one.set, keys[0], "2")
    if done.startswith("raised"):  # what it returns is its own matter
        expect(call, "returned None", done)
    expect(f"get({keys[0]!r}) after that", "returned '2'", outcome(open_one.get, keys[0]))
    return None


def holds_the_same_with(new_place: "NewPlace", open_backend: "OpenBackend", option: str, value: "Any") -> "str | None":
    """REOPEN-1: opened again with another argument that says nothing of where it stores, it holds the same."""
    for first, second in (({}, {option: value}), ({option: value}, {})):
        place = new_place()
        opened = outcome(open_backend, new_place(), **{option: value})
        if opened.startswith("raised"):
            return f"it does not open with {option}={value!r}"
        backend = open_backend(place, **first)
        keys = plain_keys(open_backend, backend)
        if not keys:
            return NO_KEY
        backend.set(keys[0], "1")
        leave(backend)
        backend = open_backend(place, **second)
        call = f"get({keys[0]!r}), stored by a backend with the arguments {first}, by one with {second},"
        expect(call, "returned '1'", outcome(backend.get, keys[0]))
        leave(backend)
    return None


def reads_without_writing(new_place: "NewPlace", open_backend: "OpenBackend", means: str) -> "str | None":
    """REOPEN-3: a store that exists opens and answers reads where its storage refuses writes."""
    place = new_place()
    backend = open_backend(place)
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    leave(backend)
    refused: list[str] = []

    def opened_and_read() -> "list[str]":
        again = open_backend(place)
        actual = observed(again, *keys[:2])
        refused.append(outcome(again.set, keys[0], "2"))
        leave(again)
        return actual

    actual = refusing(means, place, backend, opened_and_read)
    if actual is None or not refused[0].startswith("raised"):
        return f"the storage cannot be made to refuse writes: {means}"
    unchanged(before, actual, f"opening again where writes are refused ({means})")
    return None


def refusing(means: str, place: "Any", backend: "Any", function: "Callable[[], list[str]]") -> "list[str] | None":
    """What `function()` returns while the storage refuses writes; None where it cannot be made to by these means."""
    is_directory = isinstance(place, str | os.PathLike) and pathlib.Path(place).is_dir()

    def watch(paths: "list[str]", writing: bool) -> None:
        if writing and any(may_be_inside(path, os.fspath(place)) for path in paths):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), paths[0])

    if means == "methods that raise" and hasattr(type(backend), "_set"):
        error = OSError(errno.EROFS, os.strerror(errno.EROFS))
        actual, _ = failing(backend, ["_set", "_add", "_move"], error, lambda: outcome_of_reads(function))
    elif means == "files that cannot be written" and is_directory:
        actual = audited(watch, lambda: outcome_of_reads(function))
    elif means == "a read-only directory" and is_directory and hasattr(os, "geteuid") and os.geteuid() != 0:
        actual = read_only(place, lambda: outcome_of_reads(function))
    else:
        return None
    return actual  # type: ignore[no-any-return]


def outcome_of_reads(function: "Callable[[], list[str]]") -> "list[str]":
    """What `function()` returns."""
    try:
        return function()
    except Exception as error:
        actual = f"{type(error).__name__}: {error}"
        raise AssertionError(
            f"expected that the store opens and reads where writes are refused, came {actual}"
        ) from error


def read_only(place: "Any", function: "Callable[[], list[str]]") -> "list[str]":
    """What `function()` returns while no file or directory of the place may be written."""
    modes = {path: path.stat().st_mode for path in (pathlib.Path(place), *pathlib.Path(place).rglob("*"))}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        return function()
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def _cases() -> Iterator[Case]:
    for value in VALUES:
        yield Case("REOPEN-1", answers_as_before, (value, 1, 1), f"the value {value!r}, reopened", 2)
    yield Case("REOPEN-1", answers_as_before, ("0123456789", LONG // 10, 1), "a long value, reopened", 2)
    yield Case("REOPEN-1", answers_as_before, ("1", 1, 4), "opened again four times", 3)
    for operation in WRITES:
        title = f"{operation}, seen by another backend"
        yield Case("REOPEN-2", sees_the_writes_of_another, (operation,), title, 4, together=2)
    for count in (3, 4):
        title = f"each of {count} backends sees the writes of all"
        yield Case("REOPEN-2", sees_the_writes_of_several, (count,), title, count, together=count)
    for closed in (0, 1):
        yield Case("REOPEN-2", goes_on_beside_a_closed_one, (closed,), f"backend {closed} of 2 closed", 2, together=2)
    for option, given in (("fixed_length_key", True), ("store_name", "another"), ("suppress_store_backend_id", True)):
        yield Case("REOPEN-1", holds_the_same_with, (option, given), f"opened again with {option}", 4)
    for means in ("methods that raise", "files that cannot be written", "a read-only directory"):
        yield Case("REOPEN-3", reads_without_writing, (means,), f"reading, with {means}", 3)


CASES: tuple[Case, ...] = tuple(_cases())
