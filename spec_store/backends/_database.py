"""A database as the stores of a process have it in common: its connections, its tables, and what is tried again."""

import os
import random
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import attrs

from spec_store.backends._address import Address
from spec_store.backends._connection import Connection
from spec_store.backends._driver import Driver, driver_of
from spec_store.backends._engine import written_later
from spec_store.backends._in_time import LateError
from spec_store.backends._pool import Pool, forked_amid_sqlite
from spec_store.backends._statements import Statements, statements_of
from spec_store.errors import StoreBackendError

LAYOUT = 1
"""The layout of the table that this release knows."""

LAYOUT_ROW = {"in_store": b"\xfflayout", "at": b""}
"""Where a table says its layout: in a row whose store has a name that no store can have. Without it, it is 1."""

Result = TypeVar("Result")

Step: TypeAlias = Callable[[Connection, Statements], Result]
"""What is done on a connection: one statement, or one transaction."""


class NoTableError(Exception):
    """The table is not there, and is not to be made."""


class BrokenConnectionError(Exception):
    """A connection to a server is of no more use after a failure, which is its argument."""


@attrs.frozen(cache_hash=True)
class Table:
    """The name of a table, and of its schema."""

    name: str
    schema: str | None


@attrs.frozen(eq=False, slots=False)
class Database:
    """A database with one timeout, in one process.

    Args:
        pool: its connections.
        users: the stores that are open on it; the last one to leave closes the connections.
    """

    pool: Pool
    users: "weakref.WeakSet[Any]" = attrs.field(factory=weakref.WeakSet)
    _ready: dict[Table, Statements] = attrs.field(factory=dict)

    @property
    def driver(self) -> Driver:
        """The driver."""
        return self.pool.driver

    def leave(self, user: object) -> None:
        """Close the connections that are at rest, unless another store uses them."""
        self.users.discard(user)
        if not self.users:
            self.pool.clear()

    def run(self, table: Table, step: Step[Result], deadline: float, again: bool) -> Result:
        """Do a step, until the deadline: again and again, where the database ended it for the sake of another one.

        Args:
            table: whose statements it is given.
            step: what to do.
            deadline: when it must be done, by the clock of `time.monotonic`.
            again: whether to do it once more if the connection turns out to be dead, for it changes nothing.

        Raises:
            NoTableError: the table is not there, and the store is one that is only read.
            StoreBackendError: it cannot be done; the message says why, and shows no secret.
        """
        attempt = 0
        while True:
            try:
                return self._on_connection(step, self._ready.get(table) or self._prepared(table, deadline), deadline)
            except (NoTableError, StoreBackendError):
                raise
            except Exception as error:  # drivers have errors of all kinds
                failure: Exception = error
            if time.monotonic() >= deadline or not self._may_pass(failure, table, again and attempt == 0):
                break
            if self.driver.gave_way(failure):  # to another, who has a moment now
                time.sleep(min(random.uniform(0, 0.002 * 2 ** min(attempt, 6)), max(0.0, deadline - time.monotonic())))
            attempt += 1
        # Out of the handler, so that the driver's error, which may have a secret in it, is not the context of this one.
        raise StoreBackendError(self._told(failure, deadline))

    def _on_connection(self, step: Step[Result], statements: Statements, deadline: float) -> Result:
        pool = self.pool
        connection = pool.take(deadline)
        try:
            result = step(connection, statements)
        except BaseException as error:
            self._failed(connection, error)
            raise
        pool.give(connection)
        return result

    def _failed(self, connection: Connection, error: BaseException) -> None:
        """Give back a connection, if it is of use after an error; else close it, and those that are like it."""
        if self.driver.address.is_in_memory:
            self.driver.roll_back(connection.raw)
            self.pool.give(connection)
        elif self.driver.is_broken(error, connection.raw):
            self.pool.drop(connection)
            self.pool.clear()
            if isinstance(error, self.driver.dbapi.Error):
                raise BrokenConnectionError(error)
        else:
            self.pool.give(connection)

    def _may_pass(self, failure: Exception, table: Table, again: bool) -> bool:
        """Whether what failed may be done again, for nothing was done."""
        if self.driver.gave_way(failure):
            return True
        if self.driver.lacks_table(failure):
            return self._ready.pop(table, None) is not None
        return again and isinstance(failure, BrokenConnectionError)

    def _told(self, failure: BaseException, deadline: float) -> str:
        """Why something failed, in a line."""
        driver = self.driver
        if isinstance(failure, BrokenConnectionError):
            (failure,) = failure.args
        if isinstance(failure, LateError):
            return f"{driver.address} {failure} {driver.timeout:g} s"
        if driver.gave_way(failure):
            return f"{driver.address} was locked by others for {driver.timeout:g} s ({driver.reason(failure)})"
        if driver.took_too_long(failure) or time.monotonic() >= deadline - driver.timeout / 20:
            return f"{driver.address} gave no answer within {driver.timeout:g} s ({driver.reason(failure)})"
        return f"{driver.address}: {driver.reason(failure)}"

    # Tables

    def _prepared(self, table: Table, deadline: float) -> Statements:
        """The statements of a table that is there, and is of a layout that this release knows."""
        statements = statements_of(self.driver.dialect, table.name, table.schema)
        row = self._layout_row(statements, deadline)
        if row is None:
            self._make(statements, deadline)
        layout = bytes(row[0]).decode("ascii", "replace") if row else str(LAYOUT)
        if layout != str(LAYOUT):
            what = f"the table {table.name} of {self.driver.address}"
            raise StoreBackendError(f"{written_later(what, layout[:20], LAYOUT)}: upgrade")
        self._ready[table] = statements
        return statements

    def _layout_row(self, statements: Statements, deadline: float) -> Any:
        """The row that says the layout of a table: `()` where it has none, None where there is no table."""
        try:
            return (
                self._on_connection(lambda one, its: one.run(its.get, LAYOUT_ROW).fetchone(), statements, deadline)
                or ()
            )
        except Exception as error:
            if not self.driver.lacks_table(error):
                raise
        if self.driver.is_reader:
            raise NoTableError
        return None

    def _make(self, statements: Statements, deadline: float) -> None:
        """Make a table; whoever else makes it at the same time does no harm."""
        try:
            self._on_connection(lambda one, its: one.run(its.create, {}), statements, deadline)
        except Exception:
            if self._layout_row(statements, deadline) is None:
                raise


_databases: "weakref.WeakValueDictionary[tuple[object, ...], Database]" = weakref.WeakValueDictionary()
_registering = threading.Lock()


def database_at(address: Address, timeout: float, is_reader: bool) -> Database:
    """A database, the same for all that ask this process for it: but one in memory, and one that has no file yet.

    Raises:
        StoreBackendError: SQLite cannot be used in this process.
    """
    if forked_amid_sqlite() and not address.is_on_server:
        raise StoreBackendError(
            f"{address} cannot be used in this process, which was forked while a thread of its parent was within "
            "SQLite: start processes by spawn, or fork when no thread uses a store"
        )
    with _registering:
        key = _key(address, timeout, is_reader)
        found = _databases.get(key) if key else None
        if found is None:
            found = Database(Pool(driver_of(address, timeout, is_reader)))
            if key:
                _databases[key] = found
        return found


def _key(address: Address, timeout: float, is_reader: bool) -> tuple[object, ...]:
    """What a database is known by; nothing, if it is to be shared with nobody.

    Another file of the same name is another database, even while the connections to the first one still last.
    """
    if address.is_on_server:
        return (address.text, timeout, is_reader, os.getpid())
    try:
        status = address.file.stat() if address.file is not None else None
    except OSError:
        status = None
    return (address.text, timeout, is_reader, os.getpid(), status.st_dev, status.st_ino) if status else ()


def _in_child() -> None:
    global _databases, _registering
    _databases, _registering = weakref.WeakValueDictionary(), threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
