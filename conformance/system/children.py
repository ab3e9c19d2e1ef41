"""A child forked from this process, which acknowledges what it has done, and which is always killed and reaped.

`born` forks it; it is the only place of the kit that forks a process to run a function in (but for the guard of a
worker, `workers.guard`, which takes over signals between the fork and the function). The two talk by a socket, in one
direction:

    child     started | message ... message | returned, or raised with a traceback
    parent    hears what has arrived, and kills whenever it wants to

So that the parent can tell how far a child was that dies without a word, each message is sent before the child goes
on. The end of the block kills the child, and its process group, and reaps it, whatever happens in the block; if the
parent itself is killed, the kernel ends the child.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Literal

import attrs

from conformance.system.signals import end_with_parent
from conformance.system.starvation import note_reaped

MESSAGE_BYTES = 1 << 16
"""The most that one message may have."""

START_SECONDS = 60.0
"""The most that a child may take from its fork to the start of its function, on a machine however busy."""

HEADER = struct.Struct("=cI")
STARTED, MESSAGE, RETURNED, RAISED = b"s", b"m", b"r", b"e"
BLOCK = 1 << 16

Acknowledge = Callable[[bytes], None]
"""Sends a message to the parent; raises ValueError if it has more than `MESSAGE_BYTES`."""

ChildWork = Callable[[Acknowledge], None]
"""What a child runs."""

Ended = Literal["returned", "raised", "died", "killed", "overtime"]


@attrs.frozen
class ChildEnd:
    """How a child ended.

    Attributes:
        pid: its process number; it has been reaped.
        ended: "returned" or "raised" (its function did), "died" (by itself, or by another's signal), "killed" (at the
            stop or the moment that was asked for) or "overtime" (it was killed at the time limit).
        status: its exit status, or minus the signal's number; None if another part of this process reaped it.
        acknowledged: its messages, in order.
        stops: how many there were.
        error: the traceback of what its function raised, or "".
    """

    pid: int
    ended: Ended
    status: int | None
    acknowledged: tuple[bytes, ...]
    stops: int = 0
    error: str = ""


class Child:
    """A forked child, and the parent's end of the socket by which it acknowledges."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel
        self.acknowledged: tuple[bytes, ...] = ()
        self._stages: dict[bytes, str] = {}
        self._received = b""
        self._reaped = False
        self._status: int | None = None

    def started(self) -> bool:
        """Whether its function runs, or ran."""
        return STARTED in self._stages

    def hear(self) -> bool:
        """Take in what it has sent; False where nothing can come any more."""
        while True:
            try:
                block = self.channel.recv(BLOCK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not block:
                return False
            self._received += block
            self._take()

    def _take(self) -> None:
        while len(self._received) >= HEADER.size:
            kind, size = HEADER.unpack_from(self._received)
            end = HEADER.size + size
            if len(self._received) < end:
                return
            body, self._received = self._received[HEADER.size : end], self._received[end:]
            if kind == MESSAGE:
                self.acknowledged += (body,)
            else:
                self._stages[kind] = body.decode(errors="replace")

    def ended(self) -> bool:
        """Whether it has ended; it is reaped then."""
        return self._reaped or self._wait(os.WNOHANG)

    def end(self) -> None:
        """Kill it, with its process group, and reap it, unless that is done."""
        if self._reaped:
            return
        self.kill()
        self._wait(0)

    def kill(self) -> None:
        """Kill it, with its process group."""
        for kill in (os.kill, os.killpg):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)

    def _wait(self, options: int) -> bool:
        try:
            # Left as it is for a moment, so that what it was starved can still be read.
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | options) is None:
                return False
            note_reaped(self.pid)
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:
            self._reaped = True
            return True
        if pid:
            self._reaped, self._status = True, os.waitstatus_to_exitcode(status)
        return self._reaped

    def outcome(self, cause: Ended, stops: int = 0) -> ChildEnd:
        """How it ended; to be asked when it has.

        Args:
            cause: why, if its function neither returned nor raised.
            stops: how many there were.
        """
        self.hear()
        ended: Ended = "returned" if RETURNED in self._stages else "raised" if RAISED in self._stages else cause
        return ChildEnd(self.pid, ended, self._status, self.acknowledged, stops, self._stages.get(RAISED, ""))


@contextlib.contextmanager
def born(run: ChildWork, prepare: Callable[[socket.socket], None] = lambda _channel: None) -> Iterator[Child]:
    """Fork a child that runs a function; it has ended, and is reaped, when this context is left.

    Args:
        run: the function.
        prepare: what the child calls first, with its end of the socket.

    Raises:
        OSError: no process can be made.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking a process that has threads
            parent, pid = os.getpid(), os.fork()
            if not pid:
                _live(parent, ours, theirs, run, prepare)
        child = Child(pid, ours)
        try:
            yield child
        finally:
            child.end()


def _live(
    parent: int, ours: socket.socket, theirs: socket.socket, run: ChildWork, prepare: Callable[[socket.socket], None]
) -> None:
    """What the child does, from its fork to its end."""
    status = 1
    lock = threading.Lock()

    def tell(kind: bytes, body: bytes = b"") -> None:
        with lock:
            theirs.sendall(HEADER.pack(kind, len(body)) + body)

    def acknowledge(message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"a message has at most {MESSAGE_BYTES} bytes")
        tell(MESSAGE, message)

    try:
        ours.close()
        os.setsid()
        end_with_parent()
        if os.getppid() == parent:
            prepare(theirs)
            tell(STARTED)
            run(acknowledge)
            tell(RETURNED)
            status = 0
    except BaseException:
        with contextlib.suppress(BaseException):
            tell(RAISED, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(status)


def killed_at(run: ChildWork, seconds: float) -> ChildEnd:
    """Run a function in a child and kill it (SIGKILL, its process group too) some time after the function has begun.

    This needs no more than `os.fork`; where `supervised` is not available it takes its place, at random moments.

    Args:
        run: the function; it is given `acknowledge`.
        seconds: when to kill.

    Raises:
        OSError: no process can be made, or it does not get to run the function.
    """
    with born(run) as child:
        if not listen(child, START_SECONDS, child.started):
            raise OSError("a forked child did not start")
        cause: Ended = "died" if listen(child, seconds, child.ended) else "killed"
        child.end()
        return child.outcome(cause)


def listen(child: Child, seconds: float, until: Callable[[], bool]) -> bool:
    """Listen to a child until something is true; whether it is.

    Args:
        child: whose messages are taken in.
        seconds: how long to listen at most; it ends sooner when the child has ended.
        until: asked after each message, and when there is nothing more to listen to.
    """
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(child.channel, select.POLLIN)
    listening = True
    while (rest := deadline - time.monotonic()) > 0:
        if not listening:
            time.sleep(min(rest, 0.001))
        elif poll.poll(rest * 1000):
            listening = child.hear()
        if until():
            return True
        if not listening and child.ended():
            break
    return until()
