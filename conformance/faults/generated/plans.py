"""Programs that are to bring a generated fault about: steps, and a plan of them that each part of a trigger adds to."""

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Update,
)
from conformance.programs.outcomes import short
from spec_store import Key

PLAIN = ("a", "b", "c", "d")
"""Elements of keys that no trigger is about."""

RICH = " Ol\u00e9\r\none\0two\n "
"""A text that each way of altering one changes."""

FILLER: Key = ("filler",)
"""A key that calls name which are there only to be counted."""


@attrs.frozen
class Step:
    """An operation, performed `times` in a row by the store that is open on the place, or by `other`, a second one."""

    operation: Operation
    times: int = 1
    other: bool = False

    def __str__(self) -> str:
        operation, name = self.operation, "other" if self.other else "backend"
        if isinstance(operation, SetMany):
            return f"{name}.set of {operation.count} keys below {operation.parent!r}"
        if isinstance(operation, Reopen):
            return f"{name} = open_backend(place)" + (f" {self.times} times" if self.times > 1 else "")
        fields = [short(getattr(operation, field.name), 60) for field in attrs.fields(type(operation))]
        fields = fields[:-1] if fields and fields[-1] == "False" else fields
        call = f"{name}.{operation.name}" + ("" if isinstance(operation, ReadId) else f"({', '.join(fields)})")
        return call if self.times == 1 else f"{call} {self.times} times"


Witness = tuple[Step, ...]
"""A program that shows a fault by its last step."""


@attrs.frozen
class Plan:
    """What a program is made from: what comes before the call, and what the call is to be given.

    Args:
        name: the operation that is called.
        key, dest, value: what for.
        before: what is done first.
        filler: how many calls are to be made before it by the same store.
        of_all: whether any call counts among these, or those of the operation alone.
    """

    name: str
    key: Key
    dest: Key
    value: Any = "new"
    before: Witness = ()
    filler: int = 0
    of_all: bool = False

    def after(self, *operations: Operation, other: bool = False) -> "Plan":
        """The same with some operations done before the call, and after what is done already."""
        return attrs.evolve(self, before=(*self.before, *(Step(operation, other=other) for operation in operations)))

    def key_of(self, which: str) -> Key:
        """The key, or dest."""
        return self.dest if which == "dest" else self.key

    def with_key(self, which: str, key: Key) -> "Plan":
        """The same with another key, or dest."""
        return attrs.evolve(self, dest=key) if which == "dest" else attrs.evolve(self, key=key)

    def operation(self) -> Operation:
        """The call itself."""
        return CALLED[self.name](self)

    def program(self) -> Witness:
        """The whole, up to the call."""
        counted = sum(step.times for step in self.before if self.of_all or step.operation.name == self.name)
        number = self.filler - counted
        filler = HasKey(FILLER) if self.of_all else FILLERS[self.name]
        first = (Step(filler, number),) if number > 0 else ()
        return (*first, *self.before, Step(self.operation()))


CALLED: Mapping[str, Callable[[Plan], Operation]] = {
    "set": lambda plan: Set(plan.key, plan.value),
    "add": lambda plan: Add(plan.key, plan.value),
    "update": lambda plan: Update(plan.key, plan.value),
    "add_or_update": lambda plan: AddOrUpdate(plan.key, plan.value),
    "move": lambda plan: Move(plan.key, plan.dest),
    "remove_key": lambda plan: RemoveKey(plan.key),
    "get": lambda plan: Get(plan.key),
    "has_key": lambda plan: HasKey(plan.key),
    "list_keys": lambda plan: ListKeys(plan.key),
    "get_all": lambda plan: GetAll(),
    "store_backend_id": lambda plan: ReadId(),
    "reopen": lambda plan: Reopen(),
}

FILLERS: Mapping[str, Operation] = {
    "set": Set(FILLER, "filler"),
    "add": Add(FILLER, "filler"),
    "update": Update(FILLER, "filler"),
    "add_or_update": AddOrUpdate(FILLER, "filler"),
    "move": Move(FILLER, FILLER),
    "remove_key": RemoveKey(FILLER),
    "get": Get(FILLER),
    "has_key": HasKey(FILLER),
    "list_keys": ListKeys(FILLER),
    "get_all": GetAll(),
    "store_backend_id": ReadId(),
    "reopen": Reopen(),
}
"""Of each operation one that may be called again and again; some of them raise each time, or after the first."""


def plain_plan(name: str, rng: random.Random) -> Plan:
    """A plan with plain keys, some of which are stored."""
    key = plain_key(rng, 1)
    dest = next(other for other in iter(lambda: plain_key(rng, 1), None) if other != key)
    return Plan(name, key, dest, rng.choice(("new", "new value\n", "7", RICH)))


def plain_key(rng: random.Random, fewest: int) -> Key:
    """A key of at least so many elements that are nothing special."""
    return tuple(rng.choice(PLAIN) for _ in range(rng.randint(fewest, fewest + 1)))


def somewhat(rng: random.Random, most: int) -> int:
    """A whole number from 1 to `most`, the small ones as likely as the large ones by their number of digits."""
    return int(2 ** rng.uniform(0, math.log2(most + 1)))
