"""`spec-store copy`: what it does, and its exit status, with no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from spec_store.backends import FilesystemStoreBackend, SQLStoreBackend


def run(*arguments, cwd):
    command = [sys.executable, "-m", "spec_store", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def store(tmp_path):
    backend = FilesystemStoreBackend(tmp_path / "store")
    backend.set(("a",), "1\n")
    backend.set(("b", "c"), "2")
    return backend


def test_a_directory_is_copied_into_a_database(store, tmp_path):
    done = run("copy", "store", "sqlite:///all.db#suites", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 copied")
    assert SQLStoreBackend(f"sqlite:///{tmp_path}/all.db", "suites").get(("a",)) == "1\n"


def test_a_directory_has_the_suffix_that_is_said(store, tmp_path):
    assert run("copy", "store", "other#.json", cwd=tmp_path).stdout.startswith("2 copied")
    assert (tmp_path / "other" / "a.json").read_bytes() == b"1\n"

    assert run("copy", "other#.json", "third", cwd=tmp_path).stdout.startswith("2 copied")
    assert FilesystemStoreBackend(tmp_path / "third").get(("b", "c")) == "2"


def test_a_prefix_limits_it(store, tmp_path):
    done = run("copy", "store", "other", "--prefix", "b", cwd=tmp_path)

    assert done.stdout.startswith("1 copied")


def test_what_differs_is_named_and_left_alone_unless_told_otherwise(store, tmp_path):
    FilesystemStoreBackend(tmp_path / "other").set(("a",), "mine")

    done = run("copy", "store", "other", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "left alone, for its value differs: ('a',)\n")
    assert run("copy", "store", "other", "--overwrite", cwd=tmp_path).returncode == 0
    assert FilesystemStoreBackend(tmp_path / "other").get(("a",)) == "1\n"


@pytest.mark.slow
def test_any_backend_does_that_a_callable_gives(store, tmp_path):
    pytest.importorskip("great_expectations", reason="great-expectations is not installed")
    Path(tmp_path, "stores.py").write_text(
        "from pathlib import Path\n"
        "from great_expectations.data_context.store import TupleFilesystemStoreBackend\n"
        "def old():\n"
        "    old = str(Path('old').resolve())\n"
        "    return TupleFilesystemStoreBackend(old, filepath_suffix='.json', suppress_store_backend_id=True)\n"
    )
    (tmp_path / "old" / "suites").mkdir(parents=True)
    (tmp_path / "old" / "suites" / "orders.json").write_text("{}")

    done = run("copy", "stores:old", "new", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert FilesystemStoreBackend(tmp_path / "new").get(("suites", "orders")) == "{}"


def test_a_source_is_only_read(tmp_path):
    (tmp_path / "empty").mkdir()
    run("copy", "empty", "other", cwd=tmp_path)

    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("copy", "nowhere", "other"), "there is no directory nowhere"),
        (("copy", "ftp://host/x", "other"), "no engine for ftp://"),
        (("copy", "no_such_module:store", "other"), "cannot be imported"),
        (("copy", "json:loads", "other"), "json:loads"),
        (("copy", "postgresql+psycopg://u:hunter2@127.0.0.1:1/x", "other"), "StoreBackendError"),
        (("copy", "nonsense://", "other"), "no engine"),
        (("copy", "store"), "required"),
        (("move", "store", "other"), "invalid choice"),
    ],
)
def test_bad_input_is_one_line_and_status_2(store, tmp_path, arguments, words):
    done = run(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
