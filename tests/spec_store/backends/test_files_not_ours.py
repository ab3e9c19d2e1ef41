"""What is not the store's own in or beside its directory: links, FIFOs, devices, directories swapped meanwhile."""

import contextlib
import os
import socket
import stat
from pathlib import Path

import pytest

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import FilesystemStoreBackend
from tests.spec_store.backends.system_calls import Calls

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, FIFOs and descriptors as POSIX has them")

TEMPORARY = "0123456789abcdef" * 2
"""A name as temporary files have it."""

KEY, DEEP, OTHER = ("p",), ("a", "b", "c"), ("x", "y")


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "store"
    path.mkdir()
    return path


def opened(root, **options):
    return FilesystemStoreBackend(root, suppress_store_backend_id=True, **options)


def tree(directory):
    """All that is in a directory, with what is in the files."""
    return {
        path.relative_to(directory).as_posix(): path.read_text() if path.is_file() else ""
        for path in Path(directory).rglob("*")
    }


# What has a key's name and is no file


def make_socket(path):
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def make_device(path):
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # zeros without end
        path.open("rb").close()
    except OSError:
        pytest.skip("devices cannot be made here")


def make_link(path):
    (path.parent.parent / "outside.txt").write_text("secret")
    path.symlink_to(path.parent.parent / "outside.txt")


IRREGULAR = {
    "a FIFO": lambda path: os.mkfifo(path),
    "a socket": make_socket,
    "a device": make_device,
    "a directory": os.mkdir,
    "a symbolic link": make_link,
    "a symbolic link to nothing": lambda path: path.symlink_to("nothing"),
    "a symbolic link to itself": lambda path: path.symlink_to(path),
}


@pytest.fixture(params=IRREGULAR)
def irregular(request, root):
    """A path with the name of the file of `KEY`."""
    path = root / "p.txt"
    IRREGULAR[request.param](path)
    return path


def test_what_is_no_file_is_refused_at_once_and_left_alone(irregular, root):
    backend = opened(root)
    backend.set(("a",), "1")
    before = irregular.lstat()

    for read in (lambda: backend.get(KEY), lambda: backend.move(KEY, ("q",))):
        with pytest.raises(InvalidKeyError):
            read()
    with pytest.raises(StoreBackendError):
        backend.update(KEY, "1")
    with pytest.raises(StoreBackendError):
        backend.add(KEY, "1")
    assert backend.has_key(KEY) is False
    assert backend.remove_key(KEY) is False
    assert backend.list_keys() == [("a",)]
    assert backend.list_keys(KEY) == []
    assert backend.get_all() == ["1"]
    assert irregular.lstat() == before


@pytest.mark.parametrize("name", ["+new", "+layout"])
@pytest.mark.parametrize("make", IRREGULAR)
def test_opening_waits_for_nothing_that_has_a_name_of_the_stores(root, name, make):
    IRREGULAR[make](root / name)
    before = (root / name).lstat()

    with contextlib.suppress(StoreBackendError):
        opened(root).set(KEY, "1")
    assert stat.S_IFMT((root / name).lstat().st_mode) == stat.S_IFMT(before.st_mode)
    assert not (root.parent / "outside.txt").exists() or (root.parent / "outside.txt").read_text() == "secret"


# Opening


@pytest.mark.parametrize("name", ["precious", TEMPORARY])
def test_opening_removes_nothing_behind_a_link(root, tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / name).write_text("text")
    (root / "+new").symlink_to(outside)

    opened(root).list_keys()
    assert tree(outside) == {name: "text"}


def test_opening_removes_no_temporary_file_that_is_not_one_of_the_stores(root):
    (root / "+new").mkdir()
    (root / "+new/notes").write_text("text")
    (root / "+new" / TEMPORARY).write_text("left")
    os.mkfifo(root / "+new" / TEMPORARY[::-1])

    opened(root)
    assert {path.name for path in (root / "+new").iterdir()} == {"notes", TEMPORARY[::-1]}


def test_a_root_that_is_a_file_is_said_to_be_one(tmp_path):
    (tmp_path / "file").write_text("text")

    for options in ({}, {"read_only": True}):
        with pytest.raises(StoreBackendError, match="root is no directory"):
            opened(tmp_path / "file", **options)
    assert (tmp_path / "file").read_text() == "text"


OPERATIONS = {
    "get": lambda backend: backend.get(DEEP),
    "has_key": lambda backend: backend.has_key(DEEP),
    "has_key of one element": lambda backend: backend.has_key(KEY),
    "list_keys": lambda backend: backend.list_keys(),
    "list_keys of a prefix": lambda backend: backend.list_keys(DEEP[:1]),
    "get_all": lambda backend: backend.get_all(),
    "set": lambda backend: backend.set(DEEP, "new"),
    "set of a new key": lambda backend: backend.set((*DEEP, "d", "e"), "new"),
    "add": lambda backend: backend.add(("a", "b", "new"), "new"),
    "move beside": lambda backend: backend.move(DEEP, ("a", "b", "new")),
    "move away": lambda backend: backend.move(DEEP, ("new", "new")),
    "move there": lambda backend: backend.move(OTHER, ("a", "b", "new", "new")),
    "remove_key": lambda backend: backend.remove_key(DEEP),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_root_that_a_file_took_the_place_of_is_said_to_be_one(root, tmp_path, operation):
    backend = opened(root)
    root.rename(tmp_path / "aside")
    root.write_text("text")

    with pytest.raises(StoreBackendError, match="root is no directory"):
        OPERATIONS[operation](backend)
    assert root.read_text() == "text"


def test_another_root_in_the_place_of_the_first_is_noticed_at_once(root, tmp_path):
    backend = opened(root)
    backend.set(DEEP, "1")
    root.rename(tmp_path / "aside")
    opened(root).set(OTHER, "2")

    assert (backend.has_key(DEEP), backend.list_keys(), backend.get_all()) == (False, [OTHER], ["2"])
    backend.set(DEEP, "3")
    assert opened(root).get(DEEP) == "3"
    assert opened(tmp_path / "aside").get(DEEP) == "1"


# Directories that are swapped for links amid an operation


def outside_of(tmp_path):
    """A directory that looks as the store's do, and is none of its."""
    outside = tmp_path / "outside"
    for name in ("b/c.txt", "b/d/e.txt", "b/new/new.txt", f"{TEMPORARY}", "c.txt", "b/new.txt", "new.txt", "y.txt"):
        path = outside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
    (outside / "b/empty").mkdir()
    return outside


def swapped_amid(operation, swapped, at, tmp_path):
    """Swap a directory for a link before call number `at` of an operation: how many calls there were, what came."""
    root, outside = tmp_path / "store", outside_of(tmp_path)
    backend = opened(root)
    backend.set(DEEP, "1")
    backend.set(OTHER, "2")
    before = tree(outside)

    def swap():
        with contextlib.suppress(FileNotFoundError):
            (root / swapped).rename(tmp_path / "aside")
            (root / swapped).symlink_to(outside)

    came = None
    with Calls(at, swap) as calls, contextlib.suppress(InvalidKeyError, StoreBackendError):
        came = operation(backend)
    assert tree(outside) == before
    assert "secret" not in str(came)
    return calls.count


@pytest.mark.parametrize("swapped", ["a", "a/b", "x", "+new"])
@pytest.mark.parametrize(
    "operation", [*OPERATIONS.values(), lambda backend: opened(backend.config["root"])], ids=[*OPERATIONS, "opening"]
)
def test_a_directory_that_is_swapped_for_a_link_at_any_moment_leads_nowhere(operation, swapped, tmp_path):
    at = count = 0
    while at <= count:
        place = tmp_path / str(at)
        place.mkdir()
        count = swapped_amid(operation, swapped, at, place)
        at += 1
    assert at == count + 1 > 1


def test_a_directory_that_was_moved_away_and_linked_back_is_not_followed(root, tmp_path):
    backend = opened(root)
    backend.set(DEEP, "1")
    assert backend.has_key(DEEP)
    (root / "a").rename(tmp_path / "a")
    (root / "a").symlink_to(tmp_path / "a")

    assert backend.has_key(DEEP) is False
    assert backend.list_keys() == backend.list_keys(DEEP[:1]) == backend.get_all() == []
    assert backend.remove_key(DEEP) is False
    with pytest.raises(StoreBackendError, match="a symbolic link is in the way"):
        backend.set(DEEP, "2")
    assert (tmp_path / "a/b/c.txt").read_text() == "1"
