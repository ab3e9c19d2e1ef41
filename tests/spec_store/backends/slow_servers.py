"""Servers that keep one waiting: silent, unreachable, frozen. All are sockets of the test's own."""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]


@contextlib.contextmanager
def unreachable() -> Iterator[int]:
    """A port from which nothing ever comes, no more than from a host that is down: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(5):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


class Proxy:
    """A way to a server, which can freeze as a stopped process does: it takes bytes and connections, and is silent.

    Args:
        port: the server's.
        most: how many bytes of it pass on a connection; then there is silence.
    """

    def __init__(self, port: int, most: float = math.inf) -> None:
        self.delay = 0.0
        """Seconds that each answer is late, all of it at once."""
        self._behind = port
        self._most = most
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._listener.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Let nothing through any more."""
        self._flows.clear()

    def thaw(self) -> None:
        """Let everything through again."""
        self._flows.set()

    def close(self) -> None:
        """End all of it."""
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.thaw()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                front, _ = self._listener.accept()
                back = socket.create_connection(("127.0.0.1", self._behind))
                self._sockets += [front, back]
                talk = _Talk(self, self._most)
                for ends, say in (((front, back), talk.ask), ((back, front), talk.answer)):
                    threading.Thread(target=self._pass_on, args=(*ends, say), daemon=True).start()

    def _pass_on(self, source: socket.socket, dest: socket.socket, say: Callable[[bytes], bytes]) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                said = say(chunk)
                self._flows.wait()
                dest.sendall(said)
        with contextlib.suppress(OSError):
            dest.shutdown(socket.SHUT_RDWR)


class _Talk:
    """What is said on one connection."""

    def __init__(self, way: Proxy, most: float) -> None:
        self._way = way
        self._most = most
        self._asked = threading.Event()

    def ask(self, chunk: bytes) -> bytes:
        self._asked.set()
        return chunk

    def answer(self, chunk: bytes) -> bytes:
        if self._asked.is_set():
            self._asked.clear()
            time.sleep(self._way.delay)
        said = chunk[: int(min(self._most, len(chunk)))]
        self._most -= len(said)
        return said


@contextlib.contextmanager
def proxy(port: int, most: float = math.inf) -> Iterator[Proxy]:
    """A way to the server on a port, by which so many bytes of it pass."""
    made = Proxy(port, most)
    try:
        yield made
    finally:
        made.close()
