"""A second crash: a process is killed, or without power, amid its recovery from what the first has left.

A store that recovers writes: it replays a journal, rolls one back, cuts off a torn record, sweeps up. All of that may
be cut short as well, and the next opening finds a store that has recovered in part; what was done once is done again
then, and a move that is replayed twice moves two values. So of what the kills of a trial have left (`kills`), that is
kept which opening and reading have changed. Another process is to recover from it, and is halted before each call by
which it does, where a copy is judged as after the first crash: to recover is no operation, so the same states may be
seen.

| kept of what has so many operations acknowledged | why                                                         |
|--------------------------------------------------|-------------------------------------------------------------|
| the last that a recovery changes                 | most was written by then, and is to be replayed             |
| the one in the middle, in a program of one       | a journal is whole by then, and nothing of it is done yet   |

Without power, what the first process has left counts as synced: the machine has stayed up since.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path

import attrs

from conformance.crash.copies import crashes_in_copy, directory_of
from conformance.crash.crash import AtEnd, Crash, Killed, Point, PowerLost
from conformance.crash.trial import Storage, Trial, done_of
from conformance.probes.syscalls import Action, Continue, Power, Stop, snapshot, supervised
from conformance.system.budget import Share


class Leftovers:
    """What crashes have left from which a store recovers, in directories of its own."""

    def __init__(self) -> None:
        self._root = tempfile.TemporaryDirectory(prefix="conformance-")
        self._points: list[Point] = []

    def __enter__(self) -> "Leftovers":
        return self

    def __exit__(self, *_: object) -> None:
        self._root.cleanup()

    def keep(self, point: Point, directory: Path) -> None:
        """Keep what a crash at a point has left in a directory."""
        snapshot(directory, self._path(len(self._points)))
        self._points.append(point)

    def chosen(self, trial: Trial) -> Iterator[tuple[Point, Path]]:
        """Those from which a second process is to recover, with where they are."""
        numbered = enumerate(self._points)
        for _, alike in groupby(numbered, lambda one: done_of(one[1].acknowledged)):
            group = list(alike)
            middle = [len(group) // 2] if len(trial.scenario.program) <= 1 else []
            for place in dict.fromkeys((*middle, len(group) - 1)):
                number, point = group[place]
                yield point, self._path(number)

    def _path(self, number: int) -> Path:
        return Path(self._root.name, str(number))


def inject_relapses(trial: Trial, storage: Storage, left: Leftovers, share: Share) -> Iterator[Crash]:
    """A process that recovers from each crash of some: killed, or without power, at each of its calls.

    Args:
        trial: what the first process was doing.
        storage: on which it was doing so.
        left: what its kills have left.
        share: the time that there is.
    """
    for point, directory in left.chosen(trial):
        if share.over():
            return
        yield from _Relapse(trial, storage, point, directory).crashes()


@attrs.frozen
class _Relapse:
    """One recovery that is cut short.

    Args:
        trial: what the first process was doing.
        storage: on which it was doing so.
        point: where it was killed.
        left: a directory with what it has left.
    """

    trial: Trial
    storage: Storage
    point: Point
    left: Path

    def crashes(self) -> Iterator[Crash]:
        """What is wrong with what the second crash leaves, at each call by which the second process recovers."""
        trial, found = self.trial, list[Crash]()
        with trial.subject.place() as place, ExitStack() as opened:
            again = Storage(place, self.storage.id)
            snapshot(self.left, directory_of(trial, again))
            lasting = trial.subject.claims.durability == "power"
            power = opened.enter_context(Power(directory_of(trial, again))) if lasting else None

            def on_stop(stop: Stop) -> Action:
                copy = partial(snapshot, directory_of(trial, again))
                found.extend(crashes_in_copy(trial, Killed(self.point, again=stop), again, copy))
                if power:
                    found.extend(self._without(power, stop, again))
                return Continue()

            watching = power.watching(on_stop) if power else on_stop
            try:
                end = supervised(partial(trial.recover, place), trial.seat(place), watching, trial.seconds)
                if power and end.ended == "returned":
                    found.extend(self._without(power, AtEnd(end.acknowledged), again))
            finally:  # what was found before an interrupt counts
                yield from found

    def _without(self, power: Power, point: Point, again: Storage) -> Iterator[Crash]:
        for names_kept in (False, True):
            image = partial(power.image, names_kept=names_kept)
            yield from crashes_in_copy(self.trial, PowerLost(self.point, again=point), again, image)
