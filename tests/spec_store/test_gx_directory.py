"""A directory of Great Expectations' own files: every key, every value, and nothing written."""

import os
from pathlib import Path

import pytest

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.gx_directory import GXDirectory
from tests.later import Later

gx_stores = Later("great_expectations.data_context.store")

FILES = {
    "plain.json": ("plain",),
    "Orders.json": ("Orders",),
    "two words.json": ("two words",),
    "with/dot.json": ("with", "dot"),
    "orders/.json": ("orders", ""),
    ".json": ("",),
    "a.b.json": ("a.b",),
    "\u00fcn\u00ef\U0001f600.json": ("\u00fcn\u00ef\U0001f600",),
    "a%20b.json": ("a%20b",),
    "+new/x.json": ("+new", "x"),
}


@pytest.fixture
def root(tmp_path):
    for name in FILES:
        file = tmp_path / "old" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(f"the text of {name}\r\n".encode())
    (tmp_path / "old" / ".ge_store_backend_id").write_text("store_backend_id = x\n")
    return tmp_path / "old"


@pytest.fixture
def store(root):
    return GXDirectory(str(root))


def test_every_file_is_a_key_and_its_text_is_the_value(store):
    assert sorted(store.list_keys()) == sorted(FILES.values())
    for name, key in FILES.items():
        assert store.has_key(key)
        assert store.get(key) == f"the text of {name}\r\n"
    assert list(store.left_out()) == []


def test_a_prefix_is_of_whole_elements(store):
    assert store.list_keys(("with",)) == [("with", "dot")]
    assert store.list_keys(("wit",)) == []
    assert store.list_keys(("plain",)) == [("plain",)]


def test_the_id_is_read_and_not_listed(store):
    assert store.get(store.STORE_BACKEND_ID_KEY) == "store_backend_id = x\n"
    assert store.STORE_BACKEND_ID_KEY not in store.list_keys()


@pytest.mark.parametrize("suffix", [".yml", ".json"])
def test_files_that_are_no_values_are_told(root, suffix):
    (root / "one.yml").write_text("")
    (root / "link.json").symlink_to(root / "nowhere")
    (root / "linked").symlink_to(root / "with")
    os.mkfifo(root / "pipe.json")
    for name in (".ipynb_checkpoints/plain.json", ".git/config.json", ".DS_Store"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("")
    values = {"one.yml"} if suffix == ".yml" else set(FILES)
    left = {*FILES, "one.yml", "link.json", "linked", "pipe.json"} - values

    store = GXDirectory(str(root), suffix)
    assert sorted(store.left_out()) == sorted(left)
    assert len(store.list_keys()) == len(values)


@pytest.mark.parametrize(
    "key", [(), ("..",), ("..", "x"), ("with", "..", "plain"), ("with/dot",), ("", "plain"), (".",), ("a\0",), ("x",)]
)
def test_no_key_leads_elsewhere(store, root, key):
    (root.parent / "x.json").write_text("outside")

    assert store.has_key(key) is False
    with pytest.raises(InvalidKeyError):
        store.get(key)


def test_what_is_no_text_is_listed_and_refused(store, root):
    (root / "bad.json").write_bytes(b"\xff")

    assert ("bad",) in store.list_keys()
    with pytest.raises(StoreBackendError, match="no UTF-8"):
        store.get(("bad",))


def test_a_pipe_that_comes_to_be_is_not_waited_for(store, root):
    os.mkfifo(root / "pipe.json")

    with pytest.raises(StoreBackendError):
        store.get(("pipe",))


def test_it_cannot_be_changed(store, root):
    before = sorted(root.rglob("*"))
    for change in (
        lambda: store.set(("plain",), "x"),
        lambda: store.add(("new",), "x"),
        lambda: store.update(("plain",), "x"),
        lambda: store.move(("plain",), ("new",)),
        lambda: store.remove_key(("plain",)),
    ):
        with pytest.raises(StoreBackendError):
            change()
    assert sorted(root.rglob("*")) == before
    assert store.get(("plain",)) == "the text of plain.json\r\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every directory")
def test_a_directory_that_may_not_be_read_is_an_error(store, root):
    (root / "with").chmod(0)
    try:
        with pytest.raises(StoreBackendError, match="cannot be read"):
            store.list_keys()
    finally:
        (root / "with").chmod(0o700)


@pytest.mark.slow
def test_what_great_expectations_wrote_is_what_is_read(tmp_path):
    theirs = gx_stores.TupleFilesystemStoreBackend(str(tmp_path / "theirs"), filepath_suffix=".json")
    keys = [("plain",), ("Orders",), ("with", "dot"), ("two words",), ("orders", ""), ("2026-01-01T00:00", "\u00e9")]
    for key in keys:
        theirs.set(key, f"{key}")
    ours = GXDirectory(str(tmp_path / "theirs"))

    assert sorted(ours.list_keys()) == sorted(keys)
    assert {key: ours.get(key) for key in keys} == {key: f"{key}" for key in keys}
    assert Path(tmp_path / "theirs" / ".ge_store_backend_id").is_file()
    assert {key for key in theirs.list_keys() if theirs.has_key(key)} <= set(keys)
