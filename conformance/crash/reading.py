"""What a reader does see of a store: its state, its id, its files."""

from pathlib import Path
from typing import Any

from conformance.crash.scenarios import Scenario
from conformance.crash.states import StateText, answer_text
from conformance.harness.halting import halting_place
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys
from conformance.programs.outcomes import Returned


def state_of(backend: Any, scenario: Scenario) -> StateText:
    """What a reader sees: each key of the scenario, and the listing without the id's key."""
    reads = [answer_text(perform(Get(key), backend)) for key in scenario.keys]
    listed = perform(ListKeys(), backend)
    if isinstance(listed, Returned) and isinstance(listed.value, list):
        listed = Returned(sorted(key for key in listed.value if key != ID_KEY))
    return (*reads, answer_text(listed))


def states_of(harness: Harness, scenario: Scenario) -> tuple[StateText, ...]:
    """The states before the program and after each of its operations, run on a place of its own without a crash.

    The backend's own answers are the measure here, not the reference's: what it does wrong without a crash is for the
    other searches to find, and is not put down to a crash.
    """
    with harness.subject.place() as place:
        backend = harness.subject.open(place)
        for operation in scenario.initial:
            perform(operation, backend)
        states = [state_of(backend, scenario)]
        for operation in scenario.program:
            perform(operation, backend)
            states.append(state_of(backend, scenario))
        close_backend(backend)
    return tuple(states)


def id_text_of(backend: Any) -> str:
    """The id of a store, as text."""
    return answer_text(Returned(str(backend.store_backend_id)))


def files_in(place: Any) -> tuple[tuple[str, int], ...]:
    """The files below a directory, by their names from there, with their sizes; none, if it is something else."""
    if halting_place(place) == NETWORK:
        return ()
    root = Path(place)
    return tuple(
        sorted((path.relative_to(root).as_posix(), path.stat().st_size) for path in root.rglob("*") if path.is_file())
    )
