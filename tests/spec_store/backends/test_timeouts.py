"""No operation of any engine outlasts its timeout by more than a fifth, whatever the server does instead of answering.

| the server is | which is                                                                                 |
|---------------|------------------------------------------------------------------------------------------|
| silent        | one that takes connections and says nothing                                              |
| unreachable   | one that nothing comes from, not even that the connection is made                        |
| half said     | silent from some byte of its first answers on, amid the greeting                         |
| slow          | one that answers all, each after so long that two or three do not fit into the timeout   |
| frozen        | halted, with all of its processes, after it has answered                                 |
| locked        | well, but what is asked for is locked by somebody else, who does not let go of it        |

All operations of all engines wait at once, each in a thread, so that it takes little more than one timeout. What an
operation took is measured beside threads that only sleep for as long as the timeout, one begun with each: what the
longest of them overslept is what the machine had no time for, and is not held against the operation.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from spec_store import StoreBackend, StoreBackendError
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend
from spec_store.identity import STORE_BACKEND_INVALID_CONFIGURATION_ID
from tests import database_servers
from tests.redis_servers import cluster, redis_server, sentinels
from tests.servers import MARIADB, PORTS, POSTGRESQL, azure_config, moto, new_bucket, require, s3_config
from tests.spec_store.backends.recording import recording
from tests.spec_store.backends.slow_servers import proxy, silent, unreachable

pytestmark = pytest.mark.slow

TIMEOUT = 2.0
AT_MOST = 1.2 * TIMEOUT
APART = 0.01
"""Seconds between the beginnings of two operations, which would wait for the interpreter at their ends otherwise."""

LATEST = 30.0
"""Seconds after which an operation is not waited for any more."""

HALF = 20
"""Of how many bytes that a server says silence follows: the greeting of each is longer, or an answer to it."""

CONSTRUCTOR = "constructor"
"""Raises nothing where the server does not answer, but tells."""

OPERATIONS: dict[str, Callable[[Any], object]] = {
    "get": lambda backend: backend.get(("kept",)),
    "set": lambda backend: backend.set(("kept",), "2"),
    "add": lambda backend: backend.add(("added", uuid.uuid4().hex), "2"),
    "add, stored": lambda backend: backend.add(("kept",), "2"),
    "update": lambda backend: backend.update(("kept",), "2"),
    "add_or_update": lambda backend: backend.add_or_update(("kept",), "2"),
    "move": lambda backend: backend.move(("from",), ("to",)),
    "has_key": lambda backend: backend.has_key(("kept",)),
    "list_keys": lambda backend: backend.list_keys(),
    "list_keys, prefix": lambda backend: backend.list_keys(("kept",)),
    "remove_key": lambda backend: backend.remove_key(("removed",)),
    "get_all": lambda backend: backend.get_all(),
}

ENGINES: dict[str, Callable[..., StoreBackend]] = {
    "PostgreSQL": lambda port, **options: SQLStoreBackend(
        POSTGRESQL.replace(f":{PORTS['PostgreSQL']}/", f":{port}/"), **options
    ),
    "MariaDB": lambda port, **options: SQLStoreBackend(
        MARIADB.replace(f":{PORTS['MariaDB']}/", f":{port}/"), **options
    ),
    "Redis": lambda port, **options: RedisStoreBackend(f"redis://127.0.0.1:{port}/0", **options),
    "sentinel": lambda port, **options: RedisStoreBackend(f"redis+sentinel://127.0.0.1:{port}/service", **options),
    "cluster": lambda port, **options: RedisStoreBackend(f"redis+cluster://127.0.0.1:{port}", **options),
    "S3": lambda port, **options: ObjectStoreBackend("s3://bucket/a", s3_config(f"http://127.0.0.1:{port}"), **options),
    "Azure": lambda port, **options: ObjectStoreBackend(
        "az://container/a", azure_config(f"http://127.0.0.1:{port}"), **options
    ),
}
"""Opens a store by the port of a server and options of the engine."""


@attrs.frozen
class Row:
    """What became of an operation: the seconds that it took, and what it raised."""

    seconds: float
    error: BaseException | None

    @property
    def failed(self) -> bool:
        """Whether it was told that it cannot be done."""
        return isinstance(self.error, StoreBackendError)


@attrs.frozen
class Table:
    """What became of operations that were done at once, by engine and name, and what a sleep of the timeout took."""

    rows: dict[str, Row]
    slept: float

    def outlasting(self) -> dict[str, str]:
        """What took too long."""
        at_most = AT_MOST + max(0.0, self.slept - TIMEOUT)
        return {name: f"{row.seconds:.2f} s" for name, row in self.rows.items() if row.seconds > at_most}

    def without_failure(self) -> list[str]:
        """What came to an end by itself."""
        return [name for name, row in self.rows.items() if not row.failed and not name.endswith(CONSTRUCTOR)]

    def waited(self) -> set[str]:
        """The engines of which an operation waited for half of the timeout or so, as one host or request may."""
        return {name.partition(": ")[0] for name, row in self.rows.items() if row.seconds > 0.45 * TIMEOUT}


@attrs.frozen
class Scene:
    """An engine, and where it is.

    Args:
        opened: opens a store there by options of the engine.
        handle: a store there, if it had to be opened before.
    """

    opened: Callable[..., Any]
    handle: Any = None

    @classmethod
    def prepared(cls, opened: Callable[..., Any]) -> "Scene":
        """A store with something in it, all of whose operations have been done at once: it has connections for them."""
        handle = opened(suppress_store_backend_id=True, timeout=TIMEOUT)
        with opened(suppress_store_backend_id=True, timeout=LATEST) as backend:
            _fill(backend)
            with ThreadPoolExecutor(len(OPERATIONS)) as threads:
                for operation in OPERATIONS.values():
                    threads.submit(operation, handle)
            _fill(backend)  # again, after what has moved and removed some of it
        return cls(opened, handle)

    def operations(self) -> dict[str, Callable[[], object]]:
        """All operations, the constructor and the id among them."""
        handle = self.handle or self.opened(suppress_store_backend_id=True, timeout=TIMEOUT)
        named = {name: partial(operation, handle) for name, operation in OPERATIONS.items()}
        return {**named, "id": partial(_id, handle), CONSTRUCTOR: lambda: self.opened(timeout=TIMEOUT)}


def _fill(backend: Any) -> None:
    for key in ("kept", "from", "removed"):
        backend.set((key,), "1")


def _id(backend: Any) -> None:
    backend._suppress_store_backend_id = False  # that it was opened so was for the sake of the others
    if str(backend.store_backend_id_warnings_suppressed) == STORE_BACKEND_INVALID_CONFIGURATION_ID:
        raise StoreBackendError("it has none")


def done_at_once(scenes: dict[str, Scene]) -> Table:
    """Do all operations of all engines at the same time."""
    calls = {f"{engine}: {name}": call for engine, scene in scenes.items() for name, call in scene.operations().items()}
    rows = {name: Row(float("inf"), None) for name in calls}
    slept: list[float] = []
    begins = threading.Event()

    def timed(number: int, name: str, call: Callable[[], object]) -> None:
        begins.wait()
        time.sleep(number * APART)
        start, error = time.monotonic(), None
        try:
            call()
        except Exception as raised:
            error = raised
        rows[name] = Row(time.monotonic() - start, error)

    def sleep(number: int) -> None:
        begins.wait()
        time.sleep(number * APART)
        start = time.monotonic()
        time.sleep(TIMEOUT)
        slept.append(time.monotonic() - start)

    threads = []
    for number, item in enumerate(calls.items()):
        threads.append(threading.Thread(target=timed, args=(number, *item), daemon=True))
        threads.append(threading.Thread(target=sleep, args=(number,), daemon=True))
    for thread in threads:
        thread.start()
    begins.set()
    end = time.monotonic() + LATEST
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return Table(dict(rows), max(slept))


def judged(scenes: dict[str, Scene], waiting: set[str] | None = None) -> Table:
    """Do all operations at once, none of which may outlast its timeout.

    Args:
        scenes: the engines.
        waiting: those of which an operation has to wait; all by default.
    """
    table = done_at_once(scenes)
    assert table.outlasting() == {}
    assert table.waited() >= (set(scenes) if waiting is None else waiting)
    return table


# Servers that never answer


@pytest.mark.parametrize("kind", [silent, unreachable], ids=lambda kind: kind.__name__)
def test_on_a_server_that_says_nothing(kind):
    with contextlib.ExitStack() as stack:
        ports = {engine: stack.enter_context(kind()) for engine in ENGINES}
        table = judged({engine: Scene(partial(ENGINES[engine], ports[engine])) for engine in ENGINES})
    assert table.without_failure() == []


def behind(notes_url):
    """The ports of servers that are well, by engines."""
    for server in PORTS:
        require(server)
    web = int(notes_url.rpartition(":")[2])
    return {**PORTS, "sentinel": PORTS["Redis"], "cluster": PORTS["Redis"], "S3": web, "Azure": web}


def test_on_a_server_that_falls_silent_amid_the_greeting():
    with recording() as notes, contextlib.ExitStack() as stack:
        ports = behind(notes.url)
        ways = {engine: stack.enter_context(proxy(ports[engine], most=HALF)) for engine in ENGINES}
        table = judged({engine: Scene(partial(ENGINES[engine], ways[engine].port)) for engine in ENGINES})
    assert table.without_failure() == []


# Servers that have answered


@pytest.fixture(scope="module")
def s3():
    """Moto's URL, a bucket, and the process."""
    before = set(database_servers.descendants(os.getpid()))
    with moto() as url:
        (pid,) = set(database_servers.descendants(os.getpid())) - before
        yield url, new_bucket(url), pid


def test_on_a_server_that_answers_slowly(s3):
    """Of what takes several answers, the second comes too late: all of them together have the timeout once."""
    url, bucket, _ = s3
    with recording() as notes, contextlib.ExitStack() as stack:
        ports = {**behind(notes.url), "S3": int(url.rpartition(":")[2])}
        ways = {engine: stack.enter_context(proxy(ports[engine])) for engine in ENGINES if engine in SLOW_ENGINES}
        opened: dict[str, Callable[..., Any]] = {
            engine: partial(ENGINES[engine], way.port) for engine, way in ways.items()
        }
        opened |= {engine: partial(opened[engine], name=uuid.uuid4().hex) for engine in NAMED}
        place = f"s3://{bucket}/slow"
        opened["S3"] = partial(ObjectStoreBackend, place, s3_config(f"http://127.0.0.1:{ways['S3'].port}"))
        scenes = {engine: Scene.prepared(one) for engine, one in opened.items()}
        for engine, way in ways.items():
            way.delay = SLOW_ENGINES[engine]
        try:
            judged(scenes)
        finally:
            for engine in NAMED:  # which others use
                ways[engine].delay = 0.0
                with scenes[engine].opened(suppress_store_backend_id=True, timeout=LATEST) as backend:
                    for key in backend.list_keys():
                        backend.remove_key(key)


SLOW_ENGINES = {
    **dict.fromkeys(("PostgreSQL", "MariaDB", "Redis"), 0.7 * TIMEOUT),
    **dict.fromkeys(("S3", "Azure"), 0.4 * TIMEOUT),  # of which a request has 0.6
}
"""Seconds that an answer is late: two together outlast the timeout, or three."""

NAMED = ("PostgreSQL", "MariaDB", "Redis")


def test_on_a_frozen_server(s3):
    """All of the servers are the test's own, for they are halted."""
    starting: dict[str, Any] = {
        "PostgreSQL": database_servers.postgresql(),
        "MariaDB": database_servers.mariadb(),
        "Redis": redis_server(),
        "sentinel": sentinels(),
        "cluster": cluster(),
        "Azure": recording(),
    }
    with contextlib.ExitStack() as stack:
        # Threads of their own, which last as long as the servers: with a thread end the servers that it started.
        threads = stack.enter_context(ThreadPoolExecutor(len(starting)))
        started = {name: threads.submit(server.__enter__) for name, server in starting.items()}
        missing = []
        for name, one in started.items():
            if one.exception() is None:
                stack.push(starting[name])
            elif isinstance(one.exception(), pytest.skip.Exception):
                missing.append(str(one.exception()))
        running = {name: one.result() for name, one in started.items() if str(one.exception()) not in missing}

        url, bucket, pid = s3
        way = stack.enter_context(proxy(int(running["Azure"].url.rpartition(":")[2])))
        halted = [pid, running["Redis"].process.pid]
        opened: dict[str, Callable[..., Any]] = {
            "S3": partial(ObjectStoreBackend, f"s3://{bucket}/frozen", s3_config(url)),
            "Azure": partial(ENGINES["Azure"], way.port),
            "Redis": partial(RedisStoreBackend, running["Redis"].url),
        }
        for name in running.keys() & {"PostgreSQL", "MariaDB"}:
            halted += database_servers.descendants(running[name].guard.pid)
            opened[name] = partial(SQLStoreBackend, running[name].url)
        watched = running["sentinel"]
        halted += [watched.master.process.pid, watched.replica.process.pid, watched.sentinel.process.pid]
        opened["sentinel"] = partial(ENGINES["sentinel"], watched.sentinel.port)
        halted += [node.process.pid for node in running["cluster"]]
        opened["cluster"] = partial(ENGINES["cluster"], running["cluster"][0].port)

        scenes = {engine: Scene.prepared(one) for engine, one in opened.items()}
        way.freeze()
        with database_servers.halted(*halted):
            table = judged(scenes)
        assert table.without_failure() == []
    if missing:
        pytest.skip("; ".join(missing))


# Locks that others hold


LOCKING = """
import fcntl, os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
for path in sys.argv[2:]:
    fcntl.flock(os.open(path, os.O_RDONLY | os.O_NONBLOCK), fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def halted_holder(database, paths):
    """Another process, that has a SQLite database and files locked, and is halted."""
    command = [sys.executable, "-c", LOCKING, str(database), *map(str, paths)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"
            with database_servers.halted(other.pid):
                yield
        finally:
            other.kill()


@contextlib.contextmanager
def locked_table(url, how):
    """What opens a store in a table of its own, and a session that can lock it."""
    table = f"locked_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)  # which ends what is closed
    try:
        with engine.connect() as session:
            yield partial(SQLStoreBackend, url, "store", table), lambda: session.execute(sa.text(how.format(table)))
    finally:
        with engine.connect() as session:
            session.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))


LOCKS = {
    "PostgreSQL, table": (POSTGRESQL, "BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"),
    "PostgreSQL, rows": (POSTGRESQL, "BEGIN; SELECT 1 FROM {} FOR UPDATE"),
    "MariaDB, table": (MARIADB, "LOCK TABLES {} WRITE"),
    "MariaDB, rows": (MARIADB, "BEGIN NOT ATOMIC START TRANSACTION; SELECT 1 FROM {} FOR UPDATE; END"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="files are locked by fcntl")
def test_on_what_others_have_locked(tmp_path):
    for server in ("PostgreSQL", "MariaDB"):
        require(server)
    database, files, objects = tmp_path / "db", tmp_path / "files", tmp_path / "objects"
    objects.mkdir()
    with contextlib.ExitStack() as stack:
        tables = {name: stack.enter_context(locked_table(*lock)) for name, lock in LOCKS.items()}
        redis = stack.enter_context(redis_server())
        contended = stack.enter_context(recording(contended=True))
        opened = {name: one for name, (one, _) in tables.items()}
        opened |= {
            "SQLite": partial(SQLStoreBackend, f"sqlite:///{database}"),
            "Redis": partial(RedisStoreBackend, redis.url),
            "directory": partial(ObjectStoreBackend, f"file://{objects}"),
            "files": partial(FilesystemStoreBackend, files),
        }
        scenes = {engine: Scene.prepared(one) for engine, one in opened.items()}
        scenes["S3"] = Scene(partial(ObjectStoreBackend, "s3://bucket/a", s3_config(contended.url)))

        os.mkfifo(files / "fifo.txt")
        for _, lock in tables.values():
            lock()
        redis.client().client_pause(60_000)
        stack.enter_context(halted_holder(database, [objects, files, *files.rglob("*.txt")]))
        table = judged(scenes, waiting=set(scenes) - {"files"})

    all_of_it = ("SQLite", "Redis", "PostgreSQL, table", "MariaDB, table")
    assert [name for name in table.without_failure() if name.startswith(all_of_it)] == []
