"""The table of stores, and its statements: made once for each kind of database, as the text that its driver takes."""

import functools
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

MYSQL = ("mysql", "mariadb")

PAGE = 1000
"""How many values are read at a time."""

Given = Mapping[str, bytes]


def table_of(name: str, schema: str | None = None) -> sa.Table:
    """The table of stores: binary, so that no collation, character set or line end changes anything."""
    return sa.Table(
        name,
        sa.MetaData(schema=schema),
        sa.Column("store", sa.LargeBinary().with_variant(mysql.VARBINARY(200), *MYSQL), primary_key=True),
        sa.Column("path", sa.LargeBinary().with_variant(mysql.VARBINARY(2000), *MYSQL), primary_key=True),
        sa.Column("value", sa.LargeBinary().with_variant(mysql.LONGBLOB(), *MYSQL), nullable=False),
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
        sqlite_with_rowid=False,
    )


def upsert(dialect: str, table: sa.Table) -> sa.Insert:
    """The statement that stores a row in place of one with its key; its values are given with it."""
    if dialect in MYSQL:
        insert = mysql.insert(table)
        return insert.on_duplicate_key_update(value=insert.inserted.value)
    return _in_place(table, (postgresql if dialect == "postgresql" else sqlite).insert(table))


def _in_place(table: sa.Table, into: Any) -> sa.Insert:
    """An insert of PostgreSQL or SQLite, in place of a row with its key."""
    key = [table.c.store, table.c.path]
    replacing: sa.Insert = into.on_conflict_do_update(index_elements=key, set_={"value": into.excluded.value})
    return replacing


@attrs.frozen
class Statement:
    """A statement of bytes in and out, compiled: nothing is left to do for it but to hand it to the driver.

    Args:
        text: the statement.
        chosen: what the driver takes with it, out of a mapping of parameters.
    """

    text: str
    chosen: Callable[[Given], Any]


@attrs.frozen
class Statements:
    """The statements of a table.

    Their parameters: `in_store` is the name of a store; `at` is a path, `to` another one; `begin` and `end` are those
    that the wanted ones are between. What is stored is a row: `store`, `path`, `value`.

    Args:
        page: paths and values from `begin` on, in order, `PAGE` of them.
        lock: whether a row is there, which nobody else then changes until the end of the transaction.
        rename: gives a row another path, which none may have.
        take: moves a value in one statement, whatever is at its new path; None where the database has none such.
    """

    get: Statement
    has: Statement
    every: Statement
    below: Statement
    page: Statement
    insert: Statement
    upsert: Statement
    delete: Statement
    lock: Statement
    rename: Statement
    create: Statement
    take: Statement | None


@attrs.frozen
class _Spoken:
    """What the text of a statement depends on, and the dialect, which may be any such."""

    name: str
    driver: str
    paramstyle: str
    dialect: sa.Dialect = attrs.field(eq=False, repr=False)


def statements_of(dialect: sa.Dialect, table: str, schema: str | None = None) -> Statements:
    """The statements of a table, compiled once for all stores of a process: it takes longer than to open one."""
    return _compiled(_Spoken(dialect.name, dialect.driver, dialect.paramstyle, dialect), table, schema)


# Threads that come here first at once compile statements of their own: while it compiles one, SQLAlchemy notes on it
# what it finds out, and threads that do so on one corrupt the memory of CPython 3.11.
@functools.lru_cache(maxsize=32)
def _compiled(spoken: _Spoken, name: str, schema: str | None) -> Statements:
    table, dialect = table_of(name, schema), spoken.dialect
    mine = table.c.store == sa.bindparam("in_store")
    at = sa.and_(mine, table.c.path == sa.bindparam("at"))
    between = sa.and_(mine, table.c.path > sa.bindparam("begin"), table.c.path < sa.bindparam("end"))
    has: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(table).where(at)
    on = sa.select(table.c.path, table.c.value).where(mine, table.c.path >= sa.bindparam("begin"))

    def statement(clause: Any, more: str = "") -> Statement:
        compiled = clause.compile(dialect=dialect)
        return Statement(f"{compiled}{more}", _choice(getattr(compiled, "positiontup", None)))

    return Statements(
        statement(sa.select(table.c.value).where(at)),
        statement(has),
        statement(sa.select(table.c.path).where(mine)),
        # Of an OR of the two, SQLite makes a scan of the whole store.
        statement(sa.union_all(sa.select(table.c.path).where(at), sa.select(table.c.path).where(between))),
        statement(on.order_by(table.c.path), f" LIMIT {PAGE}"),
        statement(sa.insert(table)),
        statement(upsert(dialect.name, table)),
        statement(sa.delete(table).where(at)),
        statement(has.with_for_update()),
        statement(sa.update(table).where(at).values(path=sa.bindparam("to"))),
        statement(sa.schema.CreateTable(table, if_not_exists=True)),
        statement(_take(table, at)) if dialect.name == "postgresql" else None,
    )


def _take(table: sa.Table, at: Any) -> sa.Insert:
    """PostgreSQL does all of a move in one statement, for which the value does not leave the server."""
    taken = sa.delete(table).where(at).returning(table.c.value).cte("taken")
    binary = sa.LargeBinary()
    row = sa.select(sa.bindparam("in_store", type_=binary), sa.bindparam("to", type_=binary), taken.c.value)
    return _in_place(table, postgresql.insert(table).from_select(["store", "path", "value"], row))


def _choice(order: list[str] | None) -> Callable[[Given], Any]:
    """What gives parameters by their places, or by their names where a driver takes those."""
    if order is None:
        return dict
    if len(order) == 1:
        return lambda given: (given[order[0]],)
    return itemgetter(*order) if order else lambda _given: ()
