"""One scenario on one subject: what its process does, what is done to that process, and what is then judged.

A trial forks a process that opens the store and performs the scenario's program, and acknowledges each operation as it
returns. Something is done to the process at one of its crash points (`kills`), or to one of its calls (`refusals`).
Then another process's view is taken: the store is opened anew and judged (`aftermath`), by the states that may be seen
there (`states`).

Crash points. A process that dies leaves what it has handed to the system, so all that matters is between which two
system calls it dies, and of its calls only those count that change the place. The process is halted before each of
these (`probes.syscalls`, which says what it cannot see).

Copies. While the process is halted, the directory holds what a `kill -9` at that moment would leave: the kernel keeps
what was written (that the process ends takes back nothing of it), and what the process has only in its own memory is
not in the directory. So one run serves for all its crash points: at each, the directory is copied and the copy judged,
and the process goes on. The copy is also free of the locks that the halted process holds, of which the kernel lets go
when a process dies, and opening it does not disturb the process.

Servers. What is on a server cannot be copied, and the server sees more than the data: a connection that breaks off, at
which it rolls back what was not committed. There, one process after another is really killed, the first before its
first message, the next before its second, each on a place of its own.

Power. When power is lost, what was not synced is lost too: `probes.syscalls.power` keeps account of what was, and the
image that it makes is judged in place of a copy.

Judged after reopening, in this order; what comes later says nothing once something before it is wrong:

1. the store opens;                                     CRASH-1, CRASH-2 for a move, POWER-1 without power
2. the state is one of those that may be seen;          likewise
3. the id is as it was, or a valid one of a new store;  likewise
4. every operation works, and so the store is empty when all keys are removed.
                                                        CRASH-3, and not without power, where only 1 to 3 are asked
5. apart from these: the files do not become more with each crash at the same point (CRASH-3).

A refused call is judged by the process itself first: it goes on; its answer fits the state that a reader sees; no file
is left open; a later operation works (FAULT-1).
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from conformance.crash.reading import id_text_of, states_of
from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.states import StateText, allowed, answer_text, in_steps
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import Stop
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys, Operation, RemoveKey, Set
from conformance.programs.outcomes import Returned
from conformance.subject.subject import Subject
from spec_store.requirements import RequirementId

OPENED = b"opened"
"""What the process acknowledges first."""


@attrs.frozen
class Storage:
    """A place with a store on it, or a copy of one.

    Args:
        place: for the subject to open.
        id: of the store, as it was before the process began; None where there was no store.
    """

    place: Any
    id: str | None


@attrs.define
class Trial:
    """One scenario on one subject.

    Args:
        harness: the subject.
        scenario: the operations.
        count: called with the id of each requirement that a crash point has put to the test.
        states: before the program and after each operation of it, without a crash.
        points: the calls at which the process was halted, entered by `kills.inject_kills`.
    """

    harness: Harness
    scenario: Scenario
    count: Callable[[RequirementId], None]
    states: tuple[StateText, ...] = attrs.field(init=False)
    points: list[Stop] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self.states = states_of(self.harness, self.scenario)

    @property
    def subject(self) -> Subject:
        return self.harness.subject

    @contextlib.contextmanager
    def prepare(self) -> Iterator[Storage]:
        """A place on which the initial operations are done."""
        with self.subject.place() as place:
            if self.scenario is OPENING:  # the store itself is what the process makes
                yield Storage(place, None)
                return
            backend = self.subject.open(place)
            for operation in self.scenario.initial:
                perform(operation, backend)
            found = id_text_of(backend)
            close_backend(backend)
            yield Storage(place, found)

    def run(self, place: Any, acknowledge: Callable[[bytes], None], *, going_on: bool = False) -> None:
        """What the forked process does; `going_on`: and then two operations more, to see whether those work."""
        backend = self.subject.open(place)
        acknowledge(OPENED)
        for operation in self.scenario.program:
            handles = (
                _open_files()
            )  # counted for this operation alone: a backend may keep files open from its opening on
            outcome = perform(operation, backend)
            more = _open_files() - handles
            acknowledge(f"{'ok' if isinstance(outcome, Returned) else 'raised'} {more}".encode())
        if not self.scenario.program:
            # The one thing that an opening may put off: a store gets its id, at the latest, when that is first read.
            _ = backend.store_backend_id
        for after in (self.later, Get(self.later.key)) if going_on else ():
            # Cut to what a message holds in any case; what the two are compared with is short.
            acknowledge(answer_text(perform(after, backend))[:1000].encode("utf-8", "replace"))

    @property
    def later(self) -> Set:
        """What is done after the program to see whether that works."""
        return Set(self.harness.material.plain_key(5), self.harness.material.value(7))

    def allowed(self, acknowledged: int) -> tuple[StateText, ...]:
        """The states that a reader may see when so many operations have returned."""
        return allowed(self.scenario, self.states, acknowledged, atomic_move=self.subject.claims.atomic_move)

    def in_steps(self, during: Operation | None) -> bool:
        """Whether an operation may be seen half done."""
        return in_steps(during, atomic_move=self.subject.claims.atomic_move)

    def is_sound(self) -> bool:
        """Whether the store works after the scenario when nothing goes wrong; else a crash is not to blame."""
        with self.prepare() as storage:
            backend = self.subject.open(storage.place)
            for operation in self.scenario.program:
                perform(operation, backend)
            close_backend(backend)
            return self.failure_on(storage.place) is None

    def failure_on(self, place: Any) -> str | None:
        """What does not work on a store that is there, found after a crash or left without one.

        Each key of the scenario is set, read and removed, so that what a crash has left of a key is in the way if it
        can be; the listing is empty then, unless something is listed that cannot be removed.
        """
        backend = self.subject.open(place)
        value = self.harness.material.value(9)
        keys = self.scenario.keys or (self.harness.material.plain_key(0),)  # OPENING has none of its own
        try:
            for key in keys:
                for operation in (Set(key, value), Get(key), RemoveKey(key)):
                    outcome = perform(operation, backend)
                    # What Set and RemoveKey return is for the other searches to judge.
                    if not isinstance(outcome, Returned) or (isinstance(operation, Get) and outcome.value != value):
                        return f"{operation.name} of {key!r} {outcome}"
            left = perform(ListKeys(), backend)
            listed = [key for key in left.value if key != ID_KEY] if isinstance(left, Returned) else left
            return f"list_keys, when all keys were removed, gave {listed}" if listed else None
        finally:
            close_backend(backend)


def done_of(acknowledged: tuple[bytes, ...]) -> int:
    """How many operations have returned, by what a process has acknowledged: the opening first, then each."""
    return max(0, len(acknowledged) - 1)


def _open_files() -> int:
    """How many files this process has open, where the system tells; else 0."""
    numbers = Path("/proc/self/fd")
    return len(list(numbers.iterdir())) if numbers.is_dir() else 0
