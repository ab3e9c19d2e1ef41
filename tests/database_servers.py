"""Servers of databases of the tests' own, for what must not be done to those that others use: to be halted."""

import contextlib
import getpass
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.servers import START_SECONDS, free_port

_GUARDS = """
import ctypes, os, pathlib, shutil, signal, subprocess, sys
prctl = ctypes.CDLL(None).prctl
prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: whose parent has died becomes a child of this process
prctl(1, int(signal.SIGTERM))  # PR_SET_PDEATHSIG

def end(*_):
    while children := pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for child in children:
            os.kill(int(child), signal.SIGKILL)
            os.waitpid(int(child), 0)
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    os._exit(0)

signal.signal(signal.SIGTERM, end)
if os.getppid() == int(sys.argv[1]):  # else it has died before
    user = {"user": sys.argv[2], "group": sys.argv[2], "extra_groups": []} if sys.argv[2] else {}
    subprocess.run(sys.argv[3:], **user)
"""
"""A process that runs a server, and kills it when it is told to end, or when the process that started it ends: all that
come from the server, of which those that are halted would stay for ever, and with its directory, the current one."""


@attrs.frozen
class Database:
    """A server that runs.

    Args:
        url: of a database, for SQLAlchemy.
        guard: the process that all of the server's come from.
    """

    url: str
    guard: "subprocess.Popen[bytes]"


@contextlib.contextmanager
def halted(*pids: int) -> Iterator[None]:
    """Have these processes, and all that come from them, halted for a while."""
    still: list[int] = []
    try:
        while more := [one for pid in pids for one in (pid, *descendants(pid)) if one not in still]:
            for one in more:  # which may start others until it is halted
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                    os.kill(one, signal.SIGSTOP)
            still += more
        yield
    finally:
        for one in still:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def descendants(pid: int) -> list[int]:
    """The processes that come from a process."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


@contextlib.contextmanager
def postgresql() -> Iterator[Database]:
    """A server of PostgreSQL, whose user `postgres` needs no password; skips the test where there is none."""
    places = [str(one) for one in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    initdb, server = (_command(name, *places) for name in ("initdb", "postgres"))
    with _directory("postgres") as (directory, user):
        data, port = f"{directory}/data", free_port()
        _made([initdb, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], directory, user)
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        options["dynamic_shared_memory_type"] = "mmap"  # in the directory, and gone with it
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        with _guarded([server, "-D", data, *arguments], directory, user) as guard:
            _until_it_answers(url, Path(directory, "log"))
            yield Database(url, guard)


@contextlib.contextmanager
def mariadb() -> Iterator[Database]:
    """A server of MariaDB, whose user `root` needs no password; skips the test where there is none."""
    install, server = _command("mariadb-install-db"), _command("mariadbd", "/usr/sbin")
    with _directory("mysql") as (directory, user):
        data, port = f"{directory}/data", free_port()
        own = ["--no-defaults", f"--datadir={data}", f"--tmpdir={directory}"]
        _made([install, *own, "--auth-root-authentication-method=normal"], directory, user)
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={directory}/socket"]
        options += ["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"]
        url = f"mysql+pymysql://root@127.0.0.1:{port}/test?ssl_disabled=true"
        with _guarded([server, *own, *options], directory, user) as guard:
            _until_it_answers(url, Path(directory, "log"))
            yield Database(url, guard)


def _command(name: str, *places: str) -> str:
    """The path of a command; not even under CI does it have to be there, for other tests show less of the same."""
    found = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], *places)))
    if found is None or sys.platform != "linux":
        pytest.skip(f"no command {name}" if found is None else "servers of databases are started on Linux alone")
    return found


@contextlib.contextmanager
def _directory(name: str) -> Iterator[tuple[str, str]]:
    """A new directory, and as whom to run: as the server's user where this is root, as which no server wants to run."""
    user = name if getpass.getuser() == "root" else ""
    places = [tempfile.gettempdir(), "/dev/shm", "/var/tmp"]
    place = next(one for one in places if not user or _is_open(Path(one)))
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=place) as directory:
        if user:
            shutil.chown(directory, user, user)
        yield directory, user


def _is_open(place: Path) -> bool:
    """Whether any user can get to a directory."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (place, *place.parents))


def _made(command: list[str], directory: str, user: str) -> None:
    with _guarded(command, directory, user) as made:
        made.wait(START_SECONDS)


@contextlib.contextmanager
def _guarded(command: list[str], directory: str, user: str) -> Iterator["subprocess.Popen[bytes]"]:
    arguments = [sys.executable, "-c", _GUARDS, str(os.getpid()), user, *command]
    with Path(directory, "log").open("ab") as log:
        guard = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory)
    try:
        yield guard
    finally:
        guard.terminate()
        guard.wait()


def _until_it_answers(url: str, log: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(sqlalchemy.exc.OperationalError), sqlalchemy.create_engine(url).connect():
            return
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")
