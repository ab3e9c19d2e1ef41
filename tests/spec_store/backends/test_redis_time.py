"""Redis that does not answer: every operation ends within its timeout and says who was silent for how long."""

import contextlib
import signal
import socket
import time

import pytest

from spec_store import StoreBackendError
from spec_store.backends import RedisStoreBackend
from tests.redis_servers import redis_server, talking
from tests.servers import REDIS, require
from tests.spec_store.backends.slow_servers import silent, unreachable

TIMEOUT = 0.3
WITHIN = 10.0
"""Seconds that a timeout of 0.3 s may take on a machine that is busy."""

OPERATIONS = {
    "get": lambda backend: backend.get(("a",)),
    "set": lambda backend: backend.set(("a",), "1"),
    "set, large": lambda backend: backend.set(("a",), "1" * 20_000_000),
    "add": lambda backend: backend.add(("a",), "1"),
    "update": lambda backend: backend.update(("a",), "1"),
    "has_key": lambda backend: backend.has_key(("a",)),
    "move": lambda backend: backend.move(("a",), ("b",)),
    "remove_key": lambda backend: backend.remove_key(("a",)),
    "list_keys": lambda backend: backend.list_keys(),
    "list_keys, prefix": lambda backend: backend.list_keys(("a",)),
    "get_all": lambda backend: backend.get_all(),
}


@contextlib.contextmanager
def ends_soon():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < WITHIN


def assert_told(error, port):
    told = str(error)
    assert "Redis at 127.0.0.1" in told
    assert str(port) in told
    assert "within 0.3 s" in told
    assert "\n" not in told


@pytest.mark.parametrize("server", [silent, unreachable])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_on_a_server_that_says_nothing_ends(server, operation):
    with server() as port, ends_soon():
        backend = RedisStoreBackend(f"redis://127.0.0.1:{port}/0", timeout=TIMEOUT, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError) as failed:
            OPERATIONS[operation](backend)
    assert_told(failed.value, port)


@pytest.mark.parametrize("server", [silent, unreachable])
def test_opening_a_store_on_a_server_that_says_nothing_waits_once_and_says_so(server, caplog):
    with server() as port, ends_soon():
        RedisStoreBackend(f"redis://127.0.0.1:{port}/0", timeout=TIMEOUT)
    assert caplog.text.count("within 0.3 s") == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_on_a_frozen_server_ends_and_works_again_when_that_goes_on(operation):
    with redis_server() as server:
        backend = RedisStoreBackend(server.url, timeout=TIMEOUT)
        patient = RedisStoreBackend(server.url)
        patient.set(("a",), "0")
        server.process.send_signal(signal.SIGSTOP)
        try:
            with ends_soon(), pytest.raises(StoreBackendError) as failed:
                OPERATIONS[operation](backend)
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert_told(failed.value, server.port)
        patient.set(("a",), "2")
        assert patient.get(("a",)) == "2"


@pytest.mark.parametrize("scheme", ["redis+sentinel", "redis+cluster"])
@pytest.mark.parametrize("server", [silent, unreachable])
def test_several_servers_that_say_nothing_take_no_longer_than_one(server, scheme):
    with server() as one, server() as other, ends_soon():
        path = "/service" if "sentinel" in scheme else ""
        url = f"{scheme}://127.0.0.1:{one},127.0.0.1:{other}{path}"
        backend = RedisStoreBackend(url, timeout=TIMEOUT, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError) as failed:
            backend.get(("a",))
    assert_told(failed.value, other)


def page_after_page(connection: socket.socket, received: bytes) -> None:
    if b"layout" in received:
        connection.sendall(b"$-1\r\n")
    elif b"HSCAN" in received:
        time.sleep(0.02)
        connection.sendall(b"*2\r\n$1\r\n7\r\n" + b"*2000\r\n" + b"$1\r\na\r\n" * 2000)
    elif received.startswith(b"*"):  # and is not the rest of a command
        time.sleep(0.02)
        connection.sendall(b"*1000\r\n" + b"$1\r\na\r\n" * 1000)


def first_page(connection: socket.socket, received: bytes) -> None:
    begun = b"\r\n-\r\n" in received or b"\r\n0\r\n$5\r\nCOUNT" in received
    if b"layout" in received or b"SETINFO" in received or begun:
        page_after_page(connection, received)


@pytest.mark.parametrize("answer", [page_after_page, first_page])
@pytest.mark.parametrize("operation", ["list_keys", "get_all"])
def test_a_listing_of_which_the_rest_never_comes_is_not_read_for_longer_than_the_timeout(answer, operation):
    with talking(answer) as port, ends_soon():
        backend = RedisStoreBackend(f"redis://127.0.0.1:{port}/0", timeout=TIMEOUT, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError) as failed:
            OPERATIONS[operation](backend)
    assert_told(failed.value, port)


def byte_after_byte(connection: socket.socket, received: bytes) -> None:
    if b"HGET" in received:
        connection.sendall(b"$1000\r\n")
        for _ in range(1000):
            time.sleep(2 * WITHIN / 1000)
            connection.sendall(b"a")
    else:
        page_after_page(connection, received)


def test_a_reply_of_which_another_byte_comes_again_and_again_is_not_read_for_longer_than_the_timeout():
    with talking(byte_after_byte) as port, ends_soon():
        backend = RedisStoreBackend(f"redis://127.0.0.1:{port}/0", timeout=TIMEOUT, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError) as failed:
            backend.get(("a",))
    assert_told(failed.value, port)


def test_whoever_waits_for_a_connection_waits_no_longer_than_the_timeout():
    with redis_server() as server:
        url = f"{server.url}?max_connections=1"
        backend = RedisStoreBackend(url, timeout=TIMEOUT)
        assert backend._attached is not None
        pool = backend._attached.client.connection_pool
        backend._attached.begin(WITHIN, time.monotonic() + WITHIN)
        taken = pool.get_connection()

        with ends_soon(), pytest.raises(StoreBackendError, match=r"within 0\.3 s: No connection available"):
            backend.get(("a",))
        pool.release(taken)
        assert RedisStoreBackend(url).list_keys(("a",)) == []


def test_large_values_fit_within_the_timeout_of_a_healthy_server():
    require("Redis")
    value = "é" * 20_000_000
    with RedisStoreBackend(REDIS, "test-large", timeout=60) as backend:
        backend.set(("large",), value)
        try:
            assert backend.get(("large",)) == value
            backend.move(("large",), ("moved",))
            assert backend.get_all() == [value]
        finally:
            backend.remove_key(("moved",))
