"""What a crash has left, judged in a copy: the store itself is then as it was, and its process can go on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from conformance.crash.aftermath import crashes_after
from conformance.crash.crash import AtEnd, Crash, Killed, PowerLost
from conformance.crash.trial import Storage, Trial, done_of
from conformance.probes.syscalls import Network, fingerprint


def directory_of(trial: Trial, storage: Storage) -> Path:
    """Where the files of a store are, which is no server.

    Raises:
        TypeError: it is one.
    """
    seat = trial.seat(storage.place)
    if isinstance(seat, Network):
        raise TypeError(f"{storage.place!r} is no directory")
    return Path(seat)


def crashes_in_copy(
    trial: Trial, cause: Killed | PowerLost, storage: Storage, copy: Callable[[Path], None]
) -> Iterator[Crash]:
    """What is wrong with the copy that `copy` makes of some storage, in the directory that it is given."""
    trial.recovers = False
    if not directory_of(trial, storage).is_dir():  # a backend may make its directory itself, later, or remove it
        return
    with trial.subject.place() as place:
        image = Storage(place, storage.id)
        copy(directory_of(trial, image))
        known = type(cause), cause.point.acknowledged, fingerprint(directory_of(trial, image))
        if known not in trial.judged:
            trial.judged[known] = list(crashes_at(trial, cause, image))
        yield from (attrs.evolve(crash, cause=cause) for crash in trial.judged[known])


def crashes_at(trial: Trial, cause: Killed | PowerLost, left: Storage) -> Iterator[Crash]:
    """What is wrong with what a crash at a point has left, which is counted where that puts something to the test."""
    said = cause.point.acknowledged
    amid = trial.is_amid(said) or (isinstance(cause, PowerLost) and isinstance(cause.point, AtEnd))
    for crash in crashes_after(trial, cause, done_of(said), left, amid=amid):
        trial.found.add(crash.requirement)
        yield crash
