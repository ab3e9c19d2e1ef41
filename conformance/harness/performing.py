"""Performing one operation on a backend; what came of it is a value."""

from typing import Any

from conformance.programs.operations import Operation
from conformance.programs.outcomes import Hung, Outcome, Returned, raised
from conformance.system.limits import OperationTimeoutError


def perform(operation: Operation, backend: Any) -> Outcome:
    """Apply an operation and give what came of it. Only KeyboardInterrupt and the like pass through."""
    try:
        return Returned(operation.on(backend))
    except OperationTimeoutError as error:
        return Hung(error.seconds)
    except (Exception, SystemExit) as error:
        return raised(error)
