"""A process killed, or refused, at each system call that changes the store (CRASH-1 to CRASH-3, FAULT-1, POWER-1)."""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeGuard

import attrs

from conformance.crash.crash import Crash
from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.states import State, files_in, listed_in, state_of, states_of, text_of
from conformance.harness.halting import watched
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK, Action, Continue, Kill, Power, Stop, killed_at, snapshot, supervised
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys, Move, Operation, RemoveKey, Set
from conformance.programs.outcomes import Returned
from conformance.subject.subject import Subject
from conformance.system.budget import Share
from spec_store.requirements import RequirementId

OPENED = b"opened"
KILLS, MOST_KILLS = 8, 40
"""How often a process is killed at random in each scenario: so often, or until it was amid the operations once."""

SLOW = 30.0
"""Seconds within which a scenario is done."""

STOPS = 60
"""How many messages to a server are tried at most."""

LEFTOVERS = 3
"""How many files more a store may have after each crash than after the one before, before that counts as growth."""


@attrs.define
class Trial:
    """One scenario on one subject whose place is a directory.

    Args:
        harness: the subject.
        scenario: the operations.
        counted: called with the id of each requirement that a stop has put to the test.
    """

    harness: Harness
    scenario: Scenario
    counted: Callable[[RequirementId], None]
    states: tuple[State, ...] = attrs.field(init=False)
    stops: list[Stop] = attrs.field(factory=list)
    _id: str = ""

    def __attrs_post_init__(self) -> None:
        self.states = states_of(self.harness, self.scenario)

    @property
    def subject(self) -> Subject:
        return self.harness.subject

    @contextlib.contextmanager
    def prepared(self) -> Iterator[str]:
        """A place on which the initial operations are done."""
        with self.subject.place() as place:
            if self.scenario is not OPENING:
                backend = self.subject.open(place)
                for operation in self.scenario.initial:
                    perform(operation, backend)
                self._id = text_of(Returned(str(backend.store_backend_id)))
                close_backend(backend)
            yield place

    def run(self, place: Any, acknowledge: Callable[[bytes], None], *, going_on: bool = False) -> None:
        """What the child does; `going_on`: and then two operations more, to see whether those work."""
        backend = self.subject.open(place)
        acknowledge(OPENED)
        for operation in self.scenario.program:
            handles = _open_files()
            came = perform(operation, backend)
            more = _open_files() - handles
            acknowledge(f"{'ok' if isinstance(came, Returned) else 'raised'} {more}".encode())
        if not self.scenario.program:
            _ = backend.store_backend_id
        for after in (self.later, Get(self.later.key)) if going_on else ():
            acknowledge(text_of(perform(after, backend))[:1000].encode("utf-8", "replace"))

    @property
    def later(self) -> Set:
        """What is done after the program to see whether that works."""
        return Set(self.harness.material.plain_key(5), self.harness.material.value(7))

    def is_sound(self) -> bool:
        """Whether the store works after the scenario when nothing goes wrong; else a crash is not to blame."""
        with self.prepared() as place:
            backend = self.subject.open(place)
            for operation in self.scenario.program:
                perform(operation, backend)
            close_backend(backend)
            return not self._works(place)

    # Killed

    def killed(self, share: Share) -> Iterator[Crash]:
        """The process killed before each call, the store then opened by another one."""
        with self.subject.place() as place:
            on_server = watched(place) == NETWORK
        yield from self._killed_in_turn(share) if on_server else self._copied()

    def _copied(self) -> Iterator[Crash]:
        """A directory holds at each call what it would hold if the process were killed then, so a copy is judged."""
        found: list[Crash] = []
        with self.prepared() as place:

            def on_stop(stop: Stop) -> Action:
                if done_of(stop.acknowledged) <= len(self.scenario.program):
                    self.stops.append(stop)
                    found.extend(self._after(stop, place, lambda image: snapshot(place, image), power=False))
                return Continue()

            try:
                supervised(lambda acknowledge: self.run(place, acknowledge), place, on_stop)
            finally:  # what was found before an interrupt counts
                yield from found

    def _killed_in_turn(self, share: Share) -> Iterator[Crash]:
        """What is on a server cannot be copied: one process after another is killed, each at the next call."""
        for number in range(1, STOPS):
            if share.over():
                return
            with self.prepared() as place:
                met: list[Stop] = []
                supervised(partial(self.run, place), watched(place), self._at(number, Kill(), met))
                if not met:
                    return
                self.stops.append(met[0])
                yield from self._after(met[0], place, None, power=False)

    def killed_at_random(self, random: Random, share: Share) -> Iterator[Crash]:
        """Where no process can be halted, it is killed at moments that chance decides."""
        with self.prepared() as place:
            begin = time.monotonic()
            killed_at(partial(self.run, place), SLOW)
            whole = aimed = time.monotonic() - begin
        amid = not self.scenario.program
        for number in range(MOST_KILLS):
            if share.over() or (number >= KILLS and amid):
                return
            moment = random.uniform(0, aimed if number % 2 else whole)
            with self.prepared() as place:
                told = killed_at(partial(self.run, place), moment).acknowledged
                for one in self._after(Stop(0, "", ("",), 0, told, (), "a random moment"), place, None, power=False):
                    yield attrs.evolve(one, seconds=2 * moment)
            amid = amid or done_of(told) < len(self.scenario.program)
            if not amid:  # all was done by then: aim at sooner
                aimed = min(aimed, moment)

    @contextlib.contextmanager
    def _image(self, place: Any, copy: Callable[[str], None] | None) -> Iterator[Any]:
        """A copy of the place, or the place itself if that cannot be copied."""
        if copy is None:
            yield place
            return
        with self.subject.place() as image:
            copy(image)
            yield image

    def _after(self, stop: Stop, place: Any, copy: Callable[[str], None] | None, *, power: bool) -> Iterator[Crash]:
        if copy is not None and not Path(place).is_dir():
            return
        with self._image(place, copy) as image:
            done = done_of(stop.acknowledged)
            during = self.during(done)
            allowed = self.allowed(done, during)
            requirement: RequirementId = "POWER-1" if power else "CRASH-2" if isinstance(during, Move) else "CRASH-1"
            self.counted(requirement)
            files = files_in(image)

            def crash(name: RequirementId, expected: tuple[State, ...], came: State) -> Crash:
                call, in_steps = (stop.text, stop.number, "", done), self.in_steps(during)
                return Crash(name, self.scenario, during, *call, files, expected, came, power=power, in_steps=in_steps)

            try:
                backend = self.subject.open(image)
            except Exception as error:
                yield crash(requirement, allowed, (f"opening raised {type(error).__name__}: {error}",))
                return
            came, known = state_of(backend, self.scenario), self._known_id(backend)
            close_backend(backend)
            if came not in allowed:
                yield crash(requirement, allowed, came)
            elif known:
                yield crash(requirement, (("the id as it was, or a valid one of a new store",),), (known,))
            elif not power:
                self.counted("CRASH-3")
                wrong = self._works(image)
                if wrong:
                    yield crash("CRASH-3", (("every operation works as if nothing had happened",),), (wrong,))

    def during(self, done: int) -> Operation | None:
        """The operation in flight when so many have returned; None where that was the last one."""
        return self.scenario.program[done] if done < len(self.scenario.program) else None

    def in_steps(self, during: Operation | None) -> TypeGuard[Move]:
        """Whether it is a move that may be seen half done."""
        return isinstance(during, Move) and not self.subject.claims.atomic_move

    def allowed(self, done: int, during: Operation | None) -> tuple[State, ...]:
        """The states that a reader may see: the one before the operation in flight, and the one after."""
        before = self.states[min(done, len(self.states) - 1)]
        after = self.states[min(done + 1, len(self.states) - 1)]
        allowed = tuple(dict.fromkeys((before, after)))
        if self.in_steps(during):
            value = before[self.scenario.keys.index(during.source)]
            both = list(after)
            both[self.scenario.keys.index(during.source)] = value
            listed = sorted({*listed_in(before), *listed_in(after)})
            allowed = (*allowed, (*both[:-1], f"returned {listed!r}"))
        return allowed

    def _known_id(self, backend: Any) -> str:
        """What is wrong with the id that a backend reads, or ""."""
        came = text_of(Returned(str(backend.store_backend_id)))
        again = text_of(Returned(str(backend.store_backend_id)))
        invalid = str(getattr(backend, "STORE_BACKEND_INVALID_CONFIGURATION_ID", ""))
        lost = self.scenario is not OPENING and self._id and came != self._id
        return f"store_backend_id {came}" if came != again or (invalid and invalid in came) or lost else ""

    def _works(self, place: Any) -> str:
        """What does not work on a store that is there, found after a crash or left without one, or ""."""
        backend = self.subject.open(place)
        value = self.harness.material.value(9)
        keys = self.scenario.keys or (self.harness.material.plain_key(0),)
        try:
            for key in keys:
                for operation in (Set(key, value), Get(key), RemoveKey(key)):
                    came = perform(operation, backend)
                    if not isinstance(came, Returned) or (isinstance(operation, Get) and came.value != value):
                        return f"{operation.name} of {key!r} {came}"
            left = perform(ListKeys(), backend)
            listed = [key for key in left.value if key != ID_KEY] if isinstance(left, Returned) else left
            return f"list_keys, when all keys were removed, gave {listed}" if listed else ""
        finally:
            close_backend(backend)

    def _at(self, number: int, action: Action, met: list[Stop]) -> Callable[[Stop], Action]:
        """Do something at a stop, by its number of those after the opening, unless it is the opening that counts."""
        count = 0

        def on_stop(stop: Stop) -> Action:
            nonlocal count
            if (stop.acknowledged or self.scenario is OPENING) and done_of(stop.acknowledged) <= len(
                self.scenario.program
            ):
                count += 1
                if count == number:
                    met.append(stop)
                    return action
            return Continue()

        return on_stop

    # Killed again and again

    def leftovers(self) -> Iterator[Crash]:
        """The process killed at one call time after time: the files must not become more each time."""
        if not self.stops or self.stops[-1].to_server:
            return
        chosen = self.stops[-1].number
        with self.prepared() as place:
            counts = []
            for _ in range(LEFTOVERS + 2):
                last = [self.stops[-1]]
                supervised(lambda acknowledge: self.run(place, acknowledge), place, _killing(chosen, last))
                close_backend(self.subject.open(place))
                counts.append(len(files_in(place)))
            self.counted("CRASH-3")
            if all(one < other for one, other in pairwise(counts)):
                yield Crash(
                    "CRASH-3",
                    self.scenario,
                    self.scenario.program[-1] if self.scenario.program else None,
                    last[0].text,
                    chosen,
                    "",
                    0,
                    files_in(place),
                    (("no more files after each crash",),),
                    (f"after each of {len(counts)} crashes and reopenings: {counts} files",),
                    rounds=len(counts),
                )

    # Without power

    def unpowered(self) -> Iterator[Crash]:
        """Power lost before each call: what was not synced is gone."""
        found: list[Crash] = []
        with self.prepared() as place, Power(place) as power:

            def on_stop(stop: Stop) -> Action:
                if done_of(stop.acknowledged) <= len(self.scenario.program):
                    for names_kept in (False, True):
                        copy = partial(power.image, names_kept=names_kept)
                        found.extend(self._after(stop, place, copy, power=True))
                return Continue()

            try:
                supervised(lambda acknowledge: self.run(place, acknowledge), place, power.watching(on_stop))
            finally:  # what was found before an interrupt counts
                yield from found


def _open_files() -> int:
    """How many files this process has open, where the system tells; else 0."""
    numbers = Path("/proc/self/fd")
    return len(list(numbers.iterdir())) if numbers.is_dir() else 0


def _killing(number: int, last: list[Stop]) -> Callable[[Stop], Action]:
    def on_stop(stop: Stop) -> Action:
        last[0] = stop
        return Kill() if stop.number == number else Continue()

    return on_stop


def done_of(acknowledged: tuple[bytes, ...]) -> int:
    """How many operations have returned, of those after the opening."""
    return max(0, len(acknowledged) - 1)
