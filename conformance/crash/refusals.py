"""System calls, and messages to a server, that are refused while an operation is in flight (FAULT-1)."""

import errno
from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from conformance.crash.crash import Crash, Refused
from conformance.crash.reading import files_in, state_of
from conformance.crash.states import StateText, answer_text, operation_in_flight
from conformance.crash.trial import Trial
from conformance.probes.syscalls import Action, ChildEnd, Continue, Cut, Refuse, Stop, supervised
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

    It ends with the first thing that goes wrong, for more of one scenario is not told.

    Raises:
        UnreachableError: a connection cannot be cut here.
    """
    # The state is known for a refusal amid the only operation of a program: after more than one, those that come after
    # the refused one have changed it. And while the store is being opened no operation is in flight, and there is
    # nothing that could raise but the constructor, of which FAULT-1 says nothing.
    if len(trial.scenario.program) != 1:
        return
    for point in trial.points:
        for action in actions_at(point) if trial.is_amid(point.acknowledged) else ():
            if share.over():
                return
            crash = refuse(trial, point, action)
            if crash is not None:
                yield crash
                return


def refuse(trial: Trial, point: Stop, action: Refuse | Cut) -> Crash | None:
    """What goes wrong when one call is refused; None where nothing does, or where the call is not made."""
    with trial.prepare() as storage:
        reached: list[Stop] = []

        def on_stop(stop: Stop) -> Action:
            if stop.number == point.number:
                reached.append(stop)
                return action
            return Continue()

        # The number counts from the start of the process: the same calls come before it in each run of the scenario.
        run = partial(trial.run, storage.place, going_on=True)
        end = supervised(run, trial.seat(storage.place), on_stop, trial.seconds)
        # Else this run took another way, without the call, and has put nothing to the test.
        if not reached or not trial.is_amid(reached[0].acknowledged):
            return None
        trial.count("FAULT-1")
        return _Refusal(trial, storage.place, reached[0], action, end).crash()


@attrs.frozen
class _Refusal:
    """A call that was refused, amid the one operation of a scenario.

    Args:
        trial: what the process was doing.
        place: where.
        point: the call.
        action: what was done to it.
        end: how the process ended, and what it said of each operation, the two later ones included.
    """

    trial: Trial
    place: Any
    point: Stop
    action: Refuse | Cut
    end: ChildEnd

    def crash(self) -> Crash | None:
        """What went wrong: the answers of the process, the state, what is left open, what comes later."""
        trial = self.trial
        answers = tuple(answer.decode("utf-8", "replace") for answer in self.end.acknowledged[1:])
        if len(answers) < 3:
            ended = {"overtime": "the process did not come to an end", "raised": f"the process ended: {self._error()}"}
            words = ended.get(self.end.ended, "the process ended")
            return self._crash((("an exception, and a process that goes on",),), (words,))
        status, _, handles = answers[0].partition(" ")
        # An operation that has returned in spite of the refusal has taken effect: it may have tried again.
        expected = (trial.states[1],) if status == "ok" else trial.allowed(0)
        actual = self._state()
        if actual not in expected:
            return self._crash(expected, actual)
        # After the state, which is worse; and only of an operation that raised, for one that returns may keep a file
        # open for the next.
        if status == "raised" and int(handles or 0) > 0:
            return self._crash((("every file that was opened is closed",),), (f"{handles} file handles are left open",))
        if answers[-1] != answer_text(Returned(trial.later.value)):
            later = f"set and get of another key: {answers[-2]}, {answers[-1]}"
            return self._crash((("later operations work",),), (later,))
        return None

    def _error(self) -> str:
        """The last line of what the process raised."""
        return (self.end.error.strip().splitlines() or ["no exception"])[-1]

    def _state(self) -> StateText:
        """What a reader sees, but for the key that was set later."""
        try:
            backend = self.trial.open(self.place)
        except Exception as error:
            return (f"opening raised {type(error).__name__}: {error}",)
        self.trial.harness.perform(RemoveKey(self.trial.later.key), backend)
        state = state_of(self.trial.harness, backend, self.trial.scenario.keys)
        self.trial.harness.close_backend(backend)
        return state

    def _crash(self, expected: tuple[StateText, ...], actual: StateText) -> Crash:
        trial = self.trial
        during = operation_in_flight(trial.scenario.program, 0)
        return Crash(
            requirement="FAULT-1",
            scenario=trial.scenario,
            during=during,
            cause=Refused(self.point, self.action, trial.later),
            acknowledged=0,
            files=files_in(trial.seat(self.place)),
            expected=expected,
            actual=actual,
            in_steps=trial.in_steps(during),
        )
