"""A connection to a database, which another thread can cut."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from spec_store.backends._driver import Driver, closed, descriptor_of
from spec_store.backends._statements import Given, Statement

Result = TypeVar("Result")


@attrs.define(eq=False, repr=False)
class Connection:
    """A connection to a database.

    Args:
        driver: whose it is.
        raw: the driver's own.
        deadline: when it is to be cut, by the clock of `time.monotonic`; None while it is at rest.
        used: when it was used last, by that clock.
    """

    driver: Driver
    raw: Any
    deadline: float | None = None
    used: float = attrs.field(factory=time.monotonic)
    _guard: int | None = None
    _guarding: threading.Lock = attrs.field(factory=threading.Lock)

    def run(self, statement: Statement, given: Given) -> Any:
        """Run a statement with parameters, of which it takes those that it has; the driver's cursor."""
        return self.driver.execute(self.raw, statement.text, statement.chosen(given))

    def in_transaction(self, step: Callable[[], Result]) -> Result:
        """Do a step as a whole or not at all."""
        return self.driver.in_transaction(self.raw, step)

    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """A transaction that sees the database as it is now, whatever is written meanwhile."""
        return self.driver.snapshot(self.raw)

    def watch(self) -> None:
        """Keep a descriptor of one's own of the socket: the driver's may belong to another file by the time."""
        number = descriptor_of(self.raw)
        self._guard = None if number is None else os.dup(number)

    def cut(self) -> None:
        """Shut the socket, so that the driver fails."""
        with self._guarding:
            if self._guard is not None:
                shut = socket.socket(fileno=self._guard)
                with contextlib.suppress(OSError):
                    shut.shutdown(socket.SHUT_RDWR)
                shut.detach()

    def close(self) -> None:
        """Close it, dead or alive."""
        closed(self.raw)
        with self._guarding:
            if self._guard is not None:
                os.close(self._guard)
                self._guard = None
