"""SIGTERM as an interrupt or an exit, and the end of a process when the one that it works for is gone."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from conformance.system.signals import (
    sigterm_ends_as_interrupt,
    sigterm_exits,
    sigterm_interrupts,
    terminate_with_parent,
)

SECONDS = 60.0
"""How long the end of a process is waited for before a test fails."""

needs_posix = pytest.mark.skipif(os.name != "posix", reason="a signal that a process sends itself ends it on Windows")


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


@needs_posix
def test_sigterm_interrupts_and_is_told():
    with pytest.raises(KeyboardInterrupt), sigterm_interrupts() as arrived:
        terminate()
    assert arrived == [signal.SIGTERM]


@needs_posix
def test_sigterm_exits_with_the_status_of_its_own():
    with pytest.raises(SystemExit) as caught, sigterm_exits():
        terminate()
    assert caught.value.code == 143


@needs_posix
def test_sigterm_ends_a_run_as_an_interrupt_does_but_with_the_status_of_its_own():
    interrupts = []

    def work():
        try:
            terminate()
        except KeyboardInterrupt as interrupt:
            interrupts.append(interrupt)
            raise

    with pytest.raises(SystemExit) as caught, sigterm_ends_as_interrupt():
        work()
    assert (caught.value.code, len(interrupts)) == (143, 1)


def test_an_interrupt_that_was_none_of_sigterm_stays_one():
    with pytest.raises(KeyboardInterrupt), sigterm_ends_as_interrupt():
        raise KeyboardInterrupt


@pytest.mark.parametrize("change", [sigterm_interrupts, sigterm_exits, sigterm_ends_as_interrupt])
def test_the_handler_of_another_tool_is_put_back(change):
    def theirs(_number, _frame):
        pass

    before = signal.signal(signal.SIGTERM, theirs)
    try:
        with change():
            assert signal.getsignal(signal.SIGTERM) is not theirs
        assert signal.getsignal(signal.SIGTERM) is theirs
    finally:
        signal.signal(signal.SIGTERM, before)


FORKS = """
import os, signal
from conformance.system.signals import end_with_parent
reader, writer = os.pipe()
if os.fork():
    os.read(reader, 1)
    os._exit(0)
end_with_parent()
os.write(writer, b".")
while True:
    signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_forked_process_ends_with_its_parent():
    process = subprocess.Popen([sys.executable, "-c", FORKS], stdout=subprocess.PIPE)
    process.communicate(timeout=SECONDS)  # both hold the pipe: it ends when the second does
    assert process.returncode == 0


WAITS = """
import threading
from conformance.system.signals import exit_with_standard_input
exit_with_standard_input()
print("ready", flush=True)
threading.Event().wait()
"""


def test_a_process_ends_with_its_standard_input():
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", WAITS], stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    assert process.poll() is None
    process.communicate(timeout=SECONDS)
    assert process.returncode == 1


SPAWNS = """
import multiprocessing, os, signal, threading
from conformance.system.signals import terminate_with_parent

def tidy(_number, _frame):
    os.write(1, b"tidied")
    os._exit(0)

def serve(connection):
    signal.signal(signal.SIGTERM, tidy)
    terminate_with_parent()
    connection.send("ready")
    threading.Event().wait()

if __name__ == "__main__":
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    spawning.Process(target=serve, args=(theirs,), daemon=True).start()
    ours.recv()
    os._exit(0)  # as one that is killed, without a word to its children
"""


@needs_posix
def test_a_process_of_a_pool_has_the_time_to_tidy_up_when_its_parent_is_gone(tmp_path):
    (tmp_path / "spawns.py").write_text(SPAWNS, "utf-8")
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen([sys.executable, tmp_path / "spawns.py"], stdout=subprocess.PIPE, env=path)
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (0, b"tidied")


def test_a_process_that_multiprocessing_has_not_started_waits_for_no_parent():
    before = threading.active_count()
    terminate_with_parent()
    assert threading.active_count() == before
