"""Object stores in processes that are forked, before their first use or after it."""

import os
import signal
import sys
import traceback

import pytest

from spec_store import StoreBackendError
from spec_store.backends import ObjectStoreBackend
from tests.spec_store.backends.recording import recording

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

SECONDS = 60
"""After which a child that hangs is ended."""

A, B = ("a",), ("b",)


def in_a_child(call):
    """How a forked process ends that makes a call: 0, 1 where it raises, -14 where it hangs."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(SECONDS)
            call()
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def everything(backend):
    backend.set(B, "2")
    backend.move(B, ("c",))
    assert backend.get(A) == "1"
    assert (A in backend.list_keys(), backend.has_key(B), backend.remove_key(("c",))) == (True, False, True)
    with pytest.raises(StoreBackendError):
        backend.add(A, "2")


@pytest.fixture
def backend(tmp_path):
    """One that was used in this process."""
    used = ObjectStoreBackend(f"file://{tmp_path}")
    used.set(A, "1")
    return used


def test_a_child_uses_the_backend_of_its_parent(backend):
    assert in_a_child(lambda: everything(backend)) == 0
    everything(backend)


def test_a_child_opens_a_backend_of_its_own(backend, tmp_path):
    assert in_a_child(lambda: everything(ObjectStoreBackend(f"file://{tmp_path}"))) == 0


def test_a_child_of_a_child_does_so_too(backend):
    def begets():
        everything(backend)
        assert in_a_child(lambda: everything(backend)) == 0

    assert in_a_child(begets) == 0


def test_a_child_talks_to_a_server(backend):
    config = {"access_key_id": "AKID", "secret_access_key": "secret", "allow_http": "true", "region": "us-east-1"}
    with recording() as server:
        remote = ObjectStoreBackend("s3://bucket", {"endpoint": server.url, **config}, suppress_store_backend_id=True)
        remote.set(A, "1")
        assert in_a_child(lambda: remote.set(B, "2")) == 0
        assert [path for path, _ in server.of("PUT")] == ["/bucket/a/value.txt", "/bucket/b/value.txt"]


def test_a_child_that_was_forked_before_any_use_needs_no_copy(tmp_path):
    script = f"""
import os
from spec_store.backends import ObjectStoreBackend, _object_library
child = os.fork()
backend = ObjectStoreBackend("file://{tmp_path}")
backend.set((str(child == 0),), "1")
assert backend.get((str(child == 0),)) == "1"
assert _object_library.library().api is __import__("obstore")
os._exit(0) if child == 0 else None
assert os.waitpid(child, 0)[1] == 0
"""
    assert in_a_child(lambda: os.execv(sys.executable, [sys.executable, "-c", script])) == 0


def test_what_another_process_has_in_memory_is_an_error():
    backend = ObjectStoreBackend("memory:///")
    backend.set(A, "1")

    def refused():
        with pytest.raises(StoreBackendError, match="this process was forked"):
            backend.get(A)

    assert in_a_child(refused) == 0


def test_a_child_that_cannot_load_a_copy_says_what_to_do(backend, monkeypatch):
    def refused():
        monkeypatch.setattr("tempfile.tempdir", "/no/such/directory")
        with pytest.raises(StoreBackendError, match="start processes by spawn or forkserver"):
            backend.get(A)

    assert in_a_child(refused) == 0


def test_a_child_keeps_no_lock_that_a_thread_of_its_parent_had(backend, tmp_path):
    reader, writer = os.pipe()
    with backend._writes._lock.held(SECONDS):
        child = os.fork()
        if child == 0:
            os.close(writer)
            os.read(reader, 1)  # until the parent has written
            os._exit(0)
    ObjectStoreBackend(f"file://{tmp_path}", timeout=SECONDS / 2).set(B, "2")
    os.close(writer)
    assert os.waitpid(child, 0)[1] == 0
    os.close(reader)
