"""A directory as an object store: its lock, and what another program leaves in it."""

import multiprocessing

import obstore
import pytest

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import ObjectStoreBackend
from spec_store.backends._object_locks import DirectoryLock
from spec_store.backends._object_markers import GONE, Claim, claimed

A, B = ("a",), ("b",)


def opened(directory, **options):
    return ObjectStoreBackend(f"file://{directory}", suppress_store_backend_id=True, **options)


def contents(backend):
    return {key: backend.get(key) for key in backend.list_keys()}


@pytest.mark.parametrize(("before", "after"), [(True, {B: "new"}), (False, {A: "new", B: "old"})])
def test_a_value_that_is_set_inside_of_a_move_is_not_lost(tmp_path, monkeypatch, before, after):
    mover, rename = opened(tmp_path), obstore.rename
    mover.set(A, "old")
    mover.set(B, "other")

    def renamed_and_set(*arguments):
        if before:
            opened(tmp_path).set(A, "new")
        rename(*arguments)
        if not before:
            opened(tmp_path).set(A, "new")

    monkeypatch.setattr(obstore, "rename", renamed_and_set)
    mover.move(A, B)

    assert contents(mover) == after


def test_a_value_is_moved_in_one_step(tmp_path):
    backend = opened(tmp_path)
    backend.set(A, "1")
    file = (tmp_path / "a" / "value.txt").stat().st_ino
    backend.move(A, B)

    assert (tmp_path / "b" / "value.txt").stat().st_ino == file


def _hold(directory, connection):
    with DirectoryLock(directory).held(60):
        connection.send(True)
        connection.recv()


def test_a_change_waits_for_another_process_no_longer_than_its_timeout(tmp_path):
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    holder = context.Process(target=_hold, args=(tmp_path, theirs), daemon=True)
    holder.start()
    try:
        assert ours.poll(60)
        backend = opened(tmp_path, timeout=0.1)
        for change in (lambda: backend.set(A, "1"), lambda: backend.move(A, B), lambda: backend.remove_key(A)):
            with pytest.raises(StoreBackendError, match=r"others have held the lock for 0\.1 s"):
                change()
        with pytest.raises(InvalidKeyError):  # readers wait for nobody
            backend.get(A)
    finally:
        holder.kill()
        holder.join(60)
    opened(tmp_path).set(A, "1")  # what its holder took is free when that is killed


def test_marks_in_a_directory_copied_from_a_server_are_read_as_there(tmp_path):
    backend = opened(tmp_path)
    for name, content in {"a": GONE, "b": claimed(b"moved", Claim("c/value.txt", {})), "d": b"d" * len(GONE)}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "value.txt").write_bytes(content)

    assert contents(backend) == {B: "moved", ("d",): "d" * len(GONE)}
    assert (backend.has_key(A), backend.has_key(B), backend.remove_key(A)) == (False, True, False)
    with pytest.raises(InvalidKeyError):
        backend.move(A, B)
    assert sorted(backend.get_all()) == ["d" * len(GONE), "moved"]
    backend.add(A, "1")
    backend.move(B, A)
    assert contents(backend) == {A: "moved", ("d",): "d" * len(GONE)}


def test_a_directory_that_is_removed_meanwhile_is_made_again(tmp_path):
    directory = tmp_path / "new"
    directory.mkdir()
    backend = opened(directory)
    directory.rmdir()
    backend.set(A, "1")
    assert contents(backend) == {A: "1"}
