"""The places of the benchmark of engines: for each, filled stores and the clients that work on them, and their end."""

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
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
from spec_store.backends.objects import LEAF
from tests import servers
from tests.benchmarks import bare_clients, bare_sql, filled_table
from tests.benchmarks.side_by_side import VALUE, Figures, Layout, Side, Sides, kept

Place: TypeAlias = Callable[[Layout], AbstractContextManager[Sides]]

ROOT = Path(__file__).resolve().parents[2]
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
S3_SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "seaweedfs": servers.seaweedfs,
    "moto": servers.moto,
}
AT_A_TIME = 16
"""How many requests fill a bucket at the same time."""

OTHER_TIMEOUT = 29.0
"""That of a store which is opened while another is open, so that it does not find the connections of that one."""


class Absent(Exception):
    """What an engine needs is not there."""


def directory() -> "tempfile.TemporaryDirectory[str]":
    """A directory in memory, where there is such a file system, until the end of the block."""
    return tempfile.TemporaryDirectory(prefix="spec-store-", dir=IN_MEMORY)


@contextlib.contextmanager
def memory(layout: Layout) -> Iterator[Sides]:
    """Both dicts; ours copies values that can be changed, but text cannot."""
    ours = InMemoryStoreBackend(suppress_store_backend_id=True)
    theirs = TheirInMemoryStoreBackend(suppress_store_backend_id=True)
    for key in layout.every():
        ours.set(key, VALUE)
        theirs.set(key, VALUE)
    yield {"ours": kept(ours), "gx": kept(theirs)}


@contextlib.contextmanager
def filesystem(layout: Layout) -> Iterator[Sides]:
    """Each in a directory of its own."""
    with contextlib.ExitStack() as stack:
        roots = {name: stack.enter_context(directory()) for name in ("ours", "bare", "gx")}
        for root in roots.values():
            bare_clients.fill_directory(root, layout.every(), VALUE, bare_clients.SUFFIX)

        def theirs(suppressed: bool = False) -> TupleFilesystemStoreBackend:
            suffix = bare_clients.SUFFIX
            return TupleFilesystemStoreBackend(
                roots["gx"], filepath_suffix=suffix, suppress_store_backend_id=suppressed
            )

        yield {
            "ours": Side(
                FilesystemStoreBackend(roots["ours"], suppress_store_backend_id=True),
                lambda: FilesystemStoreBackend(roots["ours"]),
            ),
            "bare": Side(bare_clients.Files(roots["bare"]), lambda: nullcontext(bare_clients.Files(roots["bare"]))),
            "gx": Side(theirs(True), lambda: nullcontext(theirs())),
        }


def database(url: str, server: str | None = None) -> Place:
    """Each in a table of its own, and a file of its own where that is SQLite's."""

    @contextlib.contextmanager
    def place(layout: Layout) -> Iterator[Sides]:
        if server is not None:
            servers.require(server)
        table = f"spec_store_{uuid4().hex[:12]}"
        with directory() as root:
            our_url, bare_url = (url.format(root=f"{root}/{name}") for name in ("ours", "bare"))
            bare = bare_sql.Table(bare_url, f"{table}_bare")
            ours = SQLStoreBackend(our_url, table=table, suppress_store_backend_id=True)
            try:
                filled_table.fill(our_url, table, "store", layout.every(), VALUE)
                bare.fill(layout.every(), VALUE)
                yield {
                    "ours": Side(ours, lambda: SQLStoreBackend(our_url, table=table, timeout=OTHER_TIMEOUT)),
                    "bare": Side(bare, lambda: closing(bare_sql.Table(bare_url, f"{table}_bare"))),
                }
            finally:
                ours.close()
                filled_table.drop(our_url, table)
                bare.drop()
                bare.close()

    return place


@contextlib.contextmanager
def redis(layout: Layout) -> Iterator[Sides]:
    """Each in a hash of its own."""
    servers.require("Redis")
    name = f"benchmark-{uuid4().hex}"
    values, paths = f"{{{name}}}:values", f"{{{name}}}:keys"
    with closing(Redis.from_url(servers.REDIS)) as client:
        ours = RedisStoreBackend(servers.REDIS, name, suppress_store_backend_id=True)
        try:
            bare_clients.fill_redis(client, values, paths, layout.every(), VALUE)
            bare_clients.fill_redis(client, name, f"{name}:sorted", layout.every(), VALUE)
            yield {
                # The other URL has connections of its own.
                "ours": Side(ours, lambda: RedisStoreBackend(f"{servers.REDIS}?max_connections=49", name)),
                "bare": Side(
                    bare_clients.Hash(client, name),
                    lambda: closing(bare_clients.Hash(Redis.from_url(servers.REDIS), name)),
                ),
            }
        finally:
            ours.close()
            client.unlink(values, paths, name, f"{name}:sorted")


@contextlib.contextmanager
def objects(layout: Layout) -> Iterator[Sides]:
    """Each in a directory of its own, by obstore."""
    with directory() as our_root, directory() as bare_root:
        bare_clients.fill_directory(our_root, layout.every(), VALUE, f"/{LEAF}")
        bare_clients.fill_directory(bare_root, layout.every(), VALUE, bare_clients.SUFFIX)
        yield _two_of_objects(f"file://{our_root}", {}, lambda: from_url(f"file://{bare_root}"))


def _two_of_objects(url: str, config: dict[str, str], opened: Callable[[], Any]) -> Sides:
    return {
        "ours": Side(
            ObjectStoreBackend(url, config, suppress_store_backend_id=True), lambda: ObjectStoreBackend(url, config)
        ),
        "bare": Side(bare_clients.Objects(opened()), lambda: nullcontext(bare_clients.Objects(opened()))),
    }


def s3(server: Callable[[], AbstractContextManager[str]]) -> Place:
    """Each in a bucket of its own, on a server that is started for them."""

    @contextlib.contextmanager
    def place(layout: Layout) -> Iterator[Sides]:
        with server() as endpoint:
            our_url, bare_url = (f"s3://{servers.new_bucket(endpoint)}" for _ in range(2))
            asyncio.run(_fill_bucket(_bucket(our_url, endpoint), layout, f"/{LEAF}"))
            asyncio.run(_fill_bucket(_bucket(bare_url, endpoint), layout, bare_clients.SUFFIX))
            yield _two_of_objects(our_url, servers.s3_config(endpoint), lambda: _bucket(bare_url, endpoint))

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
        for name, ending in (("ours", f"/{LEAF}"), ("theirs", bare_clients.SUFFIX)):
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
def elsewhere(layout: Layout) -> Iterator[Sides]:
    """No place of this process: `beside_gx_1_12` has its own."""
    yield {}


PLACES: dict[str, Place] = {
    "memory": memory,
    "files": filesystem,
    "sqlite": database("sqlite:///{root}.db"),
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
