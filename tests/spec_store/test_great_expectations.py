"""The engines in a Great Expectations project: by configuration alone, from one process to the next."""

import contextlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis

import spec_store
from conformance import Claims, Subject, check, new_directory
from tests.later import Later
from tests.servers import MARIADB, POSTGRESQL, REDIS, require

pytestmark = pytest.mark.slow

gx = Later("great_expectations.exceptions")
gx_keys = Later("great_expectations.core.data_context_key")
gx_stores = Later("great_expectations.data_context.store")
drop_in = Later("spec_store.great_expectations")
gx_project = Later("tests.spec_store.gx_project")

EMBEDDED = ("filesystem", "sqlite", "objects")
ON_SERVERS = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "redis": "Redis"}


def in_a_process(what, directory, engines):
    """What `gx_project` prints."""
    environment = {**os.environ, "POSTGRESQL_URL": POSTGRESQL, "MARIADB_URL": MARIADB, "REDIS_URL": REDIS}
    command = [sys.executable, "-m", "tests.spec_store.gx_project", what, str(directory), *engines]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def cleaned(directory):
    """Remove what a project has left on the servers."""
    for url in (POSTGRESQL, MARIADB):
        with contextlib.suppress(sa.exc.SQLAlchemyError), sa.create_engine(url).begin() as connection:
            pattern = f"{gx_project.unique(directory)}-%".encode()
            connection.execute(sa.text("DELETE FROM spec_store WHERE store LIKE :pattern"), {"pattern": pattern})
    with contextlib.closing(Redis.from_url(REDIS)) as client:
        for key in client.scan_iter(f"*{gx_project.unique(directory)}-*"):
            client.delete(key)


@pytest.fixture(scope="module", params=["embedded", pytest.param("on servers", marks=pytest.mark.exhaustive)])
def projects(request, tmp_path_factory):
    """What three processes made of a project on each engine: one wrote it, one only read it, one deleted it."""
    for server in ON_SERVERS.values() if request.param == "on servers" else ():
        require(server)
    engines = tuple(ON_SERVERS) if request.param == "on servers" else EMBEDDED
    directory = tmp_path_factory.mktemp(uuid.uuid4().hex)
    written = in_a_process("write", directory, engines)
    try:
        only_read = in_a_process("read_only", directory, engines)
        read = in_a_process("read", directory, engines)
        yield [(written[engine], only_read[engine], read[engine]) for engine in engines]
    finally:
        for engine in engines:
            cleaned(directory / engine)


def test_a_project_finds_in_a_new_process_what_it_wrote_and_deletes_it(projects):
    for written, _, read in projects:
        assert written["success"] is False
        assert read == {
            "suites": [gx_project.SUITE],
            "expectations": 1,
            "checkpoints": ["checkpoint"],
            "definitions": ["definition"],
            "results": [False],
            "modules": ["spec_store.great_expectations"],
            "left": 0,
            "id": written["id"],
        }


def test_a_project_whose_stores_are_only_read_is_read_and_refused_every_change(projects):
    for _, only_read, _ in projects:
        assert only_read["suites"] == only_read["suites after"] == [gx_project.SUITE]
        assert only_read["options"] == [[True, 20.0]]
        assert "read_only" in only_read["added"]
        assert "read_only" in only_read["deleted"]


def test_every_engine_has_a_project():
    assert {arguments["class_name"] for arguments in gx_project.BACKENDS.values()} == set(drop_in.__all__)
    assert {*EMBEDDED, *ON_SERVERS} == set(gx_project.BACKENDS)


def test_a_project_prints_no_secret_of_its_stores(tmp_path):
    marker = "hunter2"
    command = [sys.executable, "-m", "tests.spec_store.gx_secrets", str(tmp_path), marker]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])

    for way, texts in found.items():
        assert [(way, name) for name, text in texts.items() if marker in text] == []
        assert {name for name in texts if name.endswith(": set")} == {
            f"{store}_store: set"
            for store in ("expectations", "checkpoint", "validation_results", "validation_definition")
        }
        assert all("read_only" in text for name, text in texts.items() if name.endswith(": set"))
    assert marker not in done.stderr


@pytest.fixture
def backend(tmp_path):
    return drop_in.FilesystemStoreBackend(tmp_path)


def test_it_is_a_store_backend_of_both(backend):
    assert isinstance(backend, gx_stores.StoreBackend)
    assert isinstance(backend, spec_store.StoreBackend)


def test_it_raises_the_exceptions_of_both(backend):
    for family in (gx, spec_store):
        with pytest.raises(family.InvalidKeyError):
            backend.get(("missing",))
        with pytest.raises(family.InvalidKeyError):
            backend.move(("missing",), ("a",))
        with pytest.raises(family.StoreBackendError):
            backend.update(("missing",), "1")
        with pytest.raises(family.StoreBackendError):
            backend.add(("a",), "1"), backend.add(("a",), "1")
    memory = drop_in.SQLStoreBackend("sqlite://")
    for family in (gx, spec_store):
        with pytest.raises(family.StoreError):
            memory.get_url_for_key(("a",))


def test_an_identifier_does_for_a_key(backend):
    identifier = gx_keys.StringKey("name")
    backend.set(identifier, "1")

    assert backend.get(("name",)) == backend.get(identifier) == "1"
    assert backend.has_key(identifier) is True
    backend.move(identifier, gx_keys.StringKey("other"))
    assert backend.remove_key(gx_keys.StringKey("other")) is True


def test_a_relative_root_is_below_the_directory_of_the_project(tmp_path):
    environment = {"root_directory": str(tmp_path)}
    backend = drop_in.FilesystemStoreBackend("kept", runtime_environment=environment)
    backend.set(("a",), "1")

    assert (tmp_path / "kept" / "a.json").read_text() == "1"
    assert backend.config["root"] == "kept"


def test_an_id_that_great_expectations_wrote_is_read_and_the_other_way(tmp_path):
    theirs = gx_stores.TupleFilesystemStoreBackend(str(tmp_path / "theirs"))
    ours = drop_in.FilesystemStoreBackend(tmp_path / "ours", suppress_store_backend_id=True)
    ours.set(ours.STORE_BACKEND_ID_KEY, theirs.get(theirs.STORE_BACKEND_ID_KEY))
    assert drop_in.FilesystemStoreBackend(tmp_path / "ours").store_backend_id == theirs.store_backend_id

    new = drop_in.FilesystemStoreBackend(tmp_path / "new")
    Path(tmp_path / "copied").mkdir()
    (tmp_path / "copied" / ".ge_store_backend_id").write_text(new.get(new.STORE_BACKEND_ID_KEY))
    assert gx_stores.TupleFilesystemStoreBackend(str(tmp_path / "copied")).store_backend_id == new.store_backend_id


@pytest.mark.usefixtures("short_programs")
def test_it_meets_the_specification_too():
    subject = Subject(
        lambda place, **options: drop_in.FilesystemStoreBackend(place, **options),
        new_directory,
        Claims(durable=True),
        "drop-in",
    )
    report = check(subject, examples=10, seed=0)

    assert (report.verdict, report.violated) == ("conformant", ())
