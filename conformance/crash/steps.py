"""One operation of a scenario done, by this process or by the one that is to die.

A reopening is no call of the backend: the backend is closed, as its author would, and another one takes its place. What
an opening, or a closing, writes is so amid the program like all else.
"""

from typing import Any

from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.programs.operations import Operation, Program, Reopen
from conformance.programs.outcomes import Outcome, Returned, raised
from conformance.subject.subject import Place, Subject


def step(harness: Harness, operation: Operation, backend: Any, place: Place) -> tuple[Outcome, Any]:
    """What came of an operation, within the time limit, and the backend that is open after it.

    Raises:
        SubjectError: the place cannot be opened again.
    """
    if isinstance(operation, Reopen):
        harness.close_backend(backend)
        return Returned(None), harness.open_on(place)
    return harness.perform(operation, backend), backend


def step_alone(subject: Subject, operation: Operation, backend: Any, place: Place) -> tuple[Outcome, Any]:
    """The same without a time limit, for a process that somebody else looks after."""
    if not isinstance(operation, Reopen):
        return perform(operation, backend), backend
    try:
        close_backend(backend)
        return Returned(None), subject.open(place)
    except Exception as error:
        return raised(error), backend


def proceed(harness: Harness, program: Program, place: Place) -> Any:
    """The backend that is open on a place after a program."""
    backend = harness.open_on(place)
    for operation in program:
        _, backend = step(harness, operation, backend, place)
    return backend
