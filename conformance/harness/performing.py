"""Performing one operation on a backend; what came of it is a value."""

import traceback
from typing import Any

from conformance.harness.interface import EXTENDED_METHODS, INTERFACE
from conformance.programs.operations import Operation
from conformance.programs.outcomes import Hung, Outcome, Returned, raised
from conformance.system.interruption import PASSED_ON
from conformance.system.limits import OperationTimeoutError


def perform(operation: Operation, backend: Any) -> Outcome:
    """Apply an operation and give what came of it. Only what it did not raise itself passes through."""
    try:
        return Returned(operation.on(backend))
    except OperationTimeoutError as error:
        return Hung(error.seconds)
    except PASSED_ON:
        raise
    except BaseException as error:
        return raised(error)


def amid_operation(error: BaseException) -> str:
    """Which operation of a backend an exception was raised amid, the innermost one, by its name; "" if amid none."""
    names = [frame.f_code.co_name.removeprefix("_") for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((name for name in reversed(names) if name in (*INTERFACE, *EXTENDED_METHODS)), "")
