import os
import signal
import threading
from pathlib import Path

import pytest

from conformance.probes.syscalls import killed_at, snapshot

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def test_a_child_is_killed_in_the_middle(tmp_path):
    def run(acknowledge):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for number in range(10**9):
            (tmp_path / "a").write_text(str(number))
            acknowledge(b"%d" % number)

    outcome = killed_at(run, 0.05)
    assert (outcome.ended, outcome.status) == ("killed", -signal.SIGKILL)
    assert outcome.acknowledged[:2] == (b"0", b"1")
    with pytest.raises(ChildProcessError):
        os.waitpid(outcome.pid, os.WNOHANG)


def test_the_time_counts_from_the_start_of_the_function():
    def run(acknowledge):
        acknowledge(b"first")
        threading.Event().wait()

    assert killed_at(run, 0.1).acknowledged == (b"first",)


def test_a_child_that_ends_before_is_told_apart():
    assert killed_at(lambda acknowledge: acknowledge(b"all"), 10).ended == "returned"
    assert killed_at(lambda _acknowledge: [][1], 10).ended == "raised"
    assert killed_at(lambda _acknowledge: os.kill(os.getpid(), signal.SIGTERM), 10).status == -signal.SIGTERM


def test_a_snapshot_has_files_directories_links_and_modes(tmp_path):
    place = tmp_path / "place"
    (place / "directory").mkdir(parents=True)
    (place / "directory" / "a").write_bytes(b"x" * 3_000_000)
    (place / "directory" / "a").chmod(0o640)
    (place / "directory").chmod(0o500)
    (place / "link").symlink_to("nowhere")
    os.mkfifo(place / "pipe")
    snapshot(place, tmp_path / "copy")
    copy = tmp_path / "copy"
    assert (copy / "directory" / "a").read_bytes() == b"x" * 3_000_000
    assert (copy / "directory" / "a").stat().st_mode == (place / "directory" / "a").stat().st_mode
    assert (copy / "directory").stat().st_mode & 0o777 == 0o500
    assert (copy / "link").readlink() == Path("nowhere")
    assert not (copy / "pipe").exists()
