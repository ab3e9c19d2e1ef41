"""Calls of libraries that have no end of their own, made in a thread, to which they are left when time is over."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class LateError(Exception):
    """The deadline is over. Nothing of it is secret."""


def in_time(
    call: Callable[[], Result],
    deadline: float,
    name: str,
    *,
    late: str = "",
    forget: Callable[[Result], None] | None = None,
) -> Result:
    """What a call gives.

    Args:
        call: what is done.
        deadline: how long it is waited for, by the clock of `time.monotonic`.
        name: of the thread.
        late: what the error says.
        forget: called with what is given too late.

    Raises:
        LateError: it gives nothing until the deadline.
        BaseException: what the call raises.
    """
    attempt = _Attempt(call, forget)
    try:
        threading.Thread(target=attempt.run, name=name, daemon=True).start()
    except RuntimeError:  # there are no new threads while the interpreter ends
        attempt.run()
    given = attempt.given(deadline)
    if given is None:
        raise LateError(late)
    return given[0]


class _Attempt(Generic[Result]):
    """A call, which nobody has to wait for to the end."""

    def __init__(self, call: Callable[[], Result], forget: Callable[[Result], None] | None) -> None:
        self._call, self._forget = call, forget
        self._ended = threading.Event()
        self._leaving = threading.Lock()
        self._left = False
        self._given: tuple[Result] | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            result = self._call()
        except BaseException as error:
            self._error = error
        else:
            with self._leaving:
                if not self._left:
                    self._given = (result,)
            if self._given is None and self._forget is not None:
                self._forget(result)
        self._ended.set()

    def given(self, deadline: float) -> tuple[Result] | None:
        """What the call gave, in a tuple; None if it gave nothing until the deadline.

        Raises:
            BaseException: the call's.
        """
        self._ended.wait(max(0.0, deadline - time.monotonic()))
        with self._leaving:
            self._left = True
        if self._error is not None:
            raise self._error
        return self._given
