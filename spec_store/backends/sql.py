"""A store in a table of a relational database, by SQLAlchemy Core: SQLite, PostgreSQL, MariaDB, MySQL."""

import contextlib
import os
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._names import key_of, keys_of, path_of
from spec_store.backends._secret import SecretURL, with_secrets
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.identity import STORE_BACKEND_ID_KEY
from spec_store.keys import Key

try:
    from spec_store.backends._address import address_of, texts_of
    from spec_store.backends._connection import Connection
    from spec_store.backends._database import Database, NoTableError, Step, Table, database_at
    from spec_store.backends._driver import driver_of
    from spec_store.backends._statements import PAGE, Statements
except ModuleNotFoundError as error:
    if error.name != "sqlalchemy":
        raise
    raise ImportError("SQLStoreBackend needs SQLAlchemy: install the extra, pip install 'spec-store[sql]'") from error

LONGEST_PATH = 2000
"""How long the path of a key may be, in bytes: it is indexed, and indexes of MariaDB take 3072 bytes, with the name."""

LONGEST_NAME = 200
"""How long the name of a store may be, in bytes of UTF-8."""

_ID_PATH = path_of(STORE_BACKEND_ID_KEY).encode()

Result = TypeVar("Result")


class SQLStoreBackend(Engine):
    """A store of text in a table, safe for threads and processes; several stores share a table by their names.

    The table is made on first use. Keys are kept as their paths (`spec_store.keys.path_of`), in a binary column, so
    that no collation merges two of them, and a prefix is a range of the index. Every operation is one statement or
    one transaction, and a value that is moved does not leave the server; what the database ends because of a deadlock,
    or SQLite because of another writer, is tried again until the timeout.

    The stores of a process with one URL and one timeout share its connections, 20 at most; further threads wait for
    one. After a fork the child opens its own. `close` gives back those that no other store uses.

    Every operation ends within the timeout, `get_all` too, which reads values by the thousand. A write that was too
    late for that may have been done all the same, or may be done yet, if the server did not answer.

    The layout of the table is written down as a number in the row whose `store` is `\\xfflayout`; without such a row
    it is 1, the only one so far. It is read when a process first uses the table.

    Args:
        url: SQLAlchemy's URL of the database; its password is not shown in `repr`, logs and errors. A SQLite database
            in memory (`sqlite://`) lasts as long as the backend, closed or not; it is neither copied nor pickled, and
            is not there in the child of a fork.
        name: of the store in the table, up to 200 bytes.
        table: the name of the table.
        credentials: in place of the URL, its parts: `drivername`, `host`, `port`, `username` or `user`, `password`,
            `database`, `query`, a mapping of options.
        schema: that the table is in, of PostgreSQL alone; it must exist.
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then, and no table
            and no file is made.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: SQLAlchemy, or the driver for the URL, is not installed.
        ValueError: the URL or the credentials cannot be read, or both are given; the name is too long; there are no
            schemas in such a database.
    """

    def __init__(
        self,
        url: str = "",
        name: str = "store",
        table: str = "spec_store",
        *,
        credentials: Mapping[str, Any] | None = None,
        schema: str | None = None,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        named = (fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        super().__init__(Options(*named, timeout, read_only))
        self._credentials = with_secrets(texts_of(credentials))
        self._address = address_of(url, self._credentials)
        self._url = SecretURL(url) if url else ""
        self._name = name
        self._table = table
        self._schema = schema
        self._store = name.encode("utf-8")
        if len(self._store) > LONGEST_NAME:
            raise ValueError(f"the name of a store has up to {LONGEST_NAME} bytes, this one has {len(self._store)}")
        if schema and self._address.kind != "postgresql":
            raise ValueError(f"a schema is a matter of PostgreSQL; {self._address} has none")
        driver_of(self._address, self._timeout, read_only)  # which complains if there is none
        self._rows = Table(table, schema or None)
        self._held: Database | None = None
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._address.shown!r}, {self._name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._address.is_in_memory:
            raise TypeError(f"{self!r} is neither copied nor pickled: its database is in the memory of this backend")
        return super().__reduce__()

    def close(self) -> None:
        """Close the connections that no other store uses. The next operation opens new ones.

        A database in memory stays as it is, for there is nothing of it to be given back but what it holds.
        """
        if not self._address.is_in_memory and self._held is not None:
            held, self._held = self._held, None
            held.leave(self)

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

        def listing(one: Connection, its: Statements) -> list[Any]:
            return one.run(its.below if prefix else its.every, given).fetchall()  # type: ignore[no-any-return]

        rows: list[Any] = self._read(listing, [], "list the keys of", prefix)
        return keys_of([path for (path,) in rows])

    def get_all(self) -> list[Any]:
        """Every value but the id's, once each, as of one moment (ALL-1), by the thousand.

        Raises:
            StoreBackendError: the database fails.
        """
        return self._read(self._every_value, [], "read all values")

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the database fails.
        """
        self._validate_key(key)
        at = self._at(key)
        return self._write(lambda one, its: bool(one.run(its.delete, at).rowcount > 0), "remove", key)

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        at = self._at(key)
        row = self._read(lambda one, its: one.run(its.get, at).fetchone(), None, "read", key)
        if row is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(row[0], key)

    def _has_key(self, key: Key) -> bool:
        at = self._at(key)
        return self._read(lambda one, its: one.run(its.has, at).fetchone(), None, "look for", key) is not None

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        row = self._row(key, encoded(value))
        self._write(lambda one, its: one.run(its.upsert, row) and None, "store", key)

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        row = self._row(key, encoded(value))
        if not self._write(lambda one, its: _inserted(one, its, row), "store", key):
            raise StoreBackendError(f"{self!r} already has a value under {key!r}")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        given = {**self._at(source_key), "to": self._row(dest_key, b"")["path"]}

        def move(one: Connection, its: Statements) -> bool:
            if source_key == dest_key:
                return one.run(its.has, given).fetchone() is not None
            return _moved(one, its, given)

        found = self._write(move, "move", source_key, dest_key)
        if not found:
            raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    # Rows

    def _at(self, key: Key) -> dict[str, bytes]:
        return {"in_store": self._store, "at": path_of(key).encode()}

    def _row(self, key: Key, content: bytes) -> dict[str, bytes]:
        path = path_of(key).encode()
        if len(path) > LONGEST_PATH:
            raise StoreBackendError(f"{self!r} takes keys whose path has {LONGEST_PATH} bytes; this has {len(path)}")
        return {"store": self._store, "path": path, "value": content}

    def _every_value(self, one: Connection, its: Statements) -> list[str]:
        """All values, by as many pages as it takes."""
        first = one.run(its.page, {"in_store": self._store, "begin": b""}).fetchall()
        if len(first) < PAGE:
            return _values(first)
        values: list[str] = []
        with one.snapshot():
            rows: list[Any] = []
            begin = b""
            while not values or len(rows) == PAGE:
                rows = one.run(its.page, {"in_store": self._store, "begin": begin}).fetchall()
                values += _values(rows)
                begin = bytes(rows[-1][0]) + b"\0" if rows else b""
        return values

    # Running

    def _read(self, step: "Step[Result]", empty: Result, what: str, *keys: Key) -> Result:
        """Do what changes nothing; in a store that is only read, and has no table, the answer is `empty`."""
        try:
            return self._database().run(self._rows, step, self._deadline(), True)
        except NoTableError:
            return empty
        except StoreBackendError as error:
            reason = str(error)
        raise StoreBackendError(f"{self!r} cannot {_named(what, keys)}: {reason}")

    def _write(self, step: "Step[Result]", what: str, *keys: Key) -> Result:
        """Do what may change the store."""
        if self._read_only:
            self._about_to(_named(what, keys))
        try:
            return self._database().run(self._rows, step, self._deadline(), False)
        except StoreBackendError as error:
            reason = str(error)
        raise StoreBackendError(f"{self!r} cannot {_named(what, keys)}: {reason}")

    def _database(self) -> "Database":
        """The database in this process, which may be a fork of the one before.

        Raises:
            StoreBackendError: it was in the memory of that one.
        """
        held = self._held
        if held is None or held.pool.process != os.getpid():
            if held is not None and self._address.is_in_memory:
                raise StoreBackendError(
                    f"its database is in the memory of process {held.pool.process}, of which this one is a fork"
                )
            held = self._held = database_at(self._address, self._timeout, self._read_only)
            held.users.add(self)
        return held


def _named(what: str, keys: tuple[Key, ...]) -> str:
    return " ".join([what, " to ".join(map(repr, keys))]).rstrip()


def _values(rows: list[Any]) -> list[str]:
    """The values of rows, without the id's. Keys are made out for an error alone, for that takes most of the time."""
    with contextlib.suppress(UnicodeDecodeError):
        return [str(content, "utf-8") for path, content in rows if path != _ID_PATH]
    return [decoded(bytes(content), key_of(bytes(path).decode())) for path, content in rows]


def _inserted(one: "Connection", its: "Statements", row: dict[str, bytes]) -> bool:
    """Store a row, and tell whether its key was missing."""
    try:
        one.run(its.insert, row)
    except Exception as error:
        if not one.driver.is_duplicate(error):
            raise
        return False
    return True


def _moved(one: "Connection", its: "Statements", given: dict[str, bytes]) -> bool:
    """Move a value, and tell whether it was there; without it leaving the server."""
    if its.take is not None:
        return bool(one.run(its.take, given).rowcount > 0)
    while True:
        try:
            return bool(one.run(its.rename, given).rowcount > 0)
        except Exception as error:
            if not one.driver.is_duplicate(error):
                raise
        try:
            return one.in_transaction(lambda: _replaced(one, its, given))
        except Exception as error:
            if not one.driver.is_duplicate(error):  # or else somebody has stored another value there meanwhile
                raise


def _replaced(one: "Connection", its: "Statements", given: dict[str, bytes]) -> bool:
    """Move a value to where another one is; within a transaction."""
    if one.run(its.lock, given).fetchone() is None:
        return False
    one.run(its.delete, {"in_store": given["in_store"], "at": given["to"]})
    one.run(its.rename, given)
    return True
