"""A bare client of a database: sqlite3, psycopg or PyMySQL, one connection, statements by hand; and filling it fast."""

import itertools
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from spec_store.backends import _statements as statements
from spec_store.keys import Key
from tests.benchmarks.side_by_side import VALUE, Layout

CHUNK = 5000
"""How many rows go to a database at a time."""


class Table:
    """Rows of the backend's table. Each statement is a transaction of its own; a move is one of two."""

    def __init__(self, url: str, name: str, table: str) -> None:
        self._store = name.encode()
        self._rows = statements.table_of(table)
        self._engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        self._transactions = sa.create_engine(url)
        connection = self._engine.raw_connection()
        self._driver: Any = connection.driver_connection
        connection.detach()
        self._get = self._text("SELECT value FROM {} WHERE store = ? AND path = ?")
        self._has = self._text("SELECT 1 FROM {} WHERE store = ? AND path = ?")
        self._delete = self._text("DELETE FROM {} WHERE store = ? AND path = ?")
        self._rename = self._text("UPDATE {} SET path = ? WHERE store = ? AND path = ?")
        self._list = self._text(
            "SELECT path FROM {0} WHERE store = ? AND path = ? "
            "UNION ALL SELECT path FROM {0} WHERE store = ? AND path > ? AND path < ?"
        )
        self._every = self._text("SELECT value FROM {} WHERE store = ?")
        there = "ON CONFLICT (store, path) DO UPDATE SET value = excluded.value"
        if self._engine.dialect.name in statements.MYSQL:
            there = "ON DUPLICATE KEY UPDATE value = VALUES(value)"
        self._upsert = self._text("INSERT INTO {} (store, path, value) VALUES (?, ?, ?) " + there)

    def _text(self, shape: str) -> str:
        mark = "?" if self._engine.dialect.name == "sqlite" else "%s"
        return shape.format(self._rows.name).replace("?", mark)

    def _run(self, text: str, *given: bytes) -> Any:
        cursor = self._driver.cursor()
        cursor.execute(text, given)
        return cursor

    def get(self, key: Key) -> str:
        value: str = self._run(self._get, self._store, "/".join(key).encode()).fetchone()[0].decode()
        return value

    def has_key(self, key: Key) -> bool:
        return self._run(self._has, self._store, "/".join(key).encode()).fetchone() is not None

    def set(self, key: Key, value: str) -> None:
        self._run(self._upsert, self._store, "/".join(key).encode(), value.encode())

    def move(self, source_key: Key, dest_key: Key) -> None:
        self._run("BEGIN IMMEDIATE" if self._engine.dialect.name == "sqlite" else "BEGIN")
        self._run(self._delete, self._store, "/".join(dest_key).encode())
        self._run(self._rename, "/".join(dest_key).encode(), self._store, "/".join(source_key).encode())
        self._run("COMMIT")

    def list_keys(self, prefix: Key) -> list[Key]:
        path = "/".join(prefix).encode()
        found = self._run(self._list, self._store, path, self._store, path + b"/", path + b"0").fetchall()
        return [tuple(one.decode().split("/")) for (one,) in found]

    def get_all(self) -> list[str]:
        return [value.decode() for (value,) in self._run(self._every, self._store).fetchall()]

    def fill(self, layout: Layout) -> None:
        """Store the keys of a layout by the fastest way that the database has."""
        rows = ((self._store, "/".join(key).encode(), VALUE.encode()) for key in layout.every())
        with self._engine.connect() as connection:
            connection.execute(sa.schema.CreateTable(self._rows, if_not_exists=True))
        raw = self._transactions.raw_connection()
        try:
            self._load(raw.cursor(), rows)
            raw.commit()
        finally:
            raw.close()
        if self._engine.dialect.name != "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"ANALYZE {'' if self._is_postgresql else 'TABLE '}{self._rows.name}")

    def _load(self, cursor: Any, rows: Iterator[tuple[bytes, bytes, bytes]]) -> None:
        if self._is_postgresql:
            with cursor.copy(f"COPY {self._rows.name} (store, path, value) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = "?, ?, ?" if self._engine.dialect.name == "sqlite" else "%s, %s, %s"
        insert = f"INSERT INTO {self._rows.name} (store, path, value) VALUES ({marks})"
        while chunk := list(itertools.islice(rows, CHUNK)):
            cursor.executemany(insert, chunk)

    @property
    def _is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def close(self, drop: bool = True) -> None:
        """Drop the table, if that is asked for, and close the connections."""
        self._driver.close()
        if drop:
            self._rows.drop(self._engine, checkfirst=True)
        self._engine.dispose()
        self._transactions.dispose()
