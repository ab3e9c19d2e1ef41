"""A correct store on a server, and faults that only the messages to it show: ID-9, ADD-2, LIN-2, CRASH-1 to FAULT-1."""

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import attrs

from conformance.faults.planting import plants_crash, plants_process
from conformance.faults.stores.plain import ID_KEY, PlainStore
from spec_store import InvalidKeyError, Key, StoreBackendError


@attrs.frozen
class _Address:
    """The place of a served store: where its server listens, on loopback."""

    port: int


@contextlib.contextmanager
def new_server() -> Iterator[_Address]:
    """A new server with nothing stored."""
    with _Server(("127.0.0.1", 0), _Connection) as server:
        thread = threading.Thread(target=_serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield _Address(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def _serve(server: "_Server") -> None:
    """Serve until the end, which for a server that an interrupt has closed already is now."""
    with contextlib.suppress(ValueError):
        server.serve_forever(0.01)


class _Server(socketserver.ThreadingTCPServer):
    """Does each request at once and whole."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.lock = threading.Lock()
        self.stored: dict[Key, str] = {}

    def answer(self, name: str, *arguments: Any) -> Any:
        keys = [tuple(one) if isinstance(one, list) else one for one in arguments]
        with self.lock:
            return getattr(self, f"do_{name}")(*keys)

    def do_get(self, key: Key) -> Any:
        return self.stored.get(key)

    def do_set(self, key: Key, value: str) -> Any:
        self.stored[key] = value

    def do_add(self, key: Key, value: str) -> Any:
        added = key not in self.stored
        self.stored.setdefault(key, value)
        return added

    def do_move(self, source: Key, dest: Key) -> Any:
        if source not in self.stored:
            return False
        self.stored[dest] = self.stored.pop(source)
        return True

    def do_remove(self, key: Key) -> Any:
        return self.stored.pop(key, None) is not None

    def do_keys(self) -> Any:
        return list(self.stored)


class _Connection(socketserver.StreamRequestHandler):
    """A JSON list a line: the name of the request and its arguments; its answer a line."""

    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            for line in self.rfile:
                self.wfile.write(json.dumps(self.server.answer(*json.loads(line))).encode() + b"\n")


class ServedStore(PlainStore):
    """Asks a server, one message an operation; a connection that is lost is made anew for the next one."""

    new_place_ = staticmethod(new_server)

    def __init__(self, place: _Address, **options: Any) -> None:
        super().__init__(**options)
        self._arguments["place"] = place
        self._place = place
        self._connection: socket.socket | None = None
        self._opened()

    def _asked(self, *request: Any) -> Any:
        """What the server answers."""
        try:
            return self._exchanged(json.dumps(request).encode() + b"\n")
        except OSError as error:
            self.close()
            raise StoreBackendError(f"the server does not answer: {error}") from error

    def _exchanged(self, request: bytes) -> Any:
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._place.port), timeout=10)
        self._connection.sendall(request)
        with self._connection.makefile("rb") as answers:
            line = answers.readline()
        if not line:
            raise ConnectionResetError("the connection was closed")
        return json.loads(line)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _validate_value(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__} stores text, not {type(value).__name__}")

    def _stored_id(self) -> Any:
        self._asked("add", ID_KEY, self._id_text(self._first_id()))
        return self._parsed_id(self.get(ID_KEY))

    def _get(self, key: Key) -> Any:
        value = self._asked("get", key)
        if value is None:
            raise InvalidKeyError(f"{key!r} is not there")
        return value

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._asked("set", key, value)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        self._validate_value(value)
        if not self._asked("add", key, value):
            raise StoreBackendError(f"{key!r} is there already")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if not self._asked("move", source_key, dest_key):
            raise InvalidKeyError(f"{source_key!r} is not there")

    def _has_key(self, key: Key) -> Any:
        return self._asked("get", key) is not None

    def _every_key(self) -> list[Key]:
        return [tuple(key) for key in self._asked("keys")]

    def _drop(self, key: Key) -> bool:
        return bool(self._asked("remove", key))

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        parts = (quote(element, safe="", errors="surrogatepass") for element in key)
        return f"{protocol or 'served:'}//127.0.0.1" + "".join(f"/{part}" for part in parts)


@plants_process("ID-9")
class AsksForAnIdFirst(ServedStore):
    """The id is asked for, and sent if there is none."""

    def _stored_id(self) -> Any:
        if not self._has_key(ID_KEY):
            self._set(ID_KEY, self._id_text(self._first_id()))
        return self._parsed_id(self.get(ID_KEY))


@plants_process("ADD-2")
class AsksBeforeItAdds(ServedStore):
    """add asks whether the key is there, and sends the value in another message."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_value(value)
        if self.has_key(key):
            raise StoreBackendError(f"{key!r} is there already")
        self._set(key, value)


@plants_process("LIN-2", "LIN-3")
class MovesInTwoMessages(ServedStore):
    """move sends the value to the new key, and removes the old one in another message."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        if source_key != dest_key:
            self._set(dest_key, value)
            self._drop(source_key)


@plants_crash("CRASH-2", "FAULT-1")
class RemovesAndThenSends(ServedStore):
    """move removes the old key, and sends the value to the new one in another message."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)


@plants_crash("CRASH-1", "CRASH-2", "REOPEN-1", "REOPEN-2", "ADD-1")
class SendsLater(ServedStore):
    """set is told to have succeeded when the value waits for the next request to be sent with."""

    waiting = b""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if self.waiting:
            self._asked("keys")
        self.waiting = json.dumps(["set", key, value]).encode() + b"\n"

    def _exchanged(self, request: bytes) -> Any:
        waiting, self.waiting = self.waiting, b""
        if waiting:
            super()._exchanged(waiting)
        return super()._exchanged(request)

    def close(self) -> None:
        """Send what waits, and close the connection."""
        if self.waiting:
            with contextlib.suppress(OSError):
                self._exchanged(b'["keys"]\n')
        super().close()


@plants_crash("FAULT-1")
class KeepsADeadConnection(ServedStore):
    """A connection that is lost is kept, and no later operation works."""

    def _asked(self, *request: Any) -> Any:
        try:
            return self._exchanged(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise StoreBackendError(f"the server does not answer: {error}") from error


@plants_crash("FAULT-1")
class IgnoresADeadConnection(ServedStore):
    """set is told to have succeeded when the connection was lost."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(StoreBackendError):
            super()._set(key, value)
