"""Stores side by side: the keys of a store of any size, and what an operation takes on each of several clients.

Nothing here needs more than spec_store, for it is also run beside releases of Great Expectations of long ago.
"""

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

import attrs

from spec_store.keys import Key

VALUE = '{"expectation": "é", "kwargs": {"column": "amount", "min_value": 0, "max_value": 1000}}' * 3
GROUP = 100
"""How many keys share their first element."""

MATCHES = 10
"""How many keys a listing finds."""

SAMPLE = 200
"""How many keys are read and written in turn."""

ROUNDS = range(7, 101)
"""How often all clients take their turn, at least and at most."""

TURN_SECONDS = 0.004
"""About how long a turn takes that has more than one call in it."""

OPERATIONS = ("get", "set", "move", "list")

Clock: TypeAlias = Callable[[], float]
Figures: TypeAlias = dict[str, dict[str, list[float]]]
"""For each operation and client, the microseconds of a call in each round."""


class Client(Protocol):
    """What is measured: a backend, or a bare client that does the same."""

    def get(self, key: Key) -> Any: ...

    def set(self, key: Key, value: str) -> Any: ...

    def move(self, source_key: Key, dest_key: Key) -> Any: ...

    def list_keys(self, prefix: Key) -> list[Key]: ...


Clients: TypeAlias = dict[str, Client]


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


def compare(
    clients: Clients,
    layout: Layout,
    seconds: float,
    operations: tuple[str, ...] = OPERATIONS,
    own: bool = False,
    clock: Clock = time.perf_counter,
) -> Figures:
    """Let the clients of a filled store take turns, and tell what each operation takes on each of them.

    Args:
        clients: by their names.
        layout: of the store that all of them work on, or each of them on its own.
        seconds: about how long an operation is measured.
        operations: those that all of the clients have.
        own: write to keys whose first element no other one has, for a client that mixes those up.
        clock: what the times are read from.
    """
    for name, client in clients.items():
        _check(name, client, layout, operations)
    gc.collect()
    gc.freeze()
    try:
        return {
            operation: _turns(
                {name: _call(operation, name, client, layout, own) for name, client in clients.items()},
                seconds,
                clock,
            )
            for operation in operations
        }
    finally:
        gc.unfreeze()


def _check(name: str, client: Client, layout: Layout, operations: tuple[str, ...]) -> None:
    """See that a client does its job before it is timed."""
    assert client.get(layout.needles()[0]) == VALUE, name
    assert sorted(map(tuple, client.list_keys(layout.prefix))) == layout.needles(), name
    if "move" in operations:
        source, dest = (f"check-{name}", "a"), (f"check-{name}", "b")
        client.set(source, VALUE)
        client.move(source, dest)
        assert client.get(dest) == VALUE, name


def _call(operation: str, name: str, client: Client, layout: Layout, own: bool) -> Callable[[], object]:
    """One call of an operation; the next one is on another key."""
    if operation == "list":
        return lambda: client.list_keys(layout.prefix)
    if operation == "move":
        client.set((f"moving-{name}", "a"), VALUE)
        ways = itertools.cycle([("a", "b"), ("b", "a")])

        def move() -> object:
            source, dest = next(ways)
            return client.move((f"moving-{name}", source), (f"moving-{name}", dest))

        return move
    keys = itertools.cycle(layout.sample())
    if operation == "get":
        return lambda: client.get(next(keys))
    if own:
        keys = itertools.cycle([(f"set-{name}-{number}", "a") for number in range(SAMPLE)])
    return lambda: client.set(next(keys), VALUE)


def _turns(calls: dict[str, Callable[[], object]], seconds: float, clock: Clock) -> dict[str, list[float]]:
    """The microseconds of a call in each round, the clients taking their turns in an order that changes."""
    expected = {name: _timed(call, 3, clock) for name, call in calls.items()}
    counts = {name: max(1, int(TURN_SECONDS / expected[name])) for name in calls}
    a_round = sum(expected[name] * counts[name] for name in calls)
    rounds = min(max(int(seconds / a_round), ROUNDS.start), ROUNDS.stop)
    found: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].append(1e6 * _timed(calls[name], counts[name], clock))
    return found


def _timed(call: Callable[[], object], count: int, clock: Clock) -> float:
    """The seconds of one of several calls."""
    start = clock()
    for _ in range(count):
        call()
    return (clock() - start) / count


def ratio(figures: dict[str, list[float]], one: str, other: str) -> float | None:
    """How many times as long one client takes as another: the median of the rounds; None if one of them is missing."""
    if one not in figures or other not in figures:
        return None
    return statistics.median(a / b for a, b in zip(figures[one], figures[other], strict=True))
