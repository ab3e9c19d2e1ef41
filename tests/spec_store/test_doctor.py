"""`spec-store doctor`: what it finds, that it leaves nothing behind, and what it says is wrong."""

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from spec_store import StoreBackendError
from spec_store.addresses import parsed
from spec_store.advice import advice_on
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend
from spec_store.claims import CLAIMS, NAMES, engine_of
from spec_store.doctor import OWN, examined
from spec_store.surroundings import within
from tests.servers import MARIADB, PORTS, POSTGRESQL, REDIS, free_port, require
from tests.spec_store.backends import subjects
from tests.spec_store.shell import run

__all__ = ["run"]

SUBJECTS = {
    "files": subjects.filesystem,
    "sqlite": subjects.sqlite_crash_safe,
    "sqlite in memory": subjects.sqlite_in_memory,
    "postgresql": subjects.postgresql,
    "mariadb": subjects.mariadb,
    "redis": subjects.redis,
    "objects": subjects.local_objects,
    "objects in memory": subjects.objects_in_memory,
}


@pytest.mark.parametrize("engine", CLAIMS)
def test_the_claims_are_those_that_the_kit_judges(engine):
    told, judged = CLAIMS[engine], SUBJECTS[engine].claims

    assert attrs.asdict(told) == {name: getattr(judged, name) for name in attrs.asdict(told)}


def test_every_engine_has_claims_and_a_name():
    assert set(CLAIMS) == set(NAMES) == set(SUBJECTS)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("store", "files"),
        ("sqlite:///a.db", "sqlite"),
        ("sqlite://", "sqlite in memory"),
        ("postgresql+psycopg://h/d", "postgresql"),
        ("mysql+pymysql://h/d", "mariadb"),
        ("mariadb+pymysql://h/d", "mariadb"),
        ("rediss://h", "redis"),
        ("unix:///a/socket", "redis"),
        ("s3://b", "objects"),
        ("file:///a", "objects"),
        ("memory:///", "objects in memory"),
        ("gx:old", None),
        ("m:c", None),
    ],
)
def test_an_address_tells_its_engine(text, engine):
    assert engine_of(parsed(text)) == engine


EMBEDDED = {
    "files": ("store", lambda place: FilesystemStoreBackend(place / "store")),
    "sqlite": ("sqlite:///all.db#x", lambda place: SQLStoreBackend(f"sqlite:///{place}/all.db", "x")),
    "objects": ("file://{}/bucket", lambda place: ObjectStoreBackend(f"file://{place}/bucket")),
}
ON_SERVERS = {
    "PostgreSQL": (f"{POSTGRESQL}#{{}}", lambda name: SQLStoreBackend(POSTGRESQL, name)),
    "MariaDB": (f"{MARIADB}#{{}}", lambda name: SQLStoreBackend(MARIADB, name)),
    "Redis": (f"{REDIS}#{{}}", lambda name: RedisStoreBackend(REDIS, name)),
}


@pytest.fixture(params=[*EMBEDDED, *ON_SERVERS])
def store(request, tmp_path):
    """An address, and a backend on the same store, which has an id and a value."""
    with contextlib.ExitStack() as stack:
        if request.param in ON_SERVERS:
            require(request.param)
            address, opener = ON_SERVERS[request.param]
            place = f"test-doctor-{tmp_path.name}-{free_port()}"
        else:
            (tmp_path / "bucket").mkdir()
            address, opener = EMBEDDED[request.param]
            place = tmp_path
        backend = opener(place)
        stack.callback(lambda: [backend.remove_key(key) for key in backend.list_keys()])
        backend.set(("a",), "1")
        yield address.format(place), backend


def test_a_store_that_is_well_is_told_all_about_and_left_as_it_was(run, store):
    address, backend = store
    before = sorted(backend.list_keys())
    done = run("doctor", address, "--json")
    found = json.loads(done.out)

    assert (done.status, done.err, found["problems"]) == (0, "", [])
    assert found["well"] is True
    assert found["id"] == str(backend.store_backend_id)
    assert [found[f"can_{right}"] for right in ("read", "write", "remove")] == [True, True, True]
    assert found["layout"] == 1
    assert found["get_ms"] > 0
    assert found["set_ms"] > 0
    assert found["claims"] == attrs.asdict(CLAIMS[engine_of(parsed(address)) or ""])
    assert sorted(backend.list_keys()) == before


def test_a_store_that_is_only_looked_at_is_not_written(run, store, monkeypatch):
    address, _ = store
    monkeypatch.setattr("spec_store.backend.StoreBackend.set", lambda *_: pytest.fail("it was written"))
    found = json.loads(run("doctor", address, "--json", "--read-only").out)

    assert [found[f"can_{right}"] for right in ("read", "write", "remove")] == [True, None, None]
    assert found["set_ms"] is None


def test_servers_tell_their_versions(run, store):
    address, _ = store
    server = json.loads(run("doctor", address, "--json").out)["server"]
    kind = parsed(address).kind

    assert server is None if kind in ("files", "objects") else server.split()[0] in (*ON_SERVERS, "SQLite")


def test_it_is_told_in_lines(run, tmp_path):
    backend = FilesystemStoreBackend(tmp_path / "store")
    done = run("doctor", "store")
    told = {line[:8].strip(): line[9:] for line in done.out.splitlines()}

    assert done.status == 0
    assert told["id"] == str(backend.store_backend_id)
    assert told["claims"] == "durable, threads, processes, crash_safe, atomic_move"
    assert told["rights"] == "read yes, write yes, remove yes"
    assert told["well"] == "nothing is wrong"
    assert told["get"].endswith(" ms")


def test_it_makes_no_id_and_leaves_no_directory(run, tmp_path):
    for name in ("store", "bucket"):
        (tmp_path / name).mkdir()
    done = run("doctor", "store")
    run("doctor", f"file://{tmp_path}/bucket")

    assert "none yet" in done.out
    assert FilesystemStoreBackend(tmp_path / "store", read_only=True).list_keys() == []
    assert not [path for path in tmp_path.rglob("*") if OWN in path.name]


@pytest.mark.parametrize("address", ["store", "sqlite:///all.db", "deep/er"])
def test_what_is_not_there_yet_is_not_made(run, tmp_path, address):
    done = run("doctor", address)

    assert done.status == 0
    assert "yet: the first write makes it" in done.out
    assert list(tmp_path.iterdir()) == []
    assert run("doctor", address, "--read-only").status == 1


def test_an_old_directory_of_great_expectations_is_read_and_not_taken_for_a_store(run, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "Orders.json").write_text("{}")
    (tmp_path / "old" / ".ge_store_backend_id").write_text("store_backend_id = 00000000-0000-4000-8000-000000000000\n")

    wrong = run("doctor", "old#.json")
    assert (wrong.status, "write gx:old#.json" in wrong.out) == (1, True)
    right = run("doctor", "gx:old")
    assert (right.status, "00000000-0000-4000-8000-000000000000" in right.out) == (0, True)
    assert "write not tried" in right.out


def test_a_directory_of_other_files_is_not_taken_for_a_store(run, tmp_path):
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "Orders.json").write_text("{}")

    wrong = run("doctor", "others")
    assert (wrong.status, "'Orders.json' for one, and nothing else" in wrong.out) == (1, True)
    assert "gx:others" in wrong.out
    (tmp_path / "others" / "plain.txt").write_text("1")
    both = run("doctor", "others")
    assert (both.status, "'Orders.json' for one" in both.out) == (0, True)


def test_a_backend_of_somebody_elses_is_examined_too(run, tmp_path):
    Path(tmp_path, "of_theirs.py").write_text("from spec_store import InMemoryStoreBackend as make\n")
    found = json.loads(run("doctor", "of_theirs:make", "--json").out)

    assert found["engine"] == "spec_store.memory.InMemoryStoreBackend"
    assert (found["claims"], found["can_remove"], found["well"]) == (None, True, True)


# What is wrong

FAULTS = {
    "nowhere:1": (f"redis://127.0.0.1:{free_port()}", "nothing listens there"),
    "no database": (POSTGRESQL.replace("/test", "/no_such_database"), "create the database first"),
    "no schema": (MARIADB.replace("/test", "/no_such_database"), "create the database first"),
    "wrong password": (MARIADB.replace("root", "root:hunter2"), "the password is wrong"),
    "no such number": (REDIS.replace("/9", "/9999"), "correct the number"),
    "no such host": ("redis://no-such-host.invalid", "nobody knows that host name"),
    "refused": (f"mysql+pymysql://u@127.0.0.1:{free_port()}/x", "nothing listens there"),
    "not Redis": ("redis://127.0.0.1:3306", "a server of that kind"),
    "no bucket": ("file:///no/such/directory", "make it first"),
    "no parent": ("sqlite:///nowhere/all.db", "make it"),
    "no directory": ("file", "is no directory"),
    "no SQLite": ("sqlite:///file", "no SQLite database"),
    "id": ("bad_id", "reading its id failed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_told_in_plain_words(run, tmp_path, fault):
    (tmp_path / "file").write_text("no database, and long enough to be read as one" * 100)
    bad = FilesystemStoreBackend(tmp_path / "bad_id", suppress_store_backend_id=True)
    bad.set(bad.STORE_BACKEND_ID_KEY, "of another kind")
    address, words = FAULTS[fault]
    for server, port in PORTS.items():
        if f":{port}" in address:
            require(server)
    done = run("doctor", address, "--timeout", "5")

    assert (done.status, done.err) == (1, "")
    assert "WRONG" in done.out
    assert words in done.out
    assert json.loads(run("doctor", address, "--timeout", "5", "--json").out)["well"] is False


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql+pymysql", "redis"])
def test_a_server_that_is_silent_is_told_in_time(scheme, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{scheme}://u@127.0.0.1:{silent.getsockname()[1]}/0"
        command = [sys.executable, "-m", "spec_store", "doctor", address, "--timeout", "1"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (1, "")
    assert "does not answer in time" in done.stdout


def test_what_does_not_end_is_not_waited_for():
    with pytest.raises(TimeoutError, match=r"within 0\.01 seconds"):
        within(0.01, lambda: subprocess.run(["sleep", "5"], check=True))
    assert within(60, lambda: 1) == 1
    with pytest.raises(KeyError):
        within(60, lambda: CLAIMS["x"])


class _Refusing(FilesystemStoreBackend):
    """A store that lacks a right."""

    lacks = ""

    def _set(self, key, value, **kwargs):
        if self.lacks == "write":
            raise StoreBackendError("cannot store: Permission denied")
        super()._set(key, value, **kwargs)

    def remove_key(self, key):
        if self.lacks == "remove":
            raise StoreBackendError("cannot remove: permission denied for table")
        return super().remove_key(key)

    def _get(self, key):
        return super()._get(key) + ("!" if self.lacks == "value" else "")


@pytest.mark.parametrize(
    ("lacks", "rights", "words"),
    [
        ("write", (True, False, None), "storing a value failed"),
        ("remove", (True, True, False), "which is left there"),
        ("value", (True, True, True), "came back as another one"),
    ],
)
def test_a_right_that_is_lacking_is_told(tmp_path, monkeypatch, lacks, rights, words):
    monkeypatch.setattr(_Refusing, "lacks", lacks)
    monkeypatch.setattr("spec_store.backends.FilesystemStoreBackend", _Refusing)
    (tmp_path / "store").mkdir()
    found = examined(parsed(str(tmp_path / "store")), 30)

    assert (found.can_read, found.can_write, found.can_remove) == rights
    assert words in found.problems[0].what
    assert found.well is False


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("was written by a later version of spec-store (layout 3; this one knows up to 1)", "upgrade"),
        ("ImportError: the database needs psycopg2: install that driver", "spec-store[postgresql]"),
        ("ImportError: RedisStoreBackend needs redis: install the extra, pip install 'spec-store[redis]'", "install"),
        ('FATAL:  password authentication failed for user "u"', "password is wrong"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "password is wrong"),
        ("permission denied for table spec_store", "lacks a right"),
        ("(1142, \"INSERT command denied to user 'u'@'h'\")", "lacks a right"),
        ("(1044, \"Access denied for user 'u'@'%' to database 'd'\")", "lacks a right"),
        ("NOPERM this user has no permissions to run the 'hset' command", "lacks a right"),
        ("READONLY You can't write against a read only replica.", "give the primary"),
        ("cannot execute INSERT in a read-only transaction", "give the primary"),
        ("(2003, \"Can't connect to MySQL server on 'h' (timed out)\")", "--timeout"),
        ("Error performing PUT http://169.254.169.254/latest/api/token in 1 ms: 403", "AWS_ACCESS_KEY_ID"),
        ("<Code>NoSuchBucket</Code>", "create the bucket"),
        ("<Code>SignatureDoesNotMatch</Code>", "credentials"),
        ("cannot store ('a',): No space left on device", "make room"),
        ("cannot store ('a',): Permission denied", "ls -ld"),
        ("cannot store ('a',): Read-only file system", "may write"),
        ("something that nobody has seen", ""),
    ],
)
def test_errors_of_every_kind_have_advice(error, words):
    assert words in advice_on(error)
    assert bool(advice_on(error)) is bool(words)


def test_a_bad_command_is_status_2(run):
    assert run("doctor", "nonsense://x").status == 2
    assert run("doctor", "json:no_such").status == 2
    assert run("doctor", "x", "--timeout", "0").status == 2
    assert run("--version").out.startswith("spec-store ")


def test_a_library_that_is_not_installed_is_told_although_nothing_is_there_to_be_opened(tmp_path):
    program = "import sys; sys.modules['sqlalchemy'] = None; from spec_store.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "doctor", f"sqlite:///{tmp_path}/none.db"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stderr
    assert "spec-store[sql]" in done.stdout
    assert list(tmp_path.iterdir()) == []
