"""The connections of stores in databases: shared, bounded, given back; databases in memory, which are one each."""

import contextlib
import copy
import pickle
import time
import uuid
from pathlib import Path

import pytest

from spec_store import StoreBackendError
from spec_store.backends import SQLStoreBackend, _pool
from tests.servers import MARIADB, POSTGRESQL, require
from tests.spec_store.backends.threads import failures

A, B = ("a",), ("b",)
SERVERS = {"PostgreSQL": POSTGRESQL, "MariaDB": MARIADB}


@pytest.fixture(params=SERVERS)
def server(request):
    require(request.param)
    return SERVERS[request.param]


# Connections


def test_stores_with_one_url_share_connections_and_one_that_is_closed_leaves_them_to_the_others(server):
    first = SQLStoreBackend(server, "first", timeout=28)
    second = SQLStoreBackend(server, "second", timeout=28)
    pool = first._database().pool

    assert second._database().pool is pool
    assert SQLStoreBackend(server, "third", timeout=27)._database().pool is not pool

    first.close()
    assert pool.connections
    assert second.has_key(A) is False
    second.close()
    assert pool.connections == set()
    assert first.has_key(A) is False
    first.close()


def test_a_store_that_is_forgotten_leaves_no_connection_open(url):
    backend = SQLStoreBackend(url, timeout=26)
    (connection,) = backend._database().pool.connections
    raw = connection.raw
    del backend, connection

    with pytest.raises(Exception, match=r"(?i)closed|\(0, ''\)"):
        raw.cursor().execute("SELECT 1")


def test_another_file_of_the_same_name_is_another_database(tmp_path):
    url = f"sqlite:///{tmp_path / 'db'}"
    SQLStoreBackend(url)
    first = SQLStoreBackend(url)
    first.set(A, "1")
    (tmp_path / "db").unlink()
    second = SQLStoreBackend(url)

    assert second.has_key(A) is False
    second.set(A, "2")
    assert SQLStoreBackend(url).get(A) == "2"


def test_a_relative_path_is_below_the_directory_where_the_store_was_opened(tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    one = SQLStoreBackend("sqlite:///db")
    one.set(A, "1")
    monkeypatch.chdir(tmp_path / "two")
    one.close()

    assert one.get(A) == "1"
    assert SQLStoreBackend("sqlite:///db").has_key(A) is False
    assert one.config["url"] == "sqlite:///db"


def test_many_threads_use_a_bounded_number_of_connections(url):
    with SQLStoreBackend(url, uuid.uuid4().hex, timeout=60) as backend:

        def use(number):
            for turn in range(3):
                backend.set((str(number), str(turn)), "1")
                assert backend.get((str(number), str(turn))) == "1"

        assert failures(150, use) == []
        assert len(backend._database().pool.connections) <= _pool.LIMIT


def test_an_interrupted_operation_leaves_a_store_that_works(backend):
    backend.set(A, "1")

    def interrupted(*_given):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backend._write(interrupted, "store", A)
    backend.set(A, "2")
    assert backend.get(A) == "2"
    assert len(backend._database().pool.connections) == 1


def test_a_connection_that_died_while_idle_is_found_dead_before_it_is_used(server, monkeypatch):
    monkeypatch.setattr(_pool, "IDLE_SECONDS", 0.0)
    with SQLStoreBackend(server, uuid.uuid4().hex, suppress_store_backend_id=True, timeout=25) as backend:
        backend.set(A, "1")
        for connection in backend._database().pool.connections:
            connection.cut()
        backend.set(A, "2")
        assert backend.get(A) == "2"


def test_descriptors_of_closed_connections_are_given_back(server):
    backend = SQLStoreBackend(server, suppress_store_backend_id=True, timeout=24)
    backend.has_key(A)
    backend.close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        backend.has_key(A)
        backend.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


# In memory


def test_a_database_in_memory_outlasts_close_and_is_neither_copied_nor_pickled():
    backend = SQLStoreBackend("sqlite://")
    backend.set(A, "1")
    with contextlib.closing(backend):
        pass

    assert backend.get(A) == "1"
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="in the memory of this backend"):
            copied(backend)
    assert SQLStoreBackend("sqlite://").has_key(A) is False


def test_an_error_leaves_a_database_in_memory_as_it_is():
    backend = SQLStoreBackend("sqlite://")
    backend.set(A, "1")

    def failing(one, its):
        one.in_transaction(lambda: one.run(its.delete, {"in_store": b"store", "at": b"a"}) and 1 // 0)

    with pytest.raises(StoreBackendError, match="ZeroDivisionError"):
        backend._write(failing, "do that")
    assert backend.get(A) == "1"


def test_a_deadline_is_for_all_attempts(tmp_path, monkeypatch):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}", timeout=1.5)
    backend.set(A, "1")
    driver = backend._database().driver
    tried: list[float] = []

    def busy(*_given):
        tried.append(time.monotonic())
        raise driver.dbapi.OperationalError("database is locked")

    monkeypatch.setitem(driver.__dict__, "execute", busy)
    with pytest.raises(StoreBackendError, match=r"locked by others for 1\.5 s"):
        backend.set(A, "2")
    assert len(tried) > 1
