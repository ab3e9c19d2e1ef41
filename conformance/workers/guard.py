"""The process between the command and its worker: it ends the worker with all that the worker has started, and tidies.

It runs none of a subject's code, so it outlives whatever the subject does to its process, and even the command: when
that is gone, killed without a chance to clean up, standard input ends, and the guard removes the run's directory.

It forks by itself rather than by `system.children`: the signals must be held back from before the fork until each of
the two has its own handlers, and the child is not one of many that acknowledge but the worker, whose end becomes the
end of this process.
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from conformance.system.signals import end_with_parent

PR_SET_CHILD_SUBREAPER = 36
ENDING_SECONDS = 10.0
"""How long the end of killed processes is waited for: one may be stuck in the kernel."""


def run_guarded(directory: Path, work: Callable[[], None]) -> None:
    """Do some work in a forked child, then end as the child has ended; nothing that it has started is left.

    SIGINT is handed on to the child. At SIGTERM all are killed; at the end of standard input, too, and the directory
    is removed. Where a process cannot be forked the work is done in this one.

    Args:
        directory: where the run keeps its files, and its places.
        work: what the child does.
    """
    if sys.platform == "win32":
        work()
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    handlers = {number: signal.signal(number, _wake) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)}
    signal.pthread_sigmask(signal.SIG_BLOCK, handlers)  # from here on none is lost between the two
    signal.set_wakeup_fd(writer)
    _adopt()
    parent, child = os.getpid(), os.fork()
    if not child:
        signal.set_wakeup_fd(-1)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        _live(parent, work)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
    _leave(_watch(child, reader, directory))


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Nothing: the number of the signal is read from the wakeup descriptor."""


def _adopt() -> None:
    """Become the parent of whatever loses its own among what descends from this process. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _live(parent: int, work: Callable[[], None]) -> None:
    """What the child does."""
    try:
        os.setsid()  # Ctrl-C at the terminal reaches the command alone, which decides what becomes of it
        end_with_parent()
        if os.getppid() == parent:
            work()
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(1)


def _watch(child: int, reader: int, directory: Path) -> int:
    """Wait for the child's end, or for what ends it, then end all; its wait status."""
    while True:
        ready, _, _ = select.select([reader, 0], [], [])
        signals = os.read(reader, 4096) if reader in ready else b""
        status = _reap(child)
        gone = 0 in ready and not os.read(0, 4096)  # nothing is ever sent there; its end is the command's
        if status is not None or gone or signal.SIGTERM in signals:
            _end_all(child)
            if gone:
                shutil.rmtree(directory, ignore_errors=True)
            return signal.SIGTERM if status is None else status
        if signal.SIGINT in signals:
            os.kill(child, signal.SIGINT)


def _reap(child: int) -> int | None:
    """Reap whatever has ended; the wait status of the child if it is among that."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (end := os.waitpid(-1, os.WNOHANG))[0]:
            if end[0] == child:
                status = end[1]
    return status


def _end_all(child: int) -> None:
    """Kill and reap all that descends from this process, and the child's process group where that is not known."""
    deadline = time.monotonic() + ENDING_SECONDS
    # Over and over: what is killed may have forked since it was counted, and what it leaves becomes this one's child.
    while time.monotonic() < deadline:
        _kill(os.killpg, child)
        for pid in _descendants():
            _kill(os.kill, pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:  # all at once: there may be thousands, and to look for them takes time
                pass
            time.sleep(0.001)
        except ChildProcessError:
            return


def _kill(kill: Callable[[int, int], None], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(number, signal.SIGKILL)


def _descendants() -> list[int]:
    """The processes that descend from this one, where the system tells."""
    children: dict[int, list[int]] = {}
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may have anything in it; after it come the state and the parent.
            parent = int((directory / "stat").read_text("latin-1").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(directory.name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def _leave(status: int) -> None:
    """End this process as another one has ended, by its wait status; without a core dump, for there is one already."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
