"""Redis servers of the tests' own: alone, behind sentinels, as a cluster, encrypted; and what only looks like one."""

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from redis import Redis
from redis.exceptions import RedisError

from tests.servers import START_SECONDS, ending_with_this_process, free_port, missing

PATIENCE = 60.0
"""Seconds for what takes none where nobody else uses the machine."""


@attrs.frozen
class Running:
    """A server that runs.

    Args:
        port: on 127.0.0.1.
        process: to be frozen or ended by a test.
    """

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        """One of redis-py's, for looking at the server."""
        return Redis(port=self.port, socket_timeout=PATIENCE)


@contextlib.contextmanager
def redis_server(*options: str, port: int | None = None, config: str = "") -> Iterator[Running]:
    """A server of its own, in memory.

    Args:
        options: of the command line.
        port: a free one if none is given.
        config: what its file of configuration says.
    """
    command = shutil.which("redis-server")
    if command is None:
        missing("no command redis-server")
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        file = Path(directory, "redis.conf")
        file.write_text(f'save ""\n{config}', "utf-8")
        arguments = [str(command), str(file), "--port", str(port), "--bind", "127.0.0.1", "--dir", directory, *options]
        with Path(directory, "log").open("wb") as log:
            guarded = ending_with_this_process(arguments)
            process = subprocess.Popen(guarded, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(lambda: answers(port), f"redis-server answers: {Path(directory, 'log').read_text('utf-8')[-2000:]}")
            yield Running(port, process)
        finally:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    """Whether something on a port of this machine takes connections."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    return False


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(RedisError):
            if true():
                return
        time.sleep(0.02)
    raise AssertionError(f"it is not so that {what}")


@contextlib.contextmanager
def cluster() -> Iterator[list[Running]]:
    """Three servers that share the slots of a cluster."""
    with contextlib.ExitStack() as stack:
        nodes = []
        for _ in range(3):
            bus = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            nodes.append(stack.enter_context(redis_server(*bus)))
        clients = [stack.enter_context(node.client()) for node in nodes]
        for number, client in enumerate(clients):
            client.execute_command("CLUSTER ADDSLOTSRANGE", number * 16384 // 3, (number + 1) * 16384 // 3 - 1)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            bus_port = nodes[0].client().config_get("cluster-port")["cluster-port"]
            if number:
                client.execute_command("CLUSTER MEET", "127.0.0.1", nodes[0].port, bus_port)
        until(lambda: all(map(of_one_mind, clients)), "the cluster is ready")
        yield nodes


def of_one_mind(node: Redis) -> bool:
    """Whether a server of a cluster knows who has which slots."""
    return re.search(r"cluster_state\W+ok", str(node.execute_command("CLUSTER INFO"))) is not None


@attrs.frozen
class Watched:
    """A master, its replica and a sentinel, which calls them "service"."""

    master: Running
    replica: Running
    sentinel: Running

    def fail_over(self) -> None:
        """Have the sentinel make the replica the master, and wait until both know."""
        with self.sentinel.client() as asked, self.master.client() as master, self.replica.client() as replica:
            until(lambda: ready(asked), "the sentinel knows the replica")
            asked.execute_command("SENTINEL", "FAILOVER", "service")
            until(lambda: replica.role()[0] == b"master", "the replica is master")
            until(lambda: master.role()[0] == b"slave", "the master is replica")


def ready(sentinel: Redis) -> bool:
    """Whether a sentinel could fail over."""
    found = sentinel.sentinel_slaves("service")
    return bool(found) and not any(one["is_sdown"] or one["is_disconnected"] for one in found)


@contextlib.contextmanager
def sentinels() -> Iterator[Watched]:
    """Three servers: a master, a replica, a sentinel."""
    with contextlib.ExitStack() as stack:
        master = stack.enter_context(redis_server("--repl-diskless-sync-delay", "0"))
        replica = stack.enter_context(redis_server("--replicaof", "127.0.0.1", str(master.port)))
        with master.client() as client:  # for a sentinel asks for replicas at once, and then after ten seconds
            until(lambda: client.info("replication").get("slave0", {}).get("state") == "online", "it is replicated")
        config = f"sentinel monitor service 127.0.0.1 {master.port} 1\nsentinel down-after-milliseconds service 60000\n"
        sentinel = stack.enter_context(redis_server("--sentinel", config=config))
        yield Watched(master, replica, sentinel)


# What only looks like a server


@contextlib.contextmanager
def talking(answer: Callable[[socket.socket, bytes], None]) -> Iterator[int]:
    """The port of something that says what a test has it say.

    Args:
        answer: called with the connection and what was received, whenever something is.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)

        def serve(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                while received := connection.recv(1 << 16):
                    answer(connection, received)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
