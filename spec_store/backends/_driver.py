"""What drivers of databases do differently: connections, their timeouts, and what an error of theirs means."""

import contextlib
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from spec_store.backends._address import Address
from spec_store.backends._secret import without_secrets

EXTRAS = {"psycopg": "postgresql", "pymysql": "mariadb"}
"""The extra that brings a driver."""

BUSY_SECONDS = 0.1
"""How long SQLite waits for another writer by itself, a twentieth of the timeout at most: long enough that readers come
to an end before a writer gives up its place before them, short enough for a fork to wait. Then it is asked again, until
the timeout."""

Result = TypeVar("Result")


@functools.lru_cache(maxsize=64)
def _dialect(url: str) -> sa.Dialect:
    """What SQLAlchemy knows of a kind of database.

    Raises:
        ImportError: the driver is not installed.
        ValueError: there is no such kind, or the driver is none for threads; the message does not show the URL.
    """
    parsed = sa.make_url(url)
    style = {"paramstyle": "format"} if parsed.get_backend_name() != "sqlite" else {}
    reason, missing = "", ""
    try:
        found = sa.create_engine(parsed, poolclass=NullPool, hide_parameters=True, **style).dialect
    except ModuleNotFoundError as error:
        missing = error.name or "a driver"
    except sa.exc.NoSuchModuleError:
        reason = f"SQLAlchemy knows no database called {parsed.drivername}"
    except (sa.exc.ArgumentError, TypeError, ValueError):
        reason = "the URL of the database is none that SQLAlchemy can read"
    if missing:
        extra = EXTRAS.get(missing)
        how = f"the extra, pip install 'spec-store[{extra}]'" if extra else "that driver"
        raise ImportError(f"the database needs {missing}: install {how}")
    if reason:
        raise ValueError(reason)
    if found.is_async:
        raise ValueError(f"{parsed.drivername} is for asyncio alone: take another driver")
    return found


@attrs.frozen(slots=False)
class Driver:
    """The driver of a database, as one timeout has it.

    Args:
        address: where the database is.
        dialect: what SQLAlchemy knows of it; of a server, nothing is asked for it.
        timeout: seconds.
        is_reader: whether it is only read, so that no file is made.
    """

    address: Address
    dialect: sa.Dialect = attrs.field(repr=False)
    timeout: float
    is_reader: bool

    def connect(self) -> Any:
        """A connection by which each statement is a transaction, unless one is begun."""
        file = self.address.file
        if self.is_reader and file is not None and not file.exists():
            raise FileNotFoundError(f"there is no file {file}")
        arguments, options = self.dialect.create_connect_args(self.address.url)
        if self.dialect.name == "sqlite":
            options["check_same_thread"] = False  # for a connection is used by one thread after the other
        raw = self.dialect.connect(*arguments, **{**self._timeouts(), **options})
        try:
            self.dialect.set_isolation_level(raw, "AUTOCOMMIT")
        except BaseException:
            closed(raw)
            raise
        return raw

    def _timeouts(self) -> dict[str, Any]:
        """What the driver is told of the timeout when it connects. A URL may say otherwise."""
        seconds = math.ceil(self.timeout)
        if self.dialect.name == "sqlite":
            return {"timeout": min(BUSY_SECONDS, self.timeout / 20)}
        if self.dialect.driver in ("psycopg", "psycopg2"):
            return {"connect_timeout": max(2, seconds), "tcp_user_timeout": math.ceil(self.timeout * 1000)}
        if self.dialect.driver == "pymysql":
            return {"connect_timeout": seconds, "read_timeout": self.timeout, "write_timeout": self.timeout}
        return {}

    def settle(self, raw: Any) -> None:
        """Tell the server of the timeout, so that it ends too what nobody waits for any more."""
        seconds = math.ceil(self.timeout)
        if self.dialect.name == "postgresql":
            if "statement_timeout" not in str(self.address.url.query.get("options", "")):
                self.execute(raw, f"SET statement_timeout = {math.ceil(self.timeout * 1000)}")
        elif self.dialect.name in ("mysql", "mariadb"):
            self.execute(raw, f"SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}")

    @functools.cached_property
    def execute(self) -> Callable[..., Any]:
        """Runs a statement, a text and what it takes, on a connection, and gives the cursor."""
        return {"pysqlite": _lite, "psycopg": _binary}.get(self.dialect.driver, _plain)

    @functools.cached_property
    def dbapi(self) -> Any:
        """The driver's module."""
        return self.dialect.loaded_dbapi if hasattr(self.dialect, "loaded_dbapi") else self.dialect.dbapi

    # What an error means

    def is_broken(self, error: BaseException, raw: Any) -> bool:
        """Whether a connection is of no more use after an error."""
        if not isinstance(error, self.dbapi.Error):
            return True
        if self.dialect.name == "sqlite":  # its file may be another one by now
            fine = self.gave_way(error) or self.lacks_table(error)
            return isinstance(error, self.dbapi.OperationalError) and not fine
        return bool(self.dialect.is_disconnect(error, raw, None))

    def is_duplicate(self, error: BaseException) -> bool:
        """Whether a row was there already, so that nothing was done."""
        return isinstance(error, self.dbapi.IntegrityError)

    def lacks_table(self, error: BaseException) -> bool:
        """Whether a statement failed because the table is not there, so that nothing was done."""
        if self.dialect.name == "sqlite":
            return "no such table" in str(error)
        return state_of(error) == "42P01" or _number(error) == 1146

    def gave_way(self, error: BaseException) -> bool:
        """Whether the database ended a transaction for the sake of another one, so that nothing was done."""
        if self.dialect.name == "sqlite":
            return "database is locked" in str(error) or "database table is locked" in str(error)
        return state_of(error) in ("40001", "40P01") or _number(error) in (1205, 1213)

    def took_too_long(self, error: BaseException) -> bool:
        """Whether the server ended a statement because of the timeout."""
        return state_of(error) == "57014"

    def reason(self, error: BaseException) -> str:
        """What went wrong, in a line, without the statement, its values and passwords."""
        if state_of(error) == "3F000":
            return "the database has no such schema"
        arguments: tuple[object, ...] = error.args
        text = str(arguments[1] if len(arguments) == 2 and isinstance(arguments[0], int) else error).strip()
        line = text.splitlines()[0] if text else "no reason given"
        return f"{type(error).__name__}: {without_secrets(line, *self.address.secrets)}"

    # Transactions

    def in_transaction(self, raw: Any, step: Callable[[], Result]) -> Result:
        """Do a step as a whole or not at all. SQLite takes its lock at once, so that no deadlock can come of it."""
        self.execute(raw, "BEGIN IMMEDIATE" if self.dialect.name == "sqlite" else "BEGIN")
        try:
            result = step()
            self.execute(raw, "COMMIT")
        except BaseException:
            self.roll_back(raw)
            raise
        return result

    def roll_back(self, raw: Any) -> None:
        """End a transaction without an effect; a connection that cannot is closed."""
        try:
            self.execute(raw, "ROLLBACK")
        except Exception:  # nobody knows in what state it is
            if not self.address.is_in_memory:
                closed(raw)

    @contextlib.contextmanager
    def snapshot(self, raw: Any) -> Iterator[None]:
        """A transaction that sees the database as it is now, whatever is written meanwhile."""
        if self.dialect.name == "postgresql":
            self.execute(raw, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        elif self.dialect.name == "sqlite":
            self.execute(raw, "BEGIN")
        else:
            self.execute(raw, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        try:
            yield
        finally:
            self.roll_back(raw)


def driver_of(address: Address, timeout: float, is_reader: bool) -> Driver:
    """The driver of a database.

    Raises:
        ImportError: it is not installed.
        ValueError: there is none for such a URL.
    """
    return Driver(address, _dialect(address.text), timeout, is_reader)


def descriptor_of(raw: Any) -> int | None:
    """The descriptor of a connection's socket, where the driver tells it."""
    owner = raw if hasattr(raw, "fileno") else getattr(raw, "_sock", None)
    try:
        return None if owner is None else int(owner.fileno())
    except Exception:  # the connection is closed, and drivers have errors of their own for that
        return None


def closed(raw: Any) -> None:
    """Close a connection, which may be dead."""
    with contextlib.suppress(Exception):
        raw.close()


def state_of(error: BaseException) -> object:
    """PostgreSQL's code of an error."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _number(error: BaseException) -> object:
    """MariaDB's and MySQL's number of an error."""
    return next(iter(error.args), None)


def _lite(raw: Any, text: str, given: Any = ()) -> Any:
    return raw.execute(text, given)


def _binary(raw: Any, text: str, given: Any = None) -> Any:
    return raw.execute(text, given, binary=True)


def _plain(raw: Any, text: str, given: Any = None) -> Any:
    cursor = raw.cursor()
    cursor.execute(text, given)
    return cursor
