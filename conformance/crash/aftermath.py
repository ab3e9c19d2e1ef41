"""A store judged after a crash: it is opened, read, and put to use. In which order, and why, is told in `trial`."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from conformance.crash.crash import Cause, Crash, Killed, KilledAtRandom, PowerLost
from conformance.crash.reading import files_in, id_text_of, state_of
from conformance.crash.states import StateText, is_id_wrong, is_older, operation_in_flight
from conformance.crash.trial import OPENED, Storage, Trial
from conformance.programs.operations import Move, Operation
from spec_store.requirements import RequirementId

WORKING = ("every operation works as if nothing had happened",)


def crashes_after(
    trial: Trial, cause: Cause, acknowledged: int, storage: Storage, *, amid: bool = True
) -> Iterator[Crash]:
    """What is wrong with a store that a crash has left: nothing, or the first thing that is.

    Args:
        trial: what the process was doing.
        cause: what was done to it.
        acknowledged: how many operations of its program had returned.
        storage: what it has left, or a copy of that.
        amid: whether that puts a requirement to the test, and is counted.
    """
    judging = _Judging.of(trial, cause, acknowledged, storage)
    if amid:
        trial.count(judging.requirement)
    image = trial.image_of(storage.place)
    try:
        backend = trial.open(storage.place)
    except Exception as error:
        yield judging.wrong_state(opening_failed(error))
        return
    actual, crash = judging.read(backend)
    trial.recovers = trial.image_of(storage.place) != image
    if crash is None and not isinstance(cause, PowerLost) and "CRASH-3" not in trial.found:
        # Last, for it removes all keys. Without power CRASH-3 is not asked: POWER-1 is of what was stored. Once it is
        # known to be violated here, it is not asked again, for each time an operation may block until it gives up.
        if amid:
            trial.count("CRASH-3")
        crash = judging.put_to_use(actual)
    if crash is not None:
        yield crash


@attrs.frozen
class _Judging:
    """What a crash has left, as it is judged.

    Args:
        trial: what the process was doing.
        storage: what it has left.
        requirement: what a wrong state violates.
        expected: the states that may be seen.
        crash: makes a crash of what was expected, and what came.
    """

    trial: Trial
    storage: Storage
    requirement: RequirementId
    expected: tuple[StateText, ...]
    crash: Callable[..., Crash]

    @classmethod
    def of(cls, trial: Trial, cause: Cause, acknowledged: int, storage: Storage) -> "_Judging":
        # A process that was still opening the store has begun no operation.
        opened = isinstance(cause, KilledAtRandom) or OPENED in cause.point.acknowledged
        during = operation_in_flight(trial.scenario.program, acknowledged) if opened else None
        # Of several operations it is the recovery that a second crash puts to the test, and not the one that was in
        # flight: what that leaves has been judged as it was before.
        alone = not is_relapse(cause) or len(trial.scenario.program) == 1
        crash = partial(
            Crash,
            scenario=trial.scenario,
            during=during,
            cause=cause,
            acknowledged=acknowledged,
            files=files_in(trial.seat(storage.place)),  # before the store is opened, which may tidy up
            in_steps=trial.in_steps(during),
        )
        requirement = requirement_of(cause, during if alone else None)
        return cls(trial, storage, requirement, trial.allowed(acknowledged), crash)

    def read(self, backend: Any) -> tuple[StateText, Crash | None]:
        """What another process sees that has opened the store, which it closes, and what is wrong with it."""
        trial, storage = self.trial, self.storage
        # The state is read before the id: reading the id may make one, and so change what is listed.
        actual = state_of(trial.harness, backend, trial.scenario.keys)
        ids = id_text_of(trial.harness, backend), id_text_of(trial.harness, backend)
        invalid = str(getattr(backend, "STORE_BACKEND_INVALID_CONFIGURATION_ID", ""))
        trial.harness.close_backend(backend)
        if actual not in self.expected:
            crash = self.wrong_state(actual)
            lost = isinstance(crash.cause, Killed) and is_older(trial.states, crash.acknowledged, actual)
            return actual, attrs.evolve(crash, requirement="CRASH-1") if lost else crash
        if is_id_wrong(ids, storage.id, invalid):
            valid = ("the id as it was, or a valid one of a new store",)
            words = (f"store_backend_id {ids[0]}",)
            return actual, self.crash(requirement=self.requirement, expected=(valid,), actual=words)
        return actual, None

    def wrong_state(self, actual: StateText) -> Crash:
        """That what is seen is none of what may be seen."""
        return self.crash(requirement=self.requirement, expected=self.expected, actual=actual)

    def put_to_use(self, seen: StateText) -> Crash | None:
        """What goes wrong with a store in the state that was seen: a write first, then every operation."""
        trial, place = self.trial, self.storage.place
        write = trial.write_after(seen)
        failure = trial.failure_after(place, seen, partial(trial.failure_of_write, seen=seen, write=write))
        if failure is not None:
            return self.crash(requirement="CRASH-3", expected=(WORKING,), actual=(failure,), later=write)
        failure = trial.failure_after(place, seen, trial.failure_on)
        if failure is not None:
            return self.crash(requirement="CRASH-3", expected=(WORKING,), actual=(failure,))
        return None


def is_relapse(cause: Cause) -> bool:
    """Whether a second process has come to its end amid the recovery."""
    return isinstance(cause, Killed | PowerLost) and cause.again is not None


def opening_failed(error: Exception) -> StateText:
    """What a reader sees where the store does not open."""
    return (f"opening raised {type(error).__name__}: {error}",)


def requirement_of(cause: Cause, during: Operation | None) -> RequirementId:
    """The requirement that a wrong state violates."""
    if isinstance(cause, PowerLost):
        return "POWER-1"
    return "CRASH-2" if isinstance(during, Move) else "CRASH-1"
