"""What the file system backend does with its files: names, links, leftovers, what it is not given to read."""

import inspect
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spec_store import STORE_BACKEND_ID_KEY, InvalidKeyError, StoreBackendError
from spec_store.backends import FilesystemStoreBackend, _files

posix = pytest.mark.skipif(os.name == "nt", reason="links and locks as POSIX has them")


def files(root):
    return sorted(path.relative_to(root).as_posix() for path in Path(root).rglob("*") if path.is_file())


@pytest.fixture
def backend(tmp_path):
    return FilesystemStoreBackend(tmp_path / "store", suppress_store_backend_id=True)


def test_a_key_is_a_directory_for_each_element_but_the_last_and_a_file_for_that(backend, tmp_path):
    backend.set(("suites", "Orders 1.0"), "text\n")

    assert files(tmp_path) == ["store/suites/%4Frders%201%2E0.txt"]
    assert (tmp_path / "store/suites/%4Frders%201%2E0.txt").read_bytes() == b"text\n"


def test_the_suffix_is_the_callers(tmp_path):
    FilesystemStoreBackend(tmp_path, ".json", suppress_store_backend_id=True).set(("a",), "{}")

    assert files(tmp_path) == ["a.json"]


@pytest.mark.parametrize("suffix", ["", "json", ".", "./a", ".JSON", ".a.b", "..", ".a/../b"])
def test_a_suffix_that_is_none_is_refused(tmp_path, suffix):
    with pytest.raises(ValueError, match="suffix"):
        FilesystemStoreBackend(tmp_path, suffix)


def test_opening_without_an_id_touches_nothing(tmp_path):
    FilesystemStoreBackend(tmp_path / "store", suppress_store_backend_id=True)

    assert not (tmp_path / "store").exists()


def test_removing_the_last_key_of_a_directory_removes_the_directory(backend, tmp_path):
    backend.set(("a", "b", "c"), "1")
    backend.set(("a", "d"), "2")
    backend.remove_key(("a", "b", "c"))

    assert not (tmp_path / "store/a/b").exists()
    assert backend.list_keys() == [("a", "d")]


def test_a_long_element_is_split_into_names_that_the_file_system_takes(backend, tmp_path):
    key = ("\u00e9" * 200, "x" * 1000)
    backend.set(key, "1")

    assert backend.list_keys() == [key]
    assert backend.list_keys(key[:1]) == [key]
    assert max(len(path.name) for path in (tmp_path / "store").rglob("*")) <= 255


@pytest.fixture
def few_frames():
    """Has Python give up a hundred frames from here on."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("few_frames")
def test_a_key_may_have_more_elements_than_python_has_frames(backend, tmp_path):
    deep = ("a",) * 250
    backend.set(deep, "1")

    assert backend.get(deep) == "1"
    assert backend.list_keys() == backend.list_keys(deep[:-1]) == [deep]
    assert backend.remove_key(deep)
    assert backend.list_keys() == []
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["+new"]


def test_a_key_whose_path_the_system_does_not_take_is_refused_and_leaves_nothing(backend, tmp_path):
    with pytest.raises(StoreBackendError):
        backend.set(("a",) * 5000, "1")

    assert not (tmp_path / "store").exists()


def test_files_that_are_not_the_stores_are_not_listed(backend, tmp_path):
    backend.set(("a",), "1")
    for name in ("b", "c.json", "D.txt", "e f.txt", ".txt", "sub dir/a.txt", "+new/x"):
        path = tmp_path / "store" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("foreign")

    assert backend.list_keys() == [("a",)]


def test_a_file_that_is_no_utf_8_is_told(backend, tmp_path):
    backend.set(("a",), "1")
    (tmp_path / "store/a.txt").write_bytes(b"\xff")

    with pytest.raises(StoreBackendError, match="UTF-8"):
        backend.get(("a",))


def test_what_stands_in_the_way_of_a_directory_is_told(backend, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/a").write_text("foreign")

    with pytest.raises(StoreBackendError):
        backend.set(("a", "b"), "1")
    with pytest.raises(InvalidKeyError):
        backend.get(("a", "b"))
    assert backend.has_key(("a", "b")) is False


@posix
def test_a_link_in_the_store_leads_nowhere(backend, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (tmp_path / "store").mkdir()
    (tmp_path / "store/linked").symlink_to(outside)
    (tmp_path / "store/file.txt").symlink_to(outside / "secret.txt")

    assert backend.list_keys() == backend.list_keys(("linked",)) == []
    for key in (("linked", "secret"), ("file",)):
        assert backend.has_key(key) is False
        assert backend.remove_key(key) is False
        with pytest.raises(InvalidKeyError):
            backend.get(key)
        with pytest.raises(InvalidKeyError):
            backend.move(key, ("moved",))
    backend.set(("a",), "1")
    with pytest.raises(StoreBackendError, match="link"):
        backend.set(("linked", "new"), "1")
    with pytest.raises(StoreBackendError, match="link"):
        backend.move(("a",), ("linked", "new"))
    backend.set(("file",), "mine")
    assert backend.get(("file",)) == "mine"
    assert files(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == "secret"


@posix
def test_temporary_files_are_not_made_behind_a_link(backend, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "store").mkdir()
    (tmp_path / "store/+new").symlink_to(outside)

    with pytest.raises(StoreBackendError, match="link"):
        backend.set(("a",), "1")
    assert files(outside) == []


@posix
def test_opening_removes_what_a_dead_process_left_and_not_what_a_living_one_writes(tmp_path):
    root = tmp_path / "store"
    program = f"""
import os
from spec_store.backends import FilesystemStoreBackend
os.replace = lambda *_, **__: os._exit(9)
FilesystemStoreBackend({str(root)!r}, suppress_store_backend_id=True).set(("a",), "1" * 100_000)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    assert len(files(root)) == 1
    writing, swept = threading.Event(), threading.Event()

    class Slow(FilesystemStoreBackend):
        def _into_place(self, parents, step):
            writing.set()
            swept.wait(30)
            super()._into_place(parents, step)

    slow = Slow(root, suppress_store_backend_id=True)
    assert files(root) == []
    thread = threading.Thread(target=slow.set, args=(("b",), "2"))
    thread.start()
    writing.wait(30)
    FilesystemStoreBackend(root, suppress_store_backend_id=True)
    swept.set()
    thread.join()

    assert FilesystemStoreBackend(root, suppress_store_backend_id=True).get(("b",)) == "2"
    assert files(root) == ["b.txt"]


@posix
def test_files_get_the_permissions_that_the_umask_leaves(backend, tmp_path):
    before = os.umask(0o027)
    try:
        backend.set(("a",), "1")
    finally:
        os.umask(before)

    assert (tmp_path / "store/a.txt").stat().st_mode & 0o777 == 0o640


@posix
def test_a_store_that_is_to_outlast_the_loss_of_power_syncs_file_and_directories(tmp_path, monkeypatch):
    synced = []
    sync = os.fsync

    def fsync(descriptor):
        synced.append(os.path.relpath(Path(f"/proc/self/fd/{descriptor}").readlink(), tmp_path))
        sync(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("the names of open files cannot be read here")
    backend = FilesystemStoreBackend(tmp_path / "store", durability="power", suppress_store_backend_id=True)
    monkeypatch.setattr(os, "fsync", fsync)
    backend.set(("a", "b"), "1")
    assert synced[-1] == "store/a"
    assert any(name.startswith("store/+new/") for name in synced)
    assert {".", "store"} <= set(synced)
    synced.clear()
    backend.move(("a", "b"), ("c", "d"))
    assert {"store/c", "store/a", "store"} <= set(synced)


def test_a_durability_that_there_is_none_of_is_refused(tmp_path):
    with pytest.raises(ValueError, match="durability"):
        FilesystemStoreBackend(tmp_path, durability="disk")  # type: ignore[arg-type]


def test_a_relative_root_stays_where_it_was_when_the_process_goes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    backend = FilesystemStoreBackend("store")
    backend.set(("a",), "1")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    assert backend.get(("a",)) == "1"
    assert backend.config["root"] == "store"
    assert backend.get_url_for_key(("a",)) == (tmp_path / "store/a.txt").as_uri()


def test_the_id_is_a_file_that_can_be_read(tmp_path):
    backend = FilesystemStoreBackend(tmp_path)

    assert (tmp_path / "%2Ege_store_backend_id.txt").read_text() == f"store_backend_id = {backend.store_backend_id}\n"
    assert backend.list_keys() == [STORE_BACKEND_ID_KEY]


@pytest.mark.skipif(sys.platform != "linux", reason="a file is opened by its descriptor in /proc")
def test_a_temporary_file_that_another_process_has_locked_is_not_waited_for(tmp_path, monkeypatch):
    """It is a process that sweeps, and is halted before it has removed the file."""
    fcntl = pytest.importorskip("fcntl")
    backend = FilesystemStoreBackend(tmp_path / "store")
    lock, others = _files._lock, []

    def locked_by_another(descriptor):
        others.append(os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY))
        fcntl.flock(others[-1], fcntl.LOCK_EX)
        lock(descriptor)

    monkeypatch.setattr(_files, "_lock", locked_by_another)
    backend.set(("a",), "1")
    backend.add(("b",), "2")
    assert len(others) == 2
    for other in others:
        os.close(other)
    assert sorted(backend.get_all()) == ["1", "2"]
