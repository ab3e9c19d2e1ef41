"""Storage read and written by another process, whose locale is C (REOPEN-1)."""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, leave, outcome, plain_keys, shown

TEXTS = ("a\n", "\u00e9\u20ac\U0001f600", "a\r\nb\0")
NAMES = ("\u00e9", "\U0001f600")
OPENING = "opening in another process"
LOCALE = "in another process, whose locale is C (LC_ALL=C, without the UTF-8 mode)"
ANSWERING = """
def said(function, *arguments):
    try:
        return "returned " + ascii(function(*arguments))
    except Exception as error:
        return "raised " + type(error).__name__

def written(backend, pairs):
    told = [("set" + ascii((key, value)), said(backend.set, key, value)) for key, value in pairs]
    return [(call, came if came.startswith("raised") else "returned") for call, came in told]

def read(backend, pairs):
    told = [("store_backend_id", said(lambda: str(backend.store_backend_id)))]
    told += [("get(" + ascii(key) + ")", said(backend.get, key)) for key, _ in pairs]
    return [*told, ("list_keys()", said(lambda: sorted(map(tuple, backend.list_keys()))))]

def told_of(open_backend, ours, theirs, pairs):
    first, other = read(open_backend(ours), pairs), open_backend(theirs)
    return [first, written(other, pairs), read(other, pairs)]
"""
"""How both processes tell what a store answers, as pairs of a call and what came of it, so that they can be compared;
the id comes first, for its first read may create it."""


def spelled(place: "Any") -> str:
    """A place as Python source, in ASCII, with `pathlib` imported."""
    given = os.fspath(place)
    return f"pathlib.Path({given!a})" if isinstance(place, pathlib.PurePath) else ascii(given)


def interpreter(source: str) -> "subprocess.Popen[bytes]":
    """Start another process, with the locale C, that runs `source` and then waits for a program, in one line."""
    lines = [
        "import gc, json, pathlib, sys",
        source,
        "gc.freeze()",  # at its end, what was imported need not be searched for garbage
        f"print({OPENING!r}, flush=True)",
        "exec(eval(sys.stdin.readline()))",
    ]
    path = os.pathsep.join(entry or str(pathlib.Path.cwd()) for entry in sys.path)
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": path}
    return subprocess.Popen(
        [sys.executable, "-c", f"exec({chr(10).join(lines)!a}, globals())"],  # in ASCII, as the locale is C
        env={**os.environ, **locale},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def elsewhere(process: "subprocess.Popen[bytes]", program: str) -> "Any":
    """What `program` prints as JSON in a process that `interpreter` started; None if its source fails there."""
    with process:
        try:
            output = process.communicate(f"{program!a}\n".encode("ascii"), timeout=60)
        except BaseException:
            process.kill()
            raise
    printed, errors = (stream.decode("utf-8", "replace").splitlines() for stream in output)
    if OPENING not in printed:
        return None
    if process.returncode != 0:
        last = errors[-1] if errors else f"status {process.returncode}"
        raise AssertionError(f"expected the same answers {LOCALE}, came {last}")
    return json.loads(printed[-1])


def opened_elsewhere(process: "subprocess.Popen[bytes]", stores: "dict[str, Any]") -> "Any":
    """What another process answers of stores: by what they are for, a place written here, an empty one, and the pairs.

    Of each come the answers of the first, what came of writing to the second, and its answers.
    """
    # In a namespace of its own, for the source that opens the backend may have any name.
    lines = ["_told, _kit = {}, {}", f"exec({ANSWERING!a}, _kit)"]
    lines += [
        f"_told[{what!a}] = _kit['told_of'](open_backend, {spelled(ours)}, {spelled(theirs)}, {pairs!a})"
        for what, (ours, theirs, pairs) in stores.items()
    ]
    return elsewhere(process, "\n".join([*lines, "print()", "print(json.dumps(_told))"]))


def differences(what: str, here: "list[Any]", there: "list[Any]", written: str) -> list[str]:
    """In words, what two processes answer differently of one store; its first such answer alone."""
    for (call, mine), (_, other) in zip(here, there, strict=True):
        if mine != other:
            return [f"of {what}, written {written}: {call} {shown(mine)} here and {shown(other)} there"]
    return []


def answers_alike_elsewhere(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """REOPEN-1: what was written here is answered alike in another process, with the locale C, and the other way.

    Values are tried under plain keys, and names with a plain value, each in stores of their own: an engine may fail
    with the one, the other, or both, and each is another repair.
    """
    opener: Any = open_backend
    if not opener.source or not isinstance(new_place(), str | os.PathLike):
        return "it is not known how to open the backend in another process"
    sample = open_backend(new_place())
    plain = plain_keys(open_backend, sample)
    if not plain or getattr(opener, "values", None):
        return NO_KEY if not plain else "the backend takes no text"
    tried = {"values": zip(plain, TEXTS, strict=True), "names": [((*plain[0][:-1], name), "1") for name in NAMES]}
    here: dict[str, Any] = {}
    exec(ANSWERING, here)
    stores, mine = {}, {}
    for what, every in tried.items():
        pairs = [(key, value) for key, value in every if not outcome(sample.set, key, value).startswith("raised")]
        stores[what] = (new_place(), new_place(), pairs)
        backend = open_backend(stores[what][0])
        wrote = here["written"](backend, pairs)
        mine[what] = (here["read"](backend, pairs), wrote)
        leave(backend)
    there = opened_elsewhere(opener.started or interpreter(opener.source), stores)
    if there is None:
        return "the definition of open_backend does not run in another process"
    wrong: list[str] = []
    for what, (_, theirs, pairs) in stores.items():
        first, wrote, second = there[what]
        found = differences(what, mine[what][0], first, "here") + differences(what, mine[what][1], wrote, "there")
        found += differences(what, here["read"](open_backend(theirs), pairs), second, "there")
        wrong += found[:1]
    if wrong:
        raise AssertionError(f"expected the same answers here and {LOCALE}, came {'; '.join(wrong)}")
    return None


CASES: tuple[Case, ...] = (Case("REOPEN-1", answers_alike_elsewhere, (), "another process", 4, spawns=True),)
