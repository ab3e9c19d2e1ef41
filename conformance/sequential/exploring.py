"""The small worlds of a subject, explored: every operation from every state of three keys, family by family.

A session that reads everything after each write costs many times what a plain call does. So the walks are performed on
a bare backend, and what comes of each step is held against what the state says (`foretold`). Only where that is
contradicted does a session judge, on a new store, a program that is short by construction (`suspects`).

Then the walk goes on where it was: on the same store if what is there agrees or can be mended, else on a new one; a
state that no store can be brought to is passed over. A family is left when too much is new in it, for a store that is
wrong all over is not to be told in a hundred ways.
"""

import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import overload

import attrs

from conformance.harness.harness import Harness
from conformance.harness.spare import given_back, taken
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, HasKey, ListKeys, Operation, RemoveKey, Reopen, Set
from conformance.programs.outcomes import Hung, Outcome, Returned
from conformance.programs.shapes import values_of
from conformance.programs.small_world import (
    AT_ONCE,
    EXTENDED,
    OF_EVERY_STORE,
    Act,
    Kind,
    SmallWorld,
    WorldState,
    world_of,
)
from conformance.programs.walks import Graph, Transition, brief_programs, graph, walk
from conformance.report.reach import Reach
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.expectations import Expectation
from conformance.sequential.foretold import Foretold
from conformance.sequential.replay import PlainReplay, plain_replay
from conformance.sequential.suspects import OFTEN, Done, Suspicions, told_by
from conformance.sequential.tolerance import is_permitted
from spec_store import InMemoryStoreBackend, Key
from spec_store.keys import starts_with

WHAT = "every transition of the {}-key store"

PLAIN_FAMILIES = 6
"""How many families, the first ones, are explored with all operations that the subject has; the others with six."""

BRIEF_FAMILIES = 2
"""How many families have all brief programs run on two of their keys."""

MOST_JUDGED = 12
"""How many new contradictions a family is worth."""

MOST_STORES = 30
"""How many new stores a family is worth, for what cannot be mended."""


class _LeaveError(Exception):
    """No more of this family: too much of it is contradicted, or an operation hangs."""


class _RefusedError(Exception):
    """A key of the family is none that the subject can store."""


def explore_small_world(run: Run, candidates: Candidates) -> None:
    """Explore the small worlds of a subject, the plainest first, and enter how far that went.

    Raises:
        OutOfTimeError: the time is up.
    """
    explorer = _Explorer(run, Suspicions(run, candidates))
    families = explorer.families()
    whole, number, why = 0, 0, "for want of time"
    try:
        explorer.run_brief_programs(families[:BRIEF_FAMILIES])
        for number, family in enumerate(families):
            run.tell("small worlds", number, len(families), len(candidates.kept))
            whole += explorer.explore(number, family)
        why = "the others were left for what is wrong with them"
    finally:
        run.evidence.reached.append(Reach(WHAT.format(AT_ONCE), whole, len(families), "families", why))


@attrs.define
class _Explorer:
    """What the families of one subject share.

    Args:
        run: the run.
        suspicions: what has been judged.
        refused: the keys that the subject cannot store.
    """

    run: Run
    suspicions: Suspicions
    refused: set[Key] = attrs.field(factory=set)

    @property
    def harness(self) -> Harness:
        return self.run.harness

    def families(self) -> list[tuple[Key, ...]]:
        """The families of keys, each once, but for that of the id, and for keys that might lead out of the store."""
        every = dict.fromkeys(self.harness.material.families)
        safe = (tuple(key for key in family if self.harness.permits((Get(key),))) for family in every)
        return [family for family in safe if family and ID_KEY not in family]

    def values(self, number: int, keys: Sequence[Key]) -> tuple[object, ...]:
        """Two values for a family, or one where the subject takes no other; plain ones for what it refuses."""
        material = self.harness.material
        one, two = values_of(number, keys, material)
        if any(map(self.harness.refusals.of_value, (one, two))):
            one, two = material.value(1), material.value(2)
        return (one,) if repr(one) == repr(two) else (one, two)

    def kinds(self, *, is_plain: bool) -> tuple[Kind, ...]:
        """The operations to explore."""
        reopening = (Reopen,) if self.run.claims.durable else ()
        kinds = (*OF_EVERY_STORE, *EXTENDED, *reopening) if is_plain else OF_EVERY_STORE
        return tuple(kind for kind in kinds if not self.harness.avoids(kind.name))

    def explore(self, number: int, family: Sequence[Key]) -> bool:
        """Walk through the small world of a family, by its number; whether that came to its end."""
        while True:
            kinds = self.kinds(is_plain=number < PLAIN_FAMILIES)
            keys = [key for key in family if key not in self.refused][:AT_ONCE]
            if not keys or not {Get, HasKey, ListKeys, Set, RemoveKey}.issubset(kinds):
                return not keys
            self.harness.memory.written.update(keys)
            world = world_of(keys, self.values(number, keys))
            try:
                _Family(self, world, kinds).walk_all()
                return True
            except _RefusedError:
                pass
            except _LeaveError:
                return False

    def run_brief_programs(self, families: Sequence[Sequence[Key]]) -> None:
        """Run all programs of a few writes on two keys of each of these families."""
        for number, family in enumerate(families):
            world = world_of(family[:2], self.values(number, family[:2]))
            if len(world.keys) < 2 or not set(OF_EVERY_STORE).issubset(self.kinds(is_plain=False)):
                continue
            brief = _Family(self, world, OF_EVERY_STORE)
            with contextlib.suppress(_LeaveError, _RefusedError):
                for program in brief_programs(len(world.values)):
                    brief.run_brief(program)


@attrs.define
class _Family:
    """The small world of a few keys, and how its exploration goes.

    Args:
        explorer: whose it is.
        world: the keys and values.
        kinds: the operations.
        judged: how many contradictions have been judged.
        stores: how many new stores were needed.
        impossible: the states that a new store could not be brought to.
        harmless: how often an act that was to change nothing had a wrong outcome, and changed nothing.
        known: what was done in each step that was looked at.
    """

    explorer: _Explorer
    world: SmallWorld
    kinds: tuple[Kind, ...]
    judged: int = 0
    stores: int = 0
    impossible: set[int] = attrs.field(factory=set)
    harmless: Counter[tuple[int, str]] = attrs.field(factory=Counter)
    known: dict[Transition, Done] = attrs.field(factory=dict)
    graph: Graph = attrs.field(init=False)
    foretold: Foretold = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.graph = graph(self.world.shape(self.kinds))
        self.foretold = Foretold(self.world, self.graph, self.world.performing(self.graph.acts))

    # Walking

    def walk_all(self) -> None:
        """Take the whole walk, on as many stores as it needs.

        Raises:
            _LeaveError: the family is to be left.
            _RefusedError: one of its keys is refused, as it may be.
        """
        steps = walk(self.graph.shape)
        number = 0
        while number < len(steps):
            if steps[number][0] in self.impossible:
                number += 1
                continue
            self.stores += 1
            if self.stores > MOST_STORES:
                raise _LeaveError
            number = self._stretch(steps, number)

    def _stretch(self, steps: Sequence[Transition], start: int) -> int:
        """Take steps on a new store, as far as it is what it should be; the number of the next."""
        self.explorer.run.watcher.started_program()
        operations, of = self.foretold.operations, self.foretold.of
        with plain_replay(self.explorer.harness) as replay:
            if start and not self._is_brought_to(replay, self.graph.states[steps[start][0]]):
                self.impossible.add(steps[start][0])
                return start
            for number in range(start, len(steps)):
                step = steps[number]
                outcome = replay.perform(operations[step[1]])
                if not is_right(of(step), operations[step[1]], outcome) and not self._goes_on(
                    replay, steps[start : number + 1], outcome
                ):
                    return number + 1
        return len(steps)

    def _goes_on(self, replay: PlainReplay, taken: Sequence[Transition], outcome: Outcome) -> bool:
        """Have a contradiction judged; whether the store is, or can be made, what it should be."""
        state, number = taken[-1]
        wrong = (number, told_by(outcome))
        there = self.graph.after[state][number]
        if there == state and self.harmless[wrong] >= OFTEN:
            return True
        if self._is_permitted(self.graph.states[state], self.foretold.operations[number], outcome):
            return True
        self._judge(_Trail(self.foretold, taken, self.known), outcome)
        after = self.graph.states[there]
        if self._agrees(replay, after):
            self.harmless[wrong] += there == state
            return True
        return self._is_mended(replay, after)

    def _is_permitted(self, state: WorldState, operation: Operation, outcome: Outcome) -> bool:
        """Whether the subject may refuse to do that.

        Raises:
            _RefusedError: it refuses a key, and the states that have it are none of its own.
            _LeaveError: it refuses a value.
        """
        refusals = self.explorer.harness.refusals
        if not is_permitted(operation, outcome, refusals, self._reference(state)):
            return False
        if operation.writes:
            refused = {key for key in operation.keys if refusals.of_key(key)}
            self.explorer.refused.update(refused)
            raise _RefusedError if refused else _LeaveError
        return True

    def _reference(self, state: WorldState) -> InMemoryStoreBackend:
        reference = InMemoryStoreBackend(suppress_store_backend_id=True)
        for key, value in self.world.contents(state).items():
            reference.set(key, value)
        return reference

    # Bringing a store to a state

    def _is_brought_to(self, replay: PlainReplay, state: WorldState) -> bool:
        """Whether a new store is in a state after the fewest writes that lead there."""
        replay.run(self.world.performing(state.shortest()))
        return self._agrees(replay, state)

    def _is_mended(self, replay: PlainReplay, state: WorldState) -> bool:
        """Whether a store is in a state after each of its keys has been set anew, or removed."""
        for number, key in enumerate(self.world.keys):
            held = state.held[number]
            replay.perform(RemoveKey(key) if held is None else Set(key, self.world.values[held]))
        return self._agrees(replay, state)

    def _agrees(self, replay: PlainReplay, state: WorldState) -> bool:
        """Whether all that is read of a store says that it is in a state."""
        reads = (Act(ListKeys), *(Act(Get, number) for number in range(len(self.world.keys))))
        return all(self._agrees_on(replay, state, act) for act in reads)

    def _agrees_on(self, replay: PlainReplay, state: WorldState, act: Act) -> bool:
        operation = self.world.performing((act,))[0]
        return is_right(self.foretold.expected(state, act), operation, replay.perform(operation))

    # Brief programs

    def run_brief(self, program: Sequence[Act]) -> None:
        """Perform a brief program, and read what it has left; a contradiction is judged.

        Raises:
            _LeaveError: the family is to be left.
            _RefusedError: one of its keys is refused, as it may be.
        """
        harness = self.explorer.harness
        self.explorer.run.watcher.started_program()
        store = taken(harness)
        contradicted = True
        try:
            contradicted = self._contradicts(store.backend, program)
        finally:
            if contradicted:
                harness.close(store)
            else:
                given_back(harness, store)

    def _contradicts(self, backend: object, program: Sequence[Act]) -> bool:
        """Whether a brief program, or what is read after it, is contradicted; it is then judged."""
        state, done = WorldState.empty(len(self.world.keys)), list[Done]()
        acts = (*program, *READ_AFTER)
        for act, operation in zip(acts, self.world.performing(acts), strict=True):
            outcome = self.explorer.harness.perform(operation, backend)
            done.append(Done(operation, self.world.contents(state)))
            if not is_right(self.foretold.expected(state, act), operation, outcome):
                if self._is_permitted(state, operation, outcome):
                    continue
                self._judge(done, outcome)
                return True
            state = state.after(act)
        return False

    # Judging

    def _judge(self, done: Sequence[Done], outcome: Outcome) -> None:
        """Have a contradiction judged, if it may be news.

        Raises:
            _LeaveError: there was enough that was new in this family, or the subject hangs.
        """
        self.judged += self.explorer.suspicions.judge(done, outcome)
        if self.judged > MOST_JUDGED or isinstance(outcome, Hung):
            raise _LeaveError


@attrs.frozen
class _Trail(Sequence[Done]):
    """What was done in some steps, made when it is looked at: mostly that is the end of it alone.

    Args:
        foretold: their world.
        taken: the steps.
        known: what was done in each of them that was looked at before.
    """

    foretold: Foretold
    taken: Sequence[Transition]
    known: dict[Transition, Done]

    def __len__(self) -> int:
        return len(self.taken)

    @overload
    def __getitem__(self, number: int) -> Done: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Done]: ...

    def __getitem__(self, number: int | slice) -> Done | Sequence[Done]:
        if isinstance(number, slice):
            return _Trail(self.foretold, self.taken[number], self.known)
        state, act = step = self.taken[number]
        if step not in self.known:
            stored = self.foretold.world.contents(self.foretold.graph.states[state])
            self.known[step] = Done(self.foretold.operations[act], stored)
        return self.known[step]


READ_AFTER = (Act(Get, 0), Act(Get, 1), Act(ListKeys))
"""What is read after a brief program."""


def is_right(expected: Expectation, operation: Operation, outcome: Outcome) -> bool:
    """Whether the outcome of an operation is what was to come of it, whether or not the id is listed."""
    if expected.met_by(outcome):
        return True
    if not isinstance(operation, ListKeys) or not isinstance(outcome, Returned) or type(outcome.value) is not list:
        return False
    without = [key for key in outcome.value if key != ID_KEY]
    is_below = starts_with(ID_KEY, operation.prefix)
    return is_below and len(without) == len(outcome.value) - 1 and expected.met_by(Returned(without))
