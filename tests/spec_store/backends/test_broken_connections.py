"""Connections that the server cuts between operations: the next one works, or raises and the one after works."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

from spec_store import StoreBackendError
from tests.servers import MARIADB, POSTGRESQL, REDIS
from tests.spec_store.backends.test_engines import opened, subject_of


def asked(backend: Any, question: str) -> Any:
    """What the server says on the connection that a store is going to use next."""
    (connection,) = backend._database().pool.connections
    return backend._database().driver.execute(connection.raw, question).fetchone()[0]


def cut_postgresql(backend: Any) -> None:
    number = asked(backend, "SELECT pg_backend_pid()")
    with sa.create_engine(POSTGRESQL).connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:number)"), {"number": number})


def cut_mariadb(backend: Any) -> None:
    number = asked(backend, "SELECT CONNECTION_ID()")
    with sa.create_engine(MARIADB).connect() as connection:
        connection.execute(sa.text("KILL :number"), {"number": number})


def cut_redis(backend: Any) -> None:
    number = backend._call("ask", (), "CLIENT ID")
    with contextlib.closing(Redis.from_url(REDIS)) as client:
        assert client.client_kill_filter(_id=str(number)) == 1


CUTS: dict[str, Callable[[Any], None]] = {"postgresql": cut_postgresql, "mariadb": cut_mariadb, "redis": cut_redis}

OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "get": lambda backend: backend.get(("a",)),
    "has_key": lambda backend: backend.has_key(("a",)),
    "list_keys": lambda backend: backend.list_keys(("a",)),
    "set": lambda backend: backend.set(("b",), "2"),
    "add": lambda backend: backend.add(("c",), "3"),
    "move": lambda backend: backend.move(("a",), ("a",)),
    "remove_key": lambda backend: backend.remove_key(("d",)),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", CUTS)
def test_an_operation_after_the_connection_was_cut_works_or_raises_and_nothing_is_lost(name, operation):
    with opened(subject_of(name)) as backend:
        backend.set(("a",), "1")

        CUTS[name](backend)
        with contextlib.suppress(StoreBackendError):
            OPERATIONS[operation](backend)

        assert backend.get(("a",)) == "1"
        backend.set(("a",), "2")
        assert backend.get(("a",)) == "2"
