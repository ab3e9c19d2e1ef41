"""A bare client of a database: SQLAlchemy Core with the backend's table, statements made once; and filling it fast."""

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
    """Rows of the backend's table. Each statement is a transaction of its own, but for a move, which has two."""

    def __init__(self, url: str, name: str, table: str) -> None:
        self._store = name.encode()
        self._rows = statements.table_of(table)
        self._engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        self._transactions = sa.create_engine(url)
        self._engine.connect().close()  # so that the dialect knows the server
        rows = self._rows.c
        mine = rows.store == sa.bindparam("in_store", self._store)
        at = sa.and_(mine, rows.path == sa.bindparam("at"))
        below = sa.and_(rows.path > sa.bindparam("begin"), rows.path < sa.bindparam("end"))
        self._get = sa.select(rows.value).where(at)
        self._take = sa.delete(self._rows).where(at).returning(rows.value)
        self._list = sa.union_all(sa.select(rows.path).where(at), sa.select(rows.path).where(mine, below))
        self._upsert = statements.upsert(self._engine.dialect.name, self._rows)

    def get(self, key: Key) -> str:
        with self._engine.connect() as connection:
            return bytes(connection.execute(self._get, {"at": "/".join(key).encode()}).scalar_one()).decode()

    def set(self, key: Key, value: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(self._upsert, self._row(key, value.encode()))

    def move(self, source_key: Key, dest_key: Key) -> None:
        with self._transactions.begin() as connection:
            value = connection.execute(self._take, {"at": "/".join(source_key).encode()}).scalar_one()
            connection.execute(self._upsert, self._row(dest_key, value))

    def list_keys(self, prefix: Key) -> list[Key]:
        path = "/".join(prefix).encode()
        with self._engine.connect() as connection:
            found = connection.scalars(self._list, {"at": path, "begin": path + b"/", "end": path + b"0"}).all()
        return [tuple(bytes(one).decode().split("/")) for one in found]

    def _row(self, key: Key, value: bytes) -> dict[str, bytes]:
        return {"store": self._store, "path": "/".join(key).encode(), "value": value}

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
        if drop:
            self._rows.drop(self._engine, checkfirst=True)
        self._engine.dispose()
        self._transactions.dispose()
