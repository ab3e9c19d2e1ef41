"""Databases after a fork: the child has connections of its own, or is told at once that it cannot; the parent has its.

What a child of a fork inherits is as it is at that moment: locks that other threads hold are held for ever, SQLite's
own among them, and connections are the parent's.
"""

import contextlib
import gc
import os
import signal
import threading
import time
import uuid
import warnings
from typing import Any

import pytest

from spec_store import StoreBackendError
from spec_store.backends import SQLStoreBackend, _database, _pool
from tests.servers import MARIADB, POSTGRESQL, require

A, B = ("a",), ("b",)
SECONDS = 30
FORKS = 8

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(do):
    """What a function says, or raises, in a child of this process."""
    receiving, sending = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that this process has threads is the point
        child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        try:
            said = f"{do()}"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(sending, said.encode())
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, encoding="utf-8") as end:
        said = end.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "it hung"
    return said


@pytest.fixture(params=["SQLite", "PostgreSQL", "MariaDB"])
def url(request, tmp_path):
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'db'}"
    require(request.param)
    return {"PostgreSQL": POSTGRESQL, "MariaDB": MARIADB}[request.param]


@contextlib.contextmanager
def busy(backend):
    """Threads that write all the time."""
    ends = threading.Event()

    def write(number):
        while not ends.is_set():
            backend.set(("busy", number), "x" * 100)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("anew", [False, True], ids=["with the parent's backend", "with one of its own"])
def test_a_child_forked_while_threads_write_reads_and_writes(url, anew):
    backend = SQLStoreBackend(url, uuid.uuid4().hex)

    def use():
        own = SQLStoreBackend(url, backend._name) if anew else backend
        own.set(A, str(os.getpid()))
        return own.get(A) == str(os.getpid())

    with busy(backend):
        for _ in range(FORKS):
            assert in_child(use) == "True"


def test_a_child_that_ends_leaves_its_parent_the_connections(url):
    backend = SQLStoreBackend(url, uuid.uuid4().hex)
    backend.set(A, "1")
    (before,) = backend._database().pool.connections

    def use():
        backend.set(B, "2")
        backend.close()
        backend._held = None
        gc.collect()
        return "done"

    assert in_child(use) == "done"
    assert backend.get(B) == "2"
    assert backend._database().pool.connections == {before}


@pytest.mark.parametrize("lock", ["a pool's", "that of the databases", "the watch's"])
def test_a_lock_that_another_thread_holds_does_not_stop_a_child(url, lock, monkeypatch):
    monkeypatch.setattr(_pool, "FORK_SECONDS", 0.05)
    backend = SQLStoreBackend(url, uuid.uuid4().hex)
    locks: dict[str, Any] = {
        "a pool's": backend._database().pool._freed,
        "that of the databases": _database._registering,
        "the watch's": _pool._watch._lock,
    }
    held, ends = threading.Event(), threading.Event()

    def hold():
        with locks[lock]:
            held.set()
            ends.wait(SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        said = in_child(lambda: backend.has_key(A))
    finally:
        ends.set()
        thread.join()

    assert said == "False" or "forked while a thread" in said
    assert backend.has_key(A) is False


def test_a_fork_waits_until_no_thread_is_within_sqlite(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}")
    pool = backend._database().pool
    taken = pool.take(time.monotonic() + SECONDS)
    given: list[float] = []

    def give():
        given.append(time.monotonic())
        pool.give(taken)

    timer = threading.Timer(0.2, give)
    timer.start()
    said = in_child(lambda: (backend.has_key(A), time.monotonic())[1])
    timer.join()

    assert float(said) > given[0]
    assert backend.has_key(A) is False


def test_a_child_forked_amid_sqlite_is_told_at_once_and_the_parent_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(_pool, "FORK_SECONDS", 0.05)
    url = f"sqlite:///{tmp_path / 'db'}"
    backend = SQLStoreBackend(url)
    pool = backend._database().pool
    taken = pool.take(time.monotonic() + SECONDS)

    for use in (lambda: backend.get(A), lambda: SQLStoreBackend(url, suppress_store_backend_id=True).set(A, "1")):
        assert "forked while a thread of its parent was within SQLite" in in_child(use)

    pool.give(taken)
    backend.set(A, "2")
    assert in_child(lambda: backend.get(A)) == "2"


def test_a_database_in_memory_is_its_process_own():
    backend = SQLStoreBackend("sqlite://")
    backend.set(A, "1")

    said = in_child(lambda: backend.get(A))

    assert said.startswith("StoreBackendError")
    assert f"in the memory of process {os.getpid()}, of which this one is a fork" in said
    assert in_child(lambda: SQLStoreBackend("sqlite://").has_key(A)) == "False"
    assert backend.get(A) == "1"


def test_a_child_of_a_child_has_connections_of_its_own_too(url):
    backend = SQLStoreBackend(url, uuid.uuid4().hex)

    def use():
        backend.set(A, "1")
        return in_child(lambda: backend.get(A)) + backend.get(A)

    assert in_child(use) == "11"


def test_a_child_that_is_refused_says_so_in_an_error_of_the_interface(tmp_path, monkeypatch):
    monkeypatch.setattr(_pool._forks, "is_clean", False)

    with pytest.raises(StoreBackendError, match="start processes by spawn"):
        SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}", suppress_store_backend_id=True).get(A)
