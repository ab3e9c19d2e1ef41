"""What comes of an operation, whatever it raises."""

import asyncio

import pytest

from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.programs.operations import Get
from conformance.programs.outcomes import Hung, Raised
from conformance.system.budget import OutOfTimeError
from conformance.system.limits import OperationTimeoutError


class PanicError(BaseException):
    """No Exception, as a panic of an extension module is none."""


class Raises:
    """Raises one exception, whatever is called."""

    def __init__(self, error):
        self._error = error

    def get(self, key):
        raise self._error

    def close(self):
        raise self._error


@pytest.mark.parametrize("error", [KeyError("a"), SystemExit(0), PanicError("deep below"), asyncio.CancelledError()])
def test_whatever_an_operation_raises_is_its_answer(error):
    actual = perform(Get(("a",)), Raises(error))

    assert actual == Raised(type(error).__name__)
    assert actual.error is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), OutOfTimeError()])
def test_what_the_user_or_the_kit_sends_passes_through(error):
    with pytest.raises(type(error)):
        perform(Get(("a",)), Raises(error))


def test_an_operation_that_runs_out_of_time_has_hung():
    assert perform(Get(("a",)), Raises(OperationTimeoutError(2.0))) == Hung(2.0)


@pytest.mark.parametrize("error", [KeyError("a"), SystemExit(0), PanicError("deep below")])
def test_what_closing_raises_is_passed_over(error):
    close_backend(Raises(error))


def test_the_kit_s_time_limit_passes_through_what_is_closed():
    with pytest.raises(OperationTimeoutError):
        close_backend(Raises(OperationTimeoutError(2.0)))
