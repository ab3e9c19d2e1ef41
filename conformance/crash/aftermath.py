"""A store judged after a crash: it is opened, read, and put to use. In which order, and why, is told in `trial`."""

from collections.abc import Iterator
from functools import partial

from conformance.crash.crash import Cause, Crash, PowerLost
from conformance.crash.reading import files_in, id_text_of, state_of
from conformance.crash.states import is_id_wrong, operation_in_flight
from conformance.crash.trial import Storage, Trial
from conformance.harness.store import close_backend
from conformance.programs.operations import Move, Operation
from spec_store.requirements import RequirementId


def crashes_after(trial: Trial, cause: Cause, acknowledged: int, storage: Storage) -> Iterator[Crash]:
    """What is wrong with a store that a crash has left: nothing, or the first thing that is.

    Args:
        trial: what the process was doing.
        cause: what was done to it.
        acknowledged: how many operations of its program had returned.
        storage: what it has left, or a copy of that.
    """
    during = operation_in_flight(trial.scenario.program, acknowledged)
    requirement = requirement_of(cause, during)
    expected = trial.allowed(acknowledged)
    trial.count(requirement)
    crash = partial(
        Crash,
        scenario=trial.scenario,
        during=during,
        cause=cause,
        acknowledged=acknowledged,
        files=files_in(storage.place),  # before the store is opened, which may tidy up
        in_steps=trial.in_steps(during),
    )
    try:
        backend = trial.subject.open(storage.place)
    except Exception as error:
        words = f"opening raised {type(error).__name__}: {error}"
        yield crash(requirement=requirement, expected=expected, actual=(words,))
        return
    # The state is read before the id: reading the id may make one, and so change what is listed.
    actual = state_of(backend, trial.scenario)
    ids = id_text_of(backend), id_text_of(backend)
    invalid = str(getattr(backend, "STORE_BACKEND_INVALID_CONFIGURATION_ID", ""))
    close_backend(backend)
    if actual not in expected:
        yield crash(requirement=requirement, expected=expected, actual=actual)
    elif is_id_wrong(ids, storage.id, invalid):
        valid = ("the id as it was, or a valid one of a new store",)
        yield crash(requirement=requirement, expected=(valid,), actual=(f"store_backend_id {ids[0]}",))
    elif not isinstance(cause, PowerLost):
        # Last, for it removes all keys. Without power CRASH-3 is not asked: POWER-1 is of what was stored.
        trial.count("CRASH-3")
        failure = trial.failure_on(storage.place)
        if failure is not None:
            working = ("every operation works as if nothing had happened",)
            yield crash(requirement="CRASH-3", expected=(working,), actual=(failure,))


def requirement_of(cause: Cause, during: Operation | None) -> RequirementId:
    """The requirement that a wrong state violates."""
    if isinstance(cause, PowerLost):
        return "POWER-1"
    return "CRASH-2" if isinstance(during, Move) else "CRASH-1"
