"""The laws of the specification, put to a backend: both sides performed from one state, and compared.

A state is told by what is stored (`Contents`), in storage that is made for each side. From there a side is performed as
a program; its outcome, the listing and what get gives of each key then stand beside those of the other side.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any, TypeAlias

import attrs

from conformance.programs.keys import ID_KEY
from conformance.programs.notation import ID_NAME, Binding, Side, admits, side, variables
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    Update,
)
from conformance.programs.outcomes import Outcome, Raised, Returned, raised, same, told
from conformance.programs.small_world import SmallWorld, states
from spec_store import Key
from spec_store.catalogue.laws import Law
from spec_store.identity import parse_id_text
from spec_store.keys import starts_with

Contents: TypeAlias = Mapping[Key, Any]
"""What is stored under each key, the id's included."""

Opening: TypeAlias = Callable[[], Any]
"""Opens a backend on one storage, as often as it is called."""


@attrs.frozen
class World(SmallWorld):
    """What the variables of laws range over: any keys but the id's, any values, and any prefixes."""

    @property
    def all_keys(self) -> tuple[Key, ...]:
        """The keys that are read to compare two states."""
        return (*self.keys, ID_KEY)

    def domain(self, variable: str) -> tuple[Any, ...]:
        """What a variable ranges over."""
        match variable:
            case "a" | "b" | "c":
                return self.keys
            case "v" | "w":
                return self.values
            case "p":
                return self.prefixes
            case "read":
                return self.reads()
        return self.writes()

    def reads(self) -> Program:
        """Every operation that reads."""
        return self.operations((Get, HasKey, ListKeys, GetAll, ReadId))

    def writes(self) -> Program:
        """Every operation that writes."""
        return self.operations((Set, Add, Update, AddOrUpdate, RemoveKey, Move))

    def states(self, id_text: str) -> Iterator[Contents]:
        """Every state of a store with that text under its id key."""
        for state in states(self.shape(())):
            yield {ID_KEY: id_text, **self.contents(state)}

    def bindings(self, law: Law) -> Iterator[Binding]:
        """Every choice for the variables of a law that its condition admits."""
        names = variables(law)
        for chosen in itertools.product(*map(self.domain, names)):
            binding = dict(zip(names, chosen, strict=True))
            if admits(law, binding):
                yield binding


@attrs.frozen
class SideResult:
    """What a side came to.

    Args:
        outcome: its outcome.
        is_of_write: whether that is the outcome of an operation that writes.
        listing: what list_keys() gave afterwards.
        values: what get of each key gave afterwards.
    """

    outcome: Outcome
    is_of_write: bool
    listing: Outcome
    values: Mapping[Key, Outcome]


@attrs.frozen
class Breach:
    """Where the two sides of a law did not come to the same.

    Args:
        law: the law.
        binding: what its variables stood for.
        state: the state from which both sides were performed.
        what: what differed: "the outcome", "list_keys()", or get of a key.
        left: what came of that on the left.
        right: and on the right.
    """

    law: Law
    binding: Binding
    state: Contents
    what: str
    left: Outcome
    right: Outcome

    def __str__(self) -> str:
        return (
            f"{self.law.id}: {self.law.left} = {self.law.right}\n"
            f"with {self.binding}\nfrom {self.state}: {self.what} {self.left} on the left, {self.right} on the right"
        )


def performed(one: Side, binding: Binding, keys: tuple[Key, ...], opening: Opening) -> SideResult:
    """Perform one side of a law on the storage that `opening` opens.

    Args:
        one: the side.
        binding: what the variables stand for.
        keys: what is read afterwards.
        opening: opens a backend on storage in the state to begin with.
    """
    program = one.program(binding)
    backend = opening()
    kept: dict[str, Outcome] = {}
    outcome: Outcome = Returned(None)
    for term, operation in zip(one.terms, program, strict=True):
        if isinstance(operation, Reopen):
            backend = opening()
        else:
            outcome = _outcome(operation.on, backend)
        if term.kept:
            kept[term.kept] = outcome
    if isinstance(one.result, Raised):
        outcome = one.result
    elif one.result is not None:
        outcome = _evaluated(one.result, {**binding, **kept, "keys": keys}, backend)
    # The listing is read first: what the last operation has left until the next one is no state of the store.
    listing = _outcome(ListKeys().on, backend)
    values = {key: _outcome(Get(key).on, backend) for key in keys}
    return SideResult(outcome, one.result is None and bool(program) and program[-1].writes, listing, values)


def _outcome(call: Callable[[Any], Any], argument: Any) -> Outcome:
    try:
        return Returned(call(argument))
    except Exception as error:
        return raised(error)


def _evaluated(result: CodeType, known: dict[str, Any], backend: Any) -> Outcome:
    names = {
        **{name: getattr(backend, name) for name in ("get", "list_keys")},
        ID_NAME: ID_KEY,
        "starts_with": starts_with,
        "is_stored": lambda key: isinstance(_outcome(Get(key).on, backend), Returned),
        "returned": lambda outcome: isinstance(outcome, Returned),
        "id_in": lambda outcome: parse_id_text(outcome.value),
        **known,
    }
    found = _outcome(lambda names: eval(result, names), names)
    kept = found.value if isinstance(found, Returned) else None
    return kept if isinstance(kept, Returned | Raised) else found


# Comparing


@attrs.frozen
class Checking:
    """How a law is put to a kind of backend.

    Args:
        world: what its variables range over.
        making: makes storage in a state, and gives what opens a backend on it.
    """

    world: World
    making: Callable[[Contents], Opening]

    def breach(self, law: Law, binding: Binding, state: Contents) -> Breach | None:
        """Where an instance of a law does not hold from a state; None if it does."""
        left, right = (self._performed(text, binding, state) for text in (law.left, law.right))
        for what, one, other in _compared(left, right):
            if not _alike(one, other):
                return Breach(law, binding, state, what, one, other)
        return None

    def breaches(self, law: Law, id_text: str) -> Iterator[Breach]:
        """Each instance of a law, and each state of the world, in which it does not hold."""
        for binding in self.world.bindings(law):
            for state in self.world.states(id_text):
                found = self.breach(law, binding, state)
                if found is not None:
                    yield found

    def _performed(self, text: str, binding: Binding, state: Contents) -> SideResult:
        one = side(text)
        return performed(one, binding, self.world.all_keys, self.making(state))


def _compared(left: SideResult, right: SideResult) -> Iterator[tuple[str, Outcome, Outcome]]:
    if left.is_of_write and right.is_of_write:
        yield "the outcome", _ending(left.outcome), _ending(right.outcome)
    else:
        yield "the outcome", left.outcome, right.outcome
    yield "list_keys()", left.listing, right.listing
    for key, value in left.values.items():
        yield f"get({key!r})", value, right.values[key]


def _ending(outcome: Outcome) -> Outcome:
    """That a write returned, or what it raised: what one returns is not specified."""
    return Returned(None) if isinstance(outcome, Returned) else outcome


def _alike(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are the same; a list is the same in any order."""
    if not isinstance(one, Returned) or not isinstance(other, Returned):
        return one == other
    if isinstance(one.value, list) and isinstance(other.value, list):
        return Counter(map(told, one.value)) == Counter(map(told, other.value))
    return same(one.value, other.value)
