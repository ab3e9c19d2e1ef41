"""What databases do differently: engines, the table, upserts, transactions, and which errors pass by themselves."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

MYSQL = ("mysql", "mariadb")
IDLE_SECONDS = 5.0
"""How long a connection may have been idle before it is tried before it is used."""

BUSY_SECONDS = 60
"""How long SQLite waits for another writer."""

DRIVERS = {"psycopg": "postgresql", "pymysql": "mariadb"}
"""The extra that brings a driver."""

Result = TypeVar("Result")


def engine_of(url: str) -> sa.Engine:
    """An engine for a URL, with no connection yet. Each statement is a transaction, unless one is begun.

    Raises:
        ImportError: the driver is not installed.
        ValueError: the URL cannot be read; the message does not show it.
    """
    try:
        parsed = sa.make_url(str.__str__(url))
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
    if url.get_backend_name() != "sqlite":
        return {"max_overflow": -1}
    in_memory = url.database in (None, "", ":memory:")
    # A database in memory belongs to its one connection, which threads then use in turn.
    pool = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0} if in_memory else {"max_overflow": -1}
    return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}, **pool}


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


def table_of(name: str) -> sa.Table:
    """The table of stores: binary, so that no collation, character set or line end changes anything."""
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("store", sa.LargeBinary().with_variant(mysql.VARBINARY(200), *MYSQL), primary_key=True),
        sa.Column("path", sa.LargeBinary().with_variant(mysql.VARBINARY(2000), *MYSQL), primary_key=True),
        sa.Column("value", sa.LargeBinary().with_variant(mysql.LONGBLOB(), *MYSQL), nullable=False),
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
        sqlite_with_rowid=False,
    )


def make_table(engine: sa.Engine, table: sa.Table, statements: "Statements") -> None:
    """Make the table if it is not there; whoever else makes it at the same time does no harm."""
    try:
        with engine.connect() as connection:
            connection.execute(statements.create)
    except sa.exc.DBAPIError:
        if not sa.inspect(engine).has_table(table.name):
            raise


@attrs.frozen
class Statements:
    """The statements of a table, made once: to make them takes longer than to run them.

    Their types differ between SQLAlchemy 2.0 and 2.1. `in_store` is the name of the store; `at` is a path, `begin` and
    `end` those that the wanted ones are between.
    """

    get: Any
    has: Any
    every: Any
    below: Any
    insert: Any
    upsert: Any
    delete: Any
    taking: Any
    lock: Any
    create: Any


def statements_of(table: sa.Table, dialect: sa.Dialect) -> Statements:
    """The statements for a database, whose kind is known before there is a connection."""
    mine = table.c.store == sa.bindparam("in_store")
    at = sa.and_(mine, table.c.path == sa.bindparam("at"))
    between = sa.and_(mine, table.c.path > sa.bindparam("begin"), table.c.path < sa.bindparam("end"))
    get, delete = sa.select(table.c.value).where(at), sa.delete(table).where(at)
    return Statements(
        get,
        sa.select(sa.literal(1)).select_from(table).where(at),
        sa.select(table.c.path).where(mine),
        # Of an OR of the two, SQLite makes a scan of the whole store.
        sa.union_all(sa.select(table.c.path).where(at), sa.select(table.c.path).where(between)),
        sa.insert(table),
        upsert(dialect.name, table),
        delete,
        delete.returning(table.c.value),
        get.with_for_update(),
        sa.schema.CreateTable(table, if_not_exists=True),
    )


def prepare(engine: sa.Engine, statements: Statements) -> None:
    """Connect and compile the statements, before threads do it at once, which SQLAlchemy 2.0 and 2.1 do not bear.

    They make the lock for the first connection of an engine without a lock, so that a second thread may fail in it
    with an IndexError. And they note on a statement what they find out while they compile it; threads that do so at
    once corrupt the memory of CPython 3.11.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached.
    """
    with engine.connect() as connection:
        dialect = connection.dialect
    for statement in attrs.astuple(statements, recurse=False):
        if statement is not statements.taking or dialect.delete_returning:
            statement.compile(dialect=dialect)


def upsert(dialect: str, table: sa.Table) -> sa.Insert:
    """The statement that stores a row in place of one with its key; its values are given with it."""
    key = [table.c.store, table.c.path]
    if dialect in MYSQL:
        insert = mysql.insert(table)
        return insert.on_duplicate_key_update(value=insert.inserted.value)
    if dialect == "postgresql":
        into = postgresql.insert(table)
        return into.on_conflict_do_update(index_elements=key, set_={"value": into.excluded.value})
    lite = sqlite.insert(table)
    return lite.on_conflict_do_update(index_elements=key, set_={"value": lite.excluded.value})


def taken(connection: sa.Connection, statements: Statements, at: dict[str, bytes]) -> bytes | None:
    """Delete a row and give its value, or None where there is no such row; within a transaction."""
    if connection.dialect.delete_returning:
        value: bytes | None = connection.scalar(statements.taking, at)
        return value
    value = connection.scalar(statements.lock, at)
    if value is not None:
        connection.execute(statements.delete, at)
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
