"""The table of stores, and its statements: made once for each kind of database, as the text that its driver takes."""

import functools
from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

MYSQL = ("mysql", "mariadb")


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


@attrs.frozen
class Statement:
    """A statement of bytes in and out, compiled: SQLAlchemy has nothing to do for it but to hand it to the driver.

    Args:
        text: the statement.
        order: the names of its parameters where they have no names in it, but places.
    """

    text: str
    order: tuple[str, ...] | None

    def run(self, connection: sa.Connection, given: Mapping[str, bytes]) -> sa.CursorResult[Any]:
        """Run it on a connection with parameters, of which it takes those that it has."""
        if self.order is None:
            return connection.exec_driver_sql(self.text, dict(given))
        return connection.exec_driver_sql(self.text, tuple(given[name] for name in self.order))


@attrs.frozen
class Statements:
    """The statements of a table.

    Their parameters: `in_store` is the name of a store; `at` is a path, `begin` and `end` those that the wanted ones
    are between. What is stored is a row: `store`, `path`, `value`. `taking` deletes a row and gives its value; None
    where the database cannot do both at once.
    """

    get: Statement
    has: Statement
    every: Statement
    below: Statement
    insert: Statement
    upsert: Statement
    delete: Statement
    lock: Statement
    create: Statement
    taking: Statement | None


@attrs.frozen
class _Spoken:
    """What a database speaks: all that the text of a statement depends on, and the dialect, which may be any such."""

    name: str
    driver: str
    version: tuple[Any, ...] | None
    is_mariadb: bool
    dialect: sa.Dialect = attrs.field(eq=False, repr=False)


def statements_of(dialect: sa.Dialect, table: str) -> Statements:
    """The statements of a table in a database, which has been connected to: its version is known only then.

    They are compiled once for all stores of a process, which takes longer than to open one.
    """
    version = getattr(dialect, "server_version_info", None)
    is_mariadb = bool(getattr(dialect, "is_mariadb", False))
    return _compiled(_Spoken(dialect.name, dialect.driver, version, is_mariadb, dialect), table)


# Threads that come here first at once compile statements of their own: while it compiles one, SQLAlchemy notes on it
# what it finds out, and threads that do so on one corrupt the memory of CPython 3.11.
@functools.lru_cache(maxsize=32)
def _compiled(spoken: _Spoken, name: str) -> Statements:
    table, dialect = table_of(name), spoken.dialect
    mine = table.c.store == sa.bindparam("in_store")
    at = sa.and_(mine, table.c.path == sa.bindparam("at"))
    between = sa.and_(mine, table.c.path > sa.bindparam("begin"), table.c.path < sa.bindparam("end"))
    get, delete = sa.select(table.c.value).where(at), sa.delete(table).where(at)

    def statement(clause: Any) -> Statement:
        compiled = clause.compile(dialect=dialect)
        order = getattr(compiled, "positiontup", None)
        return Statement(str(compiled), None if order is None else tuple(order))

    return Statements(
        statement(get),
        statement(sa.select(sa.literal_column("1")).select_from(table).where(at)),
        statement(sa.select(table.c.path).where(mine)),
        # Of an OR of the two, SQLite makes a scan of the whole store.
        statement(sa.union_all(sa.select(table.c.path).where(at), sa.select(table.c.path).where(between))),
        statement(sa.insert(table)),
        statement(upsert(dialect.name, table)),
        statement(delete),
        statement(get.with_for_update()),
        statement(sa.schema.CreateTable(table, if_not_exists=True)),
        statement(delete.returning(table.c.value)) if dialect.delete_returning else None,
    )
