"""Great Expectations' own backends as subjects, unmodified; `conformance run tests.conformance.gx_subjects:files`."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from great_expectations.data_context.store import InMemoryStoreBackend, TupleFilesystemStoreBackend

from conformance.subject.subject import Claims, Subject
from conformance.system.temporary import temporary_parent


@contextlib.contextmanager
def directory() -> Iterator[str]:
    """A directory that does not exist yet, in one that is cleaned, as Great Expectations makes its own."""
    with tempfile.TemporaryDirectory(dir=temporary_parent()) as outer:
        yield str(Path(outer, "store"))


def open_memory(place: None, **options: Any) -> InMemoryStoreBackend:
    return InMemoryStoreBackend(**options)


def open_files(place: str, **options: Any) -> TupleFilesystemStoreBackend:
    return TupleFilesystemStoreBackend(place, **options)


def open_template(place: str, **options: Any) -> TupleFilesystemStoreBackend:
    return TupleFilesystemStoreBackend(place, filepath_template="{0}/{1}.json", **options)


def open_affixed(place: str, **options: Any) -> TupleFilesystemStoreBackend:
    return TupleFilesystemStoreBackend(place, filepath_prefix="stores", filepath_suffix=".json", **options)


memory = Subject(open_memory, name="GX memory")
files = Subject(open_files, directory, Claims(durable=True), "GX files")
template = Subject(open_template, directory, Claims(durable=True, key_length=2), "GX files, template")
affixed = Subject(open_affixed, directory, Claims(durable=True), "GX files, prefix and suffix")
