"""A connection to a database, which another thread can cut, and the making of one, which nobody waits for too long."""

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


class LateError(Exception):
    """The deadline is over. Nothing of it is secret."""


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


class Attempt:
    """Connecting, which nobody has to wait for to the end."""

    def __init__(self, connect: Callable[[], Connection], forget: Callable[[Connection], None]) -> None:
        self._connect, self._forget = connect, forget
        self._ended = threading.Event()
        self._leaving = threading.Lock()
        self._left = False
        self._connection: Connection | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            connection = self._connect()
        except BaseException as error:
            self._error = error
        else:
            with self._leaving:
                if not self._left:
                    self._connection = connection
            if self._connection is None:
                self._forget(connection)
        self._ended.set()

    def result(self, deadline: float) -> Connection:
        """The connection.

        Raises:
            LateError: there is none until the deadline.
            Exception: the driver's.
        """
        self._ended.wait(max(0.0, deadline - time.monotonic()))
        with self._leaving:
            self._left = True
        if self._error is not None:
            raise self._error
        if self._connection is None:
            raise LateError("could not be connected to within")
        return self._connection
