"""What the kit says where a library is not installed: one line that names the extra."""

import itertools
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import attr
import attrs
import pytest

from conformance.__main__ import NEEDS
from tests.sampling import sampled

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def started(*arguments, path, isolated=True):
    """A command that finds no library but those of `path`."""
    return subprocess.run(
        [sys.executable, *(["-S"] if isolated else []), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        check=False,
    )


def one_line(done):
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr.rstrip()


@pytest.fixture
def attrs_alone(tmp_path):
    """A directory that has attrs, and nothing else."""
    for package in (attr, attrs):
        shutil.copytree(Path(str(package.__file__)).parent, tmp_path / package.__name__)
    return tmp_path


def hidden(directory, name):
    """Have a directory with a module that is as if it were not installed."""
    line = f"raise ModuleNotFoundError(\"No module named '{name}'\", name='{name}')\n"
    (directory / f"{name}.py").write_text(line, "utf-8")
    return directory


def test_the_console_script_is_what_runs_as_a_module():
    scripts = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts["conformance"] == "conformance.__main__:main"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["run", "spec_store:InMemoryStoreBackend"], ["selftest"]])
def test_the_command_without_its_extra_says_what_to_install(attrs_alone, arguments):
    done = started("-m", "conformance", *arguments, path=[ROOT, attrs_alone])
    lacking = ", ".join(name for name in NEEDS if name != "attrs")
    assert one_line(done) == f"conformance: {lacking} are not installed: pip install 'spec-store[conformance]'"


@pytest.mark.parametrize("name", ["check", "Subject", "StoreBackendSuite"])
def test_the_names_of_the_package_without_the_extra_say_what_to_install(attrs_alone, name):
    done = started("-c", f"from conformance import {name}", path=[ROOT, attrs_alone])
    assert done.stderr.splitlines()[-1].startswith(f"ImportError: conformance.{name} needs ")
    assert done.stderr.splitlines()[-1].endswith("install the extra, pip install 'spec-store[conformance]'")


ENGINES = (
    ("sqlalchemy", "SQLStoreBackend", "sql"),
    ("redis", "RedisStoreBackend", "redis"),
    ("obstore", "ObjectStoreBackend", "objects"),
)
WAYS = ("spec_store.backends:{name}", "its module", "mine:{name}")


@pytest.mark.parametrize(
    ("library", "name", "extra", "how"),
    sampled([(*engine, how) for engine, how in itertools.product(ENGINES, WAYS)], 4),  # each engine and each way once
)
def test_an_engine_without_its_extra_is_the_targets_fault(tmp_path, library, name, extra, how):
    home = {"SQLStoreBackend": "sql", "RedisStoreBackend": "redis", "ObjectStoreBackend": "objects"}[name]
    target = f"spec_store.backends.{home}:{name}" if how == "its module" else how.format(name=name)
    (tmp_path / "mine.py").write_text(f"from spec_store.backends import {name}\n", "utf-8")
    done = started("-m", "conformance", "run", target, path=[hidden(tmp_path, library), ROOT], isolated=False)
    line = one_line(done)
    assert f"install the extra, pip install 'spec-store[{extra}]'" in line
    assert "the kit itself failed" not in line


@pytest.mark.parametrize(
    ("driver", "url", "extra"),
    [
        ("psycopg", "postgresql+psycopg://u@127.0.0.1/d", "postgresql"),
        ("pymysql", "mysql+pymysql://u@127.0.0.1/d", "mariadb"),
    ],
)
def test_an_engine_without_its_driver_does_not_open_and_says_what_to_install(tmp_path, driver, url, extra):
    (tmp_path / "mine.py").write_text(
        f"from spec_store.backends import SQLStoreBackend\n\ndef make(**options):\n"
        f"    return SQLStoreBackend({url!r}, **options)\n",
        "utf-8",
    )
    done = started("-m", "conformance", "run", "mine:make", path=[hidden(tmp_path, driver), ROOT], isolated=False)
    assert f"make does not open: ImportError: the database needs {driver}: install the extra" in one_line(done)
    assert f"pip install 'spec-store[{extra}]'" in done.stderr


def test_a_target_that_imports_what_is_not_installed_is_at_fault(tmp_path):
    (tmp_path / "mine.py").write_text("import redis\n", "utf-8")
    done = started("-m", "conformance", "run", "mine:make", path=[hidden(tmp_path, "redis"), ROOT], isolated=False)
    assert one_line(done).endswith("the module mine cannot be imported: it imports redis, which is not installed")
