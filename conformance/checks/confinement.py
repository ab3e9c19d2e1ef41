"""No key reaches storage outside the store (KEY-8).

The keys spell paths to a directory that the check makes for itself, or to names that nothing else has, so that a
backend that follows them does no harm; what it wrote there is removed.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, plain_keys
from conformance.probes.audit import audited, inside

SPELLINGS = (
    "an absolute path",
    "an absolute path below",
    "an absolute path by elements",
    "an absolute path after an empty element",
    "a file URL",
    "dot-dot elements",
    "down and dot-dot elements",
    "dot-dot in one element",
    "down and dot-dot in one element",
    "dot-dot with backslashes",
    "percent-encoded dot-dot",
    "the home directory",
    "an environment variable",
)
BESIDE = (
    ("..", "{}"),
    ("..", "..", "{}"),
    ("a", "..", "..", "{}"),
    (".", "..", "{}"),
    ("", "..", "{}"),
    ("../{}",),
    ("a/../../{}",),
    ("..\\{}",),
)


def spelled(file: "pathlib.Path", spelling: str) -> "Key":
    """A key that leads to a file, if a backend takes keys for paths."""
    path, parts, name = file.as_posix(), file.parts[1:], file.name
    return {
        "an absolute path": (path,),
        "an absolute path below": ("a", path),
        "an absolute path by elements": ("/", *parts),
        "an absolute path after an empty element": ("", *parts),
        "a file URL": (f"file://{path}",),
        "dot-dot elements": (*[".."] * 20, *parts),
        "down and dot-dot elements": ("a", *[".."] * 21, *parts),
        "dot-dot in one element": ("../" * 20 + "/".join(parts),),
        "down and dot-dot in one element": ("a/" + "../" * 21 + "/".join(parts),),
        "dot-dot with backslashes": ("..\\" * 20 + "\\".join(parts),),
        "percent-encoded dot-dot": (*["%2e%2e"] * 20, *parts),
        "the home directory": ("~", name),
        "an environment variable": ("$HOME", name),
    }[spelling]


def attempt(backend: "Any", operation: str, *arguments: "Any") -> "Any":
    """What an operation returns, or None where it raises: here it counts only what was reached outside."""
    with contextlib.suppress(Exception, SystemExit):
        return getattr(backend, operation)(*arguments)
    return None


def reaches_nothing_outside(
    new_place: "NewPlace", open_backend: "OpenBackend", spelling: str, what: str
) -> "str | None":
    """KEY-8: a key that spells the path of a file outside the store does not read, write or remove that file."""
    backend = open_backend(new_place())
    stored = plain_keys(open_backend, backend)
    if not stored:
        return NO_KEY
    outside = pathlib.Path(tempfile.mkdtemp()).resolve()
    mark = uuid.uuid4().hex
    there, new = outside / f"there-{mark}", outside / f"new-{mark}"
    key = spelled(there, spelling)
    touched: list[str] = []

    def watch(paths: "list[str]", _writing: bool) -> None:
        touched.extend(path for path in paths if mark in path and inside(path, str(outside)))

    def operate() -> None:
        if what == "write":
            for number in range(2):
                attempt(backend, "set", stored[number], "changed")
                attempt(backend, "move", stored[number], (spelled(new, spelling), key)[number])
            attempt(backend, "set", key, "changed")
        elif what == "remove":
            attempt(backend, "remove_key", key)
            attempt(backend, "move", key, stored[0])
        else:
            absent = attempt(backend, "has_key", spelled(new, spelling))  # True of any such key tells of no file
            answers = [attempt(backend, "get", key), attempt(backend, "has_key", key) is True and absent is not True]
            prefixes = (key, key[:-1], spelled(outside, spelling))
            answers += (mark in str(attempt(backend, "list_keys", prefix)) for prefix in prefixes)
            if mark in str(answers[0]) or any(answer is True for answer in answers[1:]):
                raise AssertionError(
                    f"expected that get, has_key and list_keys of {key!r} and its parent show nothing of the file "
                    f"outside the store, came {answers}"
                )

    try:
        there.write_text(mark, encoding="ascii")
        with mock.patch.dict(os.environ, {"HOME": str(outside)}):
            audited(watch, operate)
        files = {file.name: file.read_text("utf-8", "replace") for file in outside.iterdir() if file.is_file()}
        if files != {there.name: mark} or touched:
            raise AssertionError(
                f"expected that {key!r} ({what}) reaches nothing outside the store, and {there} alone is in its "
                f"directory, with {mark!r} in it; came: there are now {files}, and accesses to {sorted(set(touched))}"
            )
    finally:
        shutil.rmtree(outside, ignore_errors=True)
    return None


def marked(directory: "pathlib.Path", mark: str) -> "list[pathlib.Path]":
    """What there is beside a directory and its parents whose name has the mark in it."""
    found: list[pathlib.Path] = []
    for level in directory.parents:
        with contextlib.suppress(OSError):  # a parent need not be readable
            found += (path for path in level.iterdir() if mark in path.name)
    return found


def writes_nothing_beside(
    new_place: "NewPlace", open_backend: "OpenBackend", pattern: "Key", operation: str
) -> "str | None":
    """KEY-8: a key with dot-dot in it writes nothing beside the directory that is the store's place."""
    place = new_place()
    backend = open_backend(place)
    stored = plain_keys(open_backend, backend)
    if not stored:
        return NO_KEY
    if not isinstance(place, str | os.PathLike) or not pathlib.Path(place).is_dir():
        return "the place is no directory"
    directory = pathlib.Path(place).resolve()
    mark = f"conformance-{uuid.uuid4().hex}"
    key = tuple(element.format(mark) for element in pattern)
    touched: list[str] = []

    def watch(paths: "list[str]", writing: bool) -> None:
        touched.extend(
            path
            for path in paths
            if writing and mark in path and pathlib.Path(path).is_absolute() and not inside(path, str(directory))
        )

    def operate() -> None:
        if operation == "move":
            attempt(backend, "set", stored[0], "1")
            attempt(backend, "move", stored[0], key)
        else:
            attempt(backend, operation, key, "1")

    audited(watch, operate)
    found = [*marked(directory, mark), *(pathlib.Path(path).resolve() for path in touched)]
    for path in found:
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if found:
        written = sorted({str(path) for path in found})
        raise AssertionError(
            f"expected that {operation} of {key!r} writes nothing outside of {directory}, came {written}"
        )
    return None


def _cases() -> Iterator[Case]:
    for spelling in SPELLINGS:
        for what in ("read", "write", "remove"):
            title = f"a key that spells {spelling}: {what}"
            yield Case("KEY-8", reaches_nothing_outside, (spelling, what), title, 1)
    for pattern in BESIDE:
        for operation in ("set", "move"):
            title = f"{operation}, a key like {tuple(element.format('name') for element in pattern)}"
            yield Case("KEY-8", writes_nothing_beside, (pattern, operation), title, 1 if operation == "set" else 2)


CASES: tuple[Case, ...] = tuple(_cases())
