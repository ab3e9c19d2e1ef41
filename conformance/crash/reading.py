"""What a reader does see of a store: its state, its id, its files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.crash.scenarios import Scenario
from conformance.crash.states import StateText, answer_text
from conformance.harness.halting import UNSEEN, halting_place
from conformance.harness.harness import Harness
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK, Network
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys, ReadId
from conformance.programs.outcomes import Outcome, Returned
from conformance.subject.subject import Subject


def seat_of(subject: Subject, place: Any) -> "str | os.PathLike[str] | Network":
    """Where a process on a place is to be halted: at what changes the files of the place, else at its messages.

    A place that is no path may say by the subject's `files` where its files lie.
    """
    files = getattr(subject, "files", None)
    return halting_place(place if files is None else files(place))


def unseen(subject: Subject) -> str:
    """Why no process was halted, though there was something to be done."""
    with subject.place() as place:
        if getattr(subject, "files", None) is not None or halting_place(place) != NETWORK or place is None:
            return UNSEEN
    return (
        f"its place, a {type(place).__name__}, is no absolute path, so it is not known where its files lie "
        "(Subject(files=...) says it), and no operation of a forked process sent a message to a server"
    )


def state_of(harness: Harness, backend: Any, keys: Sequence[Any]) -> StateText:
    """What a reader sees, each read within the time limit: each key, and the listing without the id's key."""
    reads = [answer_text(harness.perform(Get(key), backend)) for key in keys]
    listed = harness.perform(ListKeys(), backend)
    if isinstance(listed, Returned) and isinstance(listed.value, list):
        listed = Returned(sorted(key for key in listed.value if key != ID_KEY))
    return (*reads, answer_text(listed))


@attrs.frozen
class Course:
    """What a scenario does without a crash.

    Args:
        states: before the program, and after each operation of it.
        outcomes: of each operation of the program.
    """

    states: tuple[StateText, ...]
    outcomes: tuple[Outcome, ...]


def course_of(harness: Harness, scenario: Scenario) -> Course:
    """The course of a scenario on a place of its own.

    The backend's own answers are the measure here, not the reference's: what it does wrong without a crash is for the
    other searches to find, and is not put down to a crash.
    """
    with harness.subject.place() as place:
        backend = harness.subject.open(place)
        for operation in scenario.initial:
            harness.perform(operation, backend)
        states, outcomes = [state_of(harness, backend, scenario.keys)], []
        for operation in scenario.program:
            outcomes.append(harness.perform(operation, backend))
            states.append(state_of(harness, backend, scenario.keys))
        close_backend(backend)
    return Course(tuple(states), tuple(outcomes))


def id_text_of(harness: Harness, backend: Any) -> str:
    """The id of a store, as text; or what came instead."""
    outcome = harness.perform(ReadId(), backend)
    return answer_text(Returned(str(outcome.value)) if isinstance(outcome, Returned) else outcome)


def files_in(seat: "str | os.PathLike[str] | Network") -> tuple[tuple[str, int], ...]:
    """The files below a directory, by their names from there, with their sizes; none, if it is something else."""
    if isinstance(seat, Network):
        return ()
    root = Path(seat)
    return tuple(
        sorted((path.relative_to(root).as_posix(), path.stat().st_size) for path in root.rglob("*") if path.is_file())
    )
