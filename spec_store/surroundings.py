"""What is where a store is, besides the store: files of somebody else's, other stores of the table."""

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import attrs

from spec_store.addresses import Address, file_of
from spec_store.backends._secret import revealed
from spec_store.gx_directory import IGNORED, GXDirectory, files_below

Result = TypeVar("Result")

OWN = "+"
"""What begins the names, right below the root, of a file store's own files and directories."""

OTHERS = 20
"""How many other stores of a table are named."""


def within(seconds: float, function: Callable[[], Result]) -> Result:
    """What a function gives, of which nobody knows whether it ends.

    Args:
        seconds: how long it is waited for; after that it goes on by itself, as long as the process does.
        function: it is run in a thread of its own.

    Raises:
        TimeoutError: it did not end.
        Exception: what the function raises.
    """
    done: list[Result] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(function())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    except KeyboardInterrupt:
        thread.join(2)  # what it has begun, it may still undo
        raise
    if failed:
        raise failed[0]
    if not done:
        raise TimeoutError(f"it did not answer within {seconds:g} seconds")
    return done[0]


def unwritable(address: Address) -> str | None:
    """In words, that a file or directory that is not there cannot be made; None if it can, as far as one can see."""
    path = file_of(address)
    if path is None:
        return None
    parent = path.absolute().parent
    if address.kind == "sql" and not parent.is_dir():
        return f"there is no directory {parent} for the database file: make it"
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        return f"{parent} is no directory"
    return None if os.access(parent, os.W_OK | os.X_OK) else f"Permission denied: nothing can be made in {parent}"


def left_out(address: Address, backend: Any) -> Iterator[str]:
    """The files of a directory that are of no key of the store in it, by their paths below the directory.

    Raises:
        StoreBackendError: the directory cannot be read.
    """
    if isinstance(backend, GXDirectory):
        yield from backend.left_out()
    elif address.kind == "files":
        root = Path(address.where).absolute()
        files = list(files_below(root))  # first, for the store may be in use: what is new meanwhile is a key's then
        urls = {backend.get_url_for_key(key) for key in backend.list_keys()}
        for file in files:
            path = file.relative_to(root)
            own = path.name in IGNORED or (path.parts[0].startswith(OWN) and path.suffix != address.options["suffix"])
            if not own and (file.is_symlink() or (file.as_uri() not in urls and file.exists())):
                yield str(path)


def foreign_objects(address: Address) -> str | None:
    """The name of an object below a URL, to tell that there are some; None if there is none."""
    import obstore
    from obstore.store import from_url

    found = next(iter(obstore.list(from_url(revealed(address.where)), chunk_size=10)), [])
    return next((one["path"] for one in found), None)


def remove_empty(address: Address, name: str) -> None:
    """Remove a directory of an object store on this machine, with those in it, as far as they are empty."""
    root = file_of(address)
    if root is not None:
        for directory, _, _ in os.walk(root / name, topdown=False):
            with contextlib.suppress(OSError):
                Path(directory).rmdir()


@attrs.frozen
class Database:
    """What is known of a database.

    Args:
        server: its name and version.
        table: whether the table is there.
        stores: names of the stores in it, in part.
    """

    server: str
    table: bool
    stores: tuple[str, ...] = ()


def database(address: Address, timeout: float) -> Database:
    """Look at a database, and change nothing.

    Args:
        address: of kind "sql".
        timeout: seconds that it may take.

    Raises:
        TimeoutError: it takes longer.
        Exception: what SQLAlchemy raises; it may show what is secret.
    """
    return within(timeout, lambda: _database(address, timeout))


def _database(address: Address, timeout: float) -> Database:
    import sqlalchemy as sa

    url = sa.make_url(revealed(address.where))
    engine = sa.create_engine(url, connect_args=_limits(url.get_driver_name(), timeout), hide_parameters=True)
    try:
        table, schema = address.table, address.options.get("schema")
        with engine.connect() as connection:
            server = _server(connection)
            if not sa.inspect(connection).has_table(table, schema=schema):
                return Database(server, False)
            store = sa.column("store", sa.LargeBinary)
            query = sa.select(store).select_from(sa.table(table, store, schema=schema)).distinct().limit(OTHERS)
            found = connection.execute(query).scalars().all()
        return Database(server, True, tuple(bytes(name).decode() for name in found if _is_name(bytes(name))))
    finally:
        engine.dispose()


def _is_name(text: bytes) -> bool:
    """Whether it is a store's name; a table may have rows that are of none."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _limits(driver: str, timeout: float) -> dict[str, Any]:
    """How a driver is told to wait no longer."""
    seconds = math.ceil(timeout)
    if driver == "pymysql":
        return {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds}
    if driver == "psycopg":
        return {"connect_timeout": max(2, seconds)}
    return {"timeout": timeout} if driver == "pysqlite" else {}


def _server(connection: Any) -> str:
    """The name and version of what is connected to."""
    import sqlalchemy as sa

    name = connection.dialect.name
    if name == "sqlite":
        return f"SQLite {connection.execute(sa.text('SELECT sqlite_version()')).scalar()}, in this process"
    query = "SHOW server_version" if name == "postgresql" else "SELECT version()"
    version = str(connection.execute(sa.text(query)).scalar())
    if name != "postgresql":
        name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    return f"{name.replace('postgresql', 'PostgreSQL')} {version}"


def redis_server(address: Address, timeout: float) -> str:
    """The version of a Redis server.

    Raises:
        Exception: what redis raises; it may show what is secret.
    """
    from redis import Redis

    limits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    with Redis.from_url(revealed(address.where), **limits) as client:
        found: Any = client.info("server")
    return f"Redis {found['redis_version']}"
