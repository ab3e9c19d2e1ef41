"""How long one operation may take where several clients are at work, and an operation that takes no longer."""

from typing import Any

from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.operations import Operation
from conformance.programs.outcomes import Hung, Outcome
from conformance.system.limits import OperationTimeoutError

OPERATION_SECONDS = 10.0
"""Seconds that an operation may take where the harness has no limit."""


HURRY = 5
"""How many times less an operation may take once one has not ended, so that the rest does not wait as long."""

SHORTEST = 1.0
"""The least that it may take then, in seconds."""


def hurried(harness: Harness) -> Harness:
    """The same with less time for an operation."""
    return harness.with_limit(max(SHORTEST, patience(harness) / HURRY))


def patience(harness: Harness) -> float:
    """Seconds that one operation may take."""
    return harness.limit.seconds or OPERATION_SECONDS


def perform_in_time(harness: Harness, operation: Operation, backend: Any) -> Outcome:
    """The outcome of an operation within the time limit that the harness has for one."""
    try:
        with harness.limit:
            outcome = perform(operation, backend)
    except OperationTimeoutError:  # it rang just when the operation had ended
        return Hung(harness.limit.seconds)
    return Hung(harness.limit.seconds) if isinstance(outcome, Hung) else outcome
