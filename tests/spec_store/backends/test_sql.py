"""Stores in databases: tables and their layout, moves, values all at once, schemas."""

import copy
import threading
import uuid

import pytest
import sqlalchemy as sa

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import SQLStoreBackend
from spec_store.backends._statements import PAGE, statements_of
from tests.servers import POSTGRESQL, require
from tests.spec_store.backends.threads import failures

A, B, C = ("a",), ("b",), ("c",)


def asked(backend, monkeypatch):
    """The statements that a store's connections are given from now on."""
    texts: list[str] = []
    driver = backend._database().driver
    execute = driver.execute

    def noted(raw, text, *given):
        texts.append(text)
        return execute(raw, text, *given)

    monkeypatch.setitem(driver.__dict__, "execute", noted)
    return texts


# Tables


def test_statements_are_compiled_for_the_first_store_of_a_process_alone(tmp_path):
    table = f"table_{uuid.uuid4().hex}"
    first, second = (SQLStoreBackend(f"sqlite:///{tmp_path / name}", table=table) for name in ("one", "two"))

    of_first, of_second = (statements_of(one._database().driver.dialect, table) for one in (first, second))

    assert of_first is of_second
    assert first.store_backend_id != second.store_backend_id


def test_a_table_whose_name_has_percent_signs_is_one_like_others(url):
    with SQLStoreBackend(url, table="100%s of (them)") as backend:
        backend.set(A, "1")
        backend.set(B, "2")
        backend.move(A, B)

        assert backend.get(B) == "1"
        assert backend.remove_key(B)
        assert [key for key in backend.list_keys() if key != backend.STORE_BACKEND_ID_KEY] == []


def test_threads_that_make_a_table_at_once_make_one(url):
    table = f"table_{uuid.uuid4().hex}"
    backend = SQLStoreBackend(url, table=table, suppress_store_backend_id=True)
    start = threading.Barrier(5)

    def use(number):
        start.wait()
        backend.set((str(number),), "1")

    try:
        assert failures(5, use) == []
        assert len(backend.list_keys()) == 5
    finally:
        dropped(url, table)


def dropped(url, table):
    """Take a table away."""
    engine = sa.create_engine(url)
    sa.Table(table, sa.MetaData()).drop(engine, checkfirst=True)
    engine.dispose()


def test_a_table_that_is_taken_away_is_made_again(url):
    table = f"table_{uuid.uuid4().hex}"
    with SQLStoreBackend(url, table=table, suppress_store_backend_id=True) as backend:
        backend.set(A, "1")
        dropped(url, table)
        assert backend.has_key(A) is False
        backend.set(A, "2")
        assert backend.get(A) == "2"
    dropped(url, table)


def test_a_store_that_is_only_read_makes_no_table_and_is_empty_without_one(url):
    table = f"table_{uuid.uuid4().hex}"
    SQLStoreBackend(url)  # which makes the file, where there is one
    with SQLStoreBackend(url, table=table, read_only=True) as backend:
        with pytest.raises(InvalidKeyError):
            backend.get(A)
        assert (backend.has_key(A), backend.list_keys(), backend.get_all()) == (False, [], [])
    assert not sa.inspect(sa.create_engine(url)).has_table(table)


def test_a_store_that_is_only_read_makes_no_file(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}", read_only=True)
    with pytest.raises(StoreBackendError, match="there is no file"):
        backend.has_key(A)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_reached_at_first_is_prepared_later(tmp_path):
    place = tmp_path / "later"
    backend = SQLStoreBackend(f"sqlite:///{place / 'store.sqlite'}", suppress_store_backend_id=True)
    with pytest.raises(StoreBackendError, match="unable to open"):
        backend.set(A, "1")

    place.mkdir()
    backend.set(A, "1")

    assert backend.get(A) == "1"


# The layout


def marked(backend, layout):
    """Write down the layout of the table of a store."""
    engine = sa.create_engine(backend._address.url)
    insert = sa.text(f"INSERT INTO {backend._table} (store, path, value) VALUES (:store, :path, :value)")
    with engine.begin() as connection:
        connection.execute(insert, {"store": b"\xfflayout", "path": b"", "value": layout})
    engine.dispose()


@pytest.mark.parametrize("layout", [b"2", b"3", b"10", b"x"])
def test_a_table_of_a_later_layout_is_refused(url, layout):
    table = f"table_{uuid.uuid4().hex}"
    old = SQLStoreBackend(url, table=table)
    marked(old, layout)
    old.close()
    try:
        with SQLStoreBackend(url, "other", table, timeout=29) as backend:
            for operation in (lambda: backend.get(A), lambda: backend.set(A, "1"), backend.list_keys):
                with pytest.raises(StoreBackendError, match=r"later version of spec-store \(layout .*upgrade"):
                    operation()
    finally:
        dropped(url, table)


def test_a_table_that_says_the_layout_of_today_is_one_like_others(url):
    table = f"table_{uuid.uuid4().hex}"
    old = SQLStoreBackend(url, table=table, suppress_store_backend_id=True)
    old.set(A, "1")
    marked(old, b"1")
    old.close()
    with SQLStoreBackend(url, table=table, timeout=29) as backend:
        assert backend.get(A) == "1"
        assert backend.get_all() == ["1"]
    dropped(url, table)


def test_the_layout_is_asked_for_once_and_then_an_operation_is_one_statement(backend, monkeypatch):
    backend.set(A, "1")
    texts = asked(backend, monkeypatch)
    backend.get(A)
    backend.has_key(A)
    backend.set(A, "2")
    backend.list_keys(A)
    backend.get_all()
    backend.move(A, B)
    backend.remove_key(B)

    assert len(texts) == 7


# Moves


def test_a_value_that_is_moved_does_not_pass_through_the_client(backend, monkeypatch):
    backend.set(A, "moved")
    backend.set(B, "there")
    texts = asked(backend, monkeypatch)
    backend.move(A, B)
    backend.move(B, C)

    assert backend.get(C) == "moved"
    assert (backend.has_key(A), backend.has_key(B)) == (False, False)
    assert not any(text.startswith("SELECT") and "value" in text for text in texts[:-3])


def test_a_move_of_a_missing_key_changes_nothing(backend):
    backend.set(B, "there")
    with pytest.raises(InvalidKeyError):
        backend.move(A, B)
    with pytest.raises(InvalidKeyError):
        backend.move(A, A)
    backend.move(B, B)

    assert backend.get_all() == ["there"]


def test_of_threads_that_move_to_one_key_each_does_and_none_fails(backend):
    start = threading.Barrier(4)

    def move(number):
        start.wait()
        for turn in range(10):
            backend.set((str(number), str(turn)), f"{number} {turn}")
            backend.move((str(number), str(turn)), B)

    assert failures(4, move) == []
    assert backend.list_keys() == [B]
    assert backend.get(B).endswith(" 9")


# Values, all at once


@pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_all_values_come_by_pages(number, tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}")
    rows = [{"store": b"store", "path": f"key/{one}".encode(), "value": b"%d" % one} for one in range(number)]
    with sa.create_engine(backend._address.url).begin() as connection:
        if rows:
            connection.execute(sa.text("INSERT INTO spec_store VALUES (:store, :path, :value)"), rows)

    assert sorted(map(int, backend.get_all())) == list(range(number))


def test_all_values_are_those_of_one_moment(backend, monkeypatch):
    monkeypatch.setattr("spec_store.backends.sql.PAGE", 3)
    statement = statements_of(backend._database().driver.dialect, "spec_store").page
    smaller = type(statement)(statement.text.replace(str(PAGE), "3"), statement.chosen)
    backend.set(("k0",), "0")  # so that the statements are at hand
    ready = backend._database()._ready
    (table,) = ready
    monkeypatch.setitem(ready, table, type(ready[table])(**{**as_dict(ready[table]), "page": smaller}))
    for number in range(10):
        backend.set((f"k{number}",), str(number))

    assert sorted(backend.get_all()) == [str(number) for number in range(10)]


def as_dict(values):
    """The fields of a value by their names."""
    return {field.name: getattr(values, field.name) for field in values.__attrs_attrs__}


# Schemas


@pytest.fixture
def schema():
    require("PostgreSQL")
    name = f'schema "{uuid.uuid4().hex[:8]}%'
    engine = sa.create_engine(POSTGRESQL)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    yield name
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()


def test_a_store_in_a_schema_is_another_than_that_outside(schema):
    with SQLStoreBackend(POSTGRESQL, schema=schema) as inside, SQLStoreBackend(POSTGRESQL) as outside:
        key = (uuid.uuid4().hex,)
        inside.set(key, "1")
        inside.move(key, B)

        assert inside.get(B) == "1"
        assert inside.get_all() == ["1"]
        assert outside.has_key(key) is False
        assert inside.config["schema"] == schema
        assert copy.copy(inside).get(B) == "1"


def test_a_schema_that_is_not_there_is_an_error_that_says_so():
    require("PostgreSQL")
    with (
        SQLStoreBackend(POSTGRESQL, schema="no_such_schema") as backend,
        pytest.raises(StoreBackendError, match="no such schema"),
    ):
        backend.set(A, "1")


def test_a_schema_is_a_matter_of_postgresql():
    with pytest.raises(ValueError, match="PostgreSQL"):
        SQLStoreBackend("sqlite://", schema="other")
