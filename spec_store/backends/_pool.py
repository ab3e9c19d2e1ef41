"""Connections of a process to a database, each used by one thread at a time.

What is at rest lies on a stack, from which taking one costs next to nothing; the one used last, which is the least
likely to be dead, is taken first. Three things happen behind the backs of those that use one:

- A driver that waits for a server that says nothing has its socket shut at the deadline, by a thread that looks at
  all connections in use now and then; so it raises, whatever it was amid. Drivers' own timeouts are for single reads.
- To connect to a server is the business of a thread, for which whoever wants the connection waits until the deadline
  and no longer: the search for a host's address has no timeout.
- A process that forks waits until no thread is within SQLite, whose mutexes the child would inherit as they are. The
  child has none of the connections, which are its parent's.
"""

import contextlib
import os
import threading
import time
import weakref
from collections import deque

from spec_store.backends._connection import Connection
from spec_store.backends._driver import Driver
from spec_store.backends._in_time import LateError, in_time

LIMIT = 20
"""How many connections a process has to a database at most; threads beyond that wait for one."""

IDLE_SECONDS = 5.0
"""How long a connection may have been idle before it is tried before it is used."""

FORK_SECONDS = 10.0
"""How long a fork waits for threads that are within SQLite."""


class Pool:
    """The connections of this process to a database, `LIMIT` at most; of one in memory, the only one there is."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.process = os.getpid()
        self.connections: set[Connection] = set()
        self._idle: deque[Connection] = deque()
        self._limit = 1 if driver.address.is_in_memory else LIMIT
        self._begun = 0
        self._freed = threading.Condition(threading.RLock())
        self._waiting = 0
        self._held = False
        weakref.finalize(self, _give_up, self._idle, self.process)
        (_watch if driver.address.is_on_server else _forks).add(self)

    def take(self, deadline: float) -> Connection:
        """A connection for this thread alone, alive as far as one can tell.

        Raises:
            LateError: there is none until the deadline.
            Exception: the driver's, for want of a new one.
        """
        try:
            connection = self._another(deadline) if self._held else self._idle.pop()
        except IndexError:
            connection = self._another(deadline)
        connection.deadline = deadline
        if deadline - self.driver.timeout - connection.used > IDLE_SECONDS and self.driver.address.is_on_server:
            return self._tried(connection, deadline)
        return connection

    def give(self, connection: Connection) -> None:
        """Take a connection back that is fit for the next."""
        now = time.monotonic()
        deadline, connection.deadline, connection.used = connection.deadline, None, now
        if deadline is not None and now > deadline and self.driver.address.is_on_server:
            self.drop(connection)  # it may be cut at any moment
            return
        self._idle.append(connection)
        if self._waiting:
            with self._freed:
                self._tell()

    def drop(self, connection: Connection) -> None:
        """Close a connection that is of no more use."""
        connection.deadline = None
        self._forgotten(connection)
        with self._freed:
            self._begun -= 1
            self._tell()

    def clear(self) -> None:
        """Close those that are at rest."""
        while True:
            try:
                self.drop(self._idle.pop())
            except IndexError:
                return

    def _tell(self) -> None:
        """Wake who waits for a connection, or everybody, where one of them waits for all."""
        self._freed.notify(self._waiting if self._held else 1)

    def hold(self, deadline: float) -> bool:
        """Wait until all are at rest, and let nobody take one until `release`; False if that takes too long."""
        if not self._freed.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        self._held = True
        self._waiting += 1
        while len(self._idle) < self._begun and time.monotonic() < deadline:
            self._freed.wait(deadline - time.monotonic())
        self._waiting -= 1
        return len(self._idle) == self._begun

    def release(self) -> None:
        """Go on after `hold`."""
        self._held = False
        self._freed.notify_all()
        self._freed.release()

    def _tried(self, connection: Connection, deadline: float) -> Connection:
        """The connection, if it is alive, or else another one; it was idle for long."""
        try:
            self.driver.execute(connection.raw, "SELECT 1").fetchall()
        except Exception:  # each driver has errors of its own
            self.drop(connection)
            self.clear()
            return self.take(deadline)
        return connection

    def _another(self, deadline: float) -> Connection:
        """One that another thread gives back, or a new one."""
        with self._freed:
            self._waiting += 1
            try:
                found = self._waited_for(deadline)
            finally:
                self._waiting -= 1
        if found is not None:
            return found
        try:
            return self._connected(deadline)
        except BaseException:
            with self._freed:
                self._begun -= 1
                self._tell()
            raise

    def _waited_for(self, deadline: float) -> Connection | None:
        """One that was given back, or None where a new one is to be made, which counts already."""
        while True:
            if not self._held:
                with contextlib.suppress(IndexError):
                    return self._idle.pop()
                if self._begun < self._limit:
                    self._begun += 1
                    return None
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise LateError(f"had none of its {self._limit} connections free within")
            self._freed.wait(seconds)

    def _connected(self, deadline: float) -> Connection:
        if not self.driver.address.is_on_server:
            connection = Connection(self.driver, self.driver.connect())
            self.connections.add(connection)
            return connection
        return in_time(
            lambda: self._settled(deadline),
            deadline,
            "spec-store connects",
            late="could not be connected to within",
            forget=self._forgotten,
        )

    def _settled(self, deadline: float) -> Connection:
        connection = Connection(self.driver, self.driver.connect(), deadline)
        connection.watch()
        self.connections.add(connection)
        try:
            self.driver.settle(connection.raw)
        except BaseException:
            self._forgotten(connection)
            raise
        return connection

    def _forgotten(self, connection: Connection) -> None:
        self.connections.discard(connection)
        connection.close()


class _Watch:
    """The thread that cuts connections whose deadline is over, as long as there are pools."""

    def __init__(self) -> None:
        self.anew()

    def anew(self) -> None:
        """In the child of a fork, which has neither the thread nor the pools."""
        self._lock = threading.Lock()
        self._pools: weakref.WeakSet[Pool] = weakref.WeakSet()
        self._more = threading.Event()
        self._running = False

    def add(self, pool: Pool) -> None:
        with self._lock:
            self._pools.add(pool)
            self._more.set()
            if self._running:
                return
            self._running = True
        try:
            threading.Thread(target=self._run, name="spec-store watches", daemon=True).start()
        except RuntimeError:  # there are no new threads while the interpreter ends
            self._running = False

    def _run(self) -> None:
        seconds: float | None = 0.0
        while seconds is not None:
            self._more.wait(seconds)
            seconds = self._round()

    def _round(self) -> float | None:
        """Cut what is late; how long until the next round, or None for none."""
        with self._lock:
            self._more.clear()
            pools = list(self._pools)
            self._running = bool(pools)
        now = time.monotonic()
        for pool in pools:
            for connection in list(pool.connections):
                if connection.deadline is not None and connection.deadline < now:
                    connection.cut()
        return max(0.01, min([1.0, *(pool.driver.timeout / 20 for pool in pools)])) if pools else None


class _Forks:
    """What a fork means for the pools of SQLite."""

    def __init__(self) -> None:
        self._pools: weakref.WeakSet[Pool] = weakref.WeakSet()
        self._held: list[Pool] = []
        self.closing = threading.RLock()
        self.is_clean = True

    def add(self, pool: Pool) -> None:
        self._pools.add(pool)

    def before(self) -> None:
        deadline = time.monotonic() + FORK_SECONDS
        self._closing = self.closing.acquire(timeout=FORK_SECONDS)
        self.is_clean = self._closing
        for pool in list(self._pools):
            if pool.process == os.getpid():
                self.is_clean = pool.hold(deadline) and self.is_clean
                self._held.append(pool)

    def in_parent(self) -> None:
        for pool in self._held:
            with contextlib.suppress(RuntimeError):  # it could not be held
                pool.release()
        self._held.clear()
        self.is_clean = True
        if self._closing:
            self.closing.release()

    def in_child(self) -> None:
        _abandoned.extend(self._held)
        self._held.clear()
        self._pools = weakref.WeakSet()
        self.closing = threading.RLock()


_watch, _forks = _Watch(), _Forks()
_abandoned: list[Pool] = []
"""Pools of the process that this one is a fork of: whoever closes its connections may end them for the parent too."""


def forked_amid_sqlite() -> bool:
    """Whether this process is a fork, made while a thread was within SQLite: SQLite may be locked for ever in it."""
    return not _forks.is_clean


def _give_up(idle: "deque[Connection]", process: int) -> None:
    """Close what a pool leaves behind."""
    if process != os.getpid():
        return
    with _forks.closing:
        while idle:
            idle.pop().close()


def _in_child() -> None:
    _abandoned.extend(_watch._pools)
    _watch.anew()
    _forks.in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_forks.before, after_in_parent=_forks.in_parent, after_in_child=_in_child)
