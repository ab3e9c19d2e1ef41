"""System calls, and messages to a server, that are refused while an operation is in flight (FAULT-1)."""

import errno
from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from conformance.crash.crash import CUT, Crash
from conformance.crash.states import State, files_in, state_of, text_of
from conformance.crash.trial import OPENED, Trial, done_of
from conformance.harness.halting import watched
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import Action, Continue, Cut, Refuse, Stop, supervised
from conformance.programs.operations import RemoveKey
from conformance.programs.outcomes import Returned
from conformance.system.budget import Share


def refused(trial: Trial, share: Share) -> Iterator[Crash]:
    """Each call at which a trial was stopped refused in its turn: the operation raises, or succeeds.

    Raises:
        UnreachableError: a connection cannot be cut here.
    """
    for stop in trial.stops:
        if share.over():
            return
        for action, name in refusals(stop) if OPENED in stop.acknowledged else ():
            yield from _refused(trial, stop, action, name)


def _refused(trial: Trial, stop: Stop, action: Action, name: str) -> Iterator[Crash]:
    with trial.prepared() as place:
        met: list[Stop] = []

        def on_stop(one: Stop) -> Action:
            if one.number == stop.number:
                met.append(one)
                return action
            return Continue()

        outcome = supervised(partial(trial.run, place, going_on=True), watched(place), on_stop)
        if met:
            trial.counted("FAULT-1")
            yield from _Refusal(trial, place, met[0], name, outcome.acknowledged[1:]).judged()


@attrs.frozen
class _Refusal:
    """A call refused with the error `name`, and what the process has `told` of each operation since it opened."""

    trial: Trial
    place: Any
    stop: Stop
    name: str
    told: tuple[bytes, ...]

    def judged(self) -> Iterator[Crash]:
        """What went wrong: the answers of the process, the state, what is left open, what comes later."""
        trial, done = self.trial, done_of(self.stop.acknowledged)
        count = len(trial.scenario.program)
        answers = [answer.decode("utf-8", "replace") for answer in self.told]
        if len(answers) < count + 2:
            yield self._crash((("an exception, and a process that goes on",),), ("the process ended",))
            return
        if done >= count or count > 1:
            return
        status, _, handles = answers[done].partition(" ")
        allowed = (trial.states[1],) if status == "ok" else trial.allowed(done, trial.scenario.program[done])
        came = self._state()
        if came not in allowed:
            yield self._crash(allowed, came)
        elif status == "raised" and int(handles or 0) > 0:
            yield self._crash((("every file that was opened is closed",),), (f"{handles} file handles are left open",))
        elif answers[-1] != text_of(Returned(trial.later.value)):
            told = f"set and get of another key: {answers[-2]}, {answers[-1]}"
            yield self._crash((("later operations work",),), (told,))

    def _state(self) -> State:
        """What a reader sees, but for the key that was set later."""
        backend = self.trial.subject.open(self.place)
        perform(RemoveKey(self.trial.later.key), backend)
        came = state_of(backend, self.trial.scenario)
        close_backend(backend)
        return came

    def _crash(self, expected: tuple[State, ...], came: State) -> Crash:
        trial, stop, done = self.trial, self.stop, done_of(self.stop.acknowledged)
        during = trial.during(done)
        return Crash(
            "FAULT-1",
            trial.scenario,
            during,
            stop.text,
            stop.number,
            self.name,
            done,
            files_in(self.place),
            expected,
            came,
            later=trial.later,
            in_steps=trial.in_steps(during),
        )


SYNCING = ("fsync", "fdatasync", "sync_file_range", "syncfs")
UNNAMING = ("unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2")
WRITING = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "splice"),
    *("ftruncate", "fallocate"),
)


def refusals(stop: Stop) -> tuple[tuple[Action, str], ...]:
    """The ways in which a call may fail, each with its name: of the error, or `CUT`."""
    if stop.to_server:
        return ((Cut(), CUT),)
    return tuple((Refuse(number), errno.errorcode[number]) for number in _errnos(stop.name))


def _errnos(name: str) -> tuple[int, ...]:
    """What the system refuses a call with: writing needs no permission, and what takes a name away needs no room."""
    if name in SYNCING:
        return (errno.EIO,)
    if name in UNNAMING:
        return (errno.EIO, errno.EACCES)
    return (errno.ENOSPC, errno.EIO) if name in WRITING else (errno.ENOSPC, errno.EACCES)
