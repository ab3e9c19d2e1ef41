"""What a run leaves behind, however it ends: no process, no file; and one line where there is no room for it to run."""

import contextlib
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs
import pytest

from conformance.probes.syscalls import available
from tests.sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(available()), reason=available() or "it works")]

PR_SET_CHILD_SUBREAPER = 36
SECONDS = 60.0

TARGETS = """
import contextlib, ctypes, errno, os, signal, subprocess, threading
from pathlib import Path
from conformance import Claims, Subject, new_directory
from spec_store.backends import FilesystemStoreBackend
from tests.short_campaigns import shorten_programs

shorten_programs()
CAMPAIGN = os.getpid()
ALL = Claims(durable=True, threads=True, processes=True, crash_safe=True)
DEAF = ["sh", "-c", "trap '' TERM INT HUP; sleep 600 & wait; sleep 600"]

def subject(cls, claims=ALL, place=new_directory):
    return Subject(lambda place, **options: cls(place, **options), place, claims, cls.__name__)

def start_strays():
    threading.Thread(target=threading.Event().wait).start()
    subprocess.Popen(DEAF, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

def halt():
    Path(os.environ["HALTED"]).touch()
    threading.Event().wait()

class Halts(FilesystemStoreBackend):
    def remove_key(self, key):
        if os.getpid() != CAMPAIGN:
            start_strays()
            halt()
        return super().remove_key(key)

class Torn(FilesystemStoreBackend):
    def _set(self, key, value, **kwargs):
        overwrites = self.has_key(key)
        if overwrites:
            self.remove_key(key)
        super()._set(key, value)
        if overwrites and os.getpid() != CAMPAIGN:
            halt()

class Hangs(FilesystemStoreBackend):
    def _move(self, source, target, **kwargs):
        start_strays()
        halt()

class Deaf(FilesystemStoreBackend):
    def __init__(self, place, **options):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        super().__init__(place, **options)

    def _move(self, source, target, **kwargs):
        start_strays()
        Path(os.environ["HALTED"]).touch()
        ctypes.PyDLL(None).sleep(600)  # keeps the interpreter's lock

class ReadOnly(FilesystemStoreBackend):
    def __init__(self, place, **options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), place)

class Fills(FilesystemStoreBackend):
    def _set(self, key, value, **kwargs):
        with open(os.path.join(os.environ["TMPDIR"], "filling"), "ab") as file:
            file.write(bytes(100_000))
        super()._set(key, value)

@contextlib.contextmanager
def under_proc():
    yield "/proc/store"

sound = subject(FilesystemStoreBackend)
apart = subject(FilesystemStoreBackend, Claims(durable=True, processes=True, crash_safe=True))
crash_safe = subject(Halts, Claims(durable=True, crash_safe=True))
processes = subject(Halts, Claims(durable=True, processes=True))
torn = subject(Torn, Claims(durable=True, crash_safe=True))
hangs, deaf, read_only, fills = subject(Hangs), subject(Deaf), subject(ReadOnly), subject(Fills)
unwritable = subject(FilesystemStoreBackend, place=under_proc)
"""

PARTS = {"crash_safe": ("crash-safe", "CRASH-1"), "processes": ("concurrent", "LIN-2")}


def adopt(value):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, value, 0, 0, 0)


def children():
    """This process's children, those that have ended and are not reaped included."""
    return {int(number) for file in Path("/proc/self/task").glob("*/children") for number in file.read_text().split()}


@attrs.frozen
class Ground:
    """Where commands are run, and what is looked over afterwards."""

    path: Path
    before: set[int]

    @property
    def temporary(self):
        return self.path / "tmp"

    @property
    def halted(self):
        return self.path / "halted"

    @property
    def environment(self):
        return {**os.environ, "TMPDIR": str(self.temporary), "HALTED": str(self.halted)}

    def command(self, name, *options):
        target = f"{self.path / 'hard.py'}:{name}"
        return [sys.executable, "-m", "conformance", "run", target, "--seed", "1", "--examples", "0", *options]

    def run(self, name, *options, wrapped=(), **more):
        command = [*wrapped, *self.command(name, *options)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=self.environment, check=False, **more
        )

    def started(self, name, *options):
        """A command that has come to where its backend halts."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            self.command(name, *options), stdout=pipe, stderr=pipe, text=True, env=self.environment
        )
        deadline = time.monotonic() + SECONDS
        while not self.halted.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.halted.exists(), process.communicate()
        return process

    def left(self):
        """The processes and the files that a command has left."""
        return self._processes() | {
            f"{directory}/{name}" for directory, *names in os.walk(self.temporary) for name in (*names[0], *names[1])
        }

    def _processes(self):
        """Those that have the environment of the command's, and those that nobody but this process can reap."""
        return {f"process {pid}" for pid in self.marked() | (children() - self.before)}

    def marked(self):
        found = set()
        mark = f"HALTED={self.halted}".encode()
        for directory in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (directory / "environ").read_bytes().split(b"\0"):
                    found.add(int(directory.name))
        return found

    def left_at_last(self):
        """What is left of a command that could end nothing itself, when there was time for others to."""
        deadline = time.monotonic() + SECONDS / 2
        while (left := self.left()) and time.monotonic() < deadline:
            for pid in children() - self.before:
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)
        return left


@pytest.fixture
def ground(tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "hard.py").write_text(TARGETS, "utf-8")
    ground = Ground(tmp_path, children())
    adopt(1)
    yield ground
    while left := ground.marked() | (children() - ground.before):  # only where the test has failed
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        for pid in children() - ground.before:
            os.waitpid(pid, 0)
    adopt(0)


def told(process):
    """What an ended command has told, which is no traceback."""
    out, error = process.communicate(timeout=SECONDS)
    assert "Traceback" not in out + error
    return out, error


def verdict_of(report, name):
    return next(one["verdict"] for one in report["requirements"] if one["id"] == name)


def require_one_line(done, words):
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert words in done.stderr
    assert "the kit itself failed" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def besides_progress(errors: str) -> list[str]:
    """The lines of standard error but for those that say how far a run is, which come where it takes long."""
    return [line for line in errors.splitlines() if not re.match(r"conformance: \d+ s: ", line)]


@pytest.mark.parametrize(
    ("name", "classes", "budget"), [("sound", "concurrent,identity", "1"), ("apart", "concurrent,crash-safe", "4")]
)
def test_a_whole_run_leaves_nothing(ground, name, classes, budget):
    done = ground.run(name, "--classes", classes, "--budget", budget, "--json", "-")
    assert (ground.left(), besides_progress(done.stderr)) == (set(), [])
    assert json.loads(done.stdout)["verdict"] == ("incomplete" if done.returncode else "conformant")


@pytest.mark.parametrize("name", PARTS)
def test_an_interrupt_amid_forked_processes_gives_the_report_so_far_and_leaves_nothing(ground, name):
    classes, requirement = PARTS[name]
    process = ground.started(name, "--classes", classes, "--json", "-")
    process.send_signal(signal.SIGINT)
    report = json.loads(told(process)[0])
    assert ground.left() == set()
    assert process.returncode == (0 if report["verdict"] == "conformant" else 1)
    assert any("interrupted" in note for note in report["notes"])
    assert verdict_of(report, requirement) == "passed"


def test_what_a_run_found_before_an_interrupt_is_in_the_report(ground):
    process = ground.started("torn", "--classes", "crash-safe", "--json", "-")
    process.send_signal(signal.SIGINT)
    report = json.loads(told(process)[0])
    assert (process.returncode, verdict_of(report, "CRASH-1")) == (1, "violated")
    assert ground.left() == set()


@pytest.mark.parametrize("name", PARTS)
def test_a_terminated_command_leaves_nothing(ground, name):
    process = ground.started(name, "--classes", PARTS[name][0])
    process.terminate()
    told(process)
    assert (process.returncode, ground.left()) == (128 + signal.SIGTERM, set())


@pytest.mark.parametrize("name", [*PARTS, "deaf"])
def test_a_killed_command_leaves_nothing(ground, name):
    process = ground.started(name, *(("--classes", PARTS[name][0]) if name in PARTS else ("--limit", "0")))
    process.kill()
    process.communicate(timeout=SECONDS)
    assert ground.left_at_last() == set()


def selftesting(ground, jobs, *names):
    """A self-test that is at work, and its processes."""
    command = [sys.executable, "-m", "conformance", "selftest", "--jobs", str(jobs), *names]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=ground.environment)
    deadline = time.monotonic() + SECONDS
    while not any(ground.temporary.glob("*/*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, told(process)
    return process


@pytest.mark.parametrize(
    ("jobs", "number", "status"),
    sampled(
        [(jobs, *one) for jobs in (1, 2) for one in ((signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 1))], 3
    ),
)
def test_an_ended_selftest_leaves_nothing(ground, jobs, number, status):
    process = selftesting(ground, jobs, "FileStore", "SweptStore", "ServedStore")
    process.send_signal(number)
    out, _ = told(process)
    assert (process.returncode, out, ground.left_at_last()) == (status, "", set())


def test_a_killed_selftest_leaves_nothing(ground):
    process = selftesting(ground, 2, "FileStore", "SweptStore", "ServedStore")
    process.kill()
    process.communicate(timeout=SECONDS)
    assert ground.left_at_last() == set()


def test_a_hang_that_has_started_what_ignores_signals_leaves_nothing(ground):
    done = ground.run("hangs", "--classes", "core", "--limit", "0.1", "--budget", "60", "--json", "-")
    assert ground.left() == set()
    violated = [one for one in json.loads(done.stdout)["requirements"] if one["verdict"] == "violated"]
    assert any("did not return" in one["counterexample"]["message"] for one in violated)


def test_a_hang_in_native_code_of_a_backend_that_ignores_signals_leaves_nothing(ground):
    done = ground.run("deaf", "--classes", "extended,core", "--limit", "0.2", "--budget", "12", "--json", "-")
    assert ground.left() == set()
    report = json.loads(done.stdout)
    # On a busy machine, the seconds by the wall are over before it has been seen a second time.
    verdicts = {one["verdict"] for one in report["requirements"] if one["id"].startswith("MOVE-")}
    assert not verdicts.isdisjoint({"violated", "undecided"})


def test_a_backend_that_ignores_an_interrupt_is_not_blamed_for_it(ground):
    process = ground.started("deaf", "--classes", "core", "--limit", "0", "--json", "-")
    process.send_signal(signal.SIGINT)
    report = json.loads(told(process)[0])
    assert (process.returncode, ground.left()) == (1, set())
    assert "interrupted" in report["notes"][0]
    assert report["requirements"] == []


def test_a_read_only_file_system_is_told_in_one_line(ground):
    require_one_line(ground.run("read_only"), "does not open: OSError: [Errno 30] Read-only file system")
    assert ground.left() == set()


def test_a_place_where_nothing_can_be_written_is_told_as_violations(ground):
    done = ground.run("unwritable", "--classes", "surface,identity,core,crash-safe", "--budget", "1")
    assert (done.returncode, besides_progress(done.stderr), ground.left()) == (1, [], set())


def limited(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    ("size", "classes", "words"),
    [
        (0, "core", "No usable temporary directory"),
        (100, "core", "File too large"),
        (700, "crash-safe", "File too large"),  # enough for the job, too little for the report
        (3000, "core", "File too large"),
    ],
)
def test_no_room_for_the_files_of_a_run_is_told_in_one_line(ground, size, classes, words):
    done = ground.run("sound", "--classes", classes, "--budget", "2", preexec_fn=limited(size))
    require_one_line(done, words)
    assert ground.left() == set()


def mounting(ground):
    """What runs a command with a small file system of its own as the temporary directory."""
    mount = f'mount -t tmpfs -o size=1m none {ground.temporary} && "$@"; status=$?; ls {ground.temporary}; exit $status'
    return ("unshare", "-rm", "sh", "-c", mount, "sh")


def test_a_file_system_that_a_backend_fills_is_told_in_one_line(ground):
    wrapped = mounting(ground)
    if not shutil.which("unshare") or subprocess.run([*wrapped, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    require_one_line(ground.run("fills", wrapped=wrapped), "No space left on device")
    assert ground.left() == set()


def test_a_report_file_that_cannot_be_written_is_told_in_one_line(ground):
    done = ground.run("apart", "--classes", "surface", "--json", "/dev/full")
    assert (done.returncode, ground.left()) == (2, set())
    assert done.stderr == "conformance: cannot write /dev/full: No space left on device\n"


@pytest.mark.parametrize("options", [("--json", "-"), ()])
def test_a_standard_output_that_cannot_be_written_is_told_in_one_line(ground, options):
    with Path("/dev/full").open("wb") as full:
        command, pipe = ground.command("apart", "--classes", "surface", *options), subprocess.PIPE
        done = subprocess.run(command, stdout=full, stderr=pipe, text=True, env=ground.environment, check=False)
    assert (done.returncode, ground.left()) == (2, set())
    assert done.stderr == "conformance: cannot write to standard output: No space left on device\n"
