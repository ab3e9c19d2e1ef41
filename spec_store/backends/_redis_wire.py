"""A connection to a Redis server that keeps to a deadline, of one operation in all, at every byte.

redis-py opens it: it reads URLs, resolves the options of TLS and makes the socket. What is said on it is said here: a
timeout of redis-py's is one of each read, so that an answer that trickles in would never end, and it repeats commands
whose answer was lost.
"""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection

Address: TypeAlias = tuple[str, int]
"""A host and a port; of a socket in the file system, its path and 0."""

Command: TypeAlias = Sequence[bytes]
"""A command as it is sent, in parts, so that a large value need not be copied."""

READ_BYTES = 1 << 16
MOST_READ_BYTES = 1 << 20
DOLLAR = ord("$")
GIBBERISH = object()
LARGE_BYTES = 1 << 16
"""From which size on a part of a command is sent by itself."""


def label(address: Address) -> str:
    """An address as errors name it."""
    return f"{address[0]}:{address[1]}" if address[1] else address[0]


class Refused(Exception):
    """A server's error reply. It has done nothing of the command, unless a script failed on its way.

    Args:
        text: of the reply, the code first, as in "NOSCRIPT No matching script".
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code, _, self.rest = text.partition(" ")


class NotConnected(Exception):
    """There is no connection, so nothing of a command was sent."""


class Deadline:
    """When an operation ends at the latest.

    Args:
        seconds: that it has in all.
        end: on the monotonic clock; from now on, if nothing is said.
    """

    __slots__ = ("end", "seconds")

    def __init__(self, seconds: float, end: float | None = None) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds if end is None else end

    def left(self) -> float:
        """The seconds that are left.

        Raises:
            TimeoutError: there are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def allows(self, seconds: float) -> bool:
        """Whether more than so many seconds are left."""
        return self.end - time.monotonic() > seconds

    def share(self, tries: int) -> "Deadline":
        """That of the first of several tries, so that one which gets no answer leaves time for the others."""
        now = time.monotonic()
        return Deadline(self.seconds, now + max(0.0, self.end - now) / tries)


def packed(*arguments: str | bytes | int) -> list[bytes]:
    """A command as it is sent."""
    return [*framed(len(arguments), arguments)]


def framed(number: int, arguments: Sequence[str | bytes | int]) -> list[bytes]:
    """The arguments of a command as they are sent, after the announcement of their number, if it is not 0."""
    small: list[bytes] = [b"*%d\r\n" % number] if number else []
    parts: list[bytes] = []
    for argument in arguments:
        content = argument if isinstance(argument, bytes) else str(argument).encode("utf-8", "surrogatepass")
        if len(content) < LARGE_BYTES:
            small.append(b"$%d\r\n%b\r\n" % (len(content), content))
        else:
            small.append(b"$%d\r\n" % len(content))
            parts += (b"".join(small), content)
            small = [b"\r\n"]
    return [*parts, b"".join(small)]


class Wire:
    """A connection, for one thread at a time. After an error, but a reply that is one, it is to be closed."""

    __slots__ = ("__weakref__", "_buffer", "_end", "_pid", "_poll", "_position", "_socket")

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._pid = os.getpid()
        self._buffer, self._position = b"", 0
        self._end = Deadline(0.0, 0.0)
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll:
            self._poll.register(opened, select.POLLIN)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; in a forked child, without a word to the server, which the parent goes on talking to."""
        with contextlib.suppress(OSError):
            if self._pid == os.getpid():
                self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def broken(self) -> bool:
        """Whether the server has ended it, or said what nobody asked for."""
        return self._position < len(self._buffer) or (self._poll is not None and bool(self._poll.poll(0)))

    def call(self, command: Command, deadline: Deadline) -> Any:
        """What the server replies to a command: bytes, an int, None, or a list of these.

        Raises:
            Refused: the reply is an error.
            TimeoutError: the deadline has passed.
            OSError: the connection broke.
        """
        self._end = deadline
        for part in command:
            self._socket.settimeout(deadline.left())
            self._socket.sendall(part)
        reply = self._understood()
        if reply is GIBBERISH:  # raised here, where no error that shows what was received is at hand
            raise ConnectionError("what was received is not what Redis sends")
        if isinstance(reply, Refused):
            raise reply
        return reply

    def _understood(self) -> Any:
        try:
            return self._reply()
        except ValueError:
            return GIBBERISH

    def _reply(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return self._bulk(_size(rest)) if rest != b"-1" else None
        if kind == b":":
            return int(rest)
        if kind == b"*":
            return self._replies(_size(rest)) if rest != b"-1" else None
        if kind == b"+":
            return rest
        if kind == b"-":
            return Refused(rest.decode("utf-8", "replace"))
        raise ValueError("no kind of reply")

    def _replies(self, number: int) -> list[Any]:
        found = []
        for _ in range(number):
            # Most are whole in the buffer; to read them here takes half of the time.
            buffer, start = self._buffer, self._position
            end = buffer.find(b"\r\n", start)
            if end > start and buffer[start] == DOLLAR:
                size = int(buffer[start + 1 : end])
                stop = end + 2 + size
                if size >= 0 and stop + 2 <= len(buffer):
                    found.append(buffer[end + 2 : stop])
                    self._position = stop + 2
                    continue
            found.append(self._reply())
        return found

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n", self._position)) < 0:
            self._buffer = self._buffer[self._position :] + self._received(READ_BYTES)
            self._position = 0
        line = self._buffer[self._position : end]
        self._position = end + 2
        return line

    def _bulk(self, size: int) -> bytes:
        stop = self._position + size
        if (missing := stop + 2 - len(self._buffer)) > 0:
            parts = [self._buffer[self._position :]]
            while missing > 0:
                parts.append(self._received(min(max(missing, READ_BYTES), MOST_READ_BYTES)))
                missing -= len(parts[-1])
            self._buffer, self._position, stop = b"".join(parts), 0, size
        found = self._buffer[self._position : stop]
        self._position = stop + 2
        if self._position == len(self._buffer):
            self._buffer, self._position = b"", 0  # a large value is not kept
        return found

    def _received(self, size: int) -> bytes:
        self._socket.settimeout(self._end.left())
        received = self._socket.recv(size)
        if not received:
            raise ConnectionResetError("the server ended the connection")
        return received


def _size(text: bytes) -> int:
    if not text.isdigit():
        raise ValueError("no size")
    return int(text)


def opened(address: Address, options: Mapping[str, Any], deadline: Deadline) -> Wire:
    """A connection on which the server takes commands.

    Args:
        address: of the server.
        options: as redis-py's connections take them, with `connection_class`.
        deadline: for all of it.

    Raises:
        Refused: the server does not take it; the text has nothing that was sent in it.
        TimeoutError: the deadline has passed.
        OSError: the host has no address, or the server cannot be reached.
    """
    wire = Wire(connection(address, options).opened(deadline))
    try:
        _greet(wire, options, deadline)
    except BaseException:
        wire.close()
        raise
    return wire


def _greet(wire: Wire, options: Mapping[str, Any], deadline: Deadline) -> None:
    user, password = options.get("username"), options.get("password")
    if user or password:
        refusal = _refusal(wire, packed("AUTH", *([user] if user else []), password or ""), deadline)
        if refusal:
            # A server that does not know the command repeats what it was given, cut somewhere.
            code = refusal.code if refusal.code.isalpha() and refusal.code.isupper() else "ERR"
            raise Refused(f"{code} the server does not accept these credentials")
    if options.get("client_name"):
        wire.call(packed("CLIENT", "SETNAME", options["client_name"]), deadline)
    if options.get("db"):
        wire.call(packed("SELECT", options["db"]), deadline)


def _refusal(wire: Wire, command: Command, deadline: Deadline) -> Refused | None:
    try:
        wire.call(command, deadline)
    except Refused as error:
        return error
    return None


# Sockets as redis-py opens them, within a deadline


class _TCP(Connection):
    """A socket of redis-py's, without its conversation; `_connect` is what its own classes fill in."""

    deadline: Deadline

    def opened(self, deadline: Deadline) -> socket.socket:
        self.deadline = deadline
        found: socket.socket = self._connect()
        return found

    def _connect(self) -> socket.socket:
        addresses = _resolved(self.host, self.port, self.deadline)
        for number, (family, address) in enumerate(addresses):
            made = socket.socket(family, socket.SOCK_STREAM)
            try:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                made.settimeout(self.deadline.share(len(addresses) - number).left())
                made.connect(address)
                made.settimeout(self.deadline.left())  # of the handshake of TLS
            except OSError:
                made.close()
                if number == len(addresses) - 1:
                    raise
            else:
                return made
        raise OSError("the host has no address")


class _TLS(SSLConnection, _TCP):
    """The same with TLS, which redis-py puts round what `_TCP` opens."""


class _Unix(UnixDomainSocketConnection):
    """A socket in the file system."""

    host = ""

    def opened(self, deadline: Deadline) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(deadline.left())
            made.connect(self.path)
        except BaseException:
            made.close()
            raise
        return made


def connection(address: Address, options: Mapping[str, Any]) -> "_TCP | _Unix":
    """A connection of redis-py's, not open yet.

    Raises:
        TypeError, ValueError, RedisError: an option is not one of redis-py's.
    """
    given = {name: value for name, value in options.items() if name != "connection_class"}
    wanted = options.get("connection_class", Connection)
    cls: Any = _TLS if issubclass(wanted, SSLConnection) else _TCP  # whose constructors have no annotations
    place: dict[str, Any]
    if issubclass(wanted, UnixDomainSocketConnection):
        cls, place = _Unix, {"path": address[0]}
    else:
        place = {"host": address[0], "port": address[1]}
    made: _TCP | _Unix = cls(**place, protocol=2, **given)
    return made


def _resolved(host: str, port: int, deadline: Deadline) -> list[tuple[int, Any]]:
    """The addresses of a host, asked for on a thread of its own, for the system's resolver has no timeout."""
    with contextlib.suppress(socket.gaierror):
        return _looked_up(host, port, socket.AI_NUMERICHOST)
    found: list[tuple[int, Any]] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(_looked_up(host, port, 0))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise TimeoutError("the host's address is not known yet")
    if failed:
        raise OSError(f"the host has no address: {failed[0]}")
    return found


def _looked_up(host: str, port: int, flags: int) -> list[tuple[int, Any]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(one[0], one[4]) for one in found]
