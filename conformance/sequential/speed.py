"""Measuring how long each operation takes with few keys and with many, on a store of its own.

Each is performed some times, and the median counts, so that one that was interrupted does not. What raises is left out:
what is wrong with that is told elsewhere. Nothing is decided by what comes of it.
"""

import statistics
import time
from collections.abc import Iterator, Sequence

from conformance.harness.harness import Harness
from conformance.programs.counts import parent_of_many
from conformance.programs.operations import Get, HasKey, ListKeys, Move, Operation, RemoveKey, Set, SetMany
from conformance.programs.outcomes import Returned
from conformance.report.speed import Measured, Speed
from conformance.run.run import Run
from conformance.sequential.recording import Recording
from conformance.system.limits import OperationTimeoutError
from spec_store import Key

FEWER_KEYS, MANY_KEYS = 10, 500
"""How many keys are stored when it is measured."""

TIMES_EACH = 7
"""How often each operation is performed."""

STORING_SECONDS = 1.0
"""For how long many keys may be stored; of what is slower there is no saying what grows."""

LEAST = 1e-9
"""Seconds that an operation takes at least: a coarse clock may say that it took none."""

TIMED = (Set.name, Get.name, HasKey.name, ListKeys.name, Move.name, RemoveKey.name)


def measure_speed(run: Run) -> None:
    """Measure how fast the subject is, if it takes the keys, and enter that in the evidence.

    Raises:
        OutOfTimeError: the time of the run is up.
        SubjectError: no store can be opened.
    """
    harness = run.harness
    keys = [key for key, _ in SetMany(parent_of_many(harness.material), MANY_KEYS).items()]
    if harness.refusals.of_key(keys[0]):
        return
    recording = Recording(harness)
    try:
        few = dict(_seconds(recording, keys[:FEWER_KEYS]))
        slow = not few or few.get(Set.name, STORING_SECONDS) * MANY_KEYS > STORING_SECONDS
        many = {} if slow else dict(_seconds(recording, keys))
    finally:
        recording.close(contradicted=False)
    speeds = tuple(Speed(name, few[name], many.get(name)) for name in TIMED if name in few)
    if speeds:
        run.evidence.measured.append(Measured(speeds, FEWER_KEYS, MANY_KEYS))


def _seconds(recording: Recording, keys: Sequence[Key]) -> Iterator[tuple[str, float]]:
    """Store keys; how long each operation then takes, by its name."""
    value = recording.harness.material.value(0)
    for key in keys:
        recording.perform(Set(key, value))
    first, moved = keys[0], keys[-1]
    away = (*moved[:-1], "away")
    rounds: tuple[tuple[Operation, ...], ...] = (
        (Set(first, value),),
        (Get(first),),
        (HasKey(first),),
        (ListKeys(),),
        (Move(moved, away), Move(away, moved)),
        (RemoveKey(moved), Set(moved, value)),
    )
    for operations in rounds:
        if not _is_avoided(recording.harness, operations):
            taken = [_time(recording, operations) for _ in range(TIMES_EACH)]
            known = [one for one in taken if one is not None]
            if len(known) == TIMES_EACH:
                yield operations[0].name, statistics.median(known)


def _is_avoided(harness: Harness, operations: Sequence[Operation]) -> bool:
    return any(harness.avoids(operation.name) for operation in operations)


def _time(recording: Recording, operations: Sequence[Operation]) -> float | None:
    """How long the first of some operations takes; the others bring back what was there. None if one does not return.

    The backend is called without the harness in between, which takes longer than a store in memory does.
    """
    if not all(isinstance(recording.perform(operation), Returned) for operation in operations):
        return None
    backend, limit = recording.backend, recording.harness.limit
    try:
        with limit:
            began = time.perf_counter()
            operations[0].on(backend)
            taken = max(time.perf_counter() - began, LEAST)
            for operation in operations[1:]:
                operation.on(backend)
    except (Exception, OperationTimeoutError):
        return None
    return taken
