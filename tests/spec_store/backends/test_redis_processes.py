"""Redis stores in forked children and in many threads: connections that are shared, and those that must not be."""

import contextlib
import copy
import gc
import multiprocessing
import pickle
import threading
import time

import pytest

from spec_store import StoreBackendError
from spec_store.backends import RedisStoreBackend, _redis_server
from tests.redis_servers import redis_server
from tests.servers import REDIS
from tests.spec_store.backends.test_engines import opened, subject_of
from tests.spec_store.backends.threads import failures

SECONDS = 60.0
FORKS = 10
THREADS = 8

fork = multiprocessing.get_context("fork")


@pytest.fixture
def backend():
    with opened(subject_of("redis")) as found:
        yield found


def in_a_child(work):
    """What a forked child sends; it is ended, and the test fails, if that takes too long."""
    receiver, sender = fork.Pipe(duplex=False)

    def run():
        try:
            sender.send(work())
        except BaseException as error:
            sender.send(repr(error))

    child = fork.Process(target=run, daemon=True)
    child.start()
    try:
        assert receiver.poll(SECONDS), "the child hangs"
        return receiver.recv()
    finally:
        child.kill()
        child.join()


@contextlib.contextmanager
def busy(backend):
    """Threads that write and read back what is theirs alone, until the end; what was wrong is in the list."""
    wrong: list[object] = []
    done = threading.Event()

    def use(number):
        key, turn = ("thread", str(number)), 0
        while not done.is_set():
            turn += 1
            value = f"{number}-{turn}" * (1 + turn % 2000)
            try:
                backend.set(key, value)
                if (found := backend.get(key)) != value:
                    wrong.append((key, found[:40]))
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        done.set()
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def held(*locks):
    """Locks that another thread holds, which a forked child does not have."""
    taken, done = threading.Event(), threading.Event()

    def hold():
        with contextlib.ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            taken.set()
            done.wait(SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(SECONDS)
    try:
        yield
    finally:
        done.set()
        thread.join()


def used(backend):
    """What a store says of keys that one process alone uses."""
    said = []
    for number in range(50):
        key = ("child", str(number))
        backend.set(key, f"value {number}")
        said.append(backend.get(key) == f"value {number}" and backend.has_key(key) and key in backend.list_keys(key))
    return all(said)


def test_a_forked_child_uses_the_store_while_threads_of_its_parent_do(backend):
    with busy(backend) as wrong:
        found = [in_a_child(lambda: used(backend)) for _ in range(FORKS)]
    assert found == [True] * FORKS
    assert wrong == []


def test_a_store_opened_in_a_forked_child_works_while_threads_of_its_parent_use_another(backend):
    with busy(backend) as wrong:
        found = [in_a_child(lambda: used(RedisStoreBackend(REDIS, backend._name))) for _ in range(FORKS)]
    assert found == [True] * FORKS
    assert wrong == []


def test_locks_that_are_held_at_the_fork_do_not_stop_the_child(backend):
    pool = backend._attached.client.connection_pool
    with held(_redis_server._lock, pool._lock, pool._fork_lock, pool.pool.mutex):
        assert in_a_child(lambda: used(backend) and gc.collect() >= 0) is True


def test_a_child_that_lets_go_of_the_connections_of_its_parent_does_not_end_them(backend):
    pool = backend._attached.client.connection_pool
    backend._attached.begin(SECONDS, time.monotonic() + SECONDS)
    taken = pool.get_connection()
    try:
        assert in_a_child(lambda: backend.close() or used(backend)) is True
        backend._attached.begin(SECONDS, time.monotonic() + SECONDS)
        taken.send_command("PING")
        assert taken.read_response() == b"PONG"
    finally:
        pool.release(taken)
    assert used(backend)


def test_a_grandchild_uses_the_store(backend):
    assert in_a_child(lambda: used(backend) and in_a_child_of_a_child(backend)) is True


def in_a_child_of_a_child(backend):
    multiprocessing.current_process().__dict__["_config"]["daemon"] = False  # which may have no children
    return in_a_child(lambda: used(backend))


def test_more_threads_than_connections_wait_for_their_turn():
    with redis_server() as server, RedisStoreBackend(f"{server.url}?max_connections=7") as backend:
        barrier = threading.Barrier(150)

        def use(number):
            barrier.wait(SECONDS)
            for _ in range(5):
                backend.set(("t", str(number)), "x" * 10_000)

        assert failures(150, use) == []
        assert len(backend.list_keys(("t",))) == 150
        with server.client() as client:
            others = 2  # this one, and that which waited for the server
            assert client.info("stats")["total_connections_received"] <= 7 + others


def connections(server, own):
    """How many clients a server has besides the one that asks."""
    return server.info("clients")["connected_clients"] - own


def test_stores_with_one_url_share_connections_and_one_that_is_closed_leaves_the_others_theirs():
    with redis_server() as server, server.client() as client:
        client.ping()
        stores = [RedisStoreBackend(server.url, f"store-{number}") for number in range(20)]
        assert connections(client, own=1) == 1

        stores[0].close()
        stores[1].set(("a",), "1")
        assert connections(client, own=1) == 1
        assert stores[0].has_key(("a",)) is False

        for store in stores:
            store.close()
            store.close()
        assert connections(client, own=1) == 0
        assert stores[1].get(("a",)) == "1"


def test_stores_that_nobody_has_any_more_leave_no_connection():
    with redis_server() as server, server.client() as client:
        client.ping()
        backend = RedisStoreBackend(server.url)
        assert connections(client, own=1) == 1
        del backend
        gc.collect()
        assert connections(client, own=1) == 0


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_is_a_new_handle_on_the_same_store_with_the_same_password(copied):
    with redis_server("--requirepass", "hunter2") as server:
        by_parts = {"host": "127.0.0.1", "port": server.port, "password": "hunter2"}
        for given in ({"url": f"redis://:hunter2@127.0.0.1:{server.port}/0"}, {"credentials": by_parts}):
            with RedisStoreBackend(**given, name="copied") as backend:
                other = copied(backend)
                backend.set(("a",), "1")
            assert other.get(("a",)) == "1"
            assert other.config == backend.config


def test_an_operation_after_a_restart_works_for_connections_that_ended_are_not_used():
    with redis_server() as server:
        backend = RedisStoreBackend(server.url)
        backend.set(("a",), "1")
        port = server.port
    with redis_server(port=port):
        assert backend.has_key(("a",)) is False
        backend.set(("a",), "2")
        assert backend.get(("a",)) == "2"


def test_a_reply_that_was_not_waited_for_is_given_to_nobody_else(backend):
    backend.set(("a",), "1" * 5_000_000)
    backend.set(("b",), "2")
    backend._timeout = 0.000_5
    for _ in range(20):
        with contextlib.suppress(StoreBackendError):
            backend.get(("a",))
    backend._timeout = SECONDS
    assert [backend.get(("b",)) for _ in range(20)] == ["2"] * 20
