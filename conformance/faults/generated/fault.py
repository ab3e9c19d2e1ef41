"""A generated fault as a value, and how one is drawn.

A fault is drawn by its seed, its number, and how many were drawn for that number before it and could not be observed,
so that another process draws the same. What it acts on is one of these; the operations are one, or all that write:

    kind of trigger      the fault acts on ...
    -------------------  -----------------------------------------------------
    operation            each call of one operation
    key, value, state    calls in which one thing is so, of that sort (`keys`, `values`, `circumstances`)
    count, age, handle   the same (`circumstances`)
    key and state, ...   calls in which two things are so
    value and operation  those of one operation alone that writes
"""

import random
from collections.abc import Callable, Mapping

import attrs

from conformance.faults.generated.calls import OF_KEYS, WRITES, Call, Scene
from conformance.faults.generated.circumstances import (
    Circumstance,
    drawn_age,
    drawn_count,
    drawn_handle,
    drawn_state,
)
from conformance.faults.generated.effects import ActsAnyway, Effect, drawn_effect
from conformance.faults.generated.keys import KeyPart, drawn_key_part
from conformance.faults.generated.values import ValuePart, drawn_value_part

Part = KeyPart | ValuePart | Circumstance
"""One thing that a trigger asks of a call."""

DICT, ANY, FILES = "a dict", "a dict for values of any type", "files"
BASES: Mapping[str, int] = {DICT: 55, ANY: 10, FILES: 35}
"""The stores that faults are put into, and how often each is, of a hundred."""

KINDS: Mapping[str, int] = {
    "operation": 3,
    "key": 16,
    "value": 13,
    "state": 16,
    "count": 9,
    "age": 7,
    "handle": 7,
    "key and state": 10,
    "value and state": 4,
    "key and operation": 5,
    "value and operation": 6,
    "state and operation": 4,
}
"""The kinds of triggers, and how often each is drawn, of a hundred."""

OPERATIONS: Mapping[str, int] = {
    "set": 22,
    "add": 5,
    "update": 5,
    "add_or_update": 4,
    "move": 15,
    "remove_key": 11,
    "get": 12,
    "has_key": 6,
    "list_keys": 10,
    "get_all": 3,
    "store_backend_id": 3,
    "reopen": 4,
}
"""The operations, and how often each is drawn, of a hundred; `reopen` is any opening of a place but the first."""

OF_VALUES = (*WRITES, "move", "remove_key", "get", "has_key")


@attrs.frozen
class GeneratedFault:
    """A store with one fault, as it was drawn.

    Args:
        seed, number, attempt: what it was drawn by.
        base: the store that it is put into, a name of `BASES`.
        kind: the kind of its trigger, a name of `KINDS`.
        operations: the operations that it is in.
        parts: what has to be so of a call besides.
        effect: what it does then.
    """

    seed: int
    number: int
    attempt: int
    base: str
    kind: str
    operations: tuple[str, ...]
    parts: tuple[Part, ...]
    effect: Effect

    @property
    def name(self) -> str:
        """What its class and its row are called."""
        return f"Generated{self.number}"

    @property
    def description(self) -> str:
        """What is wrong with it, in a sentence."""
        where = " and ".join(str(part) for part in self.parts)
        when = f", where {where}" if where else ""
        return f"In {', '.join(self.operations)} of {self.base}{when}: {self.effect}."

    def fires(self, call: Call, scene: Scene) -> bool:
        """Whether it acts on a call."""
        return call.name in self.operations and all(part.met(call, scene) for part in self.parts)


def drawn(seed: int, number: int, attempt: int = 0) -> GeneratedFault:
    """The fault of that seed and number, drawn for the `attempt`-th time; whether it can be observed is not asked."""
    rng = random.Random(f"fault {seed}/{number}/{attempt}")
    base, kind = _chosen(BASES, rng), _chosen(KINDS, rng)
    sorts = kind.split(" and ")
    fitting = {name: weight for name, weight in OPERATIONS.items() if all(_fits(sort, name) for sort in sorts)}
    name = _chosen(fitting, rng)
    effect = drawn_effect(name, rng)
    alone = kind == "operation" or "operation" in sorts or isinstance(effect, ActsAnyway)
    operations = (name,) if alone or name not in WRITES else WRITES
    which = rng.choice(("key", "dest")) if name == "move" else "key"
    parts = tuple(_part(sort, name, which, base)(rng) for sort in sorts if sort != "operation")
    return GeneratedFault(seed, number, attempt, base, kind, operations, parts, effect)


def _chosen(weights: Mapping[str, int], rng: random.Random) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _fits(sort: str, name: str) -> bool:
    if sort == "value":
        return name in OF_VALUES
    if sort == "handle":
        return name not in ("reopen", "store_backend_id")
    return sort != "key" or name in OF_KEYS


def _part(sort: str, name: str, which: str, base: str) -> Callable[[random.Random], Part]:
    parts: Mapping[str, Callable[[random.Random], Part]] = {
        "key": lambda rng: drawn_key_part(which, rng),
        "value": lambda rng: drawn_value_part(base == ANY, rng),
        "state": lambda rng: drawn_state(name, which, rng),
        "count": drawn_count,
        "age": drawn_age,
        "handle": drawn_handle,
    }
    return parts[sort]
