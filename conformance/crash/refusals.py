"""System calls, and messages to a server, that are refused while an operation is in flight (FAULT-1)."""

import errno
from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from conformance.crash.crash import Crash, Refused
from conformance.crash.reading import files_in, state_of
from conformance.crash.states import StateText, answer_text, operation_in_flight
from conformance.crash.trial import OPENED, Trial, done_of
from conformance.harness.halting import halting_place
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import Action, Continue, Cut, Refuse, Stop, supervised
from conformance.programs.operations import RemoveKey
from conformance.programs.outcomes import Returned
from conformance.system.budget import Share

ERRORS: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (
    # A disk that fails is found out when what was written is to be forced onto it. For room the write has asked
    # already, and for permission the opening.
    (("fsync", "fdatasync", "sync_file_range", "syncfs"), (errno.EIO,)),
    # To take a name away, or to exchange it for another, needs no room; it needs permission to write the directory.
    (("unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2"), (errno.EIO, errno.EACCES)),
    # A file that is open has had its permission asked; it grows, and may find the disk full, or failing.
    (
        ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "splice"),
        (errno.ENOSPC, errno.EIO),
    ),
    # These make room for what is to be written, or give it back, on a file that is open: as above.
    (("ftruncate", "fallocate"), (errno.ENOSPC, errno.EIO)),
)
"""What the system refuses a call with: the calls, and the errors that each is refused with in turn."""

OTHERWISE = (errno.ENOSPC, errno.EACCES)
"""What it refuses every other call with: nearly all of those take a path and make or change something there, for which
there must be room and the process must have permission."""


def actions_at(point: Stop) -> tuple[Refuse | Cut, ...]:
    """The ways in which a call may fail."""
    if point.to_server:  # its system does not fail it; the network, or the server, goes away
        return (Cut(),)
    return tuple(Refuse(number) for number in errors_of(point.name))


def errors_of(call: str) -> tuple[int, ...]:
    """The errors that the system refuses a call with, by its name."""
    return next((errors for calls, errors in ERRORS if call in calls), OTHERWISE)


def inject_refusals(trial: Trial, share: Share) -> Iterator[Crash]:
    """Each call at which a trial was halted refused in its turn: the operation raises, or succeeds.

    Raises:
        UnreachableError: a connection cannot be cut here.
    """
    for point in trial.points:
        if share.over():
            return
        # While the store is being opened no operation is in flight, and there is nothing that could raise but the
        # constructor, of which FAULT-1 says nothing.
        for action in actions_at(point) if OPENED in point.acknowledged else ():
            yield from _refuse(trial, point, action)


def _refuse(trial: Trial, point: Stop, action: Refuse | Cut) -> Iterator[Crash]:
    with trial.prepare() as storage:
        reached: list[Stop] = []

        def on_stop(stop: Stop) -> Action:
            if stop.number == point.number:
                reached.append(stop)
                return action
            return Continue()

        # The number counts from the start of the process: the same calls come before it in each run of the scenario.
        run = partial(trial.run, storage.place, going_on=True)
        outcome = supervised(run, halting_place(storage.place), on_stop)
        if reached:  # else this run took another way, without the call, and has put nothing to the test
            trial.count("FAULT-1")
            answers = tuple(answer.decode("utf-8", "replace") for answer in outcome.acknowledged[1:])
            yield from _Refusal(trial, storage.place, reached[0], action, answers).crashes()


@attrs.frozen
class _Refusal:
    """A call that was refused.

    Args:
        trial: what the process was doing.
        place: where.
        point: the call.
        action: what was done to it.
        answers: what the process said of each operation since it had opened the store, the two later ones included.
    """

    trial: Trial
    place: Any
    point: Stop
    action: Refuse | Cut
    answers: tuple[str, ...]

    def crashes(self) -> Iterator[Crash]:
        """What went wrong: the answers of the process, the state, what is left open, what comes later."""
        trial, done = self.trial, done_of(self.point.acknowledged)
        count = len(trial.scenario.program)
        if len(self.answers) < count + 2:
            yield self._crash((("an exception, and a process that goes on",),), ("the process ended",))
            return
        # The state is known for a refusal amid the only operation of a program: after more than one, those that come
        # after the refused one have changed it; and a call of the later operations is not one of the program's.
        if done >= count or count > 1:
            return
        status, _, handles = self.answers[done].partition(" ")
        # An operation that has returned in spite of the refusal has taken effect: it may have tried again.
        expected = (trial.states[done + 1],) if status == "ok" else trial.allowed(done)
        actual = self._state()
        if actual not in expected:
            yield self._crash(expected, actual)
        # After the state, which is worse; and only of an operation that raised, for one that returns may keep a file
        # open for the next.
        elif status == "raised" and int(handles or 0) > 0:
            yield self._crash((("every file that was opened is closed",),), (f"{handles} file handles are left open",))
        elif self.answers[-1] != answer_text(Returned(trial.later.value)):
            answers = f"set and get of another key: {self.answers[-2]}, {self.answers[-1]}"
            yield self._crash((("later operations work",),), (answers,))

    def _state(self) -> StateText:
        """What a reader sees, but for the key that was set later."""
        backend = self.trial.subject.open(self.place)
        perform(RemoveKey(self.trial.later.key), backend)
        state = state_of(backend, self.trial.scenario)
        close_backend(backend)
        return state

    def _crash(self, expected: tuple[StateText, ...], actual: StateText) -> Crash:
        trial, done = self.trial, done_of(self.point.acknowledged)
        during = operation_in_flight(trial.scenario.program, done)
        return Crash(
            requirement="FAULT-1",
            scenario=trial.scenario,
            during=during,
            cause=Refused(self.point, self.action, trial.later),
            acknowledged=done,
            files=files_in(self.place),
            expected=expected,
            actual=actual,
            in_steps=trial.in_steps(during),
        )
