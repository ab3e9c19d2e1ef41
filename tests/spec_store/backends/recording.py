"""Servers that are none: one that notes what it is asked, one that accepts and is silent, a port that nobody is at."""

import contextlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.spec_store.backends import slow_servers

ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ROLEKEY{number}</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>
<SessionToken>role-token</SessionToken><Expiration>{expiry}</Expiration></Credentials></AssumeRoleResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"""


class Recording:
    """A server of S3, Azure and STS that has nothing, takes everything, and notes the requests.

    Args:
        expiry: until when the credentials of a role are good, as STS writes it.
        contended: have another value at every look, and let nobody replace the one that was seen.
    """

    def __init__(self, expiry: str = "2099-01-01T00:00:00Z", contended: bool = False) -> None:
        self.contended = contended
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.expiry = expiry
        self.url = ""
        self.roles = 0

    def of(self, method: str) -> list[tuple[str, dict[str, str]]]:
        """The paths and headers of the requests by a method, in order."""
        return [(path, headers) for one, path, headers in self.requests if one == method]

    def keys(self) -> list[str]:
        """The access keys that requests were signed by, in order."""
        found = [re.search("Credential=([^/]+)", headers.get("authorization", "")) for _, _, headers in self.requests]
        return [one[1] for one in found if one]


@contextlib.contextmanager
def recording(**options: Any) -> Iterator[Recording]:
    """Such a server, on a free port."""
    notes = Recording(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            notes.requests.append((self.command, self.path, headers))
            if b"Action=AssumeRole" in body:
                notes.roles += 1
                return self._say(200, ROLE.format(expiry=notes.expiry, number=notes.roles).encode())
            if notes.contended and "layout" not in self.path:
                return self._say(412 if self.command == "PUT" else 200, str(len(notes.requests)).encode())
            return self._say(404 if self.command in ("GET", "HEAD") else 200 if "amz" in str(headers) else 201, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    notes.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield notes
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def silent_url() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with slow_servers.silent() as port:
        yield f"http://127.0.0.1:{port}"
