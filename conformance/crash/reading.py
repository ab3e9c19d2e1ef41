"""What a reader does see of a store: its state, its id, its files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.crash.scenarios import Scenario
from conformance.crash.states import StateText, answer_text
from conformance.crash.steps import proceed, step
from conformance.harness.harness import Harness
from conformance.probes.syscalls import Network
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys, ReadId
from conformance.programs.outcomes import Outcome, Returned


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
        backend = proceed(harness, scenario.initial, place)
        states, outcomes = [state_of(harness, backend, scenario.keys)], []
        for operation in scenario.program:
            outcome, backend = step(harness, operation, backend, place)
            outcomes.append(outcome)
            states.append(state_of(harness, backend, scenario.keys))
        harness.close_backend(backend)
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
