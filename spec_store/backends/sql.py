"""A store in a table of a relational database, by SQLAlchemy Core: SQLite, PostgreSQL, MariaDB, MySQL."""

import contextlib
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._names import key_of, path_of
from spec_store.backends._secret import checked_url
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    import sqlalchemy as sa

    from spec_store.backends import _database as database
    from spec_store.backends._statements import Statements
except ModuleNotFoundError as error:
    if error.name != "sqlalchemy":
        raise
    raise ImportError("SQLStoreBackend needs SQLAlchemy: install the extra, pip install 'spec-store[sql]'") from error

LONGEST_PATH = 2000
"""How long the path of a key may be, in bytes: it is indexed, and indexes of MariaDB take 3072 bytes, with the name."""

LONGEST_NAME = 200
"""How long the name of a store may be, in bytes of UTF-8."""

ATTEMPTS = 20
"""How often a transaction is tried that the database ended for the sake of another one."""

Result = TypeVar("Result")

Step: TypeAlias = Callable[[sa.Connection, Statements], Result]


class SQLStoreBackend(Engine):
    """A store of text in a table, safe for threads and processes; several stores share a table by their names.

    The table is made on first use. Keys are kept as their paths (`spec_store.keys.path_of`), in a binary column, so
    that no collation merges two of them, and a prefix is a range of the index. Every operation is one statement or
    one transaction; one that the database ends because of a deadlock is tried again, twenty times at most.

    Args:
        url: SQLAlchemy's URL of the database; its password is not shown in `repr`, logs and errors. A SQLite database
            in memory (`sqlite://`) lasts as long as the backend.
        name: of the store in the table, up to 200 bytes.
        table: the name of the table.
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: SQLAlchemy, or the driver for the URL, is not installed.
        ValueError: the URL cannot be read, or the name is too long.
    """

    def __init__(
        self,
        url: str,
        name: str = "store",
        table: str = "spec_store",
        *,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        named = (fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        super().__init__(Options(*named, timeout, read_only))
        self._url = checked_url(url)
        self._name = name
        self._table = table
        self._store = name.encode("utf-8")
        if len(self._store) > LONGEST_NAME:
            raise ValueError(f"the name of a store has up to {LONGEST_NAME} bytes, this one has {len(self._store)}")
        self._database = database.database_of(self._url)
        self._engine = self._database.engine()
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r}, {self._name!r})"

    def close(self) -> None:
        """Close the connections. The next operation opens new ones."""
        self._engine.dispose()

    # The interface

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, by a range of the index (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: the database fails.
        """
        self._validate_key(prefix)
        path = path_of(prefix).encode()
        # "0" comes next after "/".
        given = {"in_store": self._store, "at": path, "begin": path + b"/", "end": path + b"0"}

        def listing(connection: sa.Connection, statements: Statements) -> Sequence[Any]:
            return (statements.below if prefix else statements.every).run(connection, given).scalars().all()

        found = self._read("list the keys", listing)
        return [key_of(bytes(path).decode()) for path in found]

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the database fails.
        """
        self._validate_key(key)
        at = self._at(key)
        return self._write(f"remove {key!r}", lambda connection, its: its.delete.run(connection, at).rowcount > 0)

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        at = self._at(key)
        content = self._read(f"read {key!r}", lambda connection, its: its.get.run(connection, at).scalar())
        if content is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(bytes(content), key)

    def _has_key(self, key: Key) -> bool:
        at = self._at(key)
        return self._read(f"look for {key!r}", lambda connection, its: its.has.run(connection, at).first()) is not None

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        row = self._row(key, encoded(value))
        self._write(f"store {key!r}", lambda connection, its: its.upsert.run(connection, row))

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        row = self._row(key, encoded(value))
        try:
            self._write(f"store {key!r}", lambda connection, its: its.insert.run(connection, row))
        except sa.exc.IntegrityError as error:
            raise StoreBackendError(f"{self!r} already has a value under {key!r}") from error

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        source, dest = self._at(source_key), self._row(dest_key, b"")

        def move(connection: sa.Connection, statements: Statements) -> bool:
            return database.in_transaction(connection, partial(step, statements))

        def step(statements: Statements, connection: sa.Connection) -> bool:
            value = database.taken(connection, statements, source)
            if value is not None:
                statements.upsert.run(connection, {**dest, "value": bytes(value)})
            return value is not None

        if not self._write(f"move {source_key!r} to {dest_key!r}", move):
            raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    # Rows

    def _at(self, key: Key) -> dict[str, bytes]:
        return {"in_store": self._store, "at": path_of(key).encode()}

    def _row(self, key: Key, content: bytes) -> dict[str, bytes]:
        path = path_of(key).encode()
        if len(path) > LONGEST_PATH:
            raise StoreBackendError(f"{self!r} takes keys whose path has {LONGEST_PATH} bytes; this has {len(path)}")
        return {"store": self._store, "path": path, "value": content}

    # Running

    def _read(self, what: str, step: Step[Result]) -> Result:
        """Run one statement that changes nothing; once more if the connection turns out to be dead."""
        with self._reported(what):
            try:
                return self._run(step)
            except sa.exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._run(step)

    def _write(self, what: str, step: Step[Result]) -> Result:
        """Run a statement or a transaction; again, if the database ended it for the sake of another one."""
        self._about_to(what)
        with self._reported(what):
            for attempt in range(ATTEMPTS):
                try:
                    return self._run(step)
                except sa.exc.DBAPIError as error:
                    if attempt == ATTEMPTS - 1 or not database.gave_way(error):
                        raise
                    time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))
            raise AssertionError("the last attempt returns or raises")

    def _run(self, step: Step[Result]) -> Result:
        statements = self._database.statements(self._engine, self._table)
        try:
            with self._engine.connect() as connection:
                return step(connection, statements)
        except sa.exc.DBAPIError as error:
            if not database.lacks_table(error):
                raise
        database.make_table(self._engine, self._table, statements)
        with self._engine.connect() as connection:
            return step(connection, statements)

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Turn the database's errors into the interface's, without the values and passwords that those may have."""
        try:
            yield
        except sa.exc.IntegrityError:
            raise
        except sa.exc.SQLAlchemyError as error:
            raise StoreBackendError(f"{self!r} cannot {what}: {database.reason(error)}") from error
