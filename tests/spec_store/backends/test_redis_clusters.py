"""Redis of several servers: a cluster, whose slots move, and a master that sentinels name; and encrypted ones."""

import contextlib
import gc
import shutil
import subprocess
import threading
import time

import pytest
from redis.crc import key_slot
from redis.exceptions import TimeoutError as RedisTimeoutError

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import RedisStoreBackend, _redis_server
from tests.redis_servers import answers, cluster, redis_server, sentinels, until
from tests.servers import free_port, missing
from tests.spec_store.backends.slow_servers import silent
from tests.spec_store.backends.test_redis_processes import SECONDS, busy, held, in_a_child, used

NAMES = [f"store-{number}" for number in range(12)]
"""Of stores whose slots are on all three servers of a cluster."""


@pytest.fixture(scope="module")
def nodes():
    with cluster() as found:
        yield found


@pytest.fixture
def url(nodes):
    yield f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in nodes)}/0"
    for node in nodes:
        with node.client() as client:
            client.flushall()


def assert_works(backend):
    backend.set(("a", "b"), "1")
    backend.add(("a", "c"), "2")
    backend.move(("a", "b"), ("d",))
    assert backend.get(("d",)) == "1"
    assert backend.has_key(("a", "b")) is False
    assert backend.list_keys(("a",)) == [("a", "c")]
    assert sorted(backend.get_all()) == ["1", "2"]
    with pytest.raises(StoreBackendError, match="already"):
        backend.add(("d",), "3")
    with pytest.raises(InvalidKeyError):
        backend.get(("a", "b"))
    assert backend.remove_key(("d",)) is True
    assert backend.remove_key(("d",)) is False
    assert str(backend.store_backend_id) in str(backend.get(backend.STORE_BACKEND_ID_KEY))


def test_stores_on_a_cluster_are_on_whichever_server_has_their_slot(url, nodes):
    for name in NAMES:
        assert_works(RedisStoreBackend(url, name))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(node.client()) for node in nodes]
        assert all(client.dbsize() for client in clients)
        assert sum(client.dbsize() for client in clients) == 2 * len(NAMES)


def test_one_server_of_a_cluster_is_enough_to_be_named_and_one_that_is_not_there_does_no_harm(nodes, url):
    for hosts in (f"127.0.0.1:{nodes[0].port}", f"127.0.0.1:{free_port()},127.0.0.1:{nodes[2].port}"):
        for name in NAMES:
            backend = RedisStoreBackend(f"redis+cluster://{hosts}", name)
            backend.set(("a",), "1")
            assert backend.get(("a",)) == "1"


def test_a_server_of_a_cluster_that_says_nothing_leaves_time_for_the_others(nodes, url):
    with silent() as port:
        hosts = f"127.0.0.1:{port},127.0.0.1:{nodes[0].port}"
        backend = RedisStoreBackend(f"redis+cluster://{hosts}", timeout=2, suppress_store_backend_id=True)
        backend.set(("a",), "1")
        assert backend.get(("a",)) == "1"


def moving(nodes, name):
    """The slot of a store, clients of the servers that it leaves and enters, and their ids."""
    slot = key_slot(f"{{{name}}}:values".encode())
    clients = [node.client() for node in nodes]
    ids = [str(client.execute_command("CLUSTER MYID"), "ascii") for client in clients]
    number = next(n for n in range(3) if n * 16384 // 3 <= slot < (n + 1) * 16384 // 3)
    other = (number + 1) % 3
    return slot, (clients[number], ids[number]), (clients[other], ids[other]), clients


def connections_of(backend):
    """The connections that a process has to the server of a store."""
    assert backend._attached is not None
    return backend._attached.client.connection_pool._connections


def test_a_thread_waits_no_longer_than_its_timeout_for_another_that_looks_for_the_servers_of_a_cluster(nodes, url):
    backend = RedisStoreBackend(url, timeout=0.3)
    server = backend._attached
    assert server is not None
    manager = server.client.nodes_manager
    found, goes_on = threading.Event(), threading.Event()

    def wait(_nodes):
        found.set()
        goes_on.wait(SECONDS)

    def look():
        server.begin(SECONDS, time.monotonic() + SECONDS)
        manager.create_redis_connections = wait
        manager.initialize()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        assert found.wait(SECONDS)
        server.begin(0.3, time.monotonic() + 0.3)
        with pytest.raises(RedisTimeoutError, match="another thread looks for the servers of the cluster"):
            manager.initialize()
    finally:
        goes_on.set()
        looking.join()


def test_a_store_whose_slot_moves_to_another_server_is_found_at_every_step(nodes, url):
    backend = RedisStoreBackend(url, "moving")
    backend.set(("a",), "1")
    slot, (source, source_id), (dest, dest_id), clients = moving(nodes, "moving")

    dest.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", source_id)
    source.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", dest_id)
    assert backend.get(("a",)) == "1"
    keys = ["{moving}:values", "{moving}:keys"]
    port = dest.connection_pool.connection_kwargs["port"]
    source.execute_command("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *keys)
    assert backend.get(("a",)) == "1"
    backend.set(("b",), "2")
    for client in (dest, source, *clients):
        client.execute_command("CLUSTER SETSLOT", slot, "NODE", dest_id)
    try:
        assert sorted(backend.get_all()) == ["1", "2"]
        assert dest.hlen("{moving}:values") == 3
        backend.move(("a",), ("c",))
        assert RedisStoreBackend(url, "moving").get(("c",)) == "1"
    finally:
        dest.delete(*keys)
        for client in (source, dest, *clients):
            client.execute_command("CLUSTER SETSLOT", slot, "NODE", source_id)


def test_a_write_amid_a_move_of_its_slot_is_tried_again_a_few_times(nodes, url):
    backend = RedisStoreBackend(url, "halfway")
    backend.set(("a",), "1")
    slot, (source, source_id), (dest, dest_id), _ = moving(nodes, "halfway")
    dest.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", source_id)
    source.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", dest_id)
    port = dest.connection_pool.connection_kwargs["port"]
    source.execute_command("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", "{halfway}:values")
    try:
        with pytest.raises(StoreBackendError, match=r"Redis at .* failed"):
            backend.set(("b",), "2")  # which needs both keys, and one is there, one is here
    finally:
        dest.execute_command("CLUSTER SETSLOT", slot, "STABLE")
        source.execute_command("CLUSTER SETSLOT", slot, "STABLE")


def test_a_forked_child_uses_a_cluster_whatever_its_parent_was_doing(url):
    backend = RedisStoreBackend(url, "forked")
    assert backend._attached is not None
    client = backend._attached.client
    with held(_redis_server._lock, backend._attached._making, client._lock, client.nodes_manager._lock):
        assert in_a_child(lambda: used(backend) and gc.collect() >= 0) is True
    assert used(backend)


def test_threads_of_parent_and_child_use_a_cluster_at_once(url):
    backend = RedisStoreBackend(url, "forked")
    with busy(backend) as wrong:
        assert [in_a_child(lambda: used(backend)) for _ in range(3)] == [True] * 3
    assert wrong == []


@pytest.mark.parametrize("name", ["", "}", "}x"])
def test_a_name_that_would_be_in_two_slots_is_refused(url, name):
    with pytest.raises(ValueError, match="cluster"):
        RedisStoreBackend(url, name)


@pytest.mark.slow  # for the sentinel takes ten seconds to tell the former master
def test_a_store_is_where_the_sentinels_say_before_and_after_a_failover():
    with sentinels() as found:
        url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{found.sentinel.port}/service/0"
        backend = RedisStoreBackend(url)
        assert_works(backend)
        with found.master.client() as master:
            assert master.wait(1, 60_000) == 1

        found.fail_over()
        backend.set(("after",), "1")
        assert backend.get(("after",)) == "1"
        assert RedisStoreBackend(url, "another").has_key(("a",)) is False
        with found.replica.client() as client:
            assert client.hexists("{store}:values", "after")


def test_a_service_that_the_sentinels_do_not_know_is_named():
    with sentinels() as found:
        url = f"redis+sentinel://127.0.0.1:{found.sentinel.port}/other"
        backend = RedisStoreBackend(url, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError, match="no sentinel named a master of the service 'other'"):
            backend.get(("a",))


def test_a_store_by_a_socket_in_the_file_system(tmp_path):
    path = tmp_path / "redis.sock"
    with redis_server("--unixsocket", str(path)):
        assert_works(RedisStoreBackend(f"unix://{path}?db=1"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The files of a key and a certificate of 127.0.0.1, which signs itself."""
    command = shutil.which("openssl")
    if command is None:
        missing("no command openssl")
    directory = tmp_path_factory.mktemp("tls")
    key, made = directory / "key.pem", directory / "certificate.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    options += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run([str(command), "req", *options], check=True, capture_output=True)
    return key, made


@pytest.fixture
def encrypted(certificate):
    """The port of a server that talks TLS."""
    key, made = map(str, certificate)
    port = free_port()
    options = ("--tls-port", str(port), "--tls-auth-clients", "no", "--tls-cert-file", made, "--tls-key-file", key)
    try:
        with redis_server(*options):
            until(lambda: answers(port), "the server talks TLS")
            yield port
    except AssertionError as error:
        missing(f"redis-server has no TLS: {error}")


def test_a_store_by_an_encrypted_connection(encrypted, certificate):
    url = f"rediss://127.0.0.1:{encrypted}/0?ssl_ca_certs={certificate[1]}"
    with RedisStoreBackend(url) as backend:
        assert_works(backend)
        value = "é" * 5_000_000
        backend.set(("large",), value)
        assert backend.get(("large",)) == value
        assert len(connections_of(backend)) == 1  # which is used again and again


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted):
    backend = RedisStoreBackend(f"rediss://127.0.0.1:{encrypted}/0", suppress_store_backend_id=True)
    with pytest.raises(StoreBackendError, match="certificate"):
        backend.set(("a",), "1")


def test_a_server_that_never_shakes_hands_is_not_waited_for():
    with silent() as port:
        backend = RedisStoreBackend(f"rediss://127.0.0.1:{port}/0", timeout=0.3, suppress_store_backend_id=True)
        with pytest.raises(StoreBackendError, match=r"within 0\.3 s"):
            backend.set(("a",), "1")
