"""What a process does while it is killed or refused: short programs, and the states that a reader may then see."""

import ast
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import attrs

from conformance.harness.halting import watched
from conformance.harness.harness import Bench
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Add, Get, ListKeys, Move, Operation, Program, RemoveKey, Set
from conformance.programs.outcomes import Outcome, Raised, Returned
from spec_store import Key

LARGE = 20_000
"""How long a value is that no buffer holds, in characters."""

State: TypeAlias = tuple[str, ...]
"""What get of each key and list_keys answer, as text."""


@attrs.frozen
class Scenario:
    """Operations that are done before, and those during which the process dies or is refused a call."""

    title: str
    initial: Program
    program: Program

    @property
    def keys(self) -> tuple[Any, ...]:
        """The keys that are looked at, each once."""
        every = (*self.initial, *self.program)
        return tuple(dict.fromkeys(key for operation in every for key in operation.keys))


def scenarios(bench: Bench) -> tuple[Scenario, ...]:
    """Short programs, what is likeliest to go wrong first."""
    a, b, c = (bench.material.plain_key(number) for number in range(3))
    old, new = bench.material.value(1), bench.material.value(2)
    large = "0123456789" * (LARGE // 10) if bench.material.values is None else bench.material.value(3)
    return (
        Scenario("overwriting a value", (Set(a, old),), (Set(a, new),)),
        Scenario("overwriting with a large value", (Set(a, old),), (Set(a, large),)),
        Scenario("a move onto a stored key", (Set(a, old), Set(b, new)), (Move(a, b),)),
        Scenario("a move", (Set(a, old),), (Move(a, b),)),
        Scenario("a move of a key onto itself", (Set(a, old),), (Move(a, a),)),
        Scenario("a new key", (Set(a, old),), (Set(b, new),)),
        Scenario("an add", (Set(a, old),), (Add(c, new),)),
        Scenario("a removal", (Set(a, old), Set(b, new)), (RemoveKey(a),)),
        Scenario("several writes", (), (Set(a, old), Set(b, new), Move(a, c), RemoveKey(b))),
    )


DRAWN = "operations drawn at random"
"""The title of every scenario that is."""

MOST_KEYS, MOST_BEFORE = 4, 3
"""How many keys a scenario that is drawn has at most, and how many operations are done before."""


def drawn(bench: Bench, random: Random, count: int) -> Iterator[Scenario]:
    """Up to `count` short programs over the families of keys that random programs have, as far as those can be stored.

    Args:
        bench: the subject.
        random: where the choices come from.
        count: how many families to take, spread over all.
    """
    kinds = [kind for kind in (Set, Set, Set, Add, Move, RemoveKey) if kind.name not in bench.avoid]
    if not kinds:
        return
    families = bench.material.families
    first = random.randrange(len(families))
    for number in range(count):
        family = families[(first + number * len(families) // count) % len(families)]
        keys = [key for key in family if key != ID_KEY and bench.refusals.of_key(key) is None][:MOST_KEYS]
        if not keys:
            continue
        writers = itertools.count(1)
        initial = tuple(
            _drawn(bench, random, kinds, keys, next(writers)) for _ in range(random.randint(0, MOST_BEFORE))
        )
        program = tuple(
            _drawn(bench, random, kinds, keys, next(writers)) for _ in range(random.choice((1, 1, 1, 2, 3)))
        )
        yield Scenario(DRAWN, initial, program)


def _drawn(
    bench: Bench, random: Random, kinds: Sequence[type[Operation]], keys: Sequence[Key], number: int
) -> Operation:
    """A random write; `number` tells its value from those of others."""
    kind = random.choice(kinds)
    key = random.choice(keys)
    if kind is Move:
        return Move(key, random.choice(keys))
    if kind is RemoveKey:
        return RemoveKey(key)
    value = bench.material.value(number, random.randrange(100))
    return Add(key, value) if kind is Add else Set(key, value)


OPENING = Scenario("opening empty storage", (), ())


def state_of(backend: Any, scenario: Scenario) -> State:
    """What a reader sees: each key of the scenario, and the listing without the id's key."""
    told = [text_of(perform(Get(key), backend)) for key in scenario.keys]
    listed = perform(ListKeys(), backend)
    if isinstance(listed, Returned) and isinstance(listed.value, list):
        listed = Returned(sorted(key for key in listed.value if key != ID_KEY))
    return (*told, text_of(listed))


def listed_in(state: State) -> list[Any]:
    """The keys that a state's listing has; none where it raised."""
    verb, _, text = state[-1].partition(" ")
    found: list[Any] = ast.literal_eval(text) if verb == "returned" else []
    return found


def text_of(outcome: Outcome) -> str:
    """An outcome as text, in full: exceptions by their kind."""
    if isinstance(outcome, Raised):
        return f"raised {outcome.kind}"
    return f"returned {outcome.value!r}" if isinstance(outcome, Returned) else str(outcome)


def states_of(bench: Bench, scenario: Scenario) -> tuple[State, ...]:
    """The states before the program and after each of its operations, run on a place of its own without a crash."""
    with bench.subject.place() as place:
        backend = bench.subject.open(place)
        for operation in scenario.initial:
            perform(operation, backend)
        states = [state_of(backend, scenario)]
        for operation in scenario.program:
            perform(operation, backend)
            states.append(state_of(backend, scenario))
        close_backend(backend)
    return tuple(states)


def files_in(place: Any) -> tuple[tuple[str, int], ...]:
    """The files below a directory, by their names from there, with their sizes; none, if it is something else."""
    if watched(place) == NETWORK:
        return ()
    root = Path(place)
    return tuple(
        sorted((path.relative_to(root).as_posix(), path.stat().st_size) for path in root.rglob("*") if path.is_file())
    )
