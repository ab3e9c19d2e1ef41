"""Storage read and written by another process, whose locale is C (REOPEN-1)."""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, leave, outcome, plain_keys

PAIRS = (("one", "a\n"), ("\u00e9", "\u00e9\u20ac\U0001f600"), ("\U0001f600", "a\r\nb\0"))
OPENING = "opening in another process"


def answers(backend: "Any", keys: "list[Key]") -> "list[Any]":
    """What the backend answers, as JSON values; the id first, for its first read may create it."""
    identity = str(backend.store_backend_id)
    return [[backend.get(key) for key in keys], sorted(list(key) for key in backend.list_keys()), identity]


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
        raise AssertionError(f"expected the same answers in another process with the locale C, came {last}")
    return json.loads(printed[-1])


def answers_alike_elsewhere(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """REOPEN-1: what was written here is answered alike in another process, with the locale C, and the other way."""
    opener: Any = open_backend
    ours, theirs = new_place(), new_place()
    if not opener.source or not isinstance(ours, str | os.PathLike):
        return "it is not known how to open the backend in another process"
    sample = open_backend(new_place())
    plain = plain_keys(sample)
    if not plain:
        return NO_KEY
    pairs = [((*plain[0][:-1], name), value) for name, value in PAIRS]
    pairs = [(key, value) for key, value in pairs if not outcome(sample.set, key, value).startswith("raised")]
    keys = [key for key, _ in pairs]
    # Both processes give their answers by these lines, so that they can be compared.
    program = f"""
def answers(backend, keys):
    identity = str(backend.store_backend_id)
    return [[backend.get(key) for key in keys], sorted(list(key) for key in backend.list_keys()), identity]

def guarded(backend, write):
    try:
        for key, value in {pairs!a} if write else []:
            backend.set(key, value)
        return answers(backend, {keys!a})
    except Exception as error:
        return type(error).__name__ + ": " + str(error)

first = guarded(open_backend({spelled(ours)}), False)
second = guarded(open_backend({spelled(theirs)}), True)
print()
print(json.dumps([first, second]))
"""
    backend = open_backend(ours)
    for key, value in pairs:
        backend.set(key, value)
    here = answers(backend, keys)
    leave(backend)
    there = elsewhere(opener.started or interpreter(opener.source), program)
    if there is None:
        return "the definition of open_backend does not run in another process"
    for written, mine, other in (
        ("here", here, there[0]),
        ("there", answers(open_backend(theirs), keys), there[1]),
    ):
        if mine != other:
            raise AssertionError(
                f"expected the same answers here and in another process with the locale C, of what was written "
                f"{written}, came {mine!a} here and {other!a} there"
            )
    return None


CASES: tuple[Case, ...] = (Case("REOPEN-1", answers_alike_elsewhere, (), "another process", 4, spawns=True),)
