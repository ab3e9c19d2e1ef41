"""Copying between stores: everything, exactly, again and again, and over nobody's value."""

from collections.abc import Callable
from typing import Any

import pytest

from spec_store import Copied, InMemoryStoreBackend, InvalidKeyError, StoreBackendError, copy
from spec_store.backends import FilesystemStoreBackend, SQLStoreBackend

TEXTS = {("a",): "text\n", ("a", "b"): "", ("\u00e9", "\U0001f600"): "\r\n\0", ("..", "x/y"): " \U0001f600 "}


@pytest.fixture
def source():
    store = InMemoryStoreBackend()
    for key, value in TEXTS.items():
        store.set(key, value)
    return store


def held(store):
    return {key: store.get(key) for key in store.list_keys() if key != store.STORE_BACKEND_ID_KEY}


@pytest.mark.parametrize("engine", ["memory", "files", "sqlite"])
def test_everything_is_copied_exactly_but_the_id(source, engine, tmp_path):
    dests: dict[str, Callable[[], Any]] = {
        "memory": InMemoryStoreBackend,
        "files": lambda: FilesystemStoreBackend(tmp_path / "store"),
        "sqlite": lambda: SQLStoreBackend(f"sqlite:///{tmp_path}/db"),
    }
    dest = dests[engine]()
    own = dest.store_backend_id

    assert copy(source, dest) == Copied(copied=4)
    assert held(dest) == TEXTS
    assert dest.store_backend_id == own != source.store_backend_id


def test_a_prefix_limits_it(source):
    dest = InMemoryStoreBackend()

    assert copy(source, dest, ("a",)).copied == 2
    assert set(held(dest)) == {("a",), ("a", "b")}


def test_what_is_there_already_counts_as_present(source):
    dest = InMemoryStoreBackend()
    copy(source, dest, ("a",))

    assert copy(source, dest) == Copied(copied=2, present=2)


def test_a_value_that_differs_is_left_alone_and_named_unless_told_otherwise(source):
    dest = InMemoryStoreBackend()
    dest.set(("a",), "mine")

    assert copy(source, dest) == Copied(copied=3, differing=1, differing_keys=(("a",),))
    assert dest.get(("a",)) == "mine"
    assert copy(source, dest, overwrite=True) == Copied(present=3, overwritten=1)
    assert held(dest) == TEXTS


def test_it_goes_on_where_it_was_interrupted(source):
    class Full(InMemoryStoreBackend):
        room = 2

        def _set(self, key, value, **kwargs):
            if key != self.STORE_BACKEND_ID_KEY:
                if not self.room:
                    raise OSError("no space")
                self.room -= 1
            super()._set(key, value)

    dest = Full()
    with pytest.raises(OSError, match="no space") as failed:
        copy(source, dest)
    assert "the destination" in failed.value.__notes__[0]
    dest.room = 10

    assert copy(source, dest) == Copied(copied=2, present=2)
    assert held(dest) == TEXTS


def test_a_value_that_somebody_stores_meanwhile_is_left_alone(source):
    class Contended(InMemoryStoreBackend):
        def _add(self, key, value, **kwargs):
            if key == ("a",):
                self.set(key, "theirs")
            super()._add(key, value)

    dest = Contended()

    assert copy(source, dest).differing_keys == (("a",),)
    assert dest.get(("a",)) == "theirs"


def test_a_key_that_vanishes_meanwhile_is_counted(source):
    class Vanishing(InMemoryStoreBackend):
        def _get(self, key):
            if key == ("gone",):
                raise InvalidKeyError(key)
            return super()._get(key)

    vanishing = Vanishing()
    vanishing.set(("gone",), "1")
    vanishing.set(("a",), "2")

    assert copy(vanishing, InMemoryStoreBackend()) == Copied(copied=1, vanished=1)


def test_a_destination_without_add_will_do(source):
    class Old:
        def __init__(self):
            self.kept = {}

        def has_key(self, key):
            return key in self.kept

        def get(self, key):
            return self.kept[key]

        def set(self, key, value):
            self.kept[key] = value

        def list_keys(self, prefix=()):
            return list(self.kept)

    dest = Old()

    assert copy(source, dest).copied == 4
    assert dest.kept == TEXTS


def test_progress_is_told(source):
    told = []
    copy(source, InMemoryStoreBackend(), progress=lambda done, total: told.append((done, total)))

    assert told == [(number, 4) for number in range(5)]


def test_a_value_that_the_destination_refuses_is_told_with_its_key(source, tmp_path):
    source.set(("number",), 1)
    with pytest.raises(TypeError) as failed:
        copy(source, FilesystemStoreBackend(tmp_path))
    assert "('number',)" in failed.value.__notes__[0]
    assert not isinstance(failed.value, StoreBackendError)
