"""No operation on a database outlasts its timeout: with the server silent, unreachable, frozen or locked."""

import contextlib
import logging
import sqlite3
import subprocess
import sys
import threading
import time
import uuid

import pytest
import sqlalchemy as sa

from spec_store import StoreBackendError
from spec_store.backends import SQLStoreBackend, _pool
from spec_store.identity import STORE_BACKEND_INVALID_CONFIGURATION_ID
from tests.servers import MARIADB, PORTS, POSTGRESQL, require
from tests.spec_store.backends.slow_servers import proxy, silent, unreachable

A, B = ("a",), ("b",)
TIMEOUT = 1.5
AT_MOST = 24.0
"""Seconds, on a machine that is busy: what does not end by the timeout takes longer, for ever for the most part."""

SERVERS = {"PostgreSQL": POSTGRESQL, "MariaDB": MARIADB}

OPERATIONS = {
    "get": lambda backend: backend.get(A),
    "has_key": lambda backend: backend.has_key(A),
    "list_keys": lambda backend: backend.list_keys(),
    "get_all": lambda backend: backend.get_all(),
    "set": lambda backend: backend.set(A, "2"),
    "add": lambda backend: backend.add(B, "2"),
    "move": lambda backend: backend.move(A, B),
    "remove_key": lambda backend: backend.remove_key(A),
}


@contextlib.contextmanager
def in_time(seconds=AT_MOST):
    """The time that something takes, and not much more."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def url_of(server, port):
    return SERVERS[server].replace(f":{PORTS[server]}/", f":{port}/")


@pytest.fixture(params=SERVERS)
def server(request):
    require(request.param)
    return request.param


@pytest.mark.parametrize("kind", [silent, unreachable], ids=lambda kind: kind.__name__)
def test_a_server_that_does_not_answer_is_told_of_once_and_operations_end_in_time(server, kind, caplog):
    with kind() as port, in_time(), caplog.at_level(logging.WARNING):
        backend = SQLStoreBackend(url_of(server, port), timeout=TIMEOUT)
        assert len([one for one in caplog.records if one.name.startswith("spec_store")]) == 1

        with pytest.raises(StoreBackendError, match=rf"127\.0\.0\.1:{port} .* within 1\.5 s") as refused:
            backend.get(A)

    assert "\n" not in str(refused.value)
    assert str(backend.store_backend_id_warnings_suppressed) == STORE_BACKEND_INVALID_CONFIGURATION_ID


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_on_a_server_that_froze_ends_in_time_and_the_next_finds_it_thawed(server, operation):
    with proxy(PORTS[server]) as way:
        url = url_of(server, way.port)
        backend = SQLStoreBackend(url, uuid.uuid4().hex, timeout=TIMEOUT, suppress_store_backend_id=True)
        backend.set(A, "1")

        way.freeze()
        with in_time(), pytest.raises(StoreBackendError, match=rf"127\.0\.0\.1:{way.port} .* within 1\.5 s"):
            OPERATIONS[operation](backend)
        way.thaw()

        backend.set(B, "3")
        assert backend.get(B) == "3"
        backend.close()


def test_trying_a_connection_that_was_idle_ends_in_time(server, monkeypatch):
    monkeypatch.setattr(_pool, "IDLE_SECONDS", 0.0)
    with proxy(PORTS[server]) as way:
        url = url_of(server, way.port)
        backend = SQLStoreBackend(url, uuid.uuid4().hex, timeout=TIMEOUT, suppress_store_backend_id=True)
        backend.set(A, "1")
        way.freeze()
        with in_time(), pytest.raises(StoreBackendError, match=r"within 1\.5 s"):
            backend.get(A)
        way.thaw()
        assert backend.get(A) == "1"
        backend.close()


def test_of_many_threads_on_a_frozen_server_each_ends_in_time(server):
    errors: list[str] = []

    def read(backend):
        try:
            backend.get(A)
        except StoreBackendError as error:
            errors.append(str(error))

    with proxy(PORTS[server]) as way:
        url = url_of(server, way.port)
        backend = SQLStoreBackend(url, uuid.uuid4().hex, timeout=TIMEOUT, suppress_store_backend_id=True)
        backend.set(A, "1")
        way.freeze()
        threads = [threading.Thread(target=read, args=(backend,)) for _ in range(_pool.LIMIT + 10)]
        with in_time():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    assert len(errors) == len(threads)
    assert all("within 1.5 s" in error for error in errors)


@pytest.mark.parametrize("operation", ["set", "move", "remove_key"])
def test_a_write_to_a_row_that_another_transaction_holds_ends_in_time(server, operation):
    name = uuid.uuid4().hex
    with (
        SQLStoreBackend(SERVERS[server], name) as patient,
        SQLStoreBackend(SERVERS[server], name, timeout=TIMEOUT) as backend,
    ):
        patient.set(A, "1")
        with sa.create_engine(SERVERS[server]).connect() as other:
            asked = sa.text("SELECT 1 FROM spec_store WHERE store = :store FOR UPDATE")
            other.execute(asked, {"store": name.encode()}).all()

            with in_time(), pytest.raises(StoreBackendError, match=r"1\.5 s"):
                OPERATIONS[operation](backend)
            assert patient.get(A) == "1"

        patient.set(A, "2")
        assert backend.get(A) == "2"


def test_a_thread_that_finds_no_connection_free_ends_in_time(server, monkeypatch):
    monkeypatch.setattr(_pool, "LIMIT", 2)
    url = SERVERS[server]
    with contextlib.closing(SQLStoreBackend(url, uuid.uuid4().hex, timeout=TIMEOUT + 0.25)) as backend:
        pool = backend._database().pool
        taken = [pool.take(time.monotonic() + 60) for _ in range(2)]

        with in_time(), pytest.raises(StoreBackendError, match=r"2 connections free within 1\.75 s"):
            backend.has_key(A)

        for connection in taken:
            pool.give(connection)
        assert backend.has_key(A) is False


LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_on_a_sqlite_file_that_another_process_has_locked_ends_in_time(tmp_path, operation, caplog):
    file = tmp_path / "db"
    backend = SQLStoreBackend(f"sqlite:///{file}", timeout=TIMEOUT)
    backend.set(A, "1")
    command = [sys.executable, "-c", LOCKING, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"

            with in_time(), pytest.raises(StoreBackendError, match=rf"SQLite in {file} was locked .* for 1\.5 s"):
                OPERATIONS[operation](backend)
            with in_time():
                opened = SQLStoreBackend(f"sqlite:///{file}", timeout=TIMEOUT)
            assert len(caplog.records) == 1
        finally:
            other.kill()

    assert opened.get(A) == "1"
    backend.set(A, "2")


def test_a_writer_gets_its_turn_among_readers(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}", timeout=20)
    backend.set(A, "0")
    ends = threading.Event()

    def read():
        while not ends.is_set():
            backend.get_all()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(20):
            backend.set(A, str(number))
    finally:
        ends.set()
        for thread in threads:
            thread.join()

    assert sqlite3.connect(tmp_path / "db").execute("SELECT count(*) FROM spec_store").fetchone() == (2,)
    assert backend.get(A) == "19"
