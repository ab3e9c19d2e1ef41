"""A store in Redis: a hash for the values and a sorted set for the keys, changed together by scripts on the server."""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from spec_store.backends._engine import TIMEOUT, Engine, Options, written_later
from spec_store.backends._names import key_of, keys_of, path_of
from spec_store.backends._secret import SecretURL, checked_url, with_secrets
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    from redis.exceptions import NoScriptError, RedisClusterException, RedisError
    from redis.sentinel import MasterNotFoundError
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "redis":
        raise
    raise ImportError("RedisStoreBackend needs redis: install the extra, pip install 'spec-store[redis]'") from error

from spec_store.backends._redis_server import Server, attached, detach
from spec_store.backends._redis_target import url_of

PAGE = 1000
"""How many keys one call of a listing asks for, so that the server is not kept from others."""

FEW = 100
"""How many keys a listing asks for at first, if it has a prefix: most are short, and then no more is asked."""

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

DIGESTS = {
    script: hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest() for script in (SET, ADD, MOVE, REMOVE)
}
"""By what Redis knows each script that it has run."""


class RedisStoreBackend(Engine):
    """A store of text in Redis, safe for threads and processes; several stores share a server by their names.

    The store `name` is the hash `{name}:values`, from paths of keys (`spec_store.keys.path_of`) to values in UTF-8,
    and the sorted set `{name}:keys` of the paths, in which a prefix is a range; on a cluster both are in one slot.
    Each write is one script, which the server runs as one step. A listing asks for a thousand keys at a time. What
    outlasts the server, or a failover, is what Redis was told to persist and to replicate.

    The key `{name}:layout` would hold the number of the layout; none, as now, is 1. It is read once, and a store of a
    later layout is refused.

    Stores with one URL share their connections in a process: 50 at most, or the URL's `max_connections`, for which
    further threads wait (to each server of a cluster). A forked child opens its own. Nothing is repeated that the
    server may have done: a write that fails amid a failover is not tried again.

    Every operation ends within the timeout, but for the system's resolver of host names, which has none.

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
        self._values, self._paths = f"{{{name}}}:values", f"{{{name}}}:keys"
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
        self._begin()
        own = path_of(self.STORE_BACKEND_ID_KEY).encode()
        found: dict[bytes, bytes] = {}
        cursor, number = 0, FIRST_VALUES
        while True:
            cursor, page = self._do("read the values", (), "HSCAN", self._values, cursor, "COUNT", number)
            found.update(page)  # a scan may give one twice
            if int(cursor) == 0:
                break
            size = sum(map(len, page.values()))
            number = min(PAGE, max(1, len(page) * VALUES_BYTES // max(size, 1)), 2 * number)
        found.pop(own, None)
        return _texts(found)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, by a range of the sorted set (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: Redis fails.
        """
        self._validate_key(prefix)
        self._begin()
        if not prefix:
            found = [path for page in self._pages(b"-", b"+") for path in page]
        else:
            path = path_of(prefix).encode()
            # "0" comes next after "/", but "-" before it: there are other keys between this one and those below.
            found = self._page(b"[" + path, b"(" + path + b"0", FEW)
            if len(found) < FEW:
                found = [one for one in found if one == path or one.startswith(path + b"/")]
            else:
                found = found[:1] if found[0] == path else []
                for page in self._pages(b"[" + path + b"/", b"(" + path + b"0"):
                    found += page
        try:
            return keys_of(found)
        except ValueError as error:
            raise StoreBackendError(f"{self!r} has a key that no store wrote: {error}") from error

    def _pages(self, begin: bytes, end: bytes) -> Iterator[list[bytes]]:
        """The paths of a range, in pages: each begins after the last one of the page before."""
        while True:
            page = self._page(begin, end, PAGE)
            yield page
            if len(page) < PAGE:
                return
            begin = b"(" + page[-1]

    def _page(self, begin: bytes, end: bytes, number: int) -> list[bytes]:
        """The first paths of a range, so many at most."""
        found: list[bytes] = self._do("list the keys", (), "ZRANGEBYLEX", self._paths, begin, end, "LIMIT", 0, number)
        return found

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
        content = self._call("read", (key,), "HGET", self._values, path_of(key))
        if content is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(content, key)

    def _has_key(self, key: Key) -> bool:
        return bool(self._call("look for", (key,), "HEXISTS", self._values, path_of(key)))

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
        self._begin()
        try:
            return self._do(verb, keys, "EVALSHA", DIGESTS[script], 2, self._values, self._paths, *arguments)
        except NoScriptError:
            pass
        return self._do(verb, keys, "EVAL", script, 2, self._values, self._paths, *arguments)

    def _call(self, verb: str, keys: tuple[Key, ...], *command: str | bytes | int) -> Any:
        """The reply to a command that is an operation's only one."""
        self._begin()
        return self._do(verb, keys, *command)

    def _begin(self) -> None:
        """Tell that an operation begins, which has the timeout for all of its commands."""
        self._server().begin(self._timeout, self._deadline())

    def _server(self) -> Server:
        server = self._attached
        if server is None or server.pid != os.getpid():
            server = self._attached = attached(self._where, self)
        return server

    def _do(self, verb: str, keys: tuple[Key, ...], *command: str | bytes | int) -> Any:
        """The reply to a command.

        Args:
            verb, keys: what is done, for errors.
            command: its name and arguments.

        Raises:
            NoScriptError: the server does not have it.
            StoreBackendError: Redis, or the way to it, fails.
        """
        server = self._server()
        try:
            if not self._layout_is_known:
                self._read_layout(server.client)
            return server.client.execute_command(*command)
        except NoScriptError:
            raise
        except MasterNotFoundError as error:
            told = server.told(error)
        except (RedisError, RedisClusterException, OSError, ValueError) as error:
            raise StoreBackendError(f"{self!r} cannot {_what(verb, keys)}: {server.told(error)}") from error
        # Raised here, for redis-py's error shows the sentinels' clients, and older releases their passwords too.
        raise StoreBackendError(f"{self!r} cannot {_what(verb, keys)}: {told}")

    def _read_layout(self, client: Any) -> None:
        found = client.execute_command("GET", f"{{{self._name}}}:layout")
        if found is not None and not (found.isdigit() and int(found) <= LAYOUT):
            number = found[:20].decode("ascii", "replace")
            raise StoreBackendError(f"{written_later(repr(self), number, LAYOUT)}: upgrade")
        self._layout_is_known = True


def _what(verb: str, keys: tuple[Key, ...]) -> str:
    """What an operation does, for errors."""
    return f"{verb} {' to '.join(map(repr, keys))}" if keys else verb


def _texts(found: Mapping[bytes, bytes]) -> list[str]:
    """The values of paths."""
    with contextlib.suppress(UnicodeDecodeError):
        return [str(content, "utf-8") for content in found.values()]
    return [decoded(content, key_of(path.decode())) for path, content in found.items()]
