"""What every engine has besides the interface: read-only stores, closing, copies, a timeout."""

import copy
import pickle
import uuid

import pytest

from spec_store import StoreBackendError
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, SQLStoreBackend
from spec_store.backends._engine import checked_timeout
from spec_store.identity import STORE_BACKEND_INVALID_CONFIGURATION_ID

ENGINES = {
    "files": lambda place, **options: FilesystemStoreBackend(place, **options),
    "sqlite": lambda place, **options: SQLStoreBackend(f"sqlite:///{place}/db", **options),
    "objects": lambda place, **options: ObjectStoreBackend(f"file://{place}", **options),
}
"""Engines that need no server."""

A, B = ("a",), ("b",)

WRITES = {
    "set": lambda backend: backend.set(A, "2"),
    "add": lambda backend: backend.add(B, "2"),
    "update": lambda backend: backend.update(A, "2"),
    "add_or_update": lambda backend: backend.add_or_update(B, "2"),
    "move": lambda backend: backend.move(A, B),
    "remove_key": lambda backend: backend.remove_key(A),
}


@pytest.fixture(params=ENGINES)
def opened(request, tmp_path):
    return lambda **options: ENGINES[request.param](tmp_path, **options)


@pytest.mark.parametrize("write", WRITES)
def test_a_store_that_is_only_read_refuses_to_be_changed(opened, write):
    writer = opened(suppress_store_backend_id=True)
    writer.set(A, "1")
    reader = opened(read_only=True)

    with pytest.raises(StoreBackendError, match="read_only"):
        WRITES[write](reader)
    assert {key: writer.get(key) for key in writer.list_keys()} == {A: "1"}
    assert (reader.get(A), reader.has_key(A), reader.list_keys(), reader.get_all()) == ("1", True, [A], ["1"])


def test_a_store_that_is_only_read_tells_the_id_that_it_has(opened):
    assert opened(read_only=True).store_backend_id == uuid.UUID(STORE_BACKEND_INVALID_CONFIGURATION_ID)
    own = opened().store_backend_id
    assert opened(read_only=True).store_backend_id == own


def test_a_backend_is_closed_at_the_end_of_its_context_and_opens_again_by_itself(opened):
    with opened() as backend:
        backend.set(A, "1")
    assert backend.get(A) == "1"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_is_a_new_handle_on_the_same_store(opened, copied):
    backend = opened(store_name="mine")
    other = copied(backend)
    other.set(A, "1")

    assert backend.get(A) == "1"
    assert other is not backend
    assert other.config == backend.config


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "5", None, True])
def test_a_timeout_is_a_number_of_seconds(timeout):
    with pytest.raises((ValueError, TypeError), match="timeout is a number of seconds"):
        checked_timeout(timeout)
