"""Idle time: what an hour and a year do to a store, by clocks that are moved ahead; and what seconds do, waited for.

Clocks that have been moved do not go back: a limit on the rate of calls that has read one of next year would wait for
a year. So they are moved in children, forked from this process, which end with that. One child runs all the programs;
what diverges there is told only if it shows again in children of its own, of which each begins with the clocks as they
are. A store that reads the time for a name of a file, for an id, or to see how old a lock is, is right to do so:

    after the wait ...                           is told if, in other children, ...
    -------------------------------------------  -------------------------------------------------------------------
    a value is gone, or another                  it is so again, and not where the clocks stay as they are
    an operation raises, but not that the key    likewise; and not where the clocks were as far ahead from the
    is not stored                                beginning: the times of files do not move with those of Python; and
                                                 no thread of the store's runs, which might have to renew a lease
    an operation hangs                           never: what waits for a moment may be right to
    anything, and it was wrong before the wait   never: other programs tell that

What is left out is said in the report: without `fork`, or with a connection to a server, which no two processes can
share, nothing is moved. Servers have clocks of their own, for which only waiting helps (`--wait`).
"""

import os
import pickle
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from conformance.harness.harness import Harness
from conformance.programs.idling import IDLE, idle_programs
from conformance.programs.minimize import shortest
from conformance.programs.operations import Operation, Program, ReadId, Wait
from conformance.programs.outcomes import Hung, Outcome, Raised
from conformance.run.run import Run
from conformance.sequential.bare import divergences
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.divergence import Divergence, finding_by_itself
from conformance.sequential.expectations import Demand, Unchanged
from conformance.sequential.findings import Violation
from conformance.sequential.naming import reference_after
from conformance.sequential.replay import contradiction_of, raising_steps
from conformance.sequential.sighting import is_due
from conformance.sequential.sweeping import BLOCKED_SECONDS, NOT_SWEPT, OF_THE_TIME, blocked_seconds
from conformance.system.children import MESSAGE_BYTES, Acknowledge, born, listen
from conformance.system.clocks import make_clocks_movable, move_ahead
from conformance.system.starvation import Turn

OPERATIONS = 250
"""How many operations all programs have, about."""

LIMIT = 2.0
"""Seconds for one operation in a child."""

CHILD_SECONDS = 20.0
"""Seconds of served time for a child, beside those for which a subject that takes its time blocks."""

MOST_CHILDREN = 60
"""How many children making one counterexample smaller may cost."""

NO_FORK = "not explored: it needs another process, and this system forks none"
CONNECTED = "not explored by moved clocks: the subject keeps a connection to a server, which no other process can use"
NO_ANSWER = "not explored: the subject does not work in a process that is forked from this one"


@attrs.frozen
class Shown:
    """What came of an observation that contradicts what was expected, and whether threads of the store's were there."""

    outcome: Outcome
    threads: bool


@attrs.frozen
class AfterIdling:
    """A divergence, as one may be told: what was called before the observation, and what was expected of it."""

    setup: Program
    observation: Operation
    expected: Demand
    divergence: Divergence

    @classmethod
    def of(cls, divergence: Divergence) -> "AfterIdling":
        """The divergence; that the id has become another is seen by reading it twice."""
        observation = divergence.operation
        expected: Demand = Unchanged() if isinstance(observation, ReadId) else divergence.expected
        return cls(divergence.program[:-1], observation, expected, divergence)


Shows: TypeAlias = Callable[[AfterIdling, Program], Outcome | None]


def move_clocks(run: Run) -> str:
    """Find out what an hour and a year of moved clocks do to what is stored, and tell it; why not, or ""."""
    why = _not_explored(run)
    if not why:
        run.watcher.started_program()
        run.tell("idle time", 0, 1)
        # Nobody is told of what a child does, for it is not the worker's program in flight.
        quiet = attrs.evolve(run.harness.with_limit(LIMIT), started=None, stepped=None, spare=None, replays=None)
        run = attrs.evolve(run, harness=quiet)
        found: tuple[Divergence, ...] | None = _in_child(run.harness, partial(_explored, run.harness))
        if found is None:
            why = NO_ANSWER
        else:
            shows, told = partial(_shown_by_moving, run.harness), set[str]()
            for divergence in found:
                marks = {divergence.requirement, *_error_of(divergence)}
                if told.isdisjoint(marks) and tell_suspect(run, AfterIdling.of(divergence), shows, MOST_CHILDREN):
                    told |= marks
    return why


def _error_of(divergence: Divergence) -> tuple[str, ...]:
    """What an operation raised that says nothing of a key: whatever raises it next is told with it."""
    actual = divergence.actual
    return (actual.text,) if isinstance(actual, Raised) and actual.kind != "InvalidKeyError" else ()


def _not_explored(run: Run) -> str:
    """Why no clock is moved, in words for a reader; "" if they are."""
    if not hasattr(os, "fork"):
        return NO_FORK
    if OPERATIONS * blocked_seconds(run) > min(BLOCKED_SECONDS, OF_THE_TIME * run.budget.left()):
        return NOT_SWEPT
    return CONNECTED if _is_connected() else ""


def _is_connected() -> bool:
    """Whether this process has a socket that is connected to another one; pairs of sockets of its own are none."""
    for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as one:
                    if one.getpeername():
                        return True
    return False


# In children


def _explored(harness: Harness) -> tuple[Divergence, ...]:
    """Where the programs diverge first, of those that do after a wait."""
    firsts = [
        divergence
        for program in idle_programs(harness.subject.claims, harness.material)
        for divergence in divergences(harness, program, most=1)
    ]
    return tuple(_plain(first) for first in firsts if not set(IDLE).isdisjoint(first.program))


def _plain(divergence: Divergence) -> Divergence:
    """A divergence without the exception itself, which may not survive a pickle."""
    actual = divergence.actual
    return attrs.evolve(divergence, actual=_without_error(actual))


def _without_error(outcome: Outcome) -> Outcome:
    return attrs.evolve(outcome, error=None) if isinstance(outcome, Raised) else outcome


def _replayed(harness: Harness, setup: Program, observation: Operation, expected: Demand, ahead: float) -> Shown | None:
    """What comes of an observation that contradicts what is expected, with clocks so far ahead from the beginning."""
    move_ahead(ahead)
    threads: set[int] = set()  # while the store is open: closing it ends them

    def look(_operation: Operation) -> None:
        threads.update(sys._current_frames())

    outcome = contradiction_of(attrs.evolve(harness, started=look), setup, observation, expected)
    return None if outcome is None else Shown(_without_error(outcome), len(threads) > 1)


def _in_child(harness: Harness, work: Callable[[], Any]) -> Any:
    """What a function returns in a child whose clocks can be moved; None where it does not get to its end."""
    operations = OPERATIONS * harness.memory.pace.seconds / max(harness.memory.pace.operations, 1)
    seconds = CHILD_SECONDS + 2 * operations
    try:
        with born(partial(_live, work)) as child:
            turn = Turn.of(child.pid, seconds)
            while (rest := turn.rest()) and not listen(child, rest, child.ended):
                pass
            end = child.outcome("overtime")
    except OSError:
        return None
    return pickle.loads(b"".join(end.acknowledged)) if end.ended == "returned" else None


def _live(work: Callable[[], Any], acknowledge: Acknowledge) -> None:
    """The child."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):  # what the subject prints is told once, of the parent
        os.dup2(null, descriptor)
    make_clocks_movable()
    answer = pickle.dumps(work())
    for start in range(0, len(answer), MESSAGE_BYTES):
        acknowledge(answer[start : start + MESSAGE_BYTES])


# What is told


def without_waits(calls: Program) -> Program:
    """The same calls with nothing waited for."""
    return tuple(call for call in calls if not isinstance(call, Wait))


def _shown_by_moving(harness: Harness, suspect: AfterIdling, setup: Program) -> Outcome | None:
    """What comes of the observation after some calls, if nothing but the time is to blame for it."""
    still = without_waits(setup)
    shown = _shown(harness, suspect, setup)
    if shown is None or still == setup or _shown(harness, suspect, still) is not None:
        return None
    if isinstance(shown.outcome, Hung):
        return None
    if not isinstance(shown.outcome, Raised) or shown.outcome.kind == "InvalidKeyError":
        return shown.outcome
    ahead = sum(call.seconds for call in setup if isinstance(call, Wait))
    return None if shown.threads or _shown(harness, suspect, still, ahead) is not None else shown.outcome


def _shown(harness: Harness, suspect: AfterIdling, setup: Program, ahead: float = 0.0) -> Shown | None:
    """The same in one child, whatever is to blame."""
    if not is_due(suspect.expected, suspect.observation, reference_after(setup)):
        return None
    work = partial(_replayed, harness, setup, suspect.observation, suspect.expected, ahead)
    shown: Shown | None = _in_child(harness, work)
    return shown


def tell_suspect(run: Run, suspect: AfterIdling, shows: Shows, replays: int) -> bool:
    """Tell what diverges after a wait, as short as it can be made; whether it is told.

    Args:
        run: the run.
        suspect: what diverges.
        shows: what comes of the observation after some calls, if nothing but the wait is to blame for it.
        replays: how many times that may be asked.
    """
    if isinstance(suspect.divergence.actual, Hung):
        return False
    violation = _violation_of(run, suspect, shows, replays)
    if violation is None:
        return False
    moved = any(isinstance(call, Wait) and not call.really for call in violation.setup)
    raising = partial(raising_steps, run.harness, violation.setup)
    numbers: frozenset[int] = (_in_child(run.harness, raising) or frozenset()) if moved else raising()
    run.evidence.raw.add(violation.requirement)
    run.evidence.exercised[violation.requirement] += 1
    run.evidence.failures.append(failure_of_violation(violation, run.origin, numbers))
    return True


def _violation_of(run: Run, suspect: AfterIdling, shows: Shows, replays: int) -> Violation | None:
    """The violation, with no more calls than it takes; None where it does not show again."""
    setup, actual = suspect.setup, shows(suspect, suspect.setup)
    if actual is None:
        return None
    effort = run.budget.effort(replays)
    setup = shortest(setup, lambda calls: effort.spend() and shows(suspect, calls) is not None)
    finding = attrs.evolve(finding_by_itself(suspect.divergence), expected=suspect.expected, actual=actual)
    return Violation(finding.requirement, setup, suspect.observation, suspect.expected, actual, finding)
