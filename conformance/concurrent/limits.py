"""How long one operation may take where several clients are at work, and an operation that takes no longer."""

from typing import Any

from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.operations import Operation
from conformance.programs.outcomes import Hung, Outcome
from conformance.system.limits import OperationTimeoutError

OPERATION_SECONDS = 10.0
"""Seconds that an operation may take where the harness has no limit."""


def patience(harness: Harness) -> float:
    """Seconds that one operation may take."""
    return harness.limit.seconds or OPERATION_SECONDS


def perform_in_time(harness: Harness, operation: Operation, backend: Any) -> Outcome:
    """The outcome of an operation within the time limit that the harness has for one."""
    try:
        with harness.limit:
            return perform(operation, backend)
    except OperationTimeoutError as error:  # it rang just when the operation had ended
        return Hung(error.seconds)
