"""Stores side by side: the keys of a store of any size, and what an operation takes on each of several clients.

Nothing here needs more than spec_store, for it is also run beside releases of Great Expectations of long ago.
"""

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, Protocol, TypeAlias

import attrs

from spec_store.keys import Key

VALUE = '{"expectation": "é", "kwargs": {"column": "amount", "min_value": 0, "max_value": 1000}}' * 3
GROUP = 100
"""How many keys share their first element."""

MATCHES = 10
"""How many keys a listing finds."""

SAMPLE = 200
"""How many keys are read and written in turn."""

ROUNDS = range(3, 101)
"""How often all clients take their turn, at least and at most."""

TURN_SECONDS = 0.01
"""About how long a turn takes that has more than one call in it."""

OPERATIONS = ("get", "set", "has", "move", "list", "list all", "get all", "add", "remove", "open")

Turn: TypeAlias = tuple[float, float]
"""The microseconds of a call: of this process's CPU, and by the wall."""

Clock: TypeAlias = Literal["CPU", "wall"]

Figures: TypeAlias = dict[str, dict[str, list[Turn]]]
"""For each operation and client, what a call took in each round."""


class Client(Protocol):
    """What is measured: a backend, or a bare client that does the same."""

    def get(self, key: Key) -> Any: ...

    def set(self, key: Key, value: str) -> Any: ...

    def add(self, key: Key, value: str) -> Any: ...

    def has_key(self, key: Key) -> bool: ...

    def remove_key(self, key: Key) -> Any: ...

    def move(self, source_key: Key, dest_key: Key) -> Any: ...

    def list_keys(self, prefix: Key = ()) -> list[Key]: ...

    def get_all(self) -> list[Any]: ...


@attrs.frozen
class Side:
    """A client of a filled store, and how another one is opened on the same store."""

    client: Client
    opened: Callable[[], AbstractContextManager[Client]]


def kept(client: Client) -> Side:
    """A client of what is not opened again."""
    return Side(client, lambda: nullcontext(client))


Sides: TypeAlias = dict[str, Side]


@attrs.frozen
class Layout:
    """The keys of a store of `number` keys, ten of which start with `prefix`, in the middle of the others."""

    number: int

    @property
    def prefix(self) -> Key:
        """What ten keys start with, as names of groups go on from one another."""
        return (f"group-{self.number // GROUP // 2:06d}n",)

    def needles(self) -> list[Key]:
        """The keys that start with the prefix."""
        return [(*self.prefix, f"needle-{number:02d}") for number in range(MATCHES)]

    def every(self) -> Iterator[Key]:
        """All keys."""
        yield from self.needles()
        for number in range(self.number - MATCHES):
            yield self._key(number)

    def sample(self) -> list[Key]:
        """Keys from everywhere in the store."""
        others = self.number - MATCHES
        if others < SAMPLE:
            return self.needles()
        return [self._key(number) for number in random.Random(1).sample(range(others), SAMPLE)]

    @staticmethod
    def _key(number: int) -> Key:
        return (f"group-{number // GROUP:06d}", f"key-{number % GROUP:02d}")


@attrs.frozen
class Work:
    """An operation as one client does it, again and again on other keys.

    Args:
        call: one call.
        before: makes what so many calls need, and is not measured.
        after: takes away what they left, and is not measured.
    """

    call: Callable[[], object]
    before: Callable[[int], object] = lambda _count: None
    after: Callable[[], object] = lambda: None

    def turn(self, count: int) -> Turn:
        """What one of so many calls takes."""
        call = self.call
        self.before(count)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            call()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        self.after()
        return 1e6 * cpu / count, 1e6 * wall / count


def compare(
    sides: Sides,
    layout: Layout,
    seconds: float,
    operations: tuple[str, ...] = OPERATIONS,
    own: bool = False,
) -> Figures:
    """Let the clients of a filled store take turns, and tell what each operation takes on each of them.

    Args:
        sides: by their names.
        layout: of the store that all of them work on, or each of them on its own.
        seconds: about how long an operation is measured.
        operations: those that all of the clients have.
        own: write to keys whose first element no other one has, for a client that mixes those up.
    """
    for name, side in sides.items():
        check(name, side.client, layout, operations)
    gc.collect()
    gc.freeze()
    try:
        return {
            operation: _turns(
                {name: _work(operation, name, side, layout, own) for name, side in sides.items()}, seconds
            )
            for operation in operations
        }
    finally:
        gc.unfreeze()


def check(name: str, client: Client, layout: Layout, operations: tuple[str, ...] = OPERATIONS) -> None:
    """See that a client does its job before it is timed, and leaves the store as it was."""
    assert client.get(layout.needles()[0]) == VALUE, name
    assert sorted(map(tuple, client.list_keys(layout.prefix))) == layout.needles(), name
    source, dest = (f"check-{name}", "a"), (f"check-{name}", "b")
    if "move" in operations:
        client.set(source, VALUE)
        client.move(source, dest)
        assert client.get(dest) == VALUE, name
        assert (client.has_key(source), client.has_key(dest)) == (False, True), name
        client.remove_key(dest)
        assert not client.has_key(dest), name
    if "add" in operations:
        client.add(source, VALUE)
        assert client.get(source) == VALUE, name
        client.remove_key(source)
    if "get all" in operations:
        assert set(map(tuple, client.list_keys())) == set(layout.every()), name
        assert client.get_all() == [VALUE] * layout.number, name


def _work(operation: str, name: str, side: Side, layout: Layout, own: bool) -> Work:
    client = side.client
    keys = itertools.cycle(layout.sample())
    if operation == "set" and own:
        keys = itertools.cycle([(f"set-{name}-{number}", "a") for number in range(SAMPLE)])
    simple: dict[str, Callable[[], object]] = {
        "get": lambda: client.get(next(keys)),
        "set": lambda: client.set(next(keys), VALUE),
        "has": lambda: client.has_key(next(keys)),
        "list": lambda: client.list_keys(layout.prefix),
        "list all": lambda: client.list_keys(),
        "get all": lambda: client.get_all(),
        "open": lambda: _opened(side, next(keys)),
    }
    if operation in simple:
        return Work(simple[operation])
    return {"move": _moving, "add": _adding, "remove": _removing}[operation](name, client)


def _opened(side: Side, key: Key) -> None:
    """Open a store, read a value and close it."""
    with side.opened() as client:
        client.get(key)


def _moving(name: str, client: Client) -> Work:
    one, other = (f"moving-{name}", "a"), (f"moving-{name}", "b")
    ways = itertools.cycle([(one, other), (other, one)])
    there = one

    def move() -> None:
        nonlocal there
        source, there = next(ways)
        client.move(source, there)

    def before(_count: int) -> None:
        client.set(there, VALUE)

    return Work(move, before, lambda: client.remove_key(there))


def _keys_of(name: str, count: int) -> Iterable[Key]:
    """Keys that are not stored, beside one that stays, so that no directory comes and goes with them."""
    return [(f"coming-{name}", f"key-{number}") for number in range(count)]


def _adding(name: str, client: Client) -> Work:
    ahead: list[Key] = []
    added: list[Key] = []
    stays = (f"coming-{name}", "stays")

    def before(count: int) -> None:
        client.set(stays, VALUE)
        ahead.extend(_keys_of(name, count))

    def add() -> None:
        added.append(key := ahead.pop())
        client.add(key, VALUE)

    def after() -> None:
        for key in (*added, stays):
            client.remove_key(key)
        added.clear()

    return Work(add, before, after)


def _removing(name: str, client: Client) -> Work:
    ahead: list[Key] = []
    stays = (f"coming-{name}", "stays")

    def before(count: int) -> None:
        ahead.extend(_keys_of(name, count))
        for key in (*ahead, stays):
            client.set(key, VALUE)

    return Work(lambda: client.remove_key(ahead.pop()), before, lambda: client.remove_key(stays))


def _turns(works: dict[str, Work], seconds: float) -> dict[str, list[Turn]]:
    """What a call takes in each round, the clients taking their turns in an order that changes."""
    expected = {name: _expected(work) for name, work in works.items()}
    counts = {name: max(1, int(TURN_SECONDS / expected[name])) for name in works}
    a_round = sum(expected[name] * counts[name] for name in works)
    rounds = min(max(int(seconds / a_round), ROUNDS.start), ROUNDS.stop)
    found: dict[str, list[Turn]] = {name: [] for name in works}
    names = list(works)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].append(works[name].turn(counts[name]))
    return found


def _expected(work: Work) -> float:
    """About how many seconds a call takes, after the first one; a long one is not made again for that."""
    first = work.turn(1)[1] / 1e6
    return first if first > 10 * TURN_SECONDS else min(work.turn(1)[1], work.turn(3)[1]) / 1e6


def ratio(figures: dict[str, list[Turn]], one: str, other: str, clock: Clock) -> float | None:
    """How many times as long one client takes as another: the median of the rounds; None if one of them is missing."""
    if one not in figures or other not in figures:
        return None
    at = ("CPU", "wall").index(clock)
    return statistics.median(a[at] / max(b[at], 1e-3) for a, b in zip(figures[one], figures[other], strict=True))


def median(turns: list[Turn], clock: Clock) -> float:
    """The microseconds of a call, by the median of the rounds."""
    at = ("CPU", "wall").index(clock)
    return statistics.median(turn[at] for turn in turns)
