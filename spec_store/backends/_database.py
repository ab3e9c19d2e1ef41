"""What databases do differently: engines, transactions, and which errors pass by themselves."""

import contextlib
import inspect
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from spec_store.backends._secret import revealed
from spec_store.backends._statements import Statements, statements_of

IDLE_SECONDS = 5.0
"""How long a connection may have been idle before it is tried before it is used."""

BUSY_SECONDS = 60
"""How long SQLite waits for another writer."""

DRIVERS = {"psycopg": "postgresql", "pymysql": "mariadb"}
"""The extra that brings a driver."""

Result = TypeVar("Result")


SERVERS = 64
"""How many databases a process knows at most; of more, it finds out again what it knew of the first."""


@attrs.frozen
class Database:
    """What the stores in one database share: what is known of it once one of them has connected. Not connections.

    To find that out takes some statements and more time than to open a store. A database in a file is not worth it.
    """

    _first: sa.Engine
    _knowing: threading.Lock = attrs.field(factory=threading.Lock)
    _known: threading.Event = attrs.field(factory=threading.Event)

    @property
    def is_shared(self) -> bool:
        """Whether it is on a server."""
        return self._first.dialect.name != "sqlite"

    @property
    def is_known(self) -> bool:
        """Whether one has connected."""
        return self._known.is_set()

    def engine(self) -> sa.Engine:
        """An engine for one store, with connections of its own, none yet."""
        first = self._first
        if not self.is_shared:
            return first
        return sa.Engine(first.pool.recreate(), first.dialect, first.url, hide_parameters=True)

    def statements(self, engine: sa.Engine, table: str) -> Statements:
        """The statements of a table, known after a first connection; others wait for that.

        SQLAlchemy 2.0 and 2.1 do not bear that threads connect for the first time at once: one may fail with an
        IndexError, or not know yet what it speaks with.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be reached.
        """
        if not self.is_known:
            with self._knowing:
                if not self.is_known:
                    engine.connect().close()
                    self._known.set()
        return statements_of(engine.dialect, table)


_databases: dict[str, Database] = {}


def _forked() -> None:
    """Forget what another thread is finding out: in the child of a fork it does not go on, nor let go of its lock."""
    for url, one in tuple(_databases.items()):
        if not one.is_known:
            _databases.pop(url, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def database_of(url: str) -> Database:
    """What is known of the database at a URL.

    Raises:
        ImportError: the driver is not installed.
        ValueError: the URL cannot be read; the message does not show it.
    """
    text = revealed(url)
    known = _databases.get(text)
    if known is None:
        known = Database(_engine_of(text))
        if known.is_shared:
            while len(_databases) >= SERVERS:
                _databases.pop(next(iter(_databases)), None)
            known = _databases.setdefault(text, known)
    return known


def _engine_of(url: str) -> sa.Engine:
    """An engine for a URL, with no connection yet. Each statement is a transaction, unless one is begun."""
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT", hide_parameters=True, **_options(parsed))
    except sa.exc.ArgumentError as error:
        raise ValueError("the URL of the database is none that SQLAlchemy can read") from error
    except ModuleNotFoundError as error:
        extra = DRIVERS.get(error.name or "")
        how = f"the extra, pip install 'spec-store[{extra}]'" if extra else "that driver"
        raise ImportError(f"the database needs {error.name}: install {how}") from error
    sa.event.listen(engine, "checkout", _checked_out)
    sa.event.listen(engine, "checkin", _checked_in)
    sa.event.listen(engine, "connect", _connected)
    return engine


def _options(url: sa.URL) -> dict[str, Any]:
    options: dict[str, Any] = {"max_overflow": -1}
    # Every transaction is ended where it is begun; so what SQLAlchemy, from 2.0.43 on, rolls back after each use of a
    # connection is nothing, for which most drivers ask the server.
    if "skip_autocommit_rollback" in inspect.signature(DefaultDialect).parameters:
        options["skip_autocommit_rollback"] = True
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        if url.database in (None, "", ":memory:"):
            # A database in memory belongs to its one connection, which threads then use in turn.
            options.update(poolclass=QueuePool, pool_size=1, max_overflow=0)
    return options


def _connected(_connection: object, entry: ConnectionPoolEntry) -> None:
    entry.info.update(process=os.getpid(), used=time.monotonic())


def _checked_in(_connection: object, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _checked_out(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
    """Replace a connection that a fork has copied, and one that was idle and is dead."""
    if entry.info.get("process") != os.getpid():
        entry.dbapi_connection = None  # type: ignore[misc]  # it is the other process's, which must not lose it
        raise sa.exc.DisconnectionError("the connection belongs to another process")
    if time.monotonic() - entry.info["used"] > IDLE_SECONDS and not _alive(connection):
        raise sa.exc.DisconnectionError("the connection is dead")


def _alive(connection: Any) -> bool:
    try:
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()
    except Exception:  # each driver has errors of its own
        return False
    return True


def make_table(engine: sa.Engine, name: str, statements: Statements) -> None:
    """Make the table if it is not there; whoever else makes it at the same time does no harm."""
    try:
        with engine.connect() as connection:
            statements.create.run(connection, {})
    except sa.exc.DBAPIError:
        if not sa.inspect(engine).has_table(name):
            raise


def taken(connection: sa.Connection, statements: Statements, at: dict[str, bytes]) -> bytes | None:
    """Delete a row and give its value, or None where there is no such row; within a transaction."""
    if statements.taking is not None:
        taken: bytes | None = statements.taking.run(connection, at).scalar()
        return taken
    value: bytes | None = statements.lock.run(connection, at).scalar()
    if value is not None:
        statements.delete.run(connection, at)
    return value


def in_transaction(connection: sa.Connection, step: Callable[[sa.Connection], Result]) -> Result:
    """Do a step as a whole or not at all. SQLite takes its lock at once, so that no deadlock can come of it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    try:
        result = step(connection)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        try:
            connection.exec_driver_sql("ROLLBACK")
        except sa.exc.SQLAlchemyError:
            connection.invalidate()  # nobody knows in what state it is
        raise
    return result


def lacks_table(error: sa.exc.DBAPIError) -> bool:
    """Whether a statement failed because the table is not there, so that nothing was done."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "no such table" in str(error.orig)
    return _state(error) == "42P01" or _number(error) == 1146


def gave_way(error: sa.exc.DBAPIError) -> bool:
    """Whether the database ended a transaction for the sake of another one, so that nothing was done."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "database is locked" in str(error.orig) or "database table is locked" in str(error.orig)
    return _state(error) in ("40001", "40P01") or _number(error) in (1205, 1213)


def _state(error: sa.exc.DBAPIError) -> object:
    """PostgreSQL's code of an error."""
    return getattr(error.orig, "sqlstate", None)


def _number(error: sa.exc.DBAPIError) -> object:
    """MariaDB's and MySQL's number of an error."""
    return next(iter(error.orig.args), None) if error.orig is not None else None


def reason(error: sa.exc.SQLAlchemyError) -> str:
    """What went wrong, in a line, without the statement and its values."""
    original = getattr(error, "orig", None)
    text = str(original if original is not None else error).strip()
    return f"{type(original or error).__name__}: {text.splitlines()[0] if text else 'no reason given'}"
