"""What a Redis store holds: its layout, values in bulk, and stores that are only read."""

import uuid

import pytest
from redis import Redis
from redis.connection import Connection

from spec_store import StoreBackendError
from spec_store.backends import RedisStoreBackend
from spec_store.backends import redis as engine
from spec_store.identity import STORE_BACKEND_INVALID_CONFIGURATION_ID
from tests.redis_servers import redis_server
from tests.servers import REDIS, require
from tests.spec_store.backends.test_engine_options import WRITES
from tests.spec_store.backends.test_engines import subject_of

A = ("a",)


@pytest.fixture
def name():
    with subject_of("redis").place() as found:
        yield found


@pytest.fixture
def backend(name):
    with RedisStoreBackend(REDIS, name, suppress_store_backend_id=True) as found:
        yield found


@pytest.fixture
def client():
    require("Redis")
    with Redis.from_url(REDIS) as found:
        yield found


@pytest.fixture
def commands(monkeypatch):
    """What is sent, command by command."""
    sent = []
    real = Connection.send_command

    def recorded(self, *arguments, **named):
        sent.append(arguments)
        return real(self, *arguments, **named)

    monkeypatch.setattr(Connection, "send_command", recorded)
    return sent


def test_a_store_of_0_1_0_opens(backend, client, name):
    client.hset(f"{{{name}}}:values", mapping={"a": "1", "b/c%20d": "é"})
    client.zadd(f"{{{name}}}:keys", {"a": 0, "b/c%20d": 0})

    assert backend.get(("b", "c d")) == "é"
    assert backend.list_keys() == [A, ("b", "c d")]
    assert backend.get_all() == ["1", "é"]


@pytest.mark.parametrize("layout", ["2", "10", "x"])
def test_a_store_of_a_later_layout_is_refused(client, name, layout, caplog):
    client.set(f"{{{name}}}:layout", layout)
    try:
        backend = RedisStoreBackend(REDIS, name)
        assert "later version" in caplog.text
        for use in (*WRITES.values(), lambda one: one.get(A), lambda one: one.list_keys(), lambda one: one.get_all()):
            with pytest.raises(StoreBackendError, match=f"layout {layout}; this one knows up to 1.*upgrade"):
                use(backend)
        assert client.exists(f"{{{name}}}:values", f"{{{name}}}:keys") == 0
    finally:
        client.delete(f"{{{name}}}:layout")


def test_the_layout_of_today_is_taken_and_read_once(client, name, commands):
    client.set(f"{{{name}}}:layout", "1")
    commands.clear()
    try:
        backend = RedisStoreBackend(REDIS, name)
        for _ in range(3):
            backend.set(A, "1")
        assert sum(":layout" in str(one) for one in commands) == 1
    finally:
        client.delete(f"{{{name}}}:layout")


def test_a_script_that_the_server_has_forgotten_is_sent_again():
    with redis_server() as server, server.client() as client:
        backend = RedisStoreBackend(server.url)
        for use in (
            lambda: backend.set(A, "1" * 100_000),
            lambda: backend.add(("b",), "2"),
            lambda: backend.move(A, ("c",)),
            lambda: backend.remove_key(("b",)),
        ):
            client.script_flush()
            use()
        assert backend.get_all() == ["1" * 100_000]


def test_all_values_are_read_in_few_requests_of_bounded_size(backend, commands, monkeypatch):
    monkeypatch.setattr(engine, "VALUES_BYTES", 50_000)
    monkeypatch.setattr(engine, "PAGE", 100)
    values = {(f"{number:04}",): f"{number:04}" * 250 for number in range(1000)}
    for key, value in values.items():
        backend.set(key, value)
    backend._suppress_store_backend_id = False
    assert backend.store_backend_id is not None
    commands.clear()

    assert sorted(backend.get_all()) == list(values.values())
    counts = [command[-1] for command in commands]
    assert {command[0] for command in commands} == {"HSCAN"}
    assert len(counts) < 40
    assert counts[0] == 32
    assert all(40 <= count <= 60 for count in counts[1:])  # 50 values of 1,000 bytes, or the id with them


def test_many_small_values_are_read_by_the_thousand(backend, commands):
    values = {(f"{number:04}",): str(number) for number in range(5000)}
    for key, value in values.items():
        backend.set(key, value)
    commands.clear()

    assert sorted(backend.get_all()) == sorted(values.values())
    assert max(command[-1] for command in commands) == engine.PAGE
    assert len(commands) < 20


@pytest.mark.parametrize("below", [0, 1, engine.FEW - 2, engine.FEW, engine.PAGE + 1])
@pytest.mark.parametrize("beside", [0, 1, engine.FEW])
@pytest.mark.parametrize("own", [[], [A]])
def test_a_prefix_is_told_from_keys_that_go_on_from_it(backend, client, name, below, beside, own):
    wanted = [*own, *(("a", f"{number:04}") for number in range(below))]
    others = [(f"a-{number:03}",) for number in range(beside)] + [("a0",), ("b",)]
    client.zadd(f"{{{name}}}:keys", {"/".join(key): 0 for key in wanted + others})

    assert sorted(backend.list_keys(A)) == wanted


def test_values_that_are_no_text_are_named_in_bulk_as_one_by_one(backend, client, name):
    backend.set(A, "1")
    client.hset(f"{{{name}}}:values", "b", b"\xff")
    client.zadd(f"{{{name}}}:keys", {"b": 0})

    with pytest.raises(StoreBackendError, match=r"\('b',\) is no UTF-8"):
        backend.get_all()


def test_a_key_that_no_store_wrote_is_named(backend, client, name):
    client.zadd(f"{{{name}}}:keys", {"no name": 0})
    with pytest.raises(StoreBackendError, match="no store wrote"):
        backend.list_keys()


def test_a_value_that_is_removed_amid_a_listing_is_left_out(backend, client, name):
    backend.set(A, "1")
    client.zadd(f"{{{name}}}:keys", {"b": 0})
    assert backend.get_all() == ["1"]


@pytest.mark.parametrize("write", WRITES)
def test_a_store_that_is_only_read_refuses_to_be_changed(backend, name, write):
    backend.set(A, "1")
    with RedisStoreBackend(REDIS, name, read_only=True) as reader:
        with pytest.raises(StoreBackendError, match="read_only"):
            WRITES[write](reader)
        assert (reader.get(A), reader.has_key(A), reader.list_keys(), reader.get_all()) == ("1", True, [A], ["1"])
        assert reader.store_backend_id == uuid.UUID(STORE_BACKEND_INVALID_CONFIGURATION_ID)
    assert (backend.list_keys(), backend.get(A)) == ([A], "1")


def test_a_user_that_may_only_read_is_enough_for_a_store_that_is_only_read():
    with redis_server() as server, server.client() as client:
        RedisStoreBackend(server.url).set(A, "1")
        client.execute_command("ACL", "SETUSER", "reader", "on", ">p", "~*", "+@read")
        by_parts = {"host": "127.0.0.1", "port": server.port, "user": "reader", "password": "p"}
        reader = RedisStoreBackend(credentials=by_parts, read_only=True)
        assert (reader.get(A), reader.has_key(A), reader.get_all()) == ("1", True, ["1"])
        assert A in reader.list_keys()
        assert reader.store_backend_id is not None
