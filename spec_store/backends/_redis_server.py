"""Redis as a process sees it: connections that all stores with one URL share, to the server that has the store.

A forked child has none of its parent's: what it finds was opened by another process, so it opens its own.
"""

import contextlib
import os
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from redis.exceptions import RedisError

from spec_store.backends._redis_target import Target, target_of
from spec_store.backends._redis_wire import (
    Address,
    Command,
    Deadline,
    NotConnected,
    Refused,
    Wire,
    label,
    opened,
    packed,
)
from spec_store.backends._secret import SecretURL, revealed

REDIRECTIONS = 16
"""How often a command is sent on to another server of a cluster; each one has done nothing of it."""

ASKING = packed("ASKING")

PAUSE = 0.05
"""Seconds until a cluster is asked again for keys that it is about to hand from one server to another."""


class Pool:
    """The connections to one server: so many at most, and whoever finds none free waits for his turn.

    Args:
        address: of the server.
        connect: opens a connection within a deadline.
        most: how many there are.
    """

    def __init__(self, address: Address, connect: Callable[[Address, Deadline], Wire], most: int) -> None:
        self._address, self._connect, self._most = address, connect, most
        self._lock = threading.Lock()
        self._idle: deque[Wire] = deque()
        self._waiting: deque[queue.SimpleQueue[Wire | None]] = deque()
        self._wires: weakref.WeakSet[Wire] = weakref.WeakSet()
        self._number = 0

    def take(self, deadline: Deadline) -> Wire:
        """A connection, for the caller alone.

        Raises:
            NotConnected: there is none, and why.
        """
        while True:
            wire = self._turn(deadline)
            if wire is None:
                return self._new(deadline)
            if not wire.broken():
                return wire
            self.drop(wire)

    def give(self, wire: Wire) -> None:
        """Take back a connection on which the last reply was read."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(wire)
            else:
                self._idle.append(wire)

    def drop(self, wire: Wire) -> None:
        """Close a connection on which something went wrong."""
        wire.close()
        self._free()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._number = list(self._idle), self._number - len(self._idle)
            self._idle.clear()
        for wire in idle:
            wire.close()

    def abandon(self) -> None:
        """In a forked child: let go of the parent's connections, also of those in use."""
        for wire in list(self._wires):
            wire.close()

    def _turn(self, deadline: Deadline) -> Wire | None:
        """A connection that was open, or None for the right to open one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._number < self._most:
                self._number += 1
                return None
            turn: queue.SimpleQueue[Wire | None] = queue.SimpleQueue()
            self._waiting.append(turn)
        try:
            return turn.get(timeout=deadline.left())
        except BaseException as error:
            late = isinstance(error, (queue.Empty, TimeoutError))
            with self._lock:
                handed = turn not in self._waiting
                if not handed:
                    self._waiting.remove(turn)
            if handed and late:  # at the last moment
                return turn.get()
            if handed:
                self._hand_on(turn.get())
            if not late:
                raise
        where = f"none of the {self._most} connections to Redis at {label(self._address)}"
        raise NotConnected(f"{where} came free within {deadline.seconds:g} s")

    def _new(self, deadline: Deadline) -> Wire:
        try:
            wire = self._connect(self._address, deadline)
        except BaseException:
            self._free()
            raise
        self._wires.add(wire)
        return wire

    def _hand_on(self, wire: Wire | None) -> None:
        if wire is None:
            self._free()
        else:
            self.give(wire)

    def _free(self) -> None:
        """Let somebody else open a connection."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(None)
            else:
                self._number -= 1


class Server:
    """One Redis server, by its connections.

    Args:
        target: what the URL means.
    """

    def __init__(self, target: Target) -> None:
        self.pid = os.getpid()
        self.kind = target.kind
        self.users: weakref.WeakSet[Any] = weakref.WeakSet()
        self._target = target
        self._pools: dict[Address, Pool] = {}

    def call(self, store: str, command: Command, deadline: Deadline) -> Any:
        """The reply to a command about a store.

        Raises:
            Refused: it is an error.
            NotConnected: nothing was sent, for want of a connection.
            TimeoutError, OSError: the connection broke, and the command may have been done.
        """
        return self._on(self._target.addresses[0], (command,), deadline)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for pool in list(self._pools.values()):
            pool.close()

    def abandon(self) -> None:
        """In a forked child: let go of what is the parent's."""
        for pool in list(self._pools.values()):
            pool.abandon()

    def _on(
        self, address: Address, commands: Sequence[Command], deadline: Deadline, connecting: Deadline | None = None
    ) -> Any:
        """The reply of one server to the last of several commands.

        Args:
            address: of the server.
            commands: sent on one connection.
            deadline: for all of it.
            connecting: for getting a connection, where that must not take as long.
        """
        pool = self._pools.get(address) or self._pools.setdefault(
            address, Pool(address, self._connected, self._target.most)
        )
        wire = pool.take(connecting or deadline)
        reply = None
        try:
            for command in commands:
                reply = wire.call(command, deadline)
        except Refused:
            pool.give(wire)
            raise
        except BaseException as error:
            pool.drop(wire)
            if isinstance(error, OSError):
                raise _broken(address, error, deadline) from error
            raise
        pool.give(wire)
        return reply

    def _connected(self, address: Address, deadline: Deadline) -> Wire:
        with _reaching(address, deadline):
            wire = opened(address, self._target.options, deadline)
            try:
                self._examine(wire, deadline)
            except BaseException:
                wire.close()
                raise
            return wire

    def _examine(self, wire: Wire, deadline: Deadline) -> None:
        """See that a new connection is to a server that commands may be sent to; or raise OSError."""


class _ByItsSentinels(Server):
    """The server that sentinels name as the master of a service."""

    _master: Address | None = None

    def call(self, store: str, command: Command, deadline: Deadline) -> Any:
        for last in (False, True):
            if last or self._master is None:
                self._master = self._named(deadline)
            try:
                return self._on(self._master, (command,), deadline, None if last else deadline.share(2))
            except NotConnected:
                if last:
                    raise
            except Refused as error:
                if last or error.code not in ("READONLY", "MASTERDOWN"):
                    raise
                self.close()  # it is no master any more, and has done nothing
            except OSError:
                self._master = None
                raise
        raise AssertionError("the second time returns or raises")

    def _named(self, deadline: Deadline) -> Address:
        """The address of the master, from the first sentinel that tells it."""
        command = packed("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._target.service)
        addresses, failed = self._target.addresses, NotConnected("no sentinel was asked")
        for number, address in enumerate(addresses):
            share = deadline.share(len(addresses) - number)
            try:
                with _reaching(address, deadline):
                    wire = opened(address, self._target.asking, share)
                    with contextlib.closing(wire):
                        reply = wire.call(command, share)
            except NotConnected as error:
                failed = error
            else:
                if reply:
                    return reply[0].decode(), int(reply[1])
                failed = NotConnected(f"the sentinel {label(address)} knows no service {self._target.service!r}")
        raise failed

    def _examine(self, wire: Wire, deadline: Deadline) -> None:
        with contextlib.suppress(Refused):  # as of a user that may not ask that
            if wire.call(packed("ROLE"), deadline)[0] != b"master":
                raise OSError("it is no master")


class _Cluster(Server):
    """A cluster. All keys of a store are in one slot, so that one of its servers has the store, and says which."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._owners: dict[str, Address] = {}

    def call(self, store: str, command: Command, deadline: Deadline) -> Any:
        known = [self._owners[store]] if store in self._owners else []
        to_ask = deque(dict.fromkeys((*known, *self._target.addresses)))
        commands: tuple[Command, ...] = (command,)
        sent_on = 0
        while sent_on < REDIRECTIONS:
            address = to_ask.popleft()
            try:
                reply = self._on(address, commands, deadline, deadline.share(len(to_ask) + 1))
            except NotConnected:
                if not to_ask:
                    raise
            except Refused as error:
                sent_on += error.code != "TRYAGAIN"
                to_ask.appendleft(self._instead(error, store, address, deadline))
                commands = (ASKING, command) if error.code == "ASK" else (command,)
            else:
                self._owners.setdefault(store, address)
                return reply
        raise NotConnected("the servers of the cluster send one to another")

    def _examine(self, wire: Wire, deadline: Deadline) -> None:
        with contextlib.suppress(Refused):
            wire.call(packed("PING"), deadline)  # so that one which says nothing is found out while others are left

    def _instead(self, error: Refused, store: str, address: Address, deadline: Deadline) -> Address:
        """The server to ask instead of one that refused a command; or the error again."""
        if error.code == "TRYAGAIN" and deadline.allows(PAUSE):
            time.sleep(PAUSE)
            return address
        host, _, port = error.rest.rpartition(" ")[2].rpartition(":")
        if error.code not in ("MOVED", "ASK") or not port.isdigit():
            raise error
        other = (host or address[0], int(port))
        if error.code == "MOVED":
            self._owners[store] = other
        return other


def _broken(address: Address, error: OSError, deadline: Deadline) -> OSError:
    """What happened to a command that was sent, in words that name the server."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return TimeoutError(f"Redis at {label(address)} did not answer within {deadline.seconds:g} s")
    return OSError(f"the connection to Redis at {label(address)} broke: {error}")


@contextlib.contextmanager
def _reaching(address: Address, deadline: Deadline) -> Iterator[None]:
    """Turn whatever hinders a connection into NotConnected, which names the server."""
    try:
        yield
    except TimeoutError as error:
        raise NotConnected(f"Redis at {label(address)} did not answer within {deadline.seconds:g} s") from error
    except (OSError, Refused, RedisError, ValueError) as error:
        raise NotConnected(f"Redis at {label(address)} cannot be reached: {error}") from error


# One of each in a process

KINDS: dict[str, type[Server]] = {"server": Server, "sentinel": _ByItsSentinels, "cluster": _Cluster}

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
            target = target_of(url)
            server = _servers[revealed(url)] = KINDS[target.kind](target)
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
    """In a forked child: what the parent had open is not this process's, and its locks may be held by nobody."""
    global _lock, _servers
    _lock = threading.Lock()
    parents, _servers = list(_servers.values()), weakref.WeakValueDictionary()
    for server in parents:
        server.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
