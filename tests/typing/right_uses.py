"""What a user writes, with every public name: mypy and pyright, strict, have nothing to say against it."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance import Claims, Report, StoreBackendSuite, StoreMachine, Subject, check, new_directory
from spec_store import (
    CLASSES,
    REQUIREMENTS,
    SPEC_VERSION,
    Copied,
    InMemoryStoreBackend,
    InvalidKeyError,
    Key,
    Requirement,
    StoreBackend,
    StoreBackendError,
    StoreError,
    copy,
    requirement,
)
from spec_store.backends import FilesystemStoreBackend, SQLStoreBackend

# The reference, and what the specification says


def read_back(store: StoreBackend, key: Key) -> str:
    store.set(key, "text")
    store.move(key, ("moved", *key))
    keys: list[Key] = store.list_keys(("moved",))
    removed: bool = store.remove_key(keys[0])
    id_ = store.store_backend_id
    return f"{removed} {store.has_key(key)} {id_.hex if id_ is not None else None} {store.config}"


def must_of(class_: str) -> list[Requirement]:
    assert class_ in CLASSES
    return [one for one in REQUIREMENTS if one.class_ == class_ and one.level == "MUST" and one.since <= SPEC_VERSION]


def why(id: str) -> str:
    return requirement(id).why


def read_missing(store: StoreBackend) -> None:
    try:
        store.get(("missing",))
    except InvalidKeyError as error:
        assert isinstance(error, StoreError)
    except StoreBackendError:
        raise


# A backend of one's own


class ShelfBackend(StoreBackend):
    def __init__(self, place: Path, *, shelf: str = "one", **options: Any) -> None:
        super().__init__(**options)
        self._place = place
        self._shelf = shelf
        self._values: dict[Key, str] = {}

    def _get(self, key: Key) -> str:
        try:
            return self._values[key]
        except KeyError:
            raise InvalidKeyError(f"{key!r} is missing") from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        self._values[key] = str(value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        self._values[dest_key] = self._get(source_key)
        if source_key != dest_key:
            del self._values[source_key]

    def _has_key(self, key: Key) -> bool:
        return key in self._values

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        return [key for key in self._values if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        return self._values.pop(key, None) is not None


# Engines


def moved_house(directory: Path) -> Copied:
    files = FilesystemStoreBackend(str(directory), durability="power")
    table = SQLStoreBackend("sqlite://", name="suites")
    table.add(("orders",), "text", content_type="text/plain")
    return copy(table, files, prefix=("orders",))


# The kit from a program


def open_reference(place: None, **options: Any) -> InMemoryStoreBackend:
    return InMemoryStoreBackend(**options)


def open_shelf(place: Path, **options: Any) -> ShelfBackend:
    return ShelfBackend(place, **options)


def open_files(place: str, **options: Any) -> FilesystemStoreBackend:
    return FilesystemStoreBackend(place, **options)


@contextmanager
def shelf() -> Generator[Path, None, None]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


SUBJECTS = (
    Subject(open=open_reference),
    Subject(
        open=open_shelf,
        place=shelf,
        claims=Claims(elements=st.text("abc", min_size=1), values=st.text(), key_length=(1, 3)),
        name="shelf",
    ),
    Subject(open=open_shelf, place=tempfile.TemporaryDirectory, claims=Claims(threads=True, key_length=2)),
    Subject(
        open=open_files,
        place=new_directory,
        claims=Claims(durable=True, threads=True, processes=True, crash_safe=True, durability="power"),
    ),
)


def judged(subject: Subject) -> Report:
    report = check(subject, examples=20, seed=1, classes=["core", "identity"], budget=10)
    for result in report.results:
        if result.requirement.id == "MOVE-3" and result.counterexample is not None:
            print(result.counterexample.message, result.counterexample.script, sep="\n")
    assert report.verdict == "conformant", report.violated
    return Report.from_json(report.to_json())


# The kit from pytest


class TestShelf(StoreBackendSuite):
    subject = Subject(open=open_shelf, place=shelf)
    deviations = {"SET-5": "values are kept as text"}
    examples = 50
    classes = ("core",)
    budget = 2.5


class TestFixture(StoreBackendSuite):
    @pytest.fixture(scope="class")
    def subject(self, tmp_path_factory: pytest.TempPathFactory) -> Subject:
        root = tmp_path_factory.mktemp("shelf")

        def open_shelf_of(place: None, **options: Any) -> ShelfBackend:
            return ShelfBackend(root, **options)

        return Subject(open=open_shelf_of)


# Random programs with a rule of one's own


class ShelfMachine(StoreMachine):
    subject = Subject(open=open_shelf, place=shelf)

    @rule(element=st.sampled_from("abc"))
    def look(self, element: str) -> None:
        self.backend.has_key((element,))


TestShelfMachine = ShelfMachine.TestCase
