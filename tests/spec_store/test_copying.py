"""Copying between stores: everything, exactly, again and again, and over nobody's value."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from spec_store import Compared, Copied, InMemoryStoreBackend, InvalidKeyError, Key, StoreBackendError, compare, copy
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


class Odd(InMemoryStoreBackend):
    """A source that lists keys whose values it does not give."""

    errors: Mapping[Key, Callable[[], Exception]] = {}

    def __init__(self, *keys):
        super().__init__()
        for key in keys:
            self.set(key, "1")

    def _get(self, key):
        if key in self.errors:
            raise self.errors[key]()
        return super()._get(key)


def test_a_key_that_vanishes_meanwhile_is_counted():
    class Vanishing(Odd):
        def _get(self, key):
            if key == ("gone",):
                self.remove_key(key)
            return super()._get(key)

    assert copy(Vanishing(("gone",), ("a",)), InMemoryStoreBackend()) == Copied(copied=1, vanished=1)


@pytest.mark.parametrize("error", [InvalidKeyError, StoreBackendError, OSError, UnicodeError, KeyError])
def test_a_key_that_is_listed_still_and_is_not_read_is_named_as_unreadable_and_the_others_are_copied(error):
    source = Odd(("a",), ("orders", ""), ("z",))
    source.errors = {("orders", ""): lambda: error("no such\nvalue")}
    dest = InMemoryStoreBackend()
    done = copy(source, dest)

    assert (done.copied, done.unreadable, done.vanished, done.complete) == (2, 1, 0, False)
    assert done.unreadable_keys == (("orders", ""),)
    assert done.reasons[0].startswith(error.__name__)
    assert "\n" not in done.reasons[0]
    assert set(held(dest)) == {("a",), ("z",)}
    assert "1 unreadable" in str(done)


def test_a_key_that_is_not_listed_any_more_but_is_there_is_unreadable():
    class Forgetful(Odd):
        listings = 0

        def list_keys(self, prefix=()):
            self.listings += 1
            return [key for key in super().list_keys(prefix) if self.listings == 1 or key not in self.errors]

    source = Forgetful(("a",), ("b",))
    source.errors = {("b",): InvalidKeyError}

    assert copy(source, InMemoryStoreBackend()).unreadable_keys == (("b",),)


def test_a_key_that_can_be_read_the_second_time_is_copied():
    class Moody(Odd):
        reads = 0

        def _get(self, key):
            self.reads += key == ("b",)
            if self.reads == 1 and key == ("b",):
                raise InvalidKeyError("not now")
            return super()._get(key)

    assert copy(Moody(("a",), ("b",)), InMemoryStoreBackend()) == Copied(copied=2)


def test_a_source_that_answers_no_more_ends_the_copy_with_its_error():
    class Gone(Odd):
        def _has_key(self, key):
            raise StoreBackendError("the server is gone")

    source = Gone(("a",), ("b",))
    source.errors = {("b",): lambda: StoreBackendError("the connection is lost")}

    with pytest.raises(StoreBackendError, match="the connection is lost") as failed:
        copy(source, InMemoryStoreBackend())
    assert failed.value.__notes__ == ["while copying ('b',): from the source"]


def test_a_comparison_tells_what_a_copy_would_do_and_writes_nothing(source):
    dest = InMemoryStoreBackend()
    dest.set(("a",), "mine")
    dest.set(("a", "b"), "")
    dest.set(("of its own",), "x")
    before = held(dest)
    seen = compare(source, dest)

    assert (seen.equal, seen.missing, seen.differing, seen.complete) == (1, 2, 1, False)
    assert seen.differing_keys == (("a",),)
    assert set(seen.missing_keys) == set(TEXTS) - {("a",), ("a", "b")}
    assert held(dest) == before


def test_a_comparison_after_a_copy_finds_everything_equal(source):
    dest = InMemoryStoreBackend()
    copy(source, dest)
    seen = compare(source, dest)

    assert seen == Compared(equal=4)
    assert seen.complete
    assert str(seen) == "4 equal, 0 missing, 0 differ, 0 unreadable, 0 vanished"


def test_a_comparison_names_what_cannot_be_read():
    source = Odd(("a",), ("b",))
    source.errors = {("b",): InvalidKeyError}
    dest = InMemoryStoreBackend()
    copy(source, dest)
    seen = compare(source, dest)

    assert (seen.equal, seen.unreadable_keys, seen.complete) == (1, (("b",),), False)


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
