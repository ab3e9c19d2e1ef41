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

Most of the calls of a store change nothing of what a crash would leave: a sync, a read lock, a write that is not synced
when power is lost. What has been judged once is not judged again, with the same operations acknowledged.

Servers. What is on a server cannot be copied, and the server sees more than the data: a connection that breaks off, at
which it rolls back what was not committed. There, one process after another is really killed, the first before its
first message, the next before its second, each on a place of its own.

Power. When power is lost, what was not synced is lost too: `probes.syscalls.power` keeps account of what was, and the
image that it makes is judged in place of a copy.

Judged after reopening, in this order; what comes later says nothing once something before it is wrong:

1. the store opens;                                     CRASH-1, CRASH-2 for a move, POWER-1 without power
2. the state is one of those that may be seen;          likewise
3. the id is as it was, or a valid one of a new store;  likewise
4. one write is done, of another kind at each crash point, and another backend that is opened then sees it, and all
   else as it was: what is written behind a torn record is lost with it, and only who reads anew notices;
5. every operation works, and so the store is empty when all keys are removed.
                                       4 and 5: CRASH-3, and not without power, where only 1 to 3 are asked
6. apart from these: a process that is killed again and again at the same point does not leave more files each time, nor
   another state.                      CRASH-3; CRASH-1, or CRASH-2

A refused call is judged by the process itself first: it goes on; its answer fits the state that a reader sees; no file
is left open; a later operation works (FAULT-1).

A requirement counts as put to the test where the crash, or the refusal, came amid an operation: of a process whose
backend had opened, of an operation that returns when nothing is done to it (a move that raises anyway is not amid
anything). Without power, what counts is that too, and the moment at which all had returned.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.crash.crash import Crash
from conformance.crash.reading import Course, course_of, id_text_of, state_of
from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.states import ABSENT, StateText, allowed, answer_text, in_steps, state_after
from conformance.crash.steps import proceed, step_alone
from conformance.harness.halting import halting_place
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.probes.syscalls import Network, Stop, fingerprint
from conformance.programs.calls import call
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Add, Get, ListKeys, Move, Operation, ReadId, RemoveKey, Set
from conformance.programs.outcomes import Returned, short_text
from conformance.subject.subject import Subject
from conformance.system.limits import OperationTimeoutError
from spec_store.requirements import RequirementId

SCENARIO_SECONDS = 30.0
"""How long a process may run that does one scenario, where an operation has no limit of its own."""

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
        course: what the scenario does without a crash.
        points: the calls at which the process was halted, entered by `kills.inject_kills`.
        found: the requirements that this trial has shown to be violated, entered by the search.
        judged: what was found in each image that was judged, by its content and what the process had said.
        turn: how many crash points have had a write done after them.
        recovers: whether opening and reading have changed what the crash had left that was judged last.
        write: the write to be done after each; None, and the kinds take turns.
    """

    harness: Harness
    scenario: Scenario
    count: Callable[[RequirementId], None]
    course: Course = attrs.field(init=False)
    points: list[Stop] = attrs.field(init=False, factory=list)
    found: set[RequirementId] = attrs.field(init=False, factory=set)
    judged: dict[tuple[object, ...], list[Crash]] = attrs.field(init=False, factory=dict)
    turn: int = attrs.field(init=False, default=0)
    recovers: bool = attrs.field(init=False, default=False)
    write: Operation | None = None

    def __attrs_post_init__(self) -> None:
        self.course = course_of(self.harness, self.scenario)

    @property
    def states(self) -> tuple[StateText, ...]:
        """Before the program, and after each operation of it, without a crash."""
        return self.course.states

    @property
    def subject(self) -> Subject:
        return self.harness.subject

    @property
    def seconds(self) -> float:
        """How long a process may run that does the scenario: an operation that blocks ends it."""
        return self.harness.limit.seconds or SCENARIO_SECONDS

    def seat(self, place: Any) -> "str | os.PathLike[str] | Network":
        """Where a process on a place is halted."""
        return halting_place(place, self.subject)

    def image_of(self, place: Any) -> str:
        """What two directories share that hold the same; "" for what is on a server."""
        seat = self.seat(place)
        return "" if isinstance(seat, Network) else fingerprint(seat)

    def open(self, place: Any) -> Any:
        """A backend for a reader, opened within the time limit.

        Raises:
            Exception: what opening raises; a TimeoutError where it does not come to an end.
        """
        try:
            with self.harness.limit:
                return self.subject.open(place)
        except OperationTimeoutError as error:
            raise TimeoutError(str(error)) from error

    @contextlib.contextmanager
    def prepare(self) -> Iterator[Storage]:
        """A place on which the initial operations are done."""
        with self.subject.place() as place:
            if self.scenario is OPENING:  # the store itself is what the process makes
                yield Storage(place, None)
                return
            backend = proceed(self.harness, self.scenario.initial, place)
            found = id_text_of(self.harness, backend)
            self.harness.close_backend(backend)
            yield Storage(place, found)

    def run(self, place: Any, acknowledge: Callable[[bytes], None], *, going_on: bool = False) -> None:
        """What the forked process does; `going_on`: and then two operations more, to see whether those work."""
        backend = self.subject.open(place)
        acknowledge(OPENED)
        for operation in self.scenario.program:
            handles = _open_files()
            returned, backend = self._step(operation, backend, place)
            # Counted after the outcome is forgotten, for an exception keeps alive what the frames hold that it went
            # through, files as well; and for each operation, for a backend may keep files open from its opening on.
            acknowledge(f"{'ok' if returned else 'raised'} {_open_files() - handles}".encode())
        if not self.scenario.program:
            # The one thing that an opening may put off: a store gets its id, at the latest, when that is first read.
            _ = backend.store_backend_id
        for after in (self.later, Get(self.later.key)) if going_on else ():
            # Cut to what a message holds in any case; what the two are compared with is short.
            acknowledge(answer_text(perform(after, backend))[:1000].encode("utf-8", "replace"))

    def _step(self, operation: Operation, backend: Any, place: Any) -> tuple[bool, Any]:
        """Do an operation of the process: whether it returned, and the backend that is open after it."""
        outcome, backend = step_alone(self.subject, operation, backend, place)
        return isinstance(outcome, Returned), backend

    def recover(self, place: Any, acknowledge: Callable[[bytes], None]) -> None:
        """What a process does that opens what a crash has left: it reads all that a reader does."""
        backend = self.subject.open(place)
        acknowledge(OPENED)
        reads: list[Operation] = [*map(Get, self.scenario.keys), ListKeys(), ReadId()]
        for operation in reads:
            perform(operation, backend)

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

    def is_amid(self, acknowledged: tuple[bytes, ...]) -> bool:
        """Whether a process that has said so much is amid what the scenario is about, which works by itself."""
        if self.scenario is OPENING:
            return True
        done = done_of(acknowledged)
        returns = [isinstance(outcome, Returned) for outcome in self.course.outcomes]
        return OPENED in acknowledged and done < len(returns) and returns[done]

    def is_at_end(self, acknowledged: tuple[bytes, ...]) -> bool:
        """Whether a process that has said so much has done all of the program."""
        return OPENED in acknowledged and done_of(acknowledged) == len(self.scenario.program)

    def is_sound(self) -> bool:
        """Whether the store works after the scenario when nothing goes wrong; else a crash is not to blame."""
        with self.prepare() as storage:
            self._proceed(storage.place, len(self.scenario.program))
            return self.failure_on(storage.place) is None

    def _proceed(self, place: Any, count: int) -> None:
        """Do so many operations of the program, and close the store."""
        self.harness.close_backend(proceed(self.harness, self.scenario.program[:count], place))

    # Whether a store works that is there, found after a crash or left without one

    def write_after(self, seen: StateText) -> Operation:
        """The write to be done next after a crash that has left a state: of another kind each time."""
        if self.write is not None:
            return self.write
        a, *_ = keys = self.scenario.keys or (self.later.key,)
        stored = [key for key, read in zip(keys, seen, strict=False) if read.startswith("returned")]
        value = self.harness.material.value(9)
        every: list[Operation] = [Set(a, value), Add(self.later.key, value)]
        if stored and self.scenario.keys:
            every += [RemoveKey(stored[0]), Move(stored[-1], self.later.key)]
        kinds = [operation for operation in every if not self.harness.avoids(operation.name)]
        self.turn += 1
        return kinds[(self.turn - 1) % len(kinds)] if kinds else every[0]

    def failure_after(self, place: Any, seen: StateText, work: Callable[[Any], str | None]) -> str | None:
        """What goes wrong with a store that a crash has left, but not with one to which nothing has happened.

        Args:
            place: of the store.
            seen: its state.
            work: puts the store on a place to use, and tells what goes wrong.
        """
        failure = _failure_of(work, place)
        if failure is None or seen not in self.states:
            return failure
        with self.prepare() as storage:
            self._proceed(storage.place, self.states.index(seen))
            return failure if _failure_of(work, storage.place) is None else None

    def failure_of_write(self, place: Any, seen: StateText, write: Operation) -> str | None:
        """What goes wrong with a write on a store, by another reader's view: it sees that, and all else as it was.

        Args:
            place: of the store; it has the write then.
            seen: its state.
            write: the write.
        """
        keys = tuple(dict.fromkeys((*self.scenario.keys, *write.keys)))
        missing = (ABSENT,) * (len(keys) - len(self.scenario.keys))
        writer = self.open(place)
        outcome = self.harness.perform(write, writer)
        self.harness.perform(ListKeys(), writer)  # what it has in hand yet, another one need not see
        self.harness.close_backend(writer)
        if not isinstance(outcome, Returned):
            return f"{call(write)} {outcome}"
        reader = self.open(place)
        found = state_of(self.harness, reader, keys)
        self.harness.close_backend(reader)
        expected = state_after(write, keys, (*seen[:-1], *missing, seen[-1]))
        if found == expected:
            return None
        reads = [f"get({key!r})" for key in keys] + ["list_keys()"]
        wrong = next(number for number, (one, other) in enumerate(zip(found, expected, strict=True)) if one != other)
        return (
            f"{call(write)} returned, and another reader then sees that {reads[wrong]} "
            f"{short_text(found[wrong], 80)}, not {short_text(expected[wrong], 80)}"
        )

    def failure_on(self, place: Any) -> str | None:
        """What does not work on a store that is there.

        Each key of the scenario is set by one backend, and read and removed by another one, so that what a crash has
        left of a key is in the way if it can be, and what is written behind something torn is seen to be lost; the
        listing is empty then, unless something is listed that cannot be removed.
        """
        value = self.harness.material.value(9)
        keys = dict.fromkeys((*self.scenario.keys, self.later.key))  # the later one may have been written after a crash
        backend = self.open(place)
        try:
            failure = self._failure_among([Set(key, value) for key in keys], backend)
        finally:
            self.harness.close_backend(backend)
        if failure:
            return failure
        backend = self.open(place)
        try:
            failure = self._failure_among([each for key in keys for each in (Get(key), RemoveKey(key))], backend)
            if failure:
                return failure
            left = self.harness.perform(ListKeys(), backend)
            listed = [key for key in left.value if key != ID_KEY] if isinstance(left, Returned) else left
            return f"list_keys, when all keys were removed, gave {listed}" if listed else None
        finally:
            self.harness.close_backend(backend)

    def _failure_among(self, operations: Sequence[Operation], backend: Any) -> str | None:
        """The first of some operations that does not work; what is read is what was set to see whether that works."""
        value = self.harness.material.value(9)
        for operation in operations:
            outcome = self.harness.perform(operation, backend)
            # What Set and RemoveKey return is for the other searches to judge.
            if not isinstance(outcome, Returned) or (isinstance(operation, Get) and outcome.value != value):
                return f"{operation.name} of {operation.keys[0]!r} {outcome}"
        return None


def done_of(acknowledged: tuple[bytes, ...]) -> int:
    """How many operations have returned, by what a process has acknowledged: the opening first, then each."""
    return max(0, len(acknowledged) - 1)


def _failure_of(work: Callable[[Any], str | None], place: Any) -> str | None:
    """What does not work; that the store does not open once more is that too."""
    try:
        return work(place)
    except Exception as error:
        return f"opening it again raised {type(error).__name__}: {error}"


def _open_files() -> int:
    """How many files this process has open, where the system tells; else 0."""
    numbers = Path("/proc/self/fd")
    return len(list(numbers.iterdir())) if numbers.is_dir() else 0
