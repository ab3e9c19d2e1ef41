"""The servers that tests start: on free ports alone, and gone when the tests are, however they end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.database_servers import descendants
from tests.servers import seaweedfs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the servers are started on Linux alone"),
]

SECONDS = 60.0

LISTENING = "0A"

STARTS_ONE = """
import contextlib, sys, time
import pytest
from tests.database_servers import halted, descendants, mariadb, postgresql
from tests.redis_servers import redis_server
from tests.servers import seaweedfs
try:
    with {0}() as server, halted(*descendants(server.guard.pid)) if {1} else contextlib.nullcontext():
        print("started", flush=True)
        time.sleep(600)
except pytest.skip.Exception as reason:
    print("skipped:", reason)
"""


def listens_on(pid):
    """The ports that a process listens on."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines() for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTENING and row[9] in inodes}


def test_seaweedfs_listens_on_no_port_but_those_that_it_was_given():
    before = set(descendants(os.getpid()))
    with seaweedfs():
        (server,) = set(descendants(os.getpid())) - before
        command = Path(f"/proc/{server}/cmdline").read_text().split("\0")
        given = {int(one.rpartition("=")[2]) for one in command if ".port" in one}

        assert listens_on(server) <= given


@pytest.mark.parametrize(
    ("name", "is_halted"),
    [("seaweedfs", False), ("redis_server", False), ("postgresql", False), ("postgresql", True), ("mariadb", True)],
)
def test_a_server_is_gone_when_the_tests_are_ended_by_a_signal(name, is_halted):
    source = STARTS_ONE.format(name, is_halted)
    tests = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    try:
        assert tests.stdout is not None
        said = tests.stdout.readline()
        if said.startswith("skipped: "):
            pytest.skip(said)
        assert said == "started\n"
        servers = descendants(tests.pid)
        assert servers
        tests.send_signal(signal.SIGTERM)
        assert tests.wait(SECONDS) == -signal.SIGTERM
    finally:
        tests.kill()
        tests.wait()

    deadline = time.monotonic() + SECONDS
    while any(map(_runs, servers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [one for one in servers if _runs(one)] == []


def _runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # ended, and not yet asked for by init
