"""The table of our SQL backend, filled by the fastest way that the database has."""

import itertools
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from spec_store.backends import _statements as statements
from spec_store.keys import Key

CHUNK = 5000
"""How many rows go to a database at a time."""


def fill(url: str, table: str, store: str, keys: Iterator[Key], value: str) -> None:
    """Store one value under many keys, whose elements need no escaping."""
    rows = ((store.encode(), "/".join(key).encode(), value.encode()) for key in keys)
    columns = statements.table_of(table)
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateTable(columns, if_not_exists=True))
            _load(connection, columns.name, rows)
        if engine.dialect.name != "sqlite":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                kind = "" if engine.dialect.name == "postgresql" else "TABLE "
                connection.exec_driver_sql(f"ANALYZE {kind}{columns.name}")
    finally:
        engine.dispose()


def count(url: str, table: str) -> int:
    """How many rows a table has."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(statements.table_of(table))) or 0)
    finally:
        engine.dispose()


def drop(url: str, table: str) -> None:
    """Drop a table, if it is there."""
    engine = sa.create_engine(url)
    try:
        statements.table_of(table).drop(engine, checkfirst=True)
    finally:
        engine.dispose()


def _load(connection: sa.Connection, table: str, rows: Iterator[tuple[bytes, bytes, bytes]]) -> None:
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table} (store, path, value) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = "?, ?, ?" if connection.dialect.name == "sqlite" else "%s, %s, %s"
    while chunk := list(itertools.islice(rows, CHUNK)):
        cursor.executemany(f"INSERT INTO {table} (store, path, value) VALUES ({marks})", chunk)
