"""Redis as a process sees it: redis-py's client for a URL, which all stores with that URL share.

A timeout of redis-py's is one of each connecting, sending and reading. Here each of them gets what is left of the
operation that its thread is in. A forked child has none of its parent's clients: what it finds is another process's, so
it makes its own.
"""

import functools
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import (
    AbstractConnection,
    BlockingConnectionPool,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from spec_store.backends._engine import TIMEOUT
from spec_store.backends._redis_target import Address, Target, target_of
from spec_store.backends._secret import SecretURL, revealed


class _Operation(threading.local):
    """The operation that a thread is in."""

    end = 0.0
    seconds = TIMEOUT
    hosts = 1
    greets = False  # a server that it has just connected to

    def left(self) -> float:
        """The seconds that it has left.

        Raises:
            RedisTimeoutError: there are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise RedisTimeoutError("the time of the operation is over")
        return left

    def share(self) -> float:
        """Those for one host, so that one which says nothing leaves time for the others."""
        return self.left() / self.hosts


_operation = _Operation()


HARMLESS = ("DB index is out of range", "invalid DB index")
"""What a server replies to a greeting that may be told: these words, and no others of its."""


class _Socket:
    """A socket that waits for each part of a reply no longer than the operation may, and no longer for all of them."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def sendall(self, content: Any) -> None:
        self._bound()
        self._raw.sendall(content)

    def recv(self, *arguments: int) -> bytes:
        self._bound()
        received: bytes = self._raw.recv(*arguments)
        return received

    def recv_into(self, buffer: Any) -> int:
        self._bound()
        length: int = self._raw.recv_into(buffer)
        return length

    def _bound(self) -> None:
        if self._raw.gettimeout() != 0:  # as when it is only looked whether there is something to be read
            self._raw.settimeout(_operation.share() if _operation.greets else _operation.left())


class _Bounded(AbstractConnection):
    """A connection of redis-py's that waits no longer than the operation may, and shows nothing of its credentials."""

    @property
    def socket_connect_timeout(self) -> float:
        return _operation.share()

    @socket_connect_timeout.setter
    def socket_connect_timeout(self, value: object) -> None:
        """Ignore what redis-py would have it be."""

    @property
    def socket_timeout(self) -> float:
        return _operation.share()

    @socket_timeout.setter
    def socket_timeout(self, value: object) -> None:
        """Ignore what redis-py would have it be."""

    def _connect(self) -> Any:
        base: Any = super()
        return _Socket(base._connect())

    def on_connect(self) -> None:
        greet: Any = super().on_connect
        _operation.greets, refusal = True, ""
        try:
            greet()
        except RedisTimeoutError:
            raise
        except Exception as error:
            if type(error) is RedisConnectionError:  # of redis-py's own making
                raise
            refusal = next((one for one in HARMLESS if one in str(error)), type(error).__name__)
        finally:
            _operation.greets = False
        if refusal:  # raised here, for what a server replies may repeat the password, and this error has no context
            raise RedisConnectionError(f"the server refuses the client, its credentials or its database ({refusal})")


def _bounded(base: type) -> type:
    return type(f"_Bounded{base.__name__}", (_Bounded, base), {})


_ALONE = {base: _bounded(base) for base in (Connection, SSLConnection, UnixDomainSocketConnection)}
_WATCHED = {
    Connection: _bounded(SentinelManagedConnection),
    SSLConnection: _bounded(SentinelManagedSSLConnection),
}


class _Pool(BlockingConnectionPool):
    """So many connections, for which further threads wait, each as long as its operation may."""

    @property
    def timeout(self) -> float:
        return _operation.left()

    @timeout.setter
    def timeout(self, value: object) -> None:
        """Ignore what redis-py would have it be."""


class _MasterPool(SentinelConnectionPool, _Pool):
    """The same, to the master that sentinels name."""


class _Cluster(RedisCluster):
    """A cluster, which a forked child leaves alone when it lets go of it: locks of it may be held by nobody."""

    def __init__(self, **options: Any) -> None:
        self._of_process = os.getpid()
        super().__init__(**options)

    def close(self) -> None:
        if self._of_process == os.getpid():
            super().close()


# A client for each kind of URL. None of them repeats a command that may have been done. `Any`, where redis-py has no
# annotations.


def _of_server(target: Target) -> Any:
    return _asking(target, target.addresses[0], target.options)


def _of_sentinels(target: Target) -> Any:
    make: Any = Sentinel
    sentinel = make([])
    sentinel.sentinels = [_asking(target, address, target.asking) for address in target.addresses]
    options = _options(target, target.options, _WATCHED)
    client = sentinel.master_for(target.service, connection_pool_class=_MasterPool, **options)
    client.auto_close_connection_pool = False  # which would take locks in a forked child
    return client


def _of_cluster(target: Target) -> Any:
    node: Any = ClusterNode
    options = {name: value for name, value in _options(target, target.options).items() if name != "db"}
    client = _Cluster(
        url=f"redis://{label(target.addresses[0])}",  # by a URL it takes a class of pools
        startup_nodes=[node(*address) for address in target.addresses[1:]],
        connection_pool_class=functools.partial(_Pool, **options),
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    nodes: Any = client.nodes_manager
    nodes.initialize = _in_turn(nodes.initialize)
    return client


def _in_turn(find: Callable[..., None]) -> Callable[..., None]:
    """What finds out where the slots of a cluster are now: a thread waits its turn no longer than its operation may."""
    turn = threading.RLock()

    def bounded(*arguments: Any, **named: Any) -> None:
        if not turn.acquire(timeout=_operation.left()):
            raise RedisTimeoutError("another thread looks for the servers of the cluster")
        try:
            find(*arguments, **named)
        finally:
            turn.release()

    return bounded


def _asking(target: Target, address: Address, options: dict[str, Any]) -> Any:
    """A client of one server."""
    pool: Any = _Pool
    place = {"host": address[0], "port": address[1]} if address[1] else {"path": address[0]}
    return Redis(connection_pool=pool(**place, **_options(target, options)))


def _options(target: Target, options: dict[str, Any], classes: Mapping[Any, type] = _ALONE) -> dict[str, Any]:
    """What a pool is told."""
    return {
        **options,
        "connection_class": classes[options.get("connection_class", Connection)],
        "max_connections": target.most,
        "retry": Retry(NoBackoff(), 0),
        "redis_connect_func": _Bounded.on_connect,  # which redis-py would call only for a cluster otherwise
        "protocol": 2,
    }


_CLIENTS = {"server": _of_server, "sentinel": _of_sentinels, "cluster": _of_cluster}


class Server:
    """Redis at one URL.

    Args:
        target: what the URL means.
    """

    def __init__(self, target: Target) -> None:
        self.pid = os.getpid()
        self.kind = target.kind
        self.users: weakref.WeakSet[Any] = weakref.WeakSet()
        self._target = target
        self._hosts = len(target.addresses) + (target.kind != "server")
        self._making = threading.Lock()
        self._client: Any = None

    @property
    def client(self) -> Any:
        """redis-py's client, which for a cluster asks its servers when it is made.

        Raises:
            RedisTimeoutError: another thread makes it, and that takes too long.
            RedisClusterException: the cluster cannot be reached.
        """
        client = self._client
        if client is None:
            if not self._making.acquire(timeout=_operation.left()):
                raise RedisTimeoutError("another thread waits for the cluster")
            try:
                client = self._client = self._client or _CLIENTS[self.kind](self._target)
            finally:
                self._making.release()
        return client

    def begin(self, seconds: float, deadline: float) -> None:
        """Tell that an operation of this thread begins, how long it may take in all, and when it must end."""
        _operation.seconds, _operation.hosts = seconds, self._hosts
        _operation.end = deadline

    def told(self, error: Exception) -> str:
        """What went wrong, in one line that names the server."""
        where = f"Redis at {','.join(map(label, self._target.addresses))}"
        seconds = f"within {_operation.seconds:g} s"
        if isinstance(error, MasterNotFoundError):  # whose text is long
            return f"{where}: no sentinel named a master of the service {self._target.service!r} {seconds}"
        text = " ".join(str(error).split())
        if _is_late(error):
            return f"{where} did not answer {seconds}: {text}"
        return f"{where} failed: {text}"

    def close(self) -> None:
        """Close the connections that nobody uses; one in use is closed when its operation ends."""
        client, self._client = self._client, None
        if isinstance(client, RedisCluster):
            client.close()
        elif client is not None:
            client.connection_pool.disconnect(inuse_connections=False)


def label(address: Address) -> str:
    """An address as errors name it; of a socket in the file system, its path."""
    host, port = address
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_late(error: BaseException | None) -> bool:
    """Whether it is for want of time that an operation failed."""
    if error is None:
        return _operation.end <= time.monotonic()
    return isinstance(error, RedisTimeoutError) or _is_late(error.__cause__)


# One of each in a process

_lock = threading.Lock()
_servers: "weakref.WeakValueDictionary[str, Server]" = weakref.WeakValueDictionary()


def attached(url: SecretURL, user: object) -> Server:
    """The server of a URL, which all stores with that URL share in a process.

    Args:
        url: where.
        user: who needs it until `detach`, or until it is no more.

    Raises:
        ValueError: the URL cannot be read.
    """
    with _lock:
        server = _servers.get(revealed(url))
        if server is None:
            server = _servers[revealed(url)] = Server(target_of(url))
        server.users.add(user)
        return server


def detach(server: Server, user: object) -> None:
    """Tell that a store needs a server no longer; the last one closes its connections."""
    if server.pid != os.getpid():
        return
    with _lock:
        server.users.discard(user)
        last = not server.users
    if last:
        server.close()


def _forget() -> None:
    """In a forked child: what the parent had is not this process's, and its locks may be held by nobody."""
    global _lock, _servers
    _lock = threading.Lock()
    _servers = weakref.WeakValueDictionary()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
