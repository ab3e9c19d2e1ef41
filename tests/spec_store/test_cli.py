"""`spec-store copy`: what it does, and its exit status, with no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from spec_store import InvalidKeyError
from spec_store.backends import FilesystemStoreBackend, SQLStoreBackend
from tests.spec_store.shell import refused, run

__all__ = ["run"]


@pytest.fixture
def store(tmp_path):
    backend = FilesystemStoreBackend(tmp_path / "store")
    backend.set(("a",), "1\n")
    backend.set(("b", "c"), "2")
    return backend


def module(tmp_path, monkeypatch, name, source):
    """A module beside the stores, for MODULE:CALLABLE."""
    Path(tmp_path, f"{name}.py").write_text("from spec_store import *\n" + source)
    monkeypatch.delitem(sys.modules, name, raising=False)


def everything(directory):
    return sorted(str(path.relative_to(directory)) for path in Path(directory).rglob("*"))


def test_it_is_a_command(store, tmp_path):
    command = [sys.executable, "-m", "spec_store", "copy", "store", "sqlite:///all.db#suites"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 copied")


def test_a_directory_is_copied_into_a_database(run, store, tmp_path):
    done = run("copy", "store", "sqlite:///all.db#suites")

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("2 copied")
    assert SQLStoreBackend(f"sqlite:///{tmp_path}/all.db", "suites").get(("a",)) == "1\n"


def test_a_directory_has_the_suffix_that_is_said(run, store, tmp_path):
    assert run("copy", "store", "other#.json").out.startswith("2 copied")
    assert (tmp_path / "other" / "a.json").read_bytes() == b"1\n"

    assert run("copy", "other#.json", "third").out.startswith("2 copied")
    assert FilesystemStoreBackend(tmp_path / "third").get(("b", "c")) == "2"


def test_a_table_is_the_one_that_is_said(run, store, tmp_path):
    assert run("copy", "store", "sqlite:///all.db#suites?table=old").out.startswith("2 copied")
    assert SQLStoreBackend(f"sqlite:///{tmp_path}/all.db", "suites", "old").get(("b", "c")) == "2"
    assert run("copy", "sqlite:///all.db#suites?table=old", "new").out.startswith("2 copied")

    assert "no table spec_store" in refused(run("copy", "sqlite:///all.db#suites", "new"))


def test_a_prefix_limits_it(run, store):
    assert run("copy", "store", "other", "--prefix", "b").out.startswith("1 copied")


def test_what_differs_is_named_and_left_alone_unless_told_otherwise(run, store, tmp_path):
    FilesystemStoreBackend(tmp_path / "other").set(("a",), "mine")

    done = run("copy", "store", "other")
    assert (done.status, done.err) == (1, "left alone, for its value differs (--overwrite replaces it): ('a',)\n")
    assert run("copy", "store", "other", "--overwrite").status == 0
    assert FilesystemStoreBackend(tmp_path / "other").get(("a",)) == "1\n"


@pytest.mark.slow
def test_any_backend_does_that_a_callable_gives(run, tmp_path, monkeypatch):
    pytest.importorskip("great_expectations", reason="great-expectations is not installed")
    source = (
        "from pathlib import Path\n"
        "from great_expectations.data_context.store import TupleFilesystemStoreBackend\n"
        "def old():\n"
        "    old = str(Path('old').resolve())\n"
        "    return TupleFilesystemStoreBackend(old, filepath_suffix='.json', suppress_store_backend_id=True)\n"
    )
    module(tmp_path, monkeypatch, "gx_stores", source)
    (tmp_path / "old" / "suites").mkdir(parents=True)
    (tmp_path / "old" / "suites" / "orders.json").write_text("{}")

    done = run("copy", "gx_stores:old", "new")

    assert done.status == 0, done.err
    assert FilesystemStoreBackend(tmp_path / "new").get(("suites", "orders")) == "{}"


# The source is only read


def test_a_source_gets_no_id_and_what_a_crash_left_is_not_swept(run, tmp_path):
    (tmp_path / "empty" / "+new").mkdir(parents=True)
    (tmp_path / "empty" / "+new" / "of a process that died").write_text("")
    done = run("copy", "empty", "other")

    assert (done.status, done.err) == (0, "SOURCE has no keys\n")
    assert everything(tmp_path / "empty") == ["+new", "+new/of a process that died"]


def test_a_source_that_is_not_there_does_not_come_to_be(run, tmp_path):
    assert "there is no database file" in refused(run("copy", "sqlite:///typo.db", "other"))
    assert "there is no directory" in refused(run("copy", "typo", "other"))
    assert "there is no directory" in refused(run("copy", "gx:typo", "other"))
    assert everything(tmp_path) == []


def test_a_source_that_is_of_another_kind_is_refused(run, store, tmp_path):
    (tmp_path / "file").write_text("")

    assert "is no directory" in refused(run("copy", "file", "other"))
    assert "is no database file" in refused(run("copy", "sqlite:///store", "other"))
    assert "no SQLite database" in refused(run("copy", "store", "sqlite:///store/a.txt"))


# Nothing is lost silently


def test_a_value_that_is_listed_and_cannot_be_read_is_named(run, store, tmp_path):
    (tmp_path / "store" / "z.txt").write_bytes(b"\xff")
    done = run("copy", "store", "other")

    assert done.status == 1
    assert "2 copied" in done.out
    assert "1 unreadable" in done.out
    assert len(done.lines) == 1
    assert done.err.startswith("listed by SOURCE, but cannot be read: ('z',): StoreBackendError: ")
    assert "no UTF-8" in done.err


@pytest.mark.parametrize("names", [["Orders.txt"], ["two words.txt", "a/Deep.txt"], ["plain.json"], ["README"]])
@pytest.mark.parametrize("others", [True, False], ids=["beside keys", "alone"])
def test_files_that_are_of_no_key_are_named(run, tmp_path, names, others):
    root = tmp_path / "store"
    if others:
        FilesystemStoreBackend(root).set(("a",), "1")
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}")
    done = run("copy", "store", "other")

    assert done.status == 1
    assert done.out.startswith("1 copied" if others else "0 copied")
    assert sorted(done.lines[:-1]) == sorted(f"left out, for it is no file of this store: {name!r}" for name in names)
    assert "gx:store" in done.lines[-1]
    assert "#.json" in done.lines[-1]


def test_what_the_store_and_the_system_have_besides_is_not_left_out(run, store, tmp_path):
    (tmp_path / "store" / "+new").mkdir(exist_ok=True)
    (tmp_path / "store" / "+new" / "0").write_text("")
    (tmp_path / "store" / ".DS_Store").write_text("")
    store.set((), "of no element")

    assert run("copy", "store", "other").err == ""


def test_keys_that_come_and_go_meanwhile_are_not_left_out(run, store, tmp_path, monkeypatch):
    listed = FilesystemStoreBackend.list_keys

    def list_keys(self, prefix=()):
        if listed(store, ("going",)):
            store.remove_key(("going",))
        store.set((f"coming {len(listed(store))}",), "1")
        return listed(self, prefix)

    store.set(("going",), "1")
    monkeypatch.setattr(FilesystemStoreBackend, "list_keys", list_keys)

    assert run("copy", "store", "other").err == ""


def test_a_symbolic_link_is_named(run, store, tmp_path):
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "store" / "link.txt").symlink_to(tmp_path / "elsewhere")

    assert "left out, for it is no file of this store: 'link.txt'" in run("copy", "store", "other").lines


@pytest.mark.parametrize("suffix", ["", "#.json"])
def test_a_directory_of_great_expectations_is_refused_and_told_how_to_write(run, tmp_path, suffix):
    (tmp_path / "old").mkdir()
    for name in ("plain.json", "Orders.json", ".ge_store_backend_id"):
        (tmp_path / "old" / name).write_text("{}")

    assert "write gx:old#.json" in refused(run("copy", f"old{suffix}", "new"))
    done = run("copy", "gx:old#.json", "new")
    assert (done.status, done.err) == (0, "")
    assert set(FilesystemStoreBackend(tmp_path / "new").list_keys()) >= {("plain",), ("Orders",)}


def test_nothing_is_written_into_a_directory_of_great_expectations(run, store, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / ".ge_store_backend_id").write_text("")

    assert "name another directory" in refused(run("copy", "store", "old#.json"))
    assert everything(tmp_path / "old") == [".ge_store_backend_id"]


def test_another_name_in_the_table_is_told(run, store, tmp_path):
    run("copy", "store", "sqlite:///all.db#suites")
    done = run("copy", "sqlite:///all.db#siutes", "other")

    assert (done.status, done.lines) == (1, ["SOURCE has nothing under the name 'siutes'; its table has 'suites'"])


def test_objects_of_somebody_else_are_told(run, tmp_path):
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "orders.json").write_text("{}")
    done = run("copy", f"file://{tmp_path}/bucket", "other")

    assert (done.status, done.lines) == (
        1,
        ["SOURCE has objects, 'orders.json' for one, but none of a store that spec-store wrote"],
    )


def test_a_prefix_that_nothing_has_is_told(run, store):
    done = run("copy", "store", "other", "--prefix", "x")

    assert (done.status, done.lines) == (0, ["SOURCE has no keys that start with ('x',)"])


# Dry runs and verification


@pytest.mark.parametrize("dest", ["other", "sqlite:///other.db", "other#.json", "deep/er"])
def test_a_dry_run_makes_nothing_where_nothing_is(run, store, tmp_path, dest):
    before = everything(tmp_path)
    done = run("copy", "store", dest, "--dry-run")

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("nothing is written; a copy would be: 2 copied, 0 there already, 0 overwritten")
    assert everything(tmp_path) == before


@pytest.mark.parametrize("dest", ["other", "sqlite:///other.db"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_dry_run_tells_what_a_copy_would_do_and_leaves_all_as_it_is(run, store, tmp_path, dest, overwrite):
    (tmp_path / "few").mkdir()
    FilesystemStoreBackend(tmp_path / "few", suppress_store_backend_id=True).set(("a",), "mine")
    run("copy", "few", dest)
    option = ["--overwrite"] if overwrite else []
    done = run("copy", "store", dest, "--dry-run", *option)

    replaced = "1 overwritten, 0 left alone" if overwrite else "0 overwritten, 1 left alone"
    assert f"1 copied, 0 there already, {replaced}" in done.out
    assert (done.status, "('a',)" in done.err) == (0 if overwrite else 1, True)
    assert run("copy", dest, "back").out.startswith("1 copied")
    assert FilesystemStoreBackend(tmp_path / "back").get(("a",)) == "mine"


def test_a_dry_run_in_a_database_without_the_table_makes_none(run, store, tmp_path):
    run("copy", "store", "sqlite:///all.db?timeout=5#x?table=other")
    assert run("copy", "store", "sqlite:///all.db#x", "--dry-run").status == 0

    assert "no table spec_store" in refused(run("copy", "sqlite:///all.db#x", "more"))


def test_what_is_read_again_is_told(run, store):
    done = run("copy", "store", "other", "--verify")

    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[1] == "read again: 2 equal, 0 missing, 0 differ, 0 unreadable, 0 vanished"


def test_what_differs_when_it_is_read_again_is_named(run, store, tmp_path, monkeypatch):
    source = (
        "class Lossy(InMemoryStoreBackend):\n"
        "    def _add(self, key, value, **kwargs):\n"
        "        if key != ('a',):\n"
        "            super()._add(key, value.rstrip('2'), **kwargs)\n"
    )
    module(tmp_path, monkeypatch, "lossy", source)
    done = run("copy", "store", "lossy:Lossy", "--verify")

    assert done.status == 1
    assert done.lines == ["differs when read again: ('b', 'c')", "missing in DEST when read again: ('a',)"]


# What goes wrong is one line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("copy", "ftp://host/x", "other"), "no engine for ftp://"),
        (("copy", "nonsense://", "other"), "no engine"),
        (("copy", "no_such_module:store", "other"), "cannot be imported"),
        (("copy", "json:loads", "other"), "json:loads"),
        (("copy", "string:Template.delimiter.title", "other"), "has no get, set"),
        (("copy", "store", "gx:other"), "only read"),
        (("copy", "store", "store/a.txt"), "is no directory"),
        (("copy", "store", "store/a.txt/below"), "a.txt is no directory"),
        (("copy", "store", "sqlite:///nowhere/all.db"), "for the database file: make it"),
        (("copy", "store", "file:///nowhere/at/all"), "there is no directory"),
    ],
)
def test_a_bad_address_is_one_line_and_status_2(run, store, arguments, words):
    assert words in refused(run(*arguments))


@pytest.mark.parametrize("arguments", [("copy", "store"), ("move", "store", "other"), (), ("doctor",)])
def test_a_command_that_is_none_is_status_2(run, arguments):
    done = run(*arguments)

    assert done.status == 2
    assert "usage" in done.err


@pytest.mark.parametrize("where", ["list_keys", "_get", "__init__"])
def test_an_interruption_is_one_line(run, tmp_path, monkeypatch, where):
    source = (
        "class Source(InMemoryStoreBackend):\n    def __init__(self):\n        super().__init__()\n"
        "        self.set(('a',), '1')\n        Source.{0} = interrupt\n"
        "def interrupt(*_):\n    raise KeyboardInterrupt\n"
    )
    if where == "__init__":
        source = "def Source():\n    raise KeyboardInterrupt\n"
    module(tmp_path, monkeypatch, "interrupted", source.format(where))

    assert "interrupted; run it again to go on" in refused(run("copy", "interrupted:Source", "other"))


def test_a_destination_that_fails_at_a_key_is_named_with_it(run, store, tmp_path, monkeypatch):
    source = (
        "class Full(InMemoryStoreBackend):\n"
        "    def _add(self, key, value, **kwargs):\n"
        "        raise OSError('No space left on device')\n"
    )
    module(tmp_path, monkeypatch, "full", source)
    line = refused(run("copy", "store", "full:Full"))

    assert "while copying ('" in line
    assert "from the destination" in line
    assert "make room" in line


def test_a_source_that_fails_leaves_the_destination_unmade(run, tmp_path, monkeypatch):
    module(tmp_path, monkeypatch, "broken", "def Source():\n    raise StoreBackendError('no\\nserver')\n")

    assert "no; server" in refused(run("copy", "broken:Source", "other"))
    assert not (tmp_path / "other").exists()


def test_a_missing_key_that_another_framework_raises_is_told_apart(run, tmp_path, monkeypatch):
    source = (
        "class Theirs(InMemoryStoreBackend):\n"
        "    def _get(self, key):\n        raise InvalidKeyError('none')\n"
        "def Source():\n    theirs = Theirs(suppress_store_backend_id=True)\n    theirs.set(('a',), '1')\n"
        "    return theirs\n"
    )
    module(tmp_path, monkeypatch, "theirs", source)
    done = run("copy", "theirs:Source", "other")

    assert done.status == 1
    assert done.lines == [f"listed by SOURCE, but cannot be read: ('a',): {InvalidKeyError.__name__}: none"]
