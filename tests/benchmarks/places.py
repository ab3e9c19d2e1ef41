"""The places of the benchmark of engines: for each, a filled store and the clients that work on it, and its end."""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import obstore
from great_expectations.data_context.store import InMemoryStoreBackend as TheirInMemoryStoreBackend
from great_expectations.data_context.store import TupleFilesystemStoreBackend
from obstore.store import from_url
from redis import Redis

from spec_store import InMemoryStoreBackend
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend
from tests import servers
from tests.benchmarks import bare_clients, bare_sql
from tests.benchmarks.side_by_side import VALUE, Clients, Figures, Layout

Place: TypeAlias = Callable[[Layout], AbstractContextManager[Clients]]

ROOT = Path(__file__).resolve().parents[2]
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
S3_SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "seaweedfs": servers.seaweedfs,
    "moto": servers.moto,
}
AT_A_TIME = 16
"""How many requests fill a bucket at the same time."""


class Absent(Exception):
    """What an engine needs is not there."""


def directory() -> "tempfile.TemporaryDirectory[str]":
    """A directory in memory, where there is such a file system, until the end of the block."""
    return tempfile.TemporaryDirectory(prefix="spec-store-", dir=IN_MEMORY)


@contextlib.contextmanager
def memory(layout: Layout) -> Iterator[Clients]:
    """Both dicts; ours copies values that can be changed, but text cannot."""
    ours = InMemoryStoreBackend(suppress_store_backend_id=True)
    theirs = TheirInMemoryStoreBackend(suppress_store_backend_id=True)
    for key in layout.every():
        ours.set(key, VALUE)
        theirs.set(key, VALUE)
    yield {"ours": ours, "gx": theirs}


@contextlib.contextmanager
def filesystem(layout: Layout) -> Iterator[Clients]:
    """All three in one directory, whose files they name alike."""
    with directory() as root:
        _fill_directory(root, layout, bare_clients.SUFFIX)
        bare = bare_clients.Files(root)
        with contextlib.closing(bare):
            yield {
                "ours": FilesystemStoreBackend(root, suppress_store_backend_id=True),
                "bare": bare,
                "gx": TupleFilesystemStoreBackend(root, filepath_suffix=".txt", suppress_store_backend_id=True),
            }


def _fill_directory(root: str, layout: Layout, ending: str) -> None:
    content, made = VALUE.encode(), ""
    for key in layout.every():
        path = "/".join((root, *key)) + ending
        parent = path.rpartition("/")[0]
        if parent != made:
            Path(parent).mkdir(parents=True, exist_ok=True)
            made = parent
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, content)
        os.close(descriptor)


def database(url: str, server: str | None = None) -> Place:
    """Both in one table."""

    @contextlib.contextmanager
    def place(layout: Layout) -> Iterator[Clients]:
        if server is not None:
            servers.require(server)
        table = f"spec_store_{uuid4().hex[:12]}"
        with directory() as root:
            full = url.format(root=root)
            bare = bare_sql.Table(full, "store", table)
            ours = SQLStoreBackend(full, table=table, suppress_store_backend_id=True)
            try:
                bare.fill(layout)
                yield {"ours": ours, "bare": bare}
            finally:
                ours.close()
                bare.close()

    return place


@contextlib.contextmanager
def redis(layout: Layout) -> Iterator[Clients]:
    """Both in one hash and one sorted set."""
    servers.require("Redis")
    name = f"benchmark-{uuid4().hex}"
    with contextlib.closing(Redis.from_url(servers.REDIS)) as client:
        bare = bare_clients.Hash(client, name)
        values, paths = f"{{{name}}}:values", f"{{{name}}}:keys"
        ours = RedisStoreBackend(servers.REDIS, name, suppress_store_backend_id=True)
        try:
            keys = ("/".join(key) for key in layout.every())
            while chunk := list(itertools.islice(keys, 10_000)):
                pipeline = client.pipeline(transaction=False)
                pipeline.hset(values, mapping=dict.fromkeys(chunk, VALUE))
                pipeline.zadd(paths, dict.fromkeys(chunk, 0))
                pipeline.execute()
            yield {"ours": ours, "bare": bare}
        finally:
            ours.close()
            client.unlink(values, paths)


@contextlib.contextmanager
def objects(layout: Layout) -> Iterator[Clients]:
    """Both in one directory, by obstore."""
    with directory() as root:
        _fill_directory(root, layout, bare_clients.LEAF)
        ours = ObjectStoreBackend(f"file://{root}", suppress_store_backend_id=True)
        yield {"ours": ours, "bare": bare_clients.Objects(from_url(f"file://{root}"))}


def s3(server: Callable[[], AbstractContextManager[str]]) -> Place:
    """Both in one bucket of a server that is started for them."""

    @contextlib.contextmanager
    def place(layout: Layout) -> Iterator[Clients]:
        with server() as endpoint:
            url, config = f"s3://{servers.new_bucket(endpoint)}", servers.s3_config(endpoint)
            store = _bucket(url, endpoint)
            asyncio.run(_fill_bucket(store, layout, bare_clients.LEAF))
            ours = ObjectStoreBackend(url, config, suppress_store_backend_id=True)
            yield {"ours": ours, "bare": bare_clients.Objects(store)}

    return place


def _bucket(url: str, endpoint: str) -> Any:
    access: Any = {name: value for name, value in servers.s3_config(endpoint).items() if name != "allow_http"}
    return from_url(url, config=access, client_options={"allow_http": True})


async def _fill_bucket(store: Any, layout: Layout, ending: str) -> None:
    names = iter(["/".join(key) + ending for key in layout.every()])

    async def some() -> None:
        for name in names:
            await obstore.put_async(store, name, VALUE.encode(), use_multipart=False)

    await asyncio.gather(*[some() for _ in range(AT_A_TIME)])


@contextlib.contextmanager
def two_in_a_bucket(server: str, layout: Layout) -> Iterator[tuple[str, str]]:
    """The endpoint of an S3 server and a bucket with our store and Great Expectations' in it."""
    with S3_SERVERS[server]() as endpoint:
        bucket = servers.new_bucket(endpoint)
        for name, ending in (("ours", bare_clients.LEAF), ("theirs", ".txt")):
            asyncio.run(_fill_bucket(_bucket(f"s3://{bucket}/{name}", endpoint), layout, ending))
        yield endpoint, bucket


def beside_gx_1_12(engine: str, layout: Layout, seconds: float, python: str) -> Figures:
    """The figures of our backend and that of Great Expectations 1.12, in a process that has this release.

    Raises:
        Absent: there is no such Python.
    """
    if not Path(python).is_file():
        raise Absent(f"no environment with Great Expectations 1.12: {python!r}")
    kind, server = engine.split("-")[:2]
    two: Any = two_in_a_bucket(server, layout) if kind == "s3" else directory()
    with two as place:
        command = [python, str(ROOT / "tests/benchmarks/beside_gx_1_12.py"), kind, str(layout.number), str(seconds)]
        command += [place] if isinstance(place, str) else place
        environment = os.environ | {"PYTHONPATH": str(ROOT), "GX_ANALYTICS_ENABLED": "false"}
        figures: Figures = json.loads(
            subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
        )
        return figures


@contextlib.contextmanager
def elsewhere(layout: Layout) -> Iterator[Clients]:
    """No place of this process: `beside_gx_1_12` has its own."""
    yield {}


PLACES: dict[str, Place] = {
    "memory": memory,
    "filesystem": filesystem,
    "sqlite": database("sqlite:///{root}/store.db"),
    "postgresql": database(servers.POSTGRESQL, "PostgreSQL"),
    "mariadb": database(servers.MARIADB, "MariaDB"),
    "redis": redis,
    "objects": objects,
    "s3-seaweedfs": s3(servers.seaweedfs),
    "s3-moto": s3(servers.moto),
    "s3-seaweedfs-gx-1.12": elsewhere,
    "s3-moto-gx-1.12": elsewhere,
    "sqlite-gx-1.12": elsewhere,
}
"""Each engine's; those that end with `gx-1.12` are for `beside_gx_1_12`."""
