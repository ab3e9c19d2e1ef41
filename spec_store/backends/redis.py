"""A store in Redis: a hash for the values and a sorted set for the keys, changed together by scripts on the server."""

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._names import key_of, path_of
from spec_store.backends._secret import SecretURL, checked_url, with_secrets
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    import redis as _redis  # noqa: F401  (which the modules below import parts of)
except ModuleNotFoundError as error:
    if error.name != "redis":
        raise
    raise ImportError("RedisStoreBackend needs redis: install the extra, pip install 'spec-store[redis]'") from error

from spec_store.backends._redis_server import Server, attached, detach
from spec_store.backends._redis_target import url_of
from spec_store.backends._redis_wire import Command, Deadline, NotConnected, Refused, framed, packed

PAGE = 1000
"""How many keys one call of a listing asks for, so that the server is not kept from others."""

VALUES_BYTES = 1 << 22
"""How many bytes of values one call asks for at most, as far as the call before tells."""

FIRST_VALUES = 32
"""How many values the first call asks for, of which nothing is known yet."""

LAYOUT = 1
"""The latest layout of stores that this release knows."""

# KEYS: the hash of values, the sorted set of paths. ARGV: a path, and what else a script says.

SET = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
"""

ADD = """
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
"""

MOVE = """
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[2], value)
redis.call('ZADD', KEYS[2], 0, ARGV[2])
return 1
"""

REMOVE = """
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
"""

ARGUMENTS = {SET: 2, ADD: 2, MOVE: 2, REMOVE: 1}
"""How many ARGV each script has."""


class RedisStoreBackend(Engine):
    """A store of text in Redis, safe for threads and processes; several stores share a server by their names.

    The store `name` is the hash `{name}:values`, from paths of keys (`spec_store.keys.path_of`) to values in UTF-8,
    and the sorted set `{name}:keys` of the paths, in which a prefix is a range; on a cluster both are in one slot.
    Each write is one script, which the server runs as one step. A listing asks for a thousand keys at a time. What
    outlasts the server, or a failover, is what Redis was told to persist and to replicate.

    The key `{name}:layout` would hold the number of the layout; none, as now, is 1. It is read once, and a store of a
    later layout is refused.

    Stores with one URL share their connections in a process: 50 at most, or the URL's `max_connections`, for which
    further threads wait. A forked child opens its own. Nothing is repeated that the server may have done.

    Args:
        url: `redis://user:password@host:port/database`, encrypted with `rediss://`; `unix://user:password@/path`;
            `redis+sentinel://user:password@host:port,host:port/service/database`, where the hosts are the sentinels'
            (their own credentials, if they have any, are `?sentinel_username=...&sentinel_password=...`);
            `redis+cluster://user:password@host:port,host:port`, some servers of a cluster. Options of redis-py's
            connections follow a `?`, as in `?ssl_ca_certs=/path`; of those, what is about waiting, repeating and
            decoding is not used. The password is shown nowhere.
        name: of the store on the server; on a cluster not empty, and without a `}` at its beginning.
        credentials: in place of the URL its parts: `host` (of sentinels and clusters several, with commas), `port`,
            `username` (or `user`), `password`, `database` (its number), `scheme` (`redis` if none is given), `service`.
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: redis is not installed.
        ValueError: the URL or the credentials cannot be read, or not one of both was given.
    """

    def __init__(
        self,
        url: str = "",
        name: str = "store",
        *,
        credentials: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        named = (fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        super().__init__(Options(*named, timeout, read_only))
        if bool(url) == bool(credentials):
            raise ValueError("RedisStoreBackend takes a url or credentials, one of both")
        self._url = checked_url(url) if url else ""
        self._credentials = with_secrets(credentials) if credentials else None
        self._where = self._url if isinstance(self._url, SecretURL) else url_of(self._credentials or {})
        self._name = name
        self._attached: Server | None = attached(self._where, self)
        if self._attached.kind == "cluster" and (not name or name.startswith("}")):
            raise ValueError("the name of a store on a cluster is not empty, and has no '}' at its beginning")
        values, paths = f"{{{name}}}:values", f"{{{name}}}:keys"
        self._get_command = _head(3, "HGET", values)
        self._has_command = _head(3, "HEXISTS", values)
        self._scripts = {
            script: _head(5 + number, "EVALSHA", _digest(script), 2, values, paths)
            for script, number in ARGUMENTS.items()
        }
        self._values, self._paths = values, paths
        self._layout_is_known = False
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._where!r}, {self._name!r})"

    def close(self) -> None:
        """Let go of the connections, which the last store with this URL closes. The next operation takes some again."""
        server, self._attached = self._attached, None
        if server is not None:
            detach(server, self)

    def get_all(self) -> list[str]:
        """Every value but the id's, once each (ALL-1), many at a time. One that is removed meanwhile may be left out.

        Raises:
            StoreBackendError: Redis fails, or what is stored is no text.
        """
        deadline, number = Deadline(self._timeout), FIRST_VALUES
        own = path_of(self.STORE_BACKEND_ID_KEY).encode()
        found: list[str] = []
        for page in self._pages(b"-", b"+", deadline):
            paths = [path for path in page if path != own]
            while paths:
                asked, paths = paths[:number], paths[number:]
                contents = self._call("read the values", (), packed("HMGET", self._values, *asked), deadline)
                found += _texts(asked, contents)
                size = sum(len(content) for content in contents if content is not None)
                number = min(PAGE, max(1, len(asked) * VALUES_BYTES // max(size, 1)), 2 * number)
        return found

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, by a range of the sorted set (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: Redis fails.
        """
        self._validate_key(prefix)
        deadline = Deadline(self._timeout)
        if not prefix:
            found = [path for page in self._pages(b"-", b"+", deadline) for path in page]
        else:
            path = path_of(prefix).encode()
            score = self._call("list the keys", (), packed("ZSCORE", self._paths, path), deadline)
            found = [] if score is None else [path]
            for page in self._pages(b"[" + path + b"/", b"(" + path + b"0", deadline):
                found += page
        try:
            return [key_of(one.decode()) for one in found]
        except ValueError as error:
            raise StoreBackendError(f"{self!r} has a key that no store wrote: {error}") from error

    def _pages(self, begin: bytes, end: bytes, deadline: Deadline) -> Iterator[list[bytes]]:
        """The paths of a range, in pages: each begins after the last one of the page before."""
        while True:
            command = packed("ZRANGEBYLEX", self._paths, begin, end, "LIMIT", 0, PAGE)
            page: list[bytes] = self._call("list the keys", (), command, deadline)
            yield page
            if len(page) < PAGE:
                return
            begin = b"(" + page[-1]

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: Redis fails.
        """
        self._validate_key(key)
        return bool(self._run("remove", (key,), REMOVE, path_of(key)))

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        content = self._call("read", (key,), _with(self._get_command, path_of(key)))
        if content is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(content, key)

    def _has_key(self, key: Key) -> bool:
        return bool(self._call("look for", (key,), _with(self._has_command, path_of(key))))

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._run("store", (key,), SET, path_of(key), encoded(value))

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        if self._run("store", (key,), ADD, path_of(key), encoded(value)) == 0:
            raise StoreBackendError(f"{self!r} already has a value under {key!r}")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        if self._run("move", (source_key, dest_key), MOVE, path_of(source_key), path_of(dest_key)) == 0:
            raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    # What is said to the server

    def _run(self, verb: str, keys: tuple[Key, ...], script: str, *arguments: str | bytes) -> Any:
        """What a script returns, by its digest where the server has it already."""
        if self._read_only:
            self._about_to(_what(verb, keys))
        deadline = Deadline(self._timeout)
        found = self._call(verb, keys, _with(self._scripts[script], *arguments), deadline)
        if found is _NO_SUCH_SCRIPT:
            whole = packed("EVAL", script, 2, self._values, self._paths, *arguments)
            found = self._call(verb, keys, whole, deadline)
        return found

    def _call(self, verb: str, keys: tuple[Key, ...], command: Command, deadline: Deadline | None = None) -> Any:
        """The reply to a command.

        Args:
            verb, keys: what is done, for errors.
            command: as it is sent.
            deadline: of the operation; by default the command is all of it.

        Raises:
            StoreBackendError: Redis, or the way to it, fails.
        """
        deadline = deadline or Deadline(self._timeout)
        try:
            server = self._attached
            if server is None or server.pid != os.getpid():
                server = self._attached = attached(self._where, self)
            if not self._layout_is_known:
                self._read_layout(server, deadline)
            return server.call(self._name, command, deadline)
        except Refused as error:
            if error.code == "NOSCRIPT":
                return _NO_SUCH_SCRIPT
            raise StoreBackendError(f"{self!r} cannot {_what(verb, keys)}: {error}") from error
        except (NotConnected, OSError) as error:
            raise StoreBackendError(f"{self!r} cannot {_what(verb, keys)}: {error}") from error

    def _read_layout(self, server: Server, deadline: Deadline) -> None:
        found = server.call(self._name, packed("GET", f"{{{self._name}}}:layout"), deadline)
        if found is not None and not (found.isdigit() and int(found) <= LAYOUT):
            number = found[:20].decode("ascii", "replace")
            raise StoreBackendError(
                f"{self!r} was written by a later version of spec-store (layout {number}; this one knows up to "
                f"{LAYOUT}): upgrade"
            )
        self._layout_is_known = True


_NO_SUCH_SCRIPT = object()


def _digest(script: str) -> str:
    """By what Redis knows a script."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _head(number: int, *arguments: str | int) -> bytes:
    """How a command of so many arguments begins."""
    return framed(number, arguments)[0]


def _with(head: bytes, *arguments: str | bytes) -> list[bytes]:
    """A command by its head and the rest of its arguments."""
    parts = framed(0, arguments)
    parts[0] = head + parts[0]
    return parts


def _what(verb: str, keys: tuple[Key, ...]) -> str:
    """What an operation does, for errors."""
    return f"{verb} {' to '.join(map(repr, keys))}" if keys else verb


def _texts(paths: list[bytes], contents: list[bytes | None]) -> list[str]:
    """The values of paths that are still stored."""
    try:
        return [content.decode() for content in contents if content is not None]
    except UnicodeDecodeError:
        stored = [(path, content) for path, content in zip(paths, contents, strict=True) if content is not None]
        return [decoded(content, key_of(path.decode())) for path, content in stored]
