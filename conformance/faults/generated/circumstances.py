"""Parts of triggers that are about neither key nor value: the state of the store, counts, age, and other handles.

part         kind    the fault acts when ...
-----------  ------  ------------------------------------------------------------------
Stored       state   the key, or dest, is stored, or is missing
Holds        state   at least so many keys are stored
Siblings     state   at least so many other keys differ from the key in the last element alone
Removed      state   the key was removed, or moved away, at some time
Written      state   the key was given a value at least so many times
Relative     state   a longer key that starts with the key is stored, or a shorter one that it starts with
Nth          count   it is the Nth call of the operation, or of any, by this store; or every Nth
Old          age     there were so many calls on the place
Opening      age     the store is the Nth that was opened on the place, or a later one
Overtaken    handle  another store was opened on the place since
OthersWrote  handle  another store has written since this one was last called
"""

import random
from typing import ClassVar

import attrs

from conformance.faults.generated.calls import OF_KEYS, Call, Scene
from conformance.faults.generated.keys import key_of
from conformance.faults.generated.plans import FILLER, Plan, Step, somewhat
from conformance.programs.operations import HasKey, ListKeys, RemoveKey, Reopen, Set, SetMany
from spec_store.keys import starts_with


@attrs.frozen
class Stored:
    """The key, or dest, is stored, or is missing."""

    which: str
    wanted: bool
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return (key_of(call, self.which) in scene.stored()) is self.wanted

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        key = plan.key_of(self.which)
        return plan.after(Set(key, "old") if self.wanted else RemoveKey(key))

    def __str__(self) -> str:
        return f"{self.which} is {'stored' if self.wanted else 'missing'}"


@attrs.frozen
class Holds:
    """At least so many keys are stored."""

    least: int
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return len(scene.stored()) >= self.least

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        return plan.after(SetMany(("many",), self.least))

    def __str__(self) -> str:
        return f"{self.least:,} keys or more are stored"


@attrs.frozen
class Siblings:
    """At least so many other stored keys differ from the key in the last element alone."""

    least: int
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key = call.key
        if not key:
            return False
        alike = (
            other for other in scene.stored() if len(other) == len(key) and other[:-1] == key[:-1] and other != key
        )
        return sum(1 for _ in alike) >= self.least

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        return plan.after(SetMany(plan.key[:-1], self.least))

    def __str__(self) -> str:
        return f"{self.least} keys or more differ from key in the last element alone"


@attrs.frozen
class Removed:
    """The key, or dest, was removed, or moved away, at some time."""

    which: str
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return key_of(call, self.which) in scene.memory.removed

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        key = plan.key_of(self.which)
        again = (Set(key, "again"),) if rng.random() < 0.6 else ()
        return plan.after(Set(key, "old"), RemoveKey(key), *again)

    def __str__(self) -> str:
        return f"{self.which} was removed at some time"


@attrs.frozen
class Written:
    """The key was given a value at least so many times."""

    times: int
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return call.key is not None and scene.memory.written[call.key] >= self.times

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        return plan.after(*(Set(plan.key, f"value {number}") for number in range(self.times)))

    def __str__(self) -> str:
        return f"key was given a value at least {self.times} times before"


@attrs.frozen
class Relative:
    """A longer key that starts with the key is stored, or a shorter one that it starts with."""

    which: str
    longer: bool
    kind: ClassVar[str] = "state"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key = key_of(call, self.which)
        if self.longer:
            return any(other != key and starts_with(other, key) for other in scene.stored())
        return any(key[:length] in scene.stored() for length in range(len(key)))

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        key = plan.key_of(self.which)
        other = (*key, "below") if self.longer else key[:-1]
        return plan.after(Set(other, "of a relative"))

    def __str__(self) -> str:
        return (
            f"a longer key that starts with {self.which} is stored"
            if self.longer
            else f"a shorter key that {self.which} starts with is stored"
        )


@attrs.frozen
class Nth:
    """It is the Nth call of the operation, or of any, by this store; or every Nth."""

    number: int
    of_all: bool
    every: bool
    kind: ClassVar[str] = "count"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        if call.name == "reopen":
            count = scene.handle.number - 1
        else:
            count = scene.handle.total if self.of_all else scene.handle.calls[call.name]
        return count == self.number or (self.every and count > 0 and count % self.number == 0)

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        return attrs.evolve(plan, filler=self.number - 1, of_all=self.of_all)

    def __str__(self) -> str:
        of = "any operation" if self.of_all else "the operation"
        return f"it is call number {self.number:,} of {of} by this store" + (", or of a multiple" if self.every else "")


@attrs.frozen
class Old:
    """There were so many calls on the place before."""

    calls: int
    kind: ClassVar[str] = "age"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return scene.memory.clock > self.calls

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        first = Step(HasKey(FILLER), self.calls)
        return attrs.evolve(plan, before=(first, *plan.before))

    def __str__(self) -> str:
        return f"there were {self.calls:,} calls on the place before"


@attrs.frozen
class Opening:
    """The store is the Nth that was opened on the place, or a later one."""

    number: int
    kind: ClassVar[str] = "age"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return scene.handle.number >= self.number

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        more = self.number - 1 - (plan.name == "reopen")
        return attrs.evolve(plan, before=(*plan.before, *([Step(Reopen(), more)] if more else [])))

    def __str__(self) -> str:
        return f"the store is number {self.number} of those opened on the place, or a later one"


@attrs.frozen
class Overtaken:
    """Another store was opened on the place since this one was."""

    kind: ClassVar[str] = "handle"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return scene.handle.number < scene.memory.openings

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        return plan.after(ListKeys(), other=True)

    def __str__(self) -> str:
        return "another store was opened on the place since"


@attrs.frozen
class OthersWrote:
    """Another store has written since this one was last called."""

    kind: ClassVar[str] = "handle"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        others = (when for number, when in scene.memory.wrote.items() if number != scene.handle.number)
        return any(when > scene.handle.used for when in others)

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan that brings it about."""
        key = plan.key if plan.name in OF_KEYS and rng.random() < 0.6 else ("another",)
        first = plan.after(HasKey(FILLER))
        last = rng.choice(((Set(key, "by the other"),), (RemoveKey(key),), (Set(key, "1"), Set(key, "2"))))
        return first.after(*last, other=True)

    def __str__(self) -> str:
        return "another store has written since this one was last called"


StatePart = Stored | Holds | Siblings | Removed | Written | Relative
Circumstance = StatePart | Nth | Old | Opening | Overtaken | OthersWrote


def drawn_state(name: str, which: str, rng: random.Random) -> StatePart:
    """A part of a trigger about the state, for an operation."""
    drawn = rng.random()
    if name not in OF_KEYS or drawn < 0.35:
        return Holds(somewhat(rng, 1100))
    if drawn < 0.55:
        return Stored(which, rng.random() < 0.6)
    if drawn < 0.65:
        return Siblings(somewhat(rng, 40))
    if drawn < 0.75:
        return Removed(which)
    if drawn < 0.85:
        return Written(rng.randint(1, 4))
    return Relative(which, rng.random() < 0.5)


def drawn_count(rng: random.Random) -> Nth:
    """A part of a trigger about counts."""
    return Nth(somewhat(rng, 1500), rng.random() < 0.4, rng.random() < 0.5)


def drawn_age(rng: random.Random) -> Old | Opening:
    """A part of a trigger about age."""
    return Old(somewhat(rng, 1500)) if rng.random() < 0.6 else Opening(rng.randint(2, 5))


def drawn_handle(rng: random.Random) -> Overtaken | OthersWrote:
    """A part of a trigger about other handles."""
    return rng.choice((Overtaken(), OthersWrote()))
