"""The places of large stores: what opens one, what the engine itself says that is in it, and its end."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import attrs
from redis import Redis

from spec_store.backends import FilesystemStoreBackend, RedisStoreBackend, SQLStoreBackend
from spec_store.backends._engine import Engine
from tests import servers
from tests.benchmarks import filled_table

Counts: TypeAlias = dict[str, int]


@attrs.frozen
class Opening:
    """What opens a store, in any process."""

    cls: Callable[..., Engine]
    arguments: dict[str, Any]

    def __call__(self) -> Engine:
        return self.cls(**self.arguments, suppress_store_backend_id=True)


@attrs.frozen
class Place:
    """Where a large store is.

    Args:
        opened: opens the store.
        counted: how many there are of what holds a value, by the engine's own word.
        others: how many files there are that hold none.
    """

    opened: Opening
    counted: Callable[[], Counts]
    others: Callable[[], int] = lambda: 0


@contextlib.contextmanager
def files(directory: Path) -> Iterator[Place]:
    """Files in a directory, which whoever made it removes."""
    root = directory / "store"

    def found(suffix: str) -> int:
        every = (path for path in root.rglob("*") if path.is_file())
        return sum((path.suffix == ".txt") == (suffix == ".txt") for path in every)

    opened = Opening(FilesystemStoreBackend, {"root": str(root)})
    yield Place(opened, lambda: {"files": found(".txt")}, lambda: found(""))


def database(url: str, server: str | None, directory: Path) -> AbstractContextManager[Place]:
    """A table of its own."""
    if server is not None:
        servers.require(server)
    return _table(url.format(root=directory), directory)


@contextlib.contextmanager
def _table(url: str, directory: Path) -> Iterator[Place]:
    table = f"spec_store_large_{uuid4().hex[:12]}"
    opened = Opening(SQLStoreBackend, {"url": url, "table": table})
    try:
        yield Place(
            opened, lambda: {"rows": filled_table.count(url, table)}, lambda: len(list(directory.glob("store.db?*")))
        )
    finally:
        filled_table.drop(url, table)


@contextlib.contextmanager
def redis(_directory: Path) -> Iterator[Place]:
    """A hash and a sorted set of its own."""
    servers.require("Redis")
    name = f"large-{uuid4().hex}"
    values, paths = f"{{{name}}}:values", f"{{{name}}}:keys"
    with closing(Redis.from_url(servers.REDIS)) as client:
        connect: Any = client
        try:
            yield Place(
                Opening(RedisStoreBackend, {"url": servers.REDIS, "name": name}),
                lambda: {"fields of the hash": connect.hlen(values), "members of the set": connect.zcard(paths)},
                lambda: len(list(connect.scan_iter(f"{{{name}}}*"))) - 2,
            )
        finally:
            connect.unlink(values, paths)


PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "files": files,
    "sqlite": partial(database, "sqlite:///{root}/store.db", None),
    "postgresql": partial(database, servers.POSTGRESQL, "PostgreSQL"),
    "mariadb": partial(database, servers.MARIADB, "MariaDB"),
    "redis": redis,
}
