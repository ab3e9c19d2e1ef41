"""Redis that does not answer: every operation ends within its timeout and says who was silent for how long."""

import contextlib
import signal
import socket
import threading
import time

import pytest

from spec_store import StoreBackendError
from spec_store.backends import RedisStoreBackend
from spec_store.backends._redis_wire import Deadline, _resolved
from tests.redis_servers import redis_server, silent, talking, unreachable
from tests.servers import REDIS, require

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


def trickling(connection: socket.socket, received: bytes) -> None:
    if b"layout" in received:
        connection.sendall(b"$-1\r\n")
    else:
        connection.sendall(b"$1000000\r\n")
        while True:
            time.sleep(0.02)
            connection.sendall(b"x")


def page_after_page(connection: socket.socket, received: bytes) -> None:
    if b"layout" in received:
        connection.sendall(b"$-1\r\n")
    elif b"HMGET" in received:
        connection.sendall(b"*1000\r\n" + b"$-1\r\n" * 1000)
    else:
        time.sleep(0.02)
        connection.sendall(b"*1000\r\n" + b"$1\r\na\r\n" * 1000)


@pytest.mark.parametrize(
    ("answer", "operation"), [(trickling, "get"), (page_after_page, "list_keys"), (page_after_page, "get_all")]
)
def test_an_answer_that_never_ends_is_not_read_for_longer_than_the_timeout(answer, operation):
    with talking(answer) as port, ends_soon():
        backend = RedisStoreBackend(f"redis://127.0.0.1:{port}/0", timeout=TIMEOUT, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError) as failed:
            OPERATIONS[operation](backend)
    assert_told(failed.value, port)


def test_whoever_waits_for_a_connection_waits_no_longer_than_the_timeout():
    with redis_server() as server:
        url = f"{server.url}?max_connections=1"
        backend = RedisStoreBackend(url, timeout=TIMEOUT)
        assert backend._attached is not None
        (pool,) = backend._attached._pools.values()
        taken = pool.take(Deadline(WITHIN))

        with ends_soon(), pytest.raises(StoreBackendError, match=r"none of the 1 connections .* within 0\.3 s"):
            backend.get(("a",))
        pool.give(taken)
        assert backend.list_keys(("a",)) == []


def test_a_host_whose_address_is_not_found_in_time_is_not_waited_for(monkeypatch):
    found = threading.Event()
    real = socket.getaddrinfo

    def slow(host, port, **options):
        if options["flags"] == 0:
            found.wait(WITHIN)
        return real(host, port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with ends_soon(), pytest.raises(TimeoutError):
        _resolved("localhost", 1, Deadline(TIMEOUT))
    found.set()


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
