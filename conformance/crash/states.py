"""What a reader sees of a store after a crash."""

import ast
from pathlib import Path
from typing import Any, TypeAlias

from conformance.crash.scenarios import Scenario
from conformance.harness.halting import watched
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.syscalls import NETWORK
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys
from conformance.programs.outcomes import Outcome, Raised, Returned

State: TypeAlias = tuple[str, ...]
"""What get of each key and list_keys answer, as text."""


def state_of(backend: Any, scenario: Scenario) -> State:
    """What a reader sees: each key of the scenario, and the listing without the id's key."""
    told = [text_of(perform(Get(key), backend)) for key in scenario.keys]
    listed = perform(ListKeys(), backend)
    if isinstance(listed, Returned) and isinstance(listed.value, list):
        listed = Returned(sorted(key for key in listed.value if key != ID_KEY))
    return (*told, text_of(listed))


def listed_in(state: State) -> list[Any]:
    """The keys that a state's listing has; none where it raised."""
    verb, _, text = state[-1].partition(" ")
    found: list[Any] = ast.literal_eval(text) if verb == "returned" else []
    return found


def text_of(outcome: Outcome) -> str:
    """An outcome as text, in full: exceptions by their kind."""
    if isinstance(outcome, Raised):
        return f"raised {outcome.kind}"
    return f"returned {outcome.value!r}" if isinstance(outcome, Returned) else str(outcome)


def states_of(harness: Harness, scenario: Scenario) -> tuple[State, ...]:
    """The states before the program and after each of its operations, run on a place of its own without a crash."""
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


def files_in(place: Any) -> tuple[tuple[str, int], ...]:
    """The files below a directory, by their names from there, with their sizes; none, if it is something else."""
    if watched(place) == NETWORK:
        return ()
    root = Path(place)
    return tuple(
        sorted((path.relative_to(root).as_posix(), path.stat().st_size) for path in root.rglob("*") if path.is_file())
    )
