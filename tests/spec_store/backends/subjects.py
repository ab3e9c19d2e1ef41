"""The engines as subjects; `conformance run tests.spec_store.backends.subjects:postgresql` judges one by hand.

Those of S3 and Azure take the endpoint from the environment, for whoever starts the server.
"""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from redis import Redis

from conformance import Claims, Subject, new_directory
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend
from tests.servers import MARIADB, POSTGRESQL, REDIS, azure_config, s3_config

DURABLE = Claims(durable=True)
OBJECTS = Claims(durable=True, threads=True, processes=True, atomic_move=False)
THREADS = Claims(durable=True, threads=True)
CRASH_SAFE = Claims(durable=True, threads=True, processes=True, crash_safe=True)
POWER = Claims(durable=True, threads=True, processes=True, crash_safe=True, durability="power")


@functools.cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT")


@functools.cache
def _client() -> Redis:
    return Redis.from_url(REDIS)


def _names(url: str) -> Callable[[], contextlib.AbstractContextManager[str]]:
    """Places in a database: names of stores, whose rows are deleted in the end."""

    @contextlib.contextmanager
    def name() -> Iterator[str]:
        chosen = f"test-{uuid4().hex}"
        try:
            yield chosen
        finally:
            with contextlib.suppress(sa.exc.ProgrammingError), _engine(url).connect() as connection:
                connection.execute(sa.text("DELETE FROM spec_store WHERE store = :store"), {"store": chosen.encode()})

    return name


@contextlib.contextmanager
def _redis_name() -> Iterator[str]:
    chosen = f"test-{uuid4().hex}"
    try:
        yield chosen
    finally:
        _client().delete(f"{{{chosen}}}:values", f"{{{chosen}}}:keys")


@contextlib.contextmanager
def _prefix() -> Iterator[str]:
    yield uuid4().hex


def in_database(url: str, title: str) -> Subject:
    """Stores in one database, told apart by their names."""

    def opened(place: str, **options: Any) -> SQLStoreBackend:
        return SQLStoreBackend(url, place, **options)

    return Subject(opened, _names(url), CRASH_SAFE, title)


def in_objects(url: str, config: dict[str, str], title: str, claims: Claims = OBJECTS) -> Subject:
    """Stores in one bucket or container, told apart by their prefixes."""

    def opened(place: str, **options: Any) -> ObjectStoreBackend:
        return ObjectStoreBackend(f"{url}/{place}", config, **options)

    return Subject(opened, _prefix, claims, title)


filesystem = Subject(
    lambda place, **options: FilesystemStoreBackend(place, **options), new_directory, CRASH_SAFE, "filesystem"
)
filesystem_power = Subject(
    lambda place, **options: FilesystemStoreBackend(place, durability="power", **options),
    new_directory,
    POWER,
    "filesystem, power",
)
sqlite = Subject(
    lambda place, **options: SQLStoreBackend(f"sqlite:///{place}/store.sqlite", **options),
    new_directory,
    THREADS,
    "SQLite",
)
sqlite_crash_safe = Subject(
    lambda place, **options: SQLStoreBackend(f"sqlite:///{place}/store.sqlite", **options),
    new_directory,
    CRASH_SAFE,
    "SQLite, crash-safe",
)
sqlite_in_memory = Subject(lambda _place, **options: SQLStoreBackend("sqlite://", **options), name="SQLite in memory")
postgresql = in_database(POSTGRESQL, "PostgreSQL")
mariadb = in_database(MARIADB, "MariaDB")
redis = Subject(lambda place, **options: RedisStoreBackend(REDIS, place, **options), _redis_name, CRASH_SAFE, "Redis")
local_objects = Subject(
    lambda place, **options: ObjectStoreBackend(f"file://{place}", **options), new_directory, OBJECTS, "local objects"
)
objects_in_memory = Subject(
    lambda _place, **options: ObjectStoreBackend("memory:///", **options),
    claims=Claims(threads=True, atomic_move=False),
    name="objects in memory",
)
s3 = in_objects(f"s3://{os.environ.get('S3_BUCKET', '')}", s3_config(os.environ.get("S3_ENDPOINT", "")), "S3")
azure = in_objects(
    f"az://{os.environ.get('AZURE_CONTAINER', '')}", azure_config(os.environ.get("AZURE_ENDPOINT", "")), "Azure"
)
