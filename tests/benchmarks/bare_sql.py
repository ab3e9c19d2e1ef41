"""A bare client of a database: sqlite3, psycopg or PyMySQL, one connection, and a table of keys and values."""

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from spec_store.keys import Key


@attrs.frozen
class Dialect:
    """What a database wants otherwise than others.

    Args:
        connect: opens a connection by which each statement is a transaction.
        columns: of the table, the paths in the order of their bytes.
        upsert: what follows INSERT, so that a row that is there is replaced.
        update: how a row is renamed; only SQLite has one statement by which it replaces another one.
        mark: what stands for a parameter.
        execute: runs a statement and gives the cursor.
        analyze: has the server look at the table, once it is filled.
    """

    connect: Callable[[str], Any]
    columns: str
    upsert: str
    update: str = "UPDATE"
    mark: str = "%s"
    execute: Callable[[Any, str, Any], Any] = lambda raw, text, given: raw.execute(text, given)
    analyze: str = ""


def _lite(url: str) -> Any:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)


def _postgresql(url: str) -> Any:
    return importlib.import_module("psycopg").connect(url.replace("+psycopg", ""), autocommit=True)


def _mariadb(url: str) -> Any:
    parts = urlsplit(url)
    options: dict[str, Any] = {name: value == "true" for name, value in parse_qsl(parts.query)}
    return importlib.import_module("pymysql").connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=unquote(parts.password or ""),
        database=parts.path.strip("/"),
        autocommit=True,
        **options,
    )


def _by_cursor(raw: Any, text: str, given: Any) -> Any:
    cursor = raw.cursor()
    cursor.execute(text, given)
    return cursor


CONFLICT = "ON CONFLICT (path) DO UPDATE SET value = excluded.value"
DIALECTS = {
    "sqlite": Dialect(_lite, "path TEXT PRIMARY KEY, value TEXT", CONFLICT, "UPDATE OR REPLACE", "?"),
    "postgresql+psycopg": Dialect(
        _postgresql, 'path TEXT COLLATE "C" PRIMARY KEY, value TEXT', CONFLICT, analyze="ANALYZE"
    ),
    "mysql+pymysql": Dialect(
        _mariadb,
        "path VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, value LONGTEXT",
        "ON DUPLICATE KEY UPDATE value = VALUES(value)",
        execute=_by_cursor,
        analyze="ANALYZE TABLE",
    ),
}


class Table:
    """A table of paths and values, by one statement for each operation."""

    def __init__(self, url: str, name: str) -> None:
        self._dialect = dialect = DIALECTS[url.partition(":")[0]]
        self._raw = dialect.connect(url)
        self._execute = dialect.execute
        self._name = name

        def text(shape: str) -> str:
            return shape.format(name).replace("?", dialect.mark)

        self._get = text("SELECT value FROM {} WHERE path = ?")
        self._has = text("SELECT 1 FROM {} WHERE path = ?")
        self._insert = text("INSERT INTO {} (path, value) VALUES (?, ?)")
        self._upsert = f"{self._insert} {dialect.upsert}"
        self._delete = text("DELETE FROM {} WHERE path = ?")
        self._rename = text(f"{dialect.update} {{}} SET path = ? WHERE path = ?")
        self._below = text("SELECT path FROM {} WHERE path > ? AND path < ?")
        self._every = text("SELECT path FROM {}")
        self._values = text("SELECT value FROM {}")

    def get(self, key: Key) -> str:
        value: str = self._execute(self._raw, self._get, ("/".join(key),)).fetchone()[0]
        return value

    def has_key(self, key: Key) -> bool:
        return self._execute(self._raw, self._has, ("/".join(key),)).fetchone() is not None

    def set(self, key: Key, value: str) -> None:
        self._execute(self._raw, self._upsert, ("/".join(key), value))

    def add(self, key: Key, value: str) -> None:
        self._execute(self._raw, self._insert, ("/".join(key), value))

    def remove_key(self, key: Key) -> None:
        self._execute(self._raw, self._delete, ("/".join(key),))

    def move(self, source_key: Key, dest_key: Key) -> None:
        self._execute(self._raw, self._rename, ("/".join(dest_key), "/".join(source_key)))

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        path = "/".join(prefix)
        text, given = (self._below, (f"{path}/", f"{path}0")) if prefix else (self._every, ())
        return [tuple(one.split("/")) for (one,) in self._execute(self._raw, text, given).fetchall()]

    def get_all(self) -> list[str]:
        return [value for (value,) in self._execute(self._raw, self._values, ()).fetchall()]

    def close(self) -> None:
        self._raw.close()

    # What is not measured

    def fill(self, keys: Iterator[Key], value: str) -> None:
        """Make the table, with one value under many keys."""
        self._execute(self._raw, f"CREATE TABLE {self._name} ({self._dialect.columns})", ())
        self._execute(self._raw, "BEGIN", ())
        self._raw.cursor().executemany(self._insert, (("/".join(key), value) for key in keys))
        self._execute(self._raw, "COMMIT", ())
        if self._dialect.analyze:
            self._execute(self._raw, f"{self._dialect.analyze} {self._name}", ())

    def drop(self) -> None:
        """Drop the table."""
        self._execute(self._raw, f"DROP TABLE IF EXISTS {self._name}", ())
