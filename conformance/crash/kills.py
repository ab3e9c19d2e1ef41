"""A trial's process killed, or without power, at each of its crash points, at random, or again and again."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import attrs

from conformance.crash.aftermath import crashes_after
from conformance.crash.crash import Crash, Killed, KilledAtRandom, PowerLost
from conformance.crash.reading import files_in
from conformance.crash.scenarios import OPENING
from conformance.crash.states import is_growing
from conformance.crash.trial import Storage, Trial, done_of
from conformance.harness.halting import halting_place
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK, Action, Continue, Kill, Power, Stop, killed_at, snapshot, supervised
from conformance.system.budget import Share

KILLS, MOST_KILLS = 8, 40
"""How often a process is killed at random in each scenario: so often, or until it was amid the operations once."""

SLOW = 30.0
"""Seconds within which a scenario is done."""

MOST_MESSAGES = 60
"""How many messages to a server are tried at most."""

ROUNDS = 5
"""How often a process is killed at the same point, to see whether the files become more each time.

Two are too few, and three could be chance: what a backend keeps in reserve may grow once or twice before it levels off.
"""


def inject_kills(trial: Trial, share: Share) -> Iterator[Crash]:
    """The process killed before each call, the store then opened by another one."""
    with trial.subject.place() as place:
        on_server = halting_place(place) == NETWORK
    yield from _kill_in_turn(trial, share) if on_server else _copy_at_each_point(trial)


def _copy_at_each_point(trial: Trial) -> Iterator[Crash]:
    """At each call a directory holds what it would hold if the process were killed then, so a copy is judged."""
    found: list[Crash] = []
    with trial.prepare() as storage:

        def on_stop(stop: Stop) -> Action:
            trial.points.append(stop)
            found.extend(_crashes_in_copy(trial, Killed(stop), storage, partial(snapshot, storage.place)))
            return Continue()

        try:
            supervised(partial(trial.run, storage.place), storage.place, on_stop)
        finally:  # what was found before an interrupt counts
            yield from found


def _crashes_in_copy(
    trial: Trial, cause: Killed | PowerLost, storage: Storage, copy: Callable[[str], None]
) -> Iterator[Crash]:
    """What is wrong with the copy that `copy` makes of some storage, in the directory that it is given."""
    if not Path(storage.place).is_dir():  # a backend may make its directory itself, later, or remove it
        return
    with trial.subject.place() as image:
        copy(image)
        yield from crashes_after(trial, cause, done_of(cause.point.acknowledged), Storage(image, storage.id))


def _kill_in_turn(trial: Trial, share: Share) -> Iterator[Crash]:
    """What is on a server cannot be copied: one process after another is killed, each at the next call."""
    for number in range(1, MOST_MESSAGES):
        if share.over():
            return
        with trial.prepare() as storage:
            killing = _KillAt(trial, number)
            supervised(partial(trial.run, storage.place), halting_place(storage.place), killing)
            if killing.point is None:  # the process came to its end first: there are no more messages
                return
            trial.points.append(killing.point)
            yield from crashes_after(trial, Killed(killing.point), done_of(killing.point.acknowledged), storage)


@attrs.define
class _KillAt:
    """Kills a process before one of its calls, by their number after the opening, unless it is the opening that counts.

    The messages by which a client connects to its server change no data; in turn they would take most of the kills.
    """

    trial: Trial
    number: int
    point: Stop | None = None
    _count: int = 0

    def __call__(self, stop: Stop) -> Action:
        if stop.acknowledged or self.trial.scenario is OPENING:
            self._count += 1
            if self._count == self.number:
                self.point = stop
                return Kill()
        return Continue()


def inject_random_kills(trial: Trial, random: Random, share: Share) -> Iterator[Crash]:
    """Where no process can be halted, it is killed at moments that chance decides.

    A scenario takes a millisecond, and its process, which opens the store first, many: of the moments drawn from the
    whole of its life few fall amid the operations. So every other one is drawn from a stretch that becomes shorter for
    as long as the process had done all by then.
    """
    with trial.prepare() as storage:
        begin = time.monotonic()
        killed_at(partial(trial.run, storage.place), SLOW)
        whole = aimed = time.monotonic() - begin
    count = len(trial.scenario.program)
    amid = not count
    for number in range(MOST_KILLS):
        if share.over() or (number >= KILLS and amid):
            return
        moment = random.uniform(0, aimed if number % 2 else whole)
        with trial.prepare() as storage:
            done = done_of(killed_at(partial(trial.run, storage.place), moment).acknowledged)
            # A script draws its moments anew, so it gets twice the time in which this one fell.
            yield from crashes_after(trial, KilledAtRandom(2 * moment), done, storage)
        amid = amid or done < count
        if not amid:  # all was done by then: aim at sooner
            aimed = min(aimed, moment)


def inject_repeated_kills(trial: Trial) -> Iterator[Crash]:
    """The process killed at its last call time after time: the files must not become more each time.

    The last call, because whatever the operations make and take away again (a temporary file, a lock, a journal) has
    been made by then, and the last step is the one that takes it away.
    """
    if not trial.points or trial.points[-1].to_server:
        return
    known = last = trial.points[-1]
    counts = []
    with trial.prepare() as storage:
        for _ in range(ROUNDS):
            killing = _KillAtNumber(known.number, known)
            supervised(partial(trial.run, storage.place), storage.place, killing)
            last = killing.last
            close_backend(trial.subject.open(storage.place))  # what is swept at the opening is not left behind
            counts.append(len(files_in(storage.place)))
        trial.count("CRASH-3")
        if is_growing(counts):
            yield Crash(
                requirement="CRASH-3",
                scenario=trial.scenario,
                during=trial.scenario.program[-1] if trial.scenario.program else None,
                cause=Killed(attrs.evolve(last, number=known.number), rounds=ROUNDS),
                acknowledged=0,
                files=files_in(storage.place),
                expected=(("no more files after each crash",),),
                actual=(f"after each of {ROUNDS} crashes and reopenings: {counts} files",),
                in_steps=False,
            )


@attrs.define
class _KillAtNumber:
    """Kills a process before the call that has a number; `last` is the last call that was seen, as a rule that one."""

    number: int
    last: Stop

    def __call__(self, stop: Stop) -> Action:
        self.last = stop
        return Kill() if stop.number == self.number else Continue()


def inject_power_losses(trial: Trial) -> Iterator[Crash]:
    """Power lost before each call: what was not synced is gone.

    Two images are judged: one in which the names are lost that no `fsync` of their directory has made durable, and one
    in which all names are kept, but of the files only what was synced, as a file system leaves it that writes names
    sooner than data.
    """
    found: list[Crash] = []
    with trial.prepare() as storage, Power(storage.place) as power:

        def on_stop(stop: Stop) -> Action:
            for names_kept in (False, True):
                image = partial(power.image, names_kept=names_kept)
                found.extend(_crashes_in_copy(trial, PowerLost(stop), storage, image))
            return Continue()

        try:
            supervised(partial(trial.run, storage.place), storage.place, power.watching(on_stop))
        finally:  # what was found before an interrupt counts
            yield from found
