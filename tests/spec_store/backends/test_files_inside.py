"""How the file system backend goes about its directories: layout, depth, calls, systems without descriptors."""

import contextlib
import errno
import os
import threading

import pytest

from spec_store import STORE_BACKEND_ID_KEY, InvalidKeyError, StoreBackendError
from spec_store.backends import FilesystemStoreBackend, _files, _files_directories
from tests.spec_store.backends.system_calls import Calls

posix = pytest.mark.skipif(os.name == "nt", reason="descriptors and links as POSIX has them")

A, B, C = ("a", "b"), ("a", "c"), ("d", "e")


def opened(root, **options):
    return FilesystemStoreBackend(root, suppress_store_backend_id=True, **options)


@pytest.fixture
def backend(tmp_path):
    return opened(tmp_path / "store")


# The layout


def test_a_store_of_the_first_layout_has_no_marker(backend, tmp_path):
    backend.set(("a",), "1")

    assert {path.name for path in (tmp_path / "store").iterdir()} == {"+new", "a.txt"}


def test_a_store_that_a_later_version_wrote_is_refused(backend, tmp_path):
    backend.set(("a",), "1")
    (tmp_path / "store/+layout").write_text("3\n")

    for options in ({}, {"read_only": True}):
        with pytest.raises(
            StoreBackendError, match=r"later version of spec-store \(layout 3; this one knows up to 1\)"
        ):
            opened(tmp_path / "store", **options)


def test_a_marker_of_the_first_layout_is_no_key_and_does_no_harm(backend, tmp_path):
    backend.set(("a",), "1")
    (tmp_path / "store/+layout").write_text("1\n")

    assert opened(tmp_path / "store").list_keys() == [("a",)]


@pytest.mark.parametrize("content", ["", "two", "-1", "1.5", "9" * 5000])
def test_a_marker_without_a_number_is_refused(tmp_path, content):
    (tmp_path / "+layout").write_text(content)

    with pytest.raises(StoreBackendError, match=r"\+layout"):
        opened(tmp_path)


# Depth


@pytest.fixture
def few_descriptors():
    """Has the system give this process forty more descriptors than it has open."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd"))) if os.path.isdir("/proc/self/fd") else 100  # noqa: PTH112, PTH208
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 41, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@posix
@pytest.mark.usefixtures("few_descriptors")
def test_deep_keys_take_few_descriptors(backend):
    deep = ("a",) * 1024
    keys = [
        deep,
        deep[:1000],
        (*deep[:900], "b"),
        (*deep[:500], "b", "c"),
        (*deep[:40], "b"),
        (*deep[:10], "b"),
        ("b",),
    ]
    for key in keys:
        backend.set(key, str(len(key)))

    assert sorted(backend.list_keys()) == sorted(keys)
    assert sorted(backend.list_keys(deep[:700])) == sorted(keys[:3])
    assert sorted(backend.get_all()) == sorted(str(len(key)) for key in keys)
    backend.move(deep, ("c", *deep[:1000]))
    assert backend.get(("c", *deep[:1000])) == "1024"
    for key in (("c", *deep[:1000]), *keys[1:]):
        assert backend.remove_key(key)
    assert backend.list_keys() == []


@posix
def test_of_a_deep_key_no_directory_is_left(backend, tmp_path):
    backend.set(("a",) * 1024, "1")
    backend.move(("a",) * 1024, ("b",) * 500)
    backend.remove_key(("b",) * 500)

    assert [path.name for path in (tmp_path / "store").iterdir()] == ["+new"]


@pytest.mark.parametrize("key", [("a",) * 5000, ("a" * 100,) * 50, ("a" * 10_000,)], ids=len)
def test_a_key_whose_path_is_too_long_is_missing(backend, key):
    backend.set(("b",), "1")

    assert backend.has_key(key) is False
    assert backend.remove_key(key) is False
    assert backend.list_keys(key) == []
    with pytest.raises(InvalidKeyError):
        backend.get(key)
    with pytest.raises(InvalidKeyError):
        backend.move(key, ("c",))
    for write in (
        lambda: backend.set(key, "1"),
        lambda: backend.move(("b",), key),
        lambda: backend.get_url_for_key(key),
    ):
        with pytest.raises(StoreBackendError, match="too long"):
            write()
    assert backend.list_keys() == [("b",)]


@posix
def test_names_that_the_store_would_not_give_are_not_listed(backend, tmp_path):
    backend.set(("a",), "1")
    for name in ("bb+/c.txt", f"{'x' * 201}.txt", f"{'y' * 201}/c.txt", f"{'z' * 199}+/c.txt", "x/+.txt", "con.txt"):
        path = tmp_path / "store" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("foreign")

    assert backend.list_keys() == [("a",)]


# Calls of the system


@posix
def test_a_listing_asks_nothing_about_single_files(backend):
    for number in range(50):
        backend.set(("a", str(number)), "1")

    with Calls() as calls:
        assert len(backend.list_keys(("a",))) == 50
    assert calls.names == {"stat": 1, "open": 1, "scandir": 1, "close": 1}


@posix
def test_an_operation_takes_few_calls(backend):
    backend.set(A, "1" * 1000)

    for operation, most in (
        (lambda: backend.has_key(A), 3),
        (lambda: backend.has_key(("a",)), 1),
        (lambda: backend.get(A), 6),
        (lambda: backend.set(A, "2"), 8),
        (lambda: backend.move(A, B), 4),
        (lambda: backend.remove_key(B), 5),
    ):
        with Calls() as calls:
            operation()
        assert calls.count <= most, calls.names


@posix
@pytest.mark.parametrize("durability", ["process", "power"])
def test_whatever_call_fails_nothing_stays_open(tmp_path, durability):
    def fail():
        if calls.current != "close":  # which would leave it open
            raise PermissionError(errno.EACCES, "refused")

    operations = (
        lambda backend: backend.get(A),
        lambda backend: backend.has_key(A),
        lambda backend: backend.list_keys(),
        lambda backend: backend.get_all(),
        lambda backend: backend.set(("n", "m", "o"), "2"),
        lambda backend: backend.add(("p", "q"), "2"),
        lambda backend: backend.move(A, ("r", "s")),
        lambda backend: backend.remove_key(("r", "s")),
    )
    if not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        pytest.skip("open files cannot be counted here")
    backend = opened(tmp_path / durability, durability=durability)
    backend.set(A, "1")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for operation in operations:
        with Calls() as calls, contextlib.suppress(InvalidKeyError):
            operation(backend)
        backend.set(A, "1")
        for at in range(calls.count):
            with Calls(at, fail) as calls, contextlib.suppress(StoreBackendError, InvalidKeyError):
                operation(backend)
            backend.set(A, "1")
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# All values


def test_all_values_are_those_of_the_keys_but_the_id(tmp_path):
    backend = FilesystemStoreBackend(tmp_path)
    for key, value in (
        ((), "root"),
        (("a",), ""),
        (("a", "b"), "0"),
        (("x" * 500, "\u00e9"), "\u00e9"),
        (("c",), "same"),
    ):
        backend.set(key, value)
    backend.set(("d",), "same")

    assert STORE_BACKEND_ID_KEY in backend.list_keys()
    assert sorted(backend.get_all()) == sorted(["root", "", "0", "\u00e9", "same", "same"])


def test_all_values_of_an_empty_store_are_none(backend):
    assert backend.get_all() == []


def test_all_values_are_read_in_one_walk(backend):
    for number in range(20):
        backend.set(("a", str(number)), "1")

    with Calls() as calls:
        assert backend.get_all() == ["1"] * 20
    assert calls.names["scandir"] == 2


@pytest.mark.parametrize("at", range(12))
def test_what_is_removed_while_all_values_are_read_is_left_out(backend, tmp_path, at):
    for key in (A, B, C):
        backend.set(key, key[1])
    root = tmp_path / "store"

    def act():
        (root / "a/b.txt").unlink()
        (root / "d/e.txt").unlink()
        (root / "d").rmdir()

    with Calls(at, act):
        values = backend.get_all()
    assert "c" in values
    assert len(values) == len(set(values))
    assert set(values) <= {"b", "c", "e"}


def test_all_values_are_told_which_one_is_no_text(backend, tmp_path):
    backend.set(A, "1")
    (tmp_path / "store/a/b.txt").write_bytes(b"\xff")

    with pytest.raises(StoreBackendError, match="'a', 'b'"):
        backend.get_all()


# Temporary files


@posix
def test_a_temporary_file_that_is_swept_before_it_is_locked_is_written_again(backend, tmp_path, monkeypatch):
    lock = _files._lock
    swept: list[int] = []

    def late(descriptor):
        if len(swept) < 3:
            _files.sweep(str(tmp_path / "store"))
            swept.append(descriptor)
        lock(descriptor)

    monkeypatch.setattr(_files, "_lock", late)
    backend.set(A, "1")
    swept.clear()
    backend.add(B, "2")

    assert (backend.get(A), backend.get(B), len(swept)) == ("1", "2", 3)
    assert list((tmp_path / "store/+new").iterdir()) == []


def test_a_directory_that_is_removed_again_and_again_is_made_again(backend):
    stop = threading.Event()

    def remover():
        other = opened(backend.config["root"])
        while not stop.is_set():
            other.set(("a", "x", "y"), "1")
            other.remove_key(("a", "x", "y"))

    thread = threading.Thread(target=remover)
    thread.start()
    try:
        for number in range(200):
            backend.set(("a", "x", "z"), str(number))
            assert backend.get(("a", "x", "z")) == str(number)
            backend.move(("a", "x", "z"), ("a", "w", "z"))
            assert backend.remove_key(("a", "w", "z"))
    finally:
        stop.set()
        thread.join()


# Systems whose functions take no descriptors of directories


@pytest.fixture
def by_paths(monkeypatch):
    monkeypatch.setattr(_files_directories, "BY_DESCRIPTOR", False)


@pytest.mark.usefixtures("by_paths")
def test_without_descriptors_of_directories_all_is_done_by_paths(tmp_path):
    backend = FilesystemStoreBackend(tmp_path / "store")
    long = ("x" * 450, "y", "z")
    for key in ((), ("a",), A, long):
        backend.set(key, "1")
    backend.add(B, "2")
    with pytest.raises(StoreBackendError):
        backend.add(B, "3")
    backend.move(B, C)
    backend.move(C, ("d", "f"))

    assert sorted(backend.list_keys()) == sorted([(), ("a",), A, ("d", "f"), long, STORE_BACKEND_ID_KEY])
    assert (backend.list_keys(("a",)), backend.list_keys(long[:1])) == ([("a",), A], [long])
    assert (backend.get(("d", "f")), sorted(backend.get_all())) == ("2", ["1", "1", "1", "1", "2"])
    assert backend.remove_key(long)
    assert not backend.has_key(long)
    assert {path.name for path in (tmp_path / "store").iterdir() if path.is_dir()} == {"+new", "a", "d"}


@posix
@pytest.mark.usefixtures("by_paths")
def test_without_descriptors_of_directories_links_are_looked_for_before(backend, tmp_path):
    (tmp_path / "outside/c").mkdir(parents=True)
    (tmp_path / "outside/b.txt").write_text("secret")
    backend.set(("d",), "1")
    (tmp_path / "store/a").symlink_to(tmp_path / "outside")

    assert (backend.has_key(A), backend.remove_key(A), backend.list_keys()) == (False, False, [("d",)])
    with pytest.raises(InvalidKeyError):
        backend.get(A)
    with pytest.raises(StoreBackendError, match="link"):
        backend.set(A, "1")
    with pytest.raises(StoreBackendError, match="link"):
        backend.move(("d",), A)
    assert (tmp_path / "outside/b.txt").read_text() == "secret"


@posix
@pytest.mark.parametrize("foreign", ["B", "con", "com1", "x" * 201, "a.b", "", "\u00e9", "+", "%61", "c "])
@pytest.mark.parametrize("beside", [[], ["Capital", "con", "x" * 201, "\u00e9", ""]], ids=["plain", "with others"])
def test_a_foreign_file_hides_no_key_and_is_none(backend, tmp_path, beside, foreign):
    keys = [("a", name) for name in ("b", "0", "-_", "con1", "com", "lpt10", "y" * 200, *beside)]
    for key in keys:
        backend.set(key, "1")
    assert sorted(backend.list_keys()) == sorted(keys)
    (tmp_path / "store/a" / f"{foreign}.txt").touch()

    assert sorted(backend.list_keys()) == sorted(keys)
