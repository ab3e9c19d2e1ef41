import errno
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conformance.probes.syscalls import (
    MESSAGE_BYTES,
    NETWORK,
    Accesses,
    Continue,
    Kill,
    Refuse,
    WorthATry,
    available,
    snapshot,
    supervised,
    supervision,
)
from conformance.probes.syscalls.stops import MOST_READS

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "it is available"),
    pytest.mark.usefixtures("nothing_is_left_open"),
]


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "place"
    path.mkdir()
    return path


def reaped(pid):
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return True


def gone(pid, seconds=2.0):
    """Whether a process that is not our child has ended, or is about to be reaped by its parent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.005)
    return False


def texts(run, place):
    """The text of each stop, without the place's path."""
    found = []

    def on_stop(stop):
        found.append(stop.text.replace("<place>/", ""))
        return Continue()

    outcome = supervised(run, place, on_stop, 10)
    assert outcome.ended == "returned", outcome
    assert outcome.stops == len(found)
    return found


def once(name, action):
    """A decision that does something before the first call of a name."""
    return lambda stop: action if stop.name == name else Continue()


def replaces(place):
    """What a careful writer runs."""

    def run(acknowledge):
        descriptor = os.open(place / "new", os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, b"words")
        os.fsync(descriptor)
        os.close(descriptor)
        (place / "new").rename(place / "a")
        acknowledge(b"a")
        (place / "a").unlink()

    return run


def test_stops_are_told_in_order(place):
    assert texts(replaces(place), place) == [
        "openat('new', O_WRONLY|O_CREAT)",
        "write('new', 5 bytes)",
        "fsync('new')",
        "rename('new', 'a')",
        "unlink('a')",
    ]


def lists_by_reading(place):
    """What a reader runs that opens each file of a directory."""

    def run(_acknowledge):
        for name in sorted(path.name for path in place.iterdir()):
            with (place / name).open("rb", buffering=0) as file:
                file.read(1)

    return run


def reads(place):
    (place / "a").write_text("words")

    def run(_acknowledge):
        list(place.iterdir())
        descriptor = os.open(place / "a", os.O_RDONLY)
        os.pread(descriptor, 3, 0)
        os.access(place / "a", os.R_OK)
        Path("/etc/hostname").exists()
        os.utime(descriptor)
        (place / "a").unlink()

    return run


def test_a_process_is_halted_at_reads_of_the_place_where_that_is_asked_for_and_not_elsewhere(place):
    assert texts(reads(place), place) == ["unlink('a')"]

    found = texts(reads(place), Accesses(place))
    assert [one for one in found if not one.startswith(("newfstatat", "statx"))] == [
        "openat('<place>', O_RDONLY)",
        *["getdents64('<place>')"] * 2,
        "openat('a', O_RDONLY)",
        "pread64('a', 3 bytes)",
        f"{'access' if platform.machine() == 'x86_64' else 'faccessat'}('a')",
        "unlink('a')",
    ]


def test_what_is_read_between_two_reads_may_be_changed_there(place):
    (place / "a").write_text("words")

    def on_stop(stop):
        if stop.name == "openat" and stop.paths[0].endswith("/a"):
            (place / "a").unlink()
        return Continue()

    outcome = supervised(lists_by_reading(place), Accesses(place), on_stop)
    assert "FileNotFoundError" in outcome.error


def test_of_reads_of_a_kind_the_first_few_are_worth_a_try_and_every_change(place):
    for number in range(30):
        (place / str(number)).write_text("words")
    worth, kept = WorthATry(), []

    def run(acknowledge):
        lists_by_reading(place)(acknowledge)
        for number in range(30):
            (place / str(number)).unlink()

    def on_stop(stop):
        kept.extend([stop] if worth(stop) else [])
        return Continue()

    outcome = supervised(run, Accesses(place), on_stop)
    changes = [stop for stop in kept if stop.changes]
    assert outcome.stops > 90
    assert len(changes) == 30
    assert 2 <= len(kept) - 30 <= MOST_READS
    assert kept[0].name != "openat"  # nothing comes before the first read


def test_a_main_thread_that_does_not_wait_for_a_halted_one_has_gone_on_by_then(place):
    def run(acknowledge):
        work = threading.Event()
        threading.Thread(target=lambda: (work.wait(), (place / "a").write_text("late")), daemon=True).start()
        work.set()
        acknowledge(b"done")
        threading.Event().wait(0.2)

    said = []

    def on_stop(stop):
        said.append(stop.acknowledged)
        return Kill()

    supervised(run, place, on_stop)
    assert said == [(b"done",)]


def test_each_stop_is_before_its_call(place):
    seen = []

    def on_stop(stop):
        seen.append((stop.number, stop.name, sorted((one.name, one.stat().st_size) for one in place.iterdir())))
        return Continue()

    supervised(replaces(place), place, on_stop)
    assert seen == [
        (1, "openat", []),
        (2, "write", [("new", 0)]),
        (3, "fsync", [("new", 5)]),
        (4, "rename", [("new", 5)]),
        (5, "unlink", [("a", 5)]),
    ]


def test_a_refused_call_fails_in_the_child_and_is_not_made(place):
    def run(acknowledge):
        try:
            (place / "directory").mkdir()
        except OSError as error:
            acknowledge(str(error.errno).encode())

    outcome = supervised(run, place, lambda _stop: Refuse(errno.ENOSPC))
    assert outcome.acknowledged == (b"%d" % errno.ENOSPC,)
    assert not list(place.iterdir())


def test_a_killed_child_leaves_the_place_as_it_was_before_the_call(place):
    outcome = supervised(replaces(place), place, once("rename", Kill()))
    assert (outcome.ended, outcome.status, outcome.stops) == ("killed", -signal.SIGKILL, 4)
    assert {one.name: one.read_text() for one in place.iterdir()} == {"new": "words"}
    assert reaped(outcome.pid)


def test_a_stop_shows_what_was_acknowledged_before_it(place):
    seen = {}

    def on_stop(stop):
        seen[stop.name] = stop.acknowledged
        return Continue()

    outcome = supervised(replaces(place), place, on_stop)
    assert (seen["rename"], seen["unlink"], outcome.acknowledged) == ((), (b"a",), (b"a",))


def test_messages_of_any_size_and_number_keep_their_bounds(place):
    messages = [b"", b"x", b"y" * MESSAGE_BYTES, *(b"%d" % one for one in range(2000))]

    def run(acknowledge):
        for message in messages:
            acknowledge(message)
        with pytest.raises(ValueError):
            acknowledge(b"z" * (MESSAGE_BYTES + 1))

    outcome = supervised(run, place, lambda _stop: Continue())
    assert outcome.ended == "returned"
    assert outcome.acknowledged == tuple(messages)


def test_calls_elsewhere_and_reading_calls_are_not_stopped(place, tmp_path):
    (place / "a").write_text("words")

    def run(_acknowledge):
        (tmp_path / "place-like").write_text("words")
        (place / "a").read_text()
        list(place.iterdir())
        os.write(1, b"")

    assert texts(run, place) == []


def test_paths_are_resolved(place, tmp_path):
    (tmp_path / "link").symlink_to(place)

    def run(_acknowledge):
        os.chdir(place)
        (place / "directory").mkdir()
        directory = os.open("directory", os.O_RDONLY)
        os.mkdir("x", dir_fd=directory)
        os.rename("x", "y", src_dir_fd=directory)
        Path("../link/z").mkdir()
        Path("s").symlink_to("/nowhere/else")
        Path("directory/../z/.").chmod(0o700)

    assert texts(run, place) == [
        "mkdir('directory')",
        "mkdirat('directory/x')",
        "renameat('directory/x', 'y')",
        "mkdir('z')",
        "symlink('s')",
        "chmod('z')",
    ]


def test_a_file_without_a_name_is_told_by_where_it_was(place):
    def run(_acknowledge):
        with (place / "a").open("wb", buffering=0) as file:
            (place / "a").unlink()
            file.write(b"words")

    assert texts(run, place)[2] == "write('a (deleted)', 5 bytes)"


def test_other_writing_calls_are_stopped(place):
    def run(_acknowledge):
        file = os.open(place / "a", os.O_RDWR | os.O_CREAT)
        other = os.open(place / "b", os.O_RDWR | os.O_CREAT)
        os.pwrite(file, b"words", 0)
        os.writev(file, [b"more"])
        os.posix_fallocate(file, 0, 100)
        os.ftruncate(file, 50)
        os.truncate(place / "a", 5)
        os.sendfile(other, file, 0, 5)
        os.link(place / "a", place / "c")
        os.fdatasync(file)
        os.fchmod(file, 0o600)
        (place / "c").unlink()
        (place / "d").mkdir()
        (place / "d").rmdir()

    names = [one.partition("(")[0] for one in texts(run, place)][2:]
    assert names == [
        *("pwrite64", "writev", "fallocate", "ftruncate", "truncate", "sendfile", "link", "fdatasync", "fchmod"),
        *("unlink", "mkdir", "rmdir"),
    ]


def test_threads_and_processes_of_the_child_are_stopped(place):
    def run(_acknowledge):
        thread = threading.Thread(target=(place / "thread").mkdir)
        thread.start()
        thread.join()
        subprocess.run(["/bin/sh", "-c", f"echo words > {place}/process"], check=True)

    found = texts(run, place)
    assert found[0] == "mkdir('thread')"
    assert [one.partition("(")[2].partition(",")[0] for one in found[1:]] == ["'process'", "'process'"]


def test_a_native_writer_is_stopped_and_each_of_its_images_is_whole(place, tmp_path):
    rows = []

    def run(acknowledge):
        with sqlite3.connect(place / "db", isolation_level=None) as connection:
            connection.execute("create table t (a)")
            acknowledge(b"made")
            connection.execute("insert into t values (1)")

    def on_stop(stop):
        if stop.acknowledged:
            image = tmp_path / str(stop.number)
            snapshot(place, image)
            connection = sqlite3.connect(image / "db")
            rows.append(connection.execute("select count(*) from t").fetchone()[0])
            connection.close()
        return Continue()

    assert supervised(run, place, on_stop).ended == "returned"
    assert len(rows) > 5
    assert set(rows) == {0}


def test_another_process_can_run_while_the_child_is_halted(place):
    def on_stop(stop):
        if stop.name == "rename":
            script = f"open({str(place / 'a')!r}, 'w').close()"
            subprocess.run([sys.executable, "-S", "-c", script], check=True)
            assert sorted(one.name for one in place.iterdir()) == ["a", "new"]
        return Continue()

    assert supervised(replaces(place), place, on_stop).ended == "returned"


def test_a_handled_signal_does_not_undo_a_stop(place):
    def run(acknowledge):
        signal.signal(signal.SIGUSR1, lambda *_: acknowledge(b"signal"))
        (place / "a").mkdir()

    def on_stop(stop):
        os.kill(stop.pid, signal.SIGUSR1)
        time.sleep(0.02)
        return Continue()

    outcome = supervised(run, place, on_stop)
    assert (outcome.ended, outcome.stops, outcome.acknowledged) == ("returned", 1, (b"signal",))


def test_what_the_child_raises_is_told(place):
    outcome = supervised(lambda _acknowledge: [][1], place, lambda _stop: Continue())
    assert (outcome.ended, outcome.status) == ("raised", 1)
    assert "IndexError" in outcome.error


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_dies_by_itself_is_reaped(place, number):
    def run(acknowledge):
        acknowledge(b"last words")
        os.kill(os.getpid(), number)

    outcome = supervised(run, place, lambda _stop: Continue())
    assert (outcome.ended, outcome.status, outcome.acknowledged) == ("died", -number, (b"last words",))
    assert reaped(outcome.pid)


def test_a_child_that_hangs_and_ignores_signals_is_killed_at_the_limit(place):
    def run(acknowledge):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        acknowledge(b"hangs")
        threading.Event().wait()

    outcome = supervised(run, place, lambda _stop: Continue(), 0.2)
    assert (outcome.ended, outcome.status, outcome.acknowledged) == ("overtime", -signal.SIGKILL, (b"hangs",))
    assert reaped(outcome.pid)


def test_the_time_of_a_decision_does_not_count(place):
    def on_stop(_stop):
        time.sleep(0.3)
        return Continue()

    assert supervised(lambda _acknowledge: (place / "a").mkdir(), place, on_stop, 0.25).ended == "returned"


@pytest.mark.parametrize("new_session", [False, True])
def test_what_the_child_started_is_killed_with_it(place, new_session):
    def run(acknowledge):
        process = subprocess.Popen(["/bin/sleep", "60"], start_new_session=new_session)
        acknowledge(b"%d" % process.pid)

    outcome = supervised(run, place, lambda _stop: Continue())
    assert gone(int(outcome.acknowledged[0]))


def test_the_child_ends_with_its_supervisor(place):
    def run(_acknowledge):
        (place / "a").write_text(str(os.getpid()))
        (place / "b").mkdir()
        threading.Event().wait()

    supervisor = os.fork()
    if not supervisor:
        supervised(run, place, lambda _stop: Continue())
        os._exit(0)
    while not (place / "b").exists():
        time.sleep(0.005)
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    assert gone(int((place / "a").read_text()))


def test_a_fault_in_a_decision_is_raised_and_the_child_is_reaped(place):
    pids = []

    def on_stop(stop):
        pids.append(stop.pid)
        raise KeyError(stop.name)

    with pytest.raises(KeyError):
        supervised(replaces(place), place, on_stop)
    assert reaped(pids[0])
    assert not list(place.iterdir())


def test_a_process_with_threads_can_supervise(place):
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert len(texts(replaces(place), place)) == 5
    finally:
        end.set()
        thread.join()


def test_it_says_why_it_is_not_available(place, monkeypatch):
    def run(acknowledge):
        acknowledge(available.__wrapped__().encode())  # a filter that has a listener bears no other

    (reason,) = supervised(run, place, lambda _stop: Continue()).acknowledged
    assert reason.startswith(b"the kernel or a sandbox refuses seccomp user notification (")

    monkeypatch.setattr(supervision, "architecture", lambda: None)
    assert available.__wrapped__().startswith("there is no table of the system calls of this architecture")
    with pytest.raises(OSError, match="no table"):
        supervised(run, place, lambda _stop: Continue())


def test_files_are_not_watched_where_the_network_is(place):
    outcome = supervised(replaces(place), NETWORK, lambda _stop: Kill())

    assert (outcome.ended, outcome.stops) == ("returned", 0)
