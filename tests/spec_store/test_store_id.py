"""What a store answers when asked for its id."""

import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from spec_store import InMemoryStoreBackend, InvalidKeyError, Key, StoreBackend, StoreBackendError
from tests.spec_store.samples import DictBackend

ID = uuid.UUID("0f3c1f4e-5d0a-4b7e-9a51-2c1f6a1b7d90")
ID_KEY = StoreBackend.STORE_BACKEND_ID_KEY
INVALID = uuid.UUID(StoreBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID)


class Collector(logging.Handler):
    """Keeps the messages that are logged."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        assert record.levelno == logging.WARNING
        self.messages.append(record.getMessage())


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """The warnings logged so far, and nothing else is logged."""
    collector, logger = Collector(), logging.getLogger("spec_store")
    logger.addHandler(collector)
    yield collector.messages
    logger.removeHandler(collector)


class FailingBackend(DictBackend):
    """Its storage can be neither read nor written."""

    def _get(self, key: Key) -> Any:
        raise OSError("the disk is gone")


class OvertakenBackend(DictBackend):
    """Between its look at the storage and its own writing, another has stored an id."""

    def _add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._stored[key] = f"store_backend_id = {ID}"
        return super()._add(key, value, **kwargs)


class FullBackend(DictBackend):
    """Its storage takes no more values."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        raise StoreBackendError("no space left")


def test_it_is_a_random_uuid_that_stays_the_same(warnings):
    store = InMemoryStoreBackend()
    assert isinstance(store.store_backend_id, uuid.UUID)
    assert store.store_backend_id.version == 4
    assert store.store_backend_id == store.store_backend_id_warnings_suppressed
    assert not warnings


def test_two_stores_have_two():
    assert InMemoryStoreBackend().store_backend_id != InMemoryStoreBackend().store_backend_id


def test_the_reference_creates_it_on_construction():
    store = InMemoryStoreBackend()
    text = store.get(ID_KEY)
    assert store.list_keys() == [ID_KEY]
    assert text == f"store_backend_id = {store.store_backend_id}\n"


def test_the_base_class_creates_it_at_the_first_read():
    stored: dict[Key, Any] = {}
    store = DictBackend(stored)
    assert not stored
    assert stored == {ID_KEY: f"store_backend_id = {store.store_backend_id}\n"}


@pytest.mark.parametrize("spelling", [str(ID), str(ID).upper(), ID.hex, f"{{{ID}}}", ID.urn, ID])
def test_one_that_was_given_becomes_the_id_of_a_store_without_one(spelling, warnings):
    store = InMemoryStoreBackend(manually_initialize_store_backend_id=spelling)
    assert store.store_backend_id == ID
    assert store.get(ID_KEY) == f"store_backend_id = {ID}\n"
    assert not warnings


@pytest.mark.parametrize("given", ["", None])
def test_an_empty_one_is_as_none_given(given):
    store_id = InMemoryStoreBackend(manually_initialize_store_backend_id=given).store_backend_id
    assert store_id is not None
    assert store_id.version == 4


@pytest.mark.parametrize("given", ["5bacb5bf-7730-437a-b58c-b4601efbf7eb", "not a uuid"])
def test_a_store_that_has_one_ignores_what_was_given(given, warnings):
    stored: dict[Key, Any] = {ID_KEY: f"store_backend_id = {ID}"}
    assert DictBackend(stored, manually_initialize_store_backend_id=given).store_backend_id == ID
    assert stored == {ID_KEY: f"store_backend_id = {ID}"}
    assert not warnings


def test_an_invalid_one_given_warns_and_stores_nothing(warnings):
    store = InMemoryStoreBackend(manually_initialize_store_backend_id="not a uuid", store_name="plans")
    assert len(warnings) == 1
    assert store.store_backend_id == INVALID
    assert len(warnings) == 2
    assert "plans" in warnings[1]
    assert store.list_keys() == []


def test_a_suppressed_one_is_none_and_every_read_warns(warnings):
    store = InMemoryStoreBackend(suppress_store_backend_id=True, manually_initialize_store_backend_id=str(ID))
    assert not warnings
    assert store.store_backend_id is None
    assert store.store_backend_id is None
    assert len(warnings) == 2
    assert store.list_keys() == []


def test_a_suppressed_one_is_read_without_warning_where_warnings_are_suppressed(warnings):
    store = InMemoryStoreBackend(suppress_store_backend_id=True)
    assert store.store_backend_id_warnings_suppressed is None
    assert not warnings


@pytest.mark.parametrize("text", ["", "garbage", "store_backend_id = ", str(ID), b"store_backend_id", 7, None])
def test_something_else_under_its_key_is_invalid_and_left_as_it_is(text, warnings):
    store = InMemoryStoreBackend()
    store.set(ID_KEY, text)
    assert store.store_backend_id == INVALID
    assert len(warnings) == 1
    assert store.store_backend_id_warnings_suppressed == INVALID
    assert len(warnings) == 1
    assert store.get(ID_KEY) == text


def test_storage_that_fails_makes_it_invalid_and_the_warning_says_why(warnings):
    store = FailingBackend(store_name="plans")
    assert store.store_backend_id == INVALID
    assert warnings == ["FailingBackend(store_name='plans') has no valid store_backend_id: OSError: the disk is gone"]
    assert store.store_backend_id_warnings_suppressed == INVALID
    assert len(warnings) == 1


def test_storage_that_refuses_it_makes_it_invalid_and_the_warning_says_why(warnings):
    assert FullBackend().store_backend_id == INVALID
    assert "no space left" in warnings[0]


def test_who_comes_second_takes_the_one_that_is_stored(warnings):
    assert OvertakenBackend().store_backend_id == ID
    assert not warnings


def test_operations_on_other_keys_leave_it_alone():
    store = InMemoryStoreBackend()
    before = store.store_backend_id
    store.set((), "x")
    store.set((*ID_KEY, "child"), "x")
    store.move((*ID_KEY, "child"), ("a",))
    store.remove_key(())
    assert store.store_backend_id == before


def test_after_its_key_is_removed_a_new_one_is_made():
    store = InMemoryStoreBackend()
    before = store.store_backend_id
    assert store.remove_key(ID_KEY)
    with pytest.raises(InvalidKeyError):
        store.get(ID_KEY)
    assert store.store_backend_id not in (before, None)
