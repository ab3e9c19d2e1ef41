"""Running a function in a child that is halted before each call which changes something under a directory."""

import contextlib
import functools
import math
import os
import platform
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.probes.syscalls.connections import cut
from conformance.probes.syscalls.seccomp import answer, install, receive, valid
from conformance.probes.syscalls.stops import (
    Accesses,
    Action,
    Continue,
    Cut,
    Directory,
    Kill,
    Network,
    Refuse,
    Stop,
    signed,
    stop_of,
)
from conformance.probes.syscalls.tables import ESCAPE, Architecture, architecture, names
from conformance.system.children import START_SECONDS, Acknowledge, Child, ChildEnd, ChildWork, Ended, born
from conformance.system.starvation import Turn

STRAYS_SECONDS = 0.25
"""How long to wait for the end of killed processes that are not our children."""

SETTLING_STEP = 0.0002
"""Seconds between two looks at a thread that is waited for until it waits itself."""

SETTLING_CPU_NANOSECONDS = 50_000_000
"""How much CPU time it is given for that."""

WAITING_STATES = frozenset("SDTtZXI")
"""States of a thread that does not run and does not want to."""

OnStop = Callable[[Stop], Action]

NETWORK = Network()
"""What to give for a place that is on a server."""


def supervised(
    run: ChildWork, place: "str | os.PathLike[str] | Network | Accesses", on_stop: OnStop, limit: float = 30.0
) -> ChildEnd:
    """Run a function in a forked child; at each stop, do what `on_stop` says.

    A stop is a system call that the child, one of its threads or a process that it started is about to make, and
    that changes something under the place. Whoever makes it is halted before it, and so is, meanwhile, whoever else
    makes such a call; `on_stop` may copy the place, or run another process on it. Calls that are made elsewhere go on
    without a stop. When this function returns or raises, the child has ended and is reaped, and what it started is
    killed.

    Args:
        run: the function; it is given `acknowledge`, by which it sends messages that a stop shows.
        place: the directory; or `Accesses` of it, and a stop is a call that reads something there too; or `NETWORK`,
            and a stop is a message to a server.
        on_stop: decides; it is called in this thread.
        limit: how many seconds the child may run; what `on_stop` takes does not count.

    Raises:
        OSError: the system does not allow it (see `available`), no process can be made, or a connection that is to be
            cut is not to be reached.
        Exception: whatever `on_stop` raises.
    """
    machine = architecture()
    if machine is None:
        raise OSError(_unknown())
    watched = place if isinstance(place, Network | Directory) else Directory(os.path.realpath(place))
    with born(run, functools.partial(_filtered, machine, watched)) as child, _listening(child) as listener:
        watch = _Watch(child, listener, watched, names(machine.numbers, watched.calls), on_stop)
        try:
            cause = watch.watched(limit)
        finally:
            watch.end()
        return child.outcome(cause, watch.stops)


@functools.cache
def available() -> str:
    """ "" where `supervised` works, else one sentence that says why not. It is tried once in a process."""
    if architecture() is None:
        return _unknown()
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        place, seen = Path(name), list[Stop]()

        def run(_acknowledge: Acknowledge) -> None:
            (place / "refused").mkdir()

        def on_stop(stop: Stop) -> Action:
            seen.append(stop)
            return Refuse(1)

        try:
            outcome = supervised(run, place, on_stop)
        except OSError as fault:
            return f"the kernel or a sandbox refuses seccomp user notification ({fault.strerror or fault})"
        if len(seen) != 1 or outcome.ended != "raised" or (place / "refused").exists():
            return "seccomp user notification does not stop a child's system calls on this system"
    return ""


def _unknown() -> str:
    if sys.platform != "linux":
        return f"system calls can be stopped on Linux only, not on {sys.platform}"
    return f"there is no table of the system calls of this architecture ({platform.machine()}, {sys.byteorder})"


def _filtered(machine: Architecture, place: Directory | Network, channel: socket.socket) -> None:
    """In the child: install the filter and send its listener to the parent."""
    try:
        # What goes to the parent is not watched: it has no listener yet to be told by.
        listener = install(machine, place.calls, channel.fileno())
    except OSError as fault:
        channel.send(bytes([fault.errno or 255]))
        os._exit(1)
    socket.send_fds(channel, [b"\0"], [listener])
    os.close(listener)


@contextlib.contextmanager
def _listening(child: Child) -> Iterator[int]:
    """The listener that the child sends."""
    child.channel.settimeout(START_SECONDS)
    word, descriptors, _flags, _address = socket.recv_fds(child.channel, 1, 1)
    child.channel.settimeout(None)
    if not descriptors:
        number = word[0] if word else 255
        raise OSError(number, os.strerror(number))
    try:
        yield descriptors[0]
    finally:
        os.close(descriptors[0])


class _Watch:
    """A child that is watched until it ends."""

    def __init__(
        self, child: Child, listener: int, place: Directory | Network, calls: dict[int, str], on_stop: OnStop
    ) -> None:
        self.stops = 0
        self._child, self._listener, self._place, self._calls, self._on_stop = child, listener, place, calls, on_stop
        self._sessions = {child.pid}

    def watched(self, limit: float) -> Ended:
        """Answer the child's calls until it ends, is to be killed, or has run for `limit` seconds of served time."""
        turn = Turn.of(self._child.pid, limit)
        process = os.pidfd_open(self._child.pid)
        try:
            poll = select.poll()
            for descriptor in (self._listener, self._child.channel.fileno(), process):
                poll.register(descriptor, select.POLLIN)
            while rest := turn.rest():
                ready = dict(poll.poll(math.ceil(rest * 1000)))
                heard = time.monotonic()
                if ready.get(self._listener, 0) & select.POLLIN:
                    if not self._answered():
                        return "killed"
                elif self._listener in ready:
                    poll.unregister(self._listener)
                if process in ready:
                    return "died"
                if self._child.channel.fileno() in ready and not self._child.hear():
                    poll.unregister(self._child.channel)
                turn = turn.without(time.monotonic() - heard)
            return "overtime"
        finally:
            os.close(process)

    def _answered(self) -> bool:
        """Answer one call; False if the child is to be killed instead."""
        call = receive(self._listener)
        if call is None:
            return True
        name = self._calls[call.number]
        if name == ESCAPE:
            self._sessions.add(call.pid)
            answer(self._listener, call.mark)
            return True
        if call.pid != self._child.pid:
            _let_settle(self._child.pid)
        self._child.hear()
        stop = stop_of(call, name, self._place, self.stops + 1, self._child.acknowledged)
        action: Action = Continue()
        if stop is not None and valid(self._listener, call.mark):
            self.stops += 1
            action = self._on_stop(stop)
        if stop is not None and isinstance(action, Cut):
            cut(stop.pid, signed(stop.arguments[0]))
        if not isinstance(action, Kill):
            answer(self._listener, call.mark, action.errno if isinstance(action, Refuse) else 0)
        return not isinstance(action, Kill)

    def end(self) -> None:
        """Kill and reap the child, and kill what it started, even what has left its process group."""
        self._child.end()
        poll = select.poll()
        poll.register(self._listener, 0)  # the end of all that the filter is in is reported anyway
        deadline = time.monotonic() + STRAYS_SECONDS
        while not poll.poll(2) and time.monotonic() < deadline:
            for pid in _members(self._sessions):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def _let_settle(pid: int) -> None:
    """Wait until a child's main thread waits itself, or has ended, while another thread of it is halted.

    What that thread is about to write may be what the main one waits for, or what it has promised already and does not
    wait for: how far it gets is to be the same every time, and not what chance makes of two threads that run at once.
    So it is waited for by its own progress, and given up on after some CPU time of its own.
    """
    begun, idle = _cpu_of(pid), 0
    while idle < 2 and begun is not None:
        time.sleep(SETTLING_STEP)
        now = _cpu_of(pid)
        if now is None or now - begun > SETTLING_CPU_NANOSECONDS:
            return
        idle = idle + 1 if _state_of(pid) in WAITING_STATES else 0


def _cpu_of(pid: int) -> int | None:
    """The nanoseconds that a process's main thread has had of a processor; None if it has ended."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0])
    return None


def _state_of(pid: int) -> str:
    """The letter for the state of a process's main thread, as in proc(5)."""
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()[0]
    return "X"


def _members(sessions: set[int]) -> Iterator[int]:
    """The processes of some sessions."""
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may have anything in it; after it come the state, parent, group and session.
            if int((directory / "stat").read_text("latin-1").rpartition(")")[2].split()[3]) in sessions:
                yield int(directory.name)
