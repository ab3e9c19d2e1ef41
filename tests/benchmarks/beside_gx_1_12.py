"""Our backends beside those of Great Expectations 1.12, the last release with its own for S3 and databases.

Run by engines.py, with the Python of an environment that has that release, boto3, obstore and SQLAlchemy, in one of
these ways; the bucket has a store for each of the two, below `ours` and below `theirs`:
python tests/benchmarks/beside_gx_1_12.py s3 KEYS SECONDS ENDPOINT BUCKET
python tests/benchmarks/beside_gx_1_12.py sqlite KEYS SECONDS DIRECTORY
It prints the figures as JSON.
"""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import attrs

from spec_store.backends import ObjectStoreBackend, SQLStoreBackend
from spec_store.keys import Key, starts_with
from tests.benchmarks import filled_table
from tests.benchmarks.side_by_side import VALUE, Figures, Layout, compare, kept

COLUMNS = ("first", "second")
ON_S3 = ("get", "set", "has", "move", "list", "list all", "remove")


@attrs.frozen
class Narrowed:
    """A backend of Great Expectations whose listing does not look at the prefix, so that its caller has to."""

    backend: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        return [key for key in self.backend.list_keys(prefix) if starts_with(key, prefix)]


def beside_s3(layout: Layout, seconds: float, endpoint: str, bucket: str) -> Figures:
    """The two on S3. Theirs takes a key that is stored for one that may be added."""
    from great_expectations.data_context.store.tuple_store_backend import TupleS3StoreBackend

    names = {
        "region": "region_name",
        "access_key_id": "aws_access_key_id",
        "secret_access_key": "aws_secret_access_key",
    }
    access = {"region": "us-east-1", "access_key_id": "test", "secret_access_key": "test"}
    boto3 = {"endpoint_url": endpoint} | {names[name]: value for name, value in access.items()}
    theirs = TupleS3StoreBackend(
        bucket, "theirs", boto3_options=boto3, filepath_suffix=".txt", suppress_store_backend_id=True
    )
    config = {"endpoint": endpoint, "allow_http": "true"} | access
    ours = ObjectStoreBackend(f"s3://{bucket}/ours", config, suppress_store_backend_id=True)
    return compare({"ours": kept(ours), "gx": kept(Narrowed(theirs))}, layout, seconds, ON_S3)


def beside_sqlite(layout: Layout, seconds: float, directory: str) -> Figures:
    """The two on SQLite, each in a file of its own. Theirs cannot move, and an update of one key changes others."""
    from great_expectations.data_context.store.database_store_backend import DatabaseStoreBackend

    theirs = DatabaseStoreBackend("theirs", list(COLUMNS), url=f"sqlite:///{directory}/theirs.db")
    with contextlib.closing(sqlite3.connect(f"{directory}/theirs.db")) as connection:
        rows = ((*key, VALUE) for key in layout.every())
        connection.executemany("INSERT INTO theirs (first, second, value) VALUES (?, ?, ?)", rows)
        connection.commit()
    url = f"sqlite:///{directory}/ours.db"
    filled_table.fill(url, "spec_store", "store", layout.every(), VALUE)
    ours = SQLStoreBackend(url, suppress_store_backend_id=True)
    return compare({"ours": kept(ours), "gx": kept(theirs)}, layout, seconds, ("get", "set", "list"), own=True)


def main() -> None:
    kind, number, seconds, *place = sys.argv[1:]
    beside: dict[str, Callable[..., Figures]] = {"s3": beside_s3, "sqlite": beside_sqlite}
    print(json.dumps(beside[kind](Layout(int(number)), float(seconds), *place)))


if __name__ == "__main__":
    main()
