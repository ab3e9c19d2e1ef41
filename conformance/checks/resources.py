"""What a store takes of the machine does not grow with what is asked of it (RES-1).

Rounds of all kinds of operations go over the same three keys, and what this process holds is counted now and then:

    what is counted                  where it is read                      not accused
    -------------------------------  ------------------------------------  -------------------------------------------
    open file descriptors            /proc/self/fd                         a pool or a cache that fills once
    threads                          /proc/self/task, or `threading`       workers that end a moment later
    child processes, unreaped too    /proc/self/task/*/children            a server of its own
    temporary files                  those made below gettempdir(), by     files of other processes there; files that
                                     Python's audit events, that are left  are removed, or moved into place
    files under the place            the directory                         a log, journal or index, however long

One more after some operations than before is no fault, nor is what waits for the garbage collector: growing *with*
the operations is. So a store is suspected if there is more after 200 operations than after 100, and again after 300.
It is accused if that goes on when garbage is collected and a moment is waited, until there are `MANY` more, or to the
end of a thousand.
"""

import contextlib
import gc
import os
import pathlib
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, leave, plain_keys
from conformance.probes.audit import audited

ROUNDS = 5
"""How many rounds lie between two counts: 100 operations."""

HUNDREDS = 10
"""How many times that is done where a store is suspected."""

MANY = 200
"""So many more are no pool."""

SLOW, TOO_SLOW = 0.5, 1.5
"""Seconds that one round may take, of 20 operations, for `ROUNDS` to lie between two counts; and for one to."""

SETTLING = 0.2
"""Seconds that what is about to end has to do so."""


def one_round(keys: "Sequence[Key]") -> "list[tuple[Any, ...]]":
    """Twenty operations on three keys, refused ones too, after which there is what there was after the last round."""
    one, two, three = keys
    return [
        ("set", one, "1"),
        ("set", one, "2"),
        ("get", one),
        ("has_key", one),
        ("get_url_for_key", one),
        ("add", two, "1"),
        ("add", two, "2"),
        ("update", two, "3"),
        ("add_or_update", two, "4"),
        ("list_keys",),
        ("list_keys", two),
        ("get_all",),
        ("get", three),
        ("update", three, "5"),
        ("move", two, three),
        ("move", two, three),
        ("get", three),
        ("remove_key", three),
        ("remove_key", three),
        ("has_key", three),
    ]


def work(backend: "Any", keys: "Sequence[Key]", rounds: int) -> None:
    """Perform rounds of operations, whatever comes of them."""
    for operation, *arguments in one_round(keys) * rounds:
        with contextlib.suppress(Exception):
            getattr(backend, operation)(*arguments)


def held(place: "Any", made: "set[str]") -> "dict[str, int]":
    """How many of each thing this process holds; what cannot be counted here is left out.

    Args:
        place: where the store is; its files are counted if it is a directory.
        made: the paths below the directory for temporary files that have been written to.
    """
    counts = {"threads": threading.active_count(), "temporary files": sum(map(os.path.exists, made))}
    with contextlib.suppress(OSError):
        counts["open file descriptors"] = len(list(pathlib.Path("/proc/self/fd").iterdir()))
        tasks = list(pathlib.Path("/proc/self/task").iterdir())
        counts["threads"] = len(tasks)
        counts["child processes"] = sum(len((task / "children").read_text("ascii").split()) for task in tasks)
    if isinstance(place, str | os.PathLike) and pathlib.Path(place).is_dir():
        counts["files under the place"] = sum(len(files) for _, _, files in os.walk(str(place)))
    return counts


def settled(count: "Callable[[], dict[str, int]]") -> "dict[str, int]":
    """What is held once garbage is collected and what is about to end has had a moment for it."""
    gc.collect()
    time.sleep(SETTLING)
    return count()


def grown(before: "dict[str, int]", after: "dict[str, int]") -> "set[str]":
    """What there is more of than before."""
    return {name for name in before.keys() & after.keys() if after[name] > before[name]}


def grows_on(
    backend: "Any", keys: "Sequence[Key]", count: "Callable[[], dict[str, int]]", rounds: int, names: "set[str]"
) -> "dict[str, list[int]]":
    """How many there are of each of these, time after time, if there are more each time; of others nothing."""
    counts = [settled(count)]
    while names and len(counts) < HUNDREDS and all(counts[-1][name] - counts[0][name] < MANY for name in names):
        work(backend, keys, rounds)
        counts.append(settled(count))
        names = names & grown(counts[-2], counts[-1])
    return {name: [one[name] for one in counts] for name in sorted(names)}


def growing_call(backend: "Any", keys: "Sequence[Key]", count: "Callable[[], dict[str, int]]", name: str) -> str:
    """The operations of one round after each of which there is more, in words."""
    found = []
    for operation, *arguments in one_round(keys):
        before = count()[name]
        with contextlib.suppress(Exception):
            getattr(backend, operation)(*arguments)
        if count()[name] > before:
            found.append(operation)
    return f", some more after each {' and '.join(dict.fromkeys(found))}" if found else ""


def takes_no_more_with_time(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """RES-1: what the store takes of the machine does not grow with the operations, nor stay when it is closed."""
    place = new_place()
    backend = open_backend(place)
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    made: set[str] = set()
    temporary, own = f"{tempfile.gettempdir()}{os.sep}", f"{place}{os.sep}"

    def watch(paths: "list[str]", writing: bool) -> None:
        made.update(path for path in paths if writing and path.startswith(temporary) and not path.startswith(own))

    began = time.monotonic()
    work(backend, keys, 1)
    seconds = time.monotonic() - began
    if seconds > TOO_SLOW:
        return "its operations take too long for a hundred of them"
    rounds = ROUNDS if seconds <= SLOW else 1
    came: str | None = audited(watch, lambda: judged(backend, keys, lambda: held(place, made), rounds))
    return came


def judged(backend: "Any", keys: "Sequence[Key]", count: "Callable[[], dict[str, int]]", rounds: int) -> "str | None":
    """Raise if there is more from so many rounds to as many more, or when the backend is closed."""
    counts = []
    for _ in range(3):
        work(backend, keys, rounds)
        counts.append(count())
    suspected = grown(counts[0], counts[1]) & grown(counts[1], counts[2])
    if suspected:
        accuse(backend, keys, count, rounds, suspected)
        return uncounted(counts[2])
    leave(backend)
    last, closed = counts[2], count()
    for name in sorted(grown(last, closed) - {"files under the place"}):
        if closed[name] - last[name] >= len(counts) * rounds:
            raise AssertionError(
                f"expected no more {name} when the backend was closed, came {closed[name]} after {last[name]}"
            )
    return uncounted(last)


def accuse(
    backend: "Any", keys: "Sequence[Key]", count: "Callable[[], dict[str, int]]", rounds: int, suspected: "set[str]"
) -> None:
    """Raise if what is suspected to grow goes on to."""
    for name, numbers in grows_on(backend, keys, count, rounds, suspected).items():
        call = growing_call(backend, keys, count, name)
        leave(backend)
        left = settled(count)[name]
        raise AssertionError(
            f"expected no more {name} each {rounds * 20} operations on the same keys, came {numbers}{call}; "
            f"{left} when the backend was closed"
        )


def uncounted(counts: "dict[str, int]") -> "str | None":
    """What could not be counted, or None."""
    missing = [name for name in ("open file descriptors", "child processes") if name not in counts]
    return f"{' and '.join(missing)} cannot be counted here, for /proc does not tell" if missing else None


CASES: tuple[Case, ...] = (
    Case("RES-1", takes_no_more_with_time, title="what is held after hundreds of operations", operations=300),
)
