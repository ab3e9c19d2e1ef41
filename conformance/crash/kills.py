"""A trial's process killed, or without power, at each of its crash points, at random, or again and again."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import attrs

from conformance.crash.aftermath import WORKING, crashes_after, opening_failed, requirement_of
from conformance.crash.copies import crashes_at, crashes_in_copy, directory_of
from conformance.crash.crash import AtEnd, Crash, Killed, KilledAtRandom, Point, PowerLost
from conformance.crash.reading import files_in, state_of
from conformance.crash.recovery import Leftovers, inject_relapses
from conformance.crash.scenarios import OPENING
from conformance.crash.states import StateText, is_growing, operation_in_flight
from conformance.crash.trial import Storage, Trial, done_of
from conformance.probes.syscalls import (
    Action,
    Continue,
    Kill,
    Network,
    Power,
    Stop,
    killed_at,
    snapshot,
    supervised,
)
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


Picking = Callable[[Point], bool]
"""Whether a crash point is to be judged."""


def everywhere(_point: Point) -> bool:
    """Every crash point."""
    return True


def inject_kills(trial: Trial, share: Share, where: Picking = everywhere) -> Iterator[Crash]:
    """The process killed before each call, and after the last operation; the store then opened by another one."""
    with trial.subject.place() as place:
        on_server = isinstance(trial.seat(place), Network)
    yield from _kill_in_turn(trial, share, where) if on_server else _copy_at_each_point(trial, share, where)


def _copy_at_each_point(trial: Trial, share: Share, where: Picking) -> Iterator[Crash]:
    """At each point a directory holds what it would hold if the process were killed then, so a copy is judged."""
    found: list[Crash] = []
    with trial.prepare() as storage, Leftovers() as left:

        def judge(point: Point) -> None:
            copy = partial(snapshot, directory_of(trial, storage))
            crashes = list(crashes_in_copy(trial, Killed(point), storage, copy)) if where(point) else []
            if where(point) and trial.recovers and not crashes:
                left.keep(point, directory_of(trial, storage))
            found.extend(crashes)

        def on_stop(stop: Stop) -> Action:
            trial.points.append(stop)
            judge(stop)
            return Continue()

        try:
            end = supervised(partial(trial.run, storage.place), trial.seat(storage.place), on_stop, trial.seconds)
            if trial.is_at_end(end.acknowledged):
                judge(AtEnd(end.acknowledged))
        finally:  # what was found before an interrupt counts
            yield from found
        yield from inject_relapses(trial, storage, left, share)


def _kill_in_turn(trial: Trial, share: Share, where: Picking) -> Iterator[Crash]:
    """What is on a server cannot be copied: one process after another is killed, each at the next call."""
    for number in range(1, MOST_MESSAGES):
        if share.over():
            return
        with trial.prepare() as storage:
            killing = _KillAt(trial, number)
            end = supervised(partial(trial.run, storage.place), trial.seat(storage.place), killing, trial.seconds)
            if killing.point is None:  # the process came to its end first: there are no more messages
                last = AtEnd(end.acknowledged, to_server=True)
                if trial.points and trial.is_at_end(end.acknowledged) and where(last):
                    yield from crashes_at(trial, Killed(last), storage)
                return
            trial.points.append(killing.point)
            if where(killing.point):
                yield from crashes_at(trial, Killed(killing.point), storage)


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
    amid = not trial.scenario.program
    for number in range(MOST_KILLS):
        if share.over() or (number >= KILLS and amid):
            return
        moment = random.uniform(0, aimed if number % 2 else whole)
        with trial.prepare() as storage:
            said = killed_at(partial(trial.run, storage.place), moment).acknowledged
            hit = trial.is_amid(said)
            # A script draws its moments anew, so it gets twice the time in which this one fell.
            yield from crashes_after(trial, KilledAtRandom(2 * moment), done_of(said), storage, amid=hit)
        amid = amid or hit
        if not amid and trial.is_at_end(said):  # all was done by then: aim at sooner
            aimed = min(aimed, moment)


def inject_repeated_kills(trial: Trial) -> Iterator[Crash]:
    """The process killed at its last call time after time: the files must not become more, the state is one of two.

    The last call, because whatever the operations make and take away again (a temporary file, a lock, a journal) has
    been made by then, and the last step is the one that takes it away. The state is that before the operation or that
    after it, however often one is begun, for each of the operations is one that finds nothing to do the second time.
    A process that has to wait for what the one before has left is waited for once.
    """
    if not trial.points or trial.points[-1].to_server:
        return
    known = last = trial.points[-1]
    counts = []
    with trial.prepare() as storage:
        seat = trial.seat(storage.place)
        crash = partial(
            Crash,
            scenario=trial.scenario,
            during=trial.scenario.program[-1] if trial.scenario.program else None,
            acknowledged=0,
            in_steps=False,
        )
        for round_ in range(1, ROUNDS + 1):
            killing = _KillAtNumber(known.number, known)
            end = supervised(partial(trial.run, storage.place), seat, killing, trial.seconds)
            last = killing.last
            cause = Killed(attrs.evolve(last, number=known.number), rounds=ROUNDS)
            found = partial(crash, cause=cause, files=files_in(seat))
            if end.ended == "overtime":
                words = (
                    f"a process that does the same after {round_ - 1} crashes has not ended after {trial.seconds:g} s"
                )
                yield found(requirement="CRASH-3", expected=(WORKING,), actual=(words,))
                return
            opens, actual = _state_left(trial, storage)
            if not opens or (len(trial.scenario.program) == 1 and actual not in trial.allowed(0)):
                requirement = requirement_of(cause, operation_in_flight(trial.scenario.program, 0))
                yield found(requirement=requirement, expected=trial.allowed(0), actual=actual)
                return
            counts.append(len(files_in(seat)))
        trial.count("CRASH-3")
        if is_growing(counts):
            yield found(
                requirement="CRASH-3",
                expected=(("no more files after each crash",),),
                actual=(f"after each of {ROUNDS} crashes and reopenings: {counts} files",),
            )


def _state_left(trial: Trial, storage: Storage) -> tuple[bool, StateText]:
    """Whether the store opens, and what is seen then. It is closed, so that what is swept at openings is not left."""
    try:
        backend = trial.open(storage.place)
    except Exception as error:
        return False, opening_failed(error)
    actual = state_of(trial.harness, backend, trial.scenario.keys)
    trial.harness.close_backend(backend)
    return True, actual


@attrs.define
class _KillAtNumber:
    """Kills a process before the call that has a number; `last` is the last call that was seen, as a rule that one."""

    number: int
    last: Stop

    def __call__(self, stop: Stop) -> Action:
        self.last = stop
        return Kill() if stop.number == self.number else Continue()


def inject_power_losses(trial: Trial, where: Picking = everywhere) -> Iterator[Crash]:
    """Power lost before each call, and after the last operation: what was not synced is gone.

    Two images are judged: one in which the names are lost that no `fsync` of their directory has made durable, and one
    in which all names are kept, but of the files only what was synced, as a file system leaves it that writes names
    sooner than data.

    After the last operation most of all: what comes before a call is judged with an operation in flight, which may be
    lost, so that of a program of one operation only the end tells whether that is synced when it returns.
    """
    found: list[Crash] = []
    with trial.prepare() as storage, Power(directory_of(trial, storage)) as power:

        def lose(point: Point) -> None:
            for names_kept in (False, True) if where(point) else ():
                image = partial(power.image, names_kept=names_kept)
                found.extend(crashes_in_copy(trial, PowerLost(point), storage, image))

        def on_stop(stop: Stop) -> Action:
            lose(stop)
            return Continue()

        try:
            watching = power.watching(on_stop)
            end = supervised(partial(trial.run, storage.place), trial.seat(storage.place), watching, trial.seconds)
            if trial.is_at_end(end.acknowledged):
                lose(AtEnd(end.acknowledged))
        finally:  # what was found before an interrupt counts
            yield from found
