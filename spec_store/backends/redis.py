"""A store in Redis: a hash for the values and a sorted set for the keys, changed together by scripts on the server."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._names import key_of, path_of
from spec_store.backends._secret import checked_url, revealed
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry
except ModuleNotFoundError as error:
    if error.name != "redis":
        raise
    raise ImportError("RedisStoreBackend needs redis: install the extra, pip install 'spec-store[redis]'") from error

PAGE = 1000
"""How many keys one call of a listing asks for, so that the server is not kept from others."""

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


class RedisStoreBackend(Engine):
    """A store of text in Redis, safe for threads and processes; several stores share a server by their names.

    The store `name` is the hash `{name}:values`, from paths of keys (`spec_store.keys.path_of`) to values in UTF-8,
    and the sorted set `{name}:keys` of the paths, in which a prefix is a range; on a cluster both are in one slot.
    Each write is one script, which the server runs as one step. A listing asks for a thousand keys at a time. What
    outlasts the server is what Redis was told to persist.

    Args:
        url: as redis-py reads it: `redis://`, `rediss://` or `unix://`; its password is not shown in `repr` and errors.
        name: of the store on the server.
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: redis is not installed.
        ValueError: the URL cannot be read.
    """

    def __init__(
        self,
        url: str,
        name: str = "store",
        *,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        named = (fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        super().__init__(Options(*named, timeout, read_only))
        self._url = checked_url(url)
        self._name = name
        # No retries: a write whose answer is lost may have been done, and another one may have come after it.
        self._client = Redis.from_url(revealed(self._url), retry=Retry(NoBackoff(), 0), decode_responses=False)
        self._values, self._paths = f"{{{name}}}:values", f"{{{name}}}:keys"
        self._scripts = {script: self._client.register_script(script) for script in (SET, ADD, MOVE, REMOVE)}
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r}, {self._name!r})"

    def close(self) -> None:
        """Close the connections. The next operation opens new ones."""
        self._client.close()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, by a range of the sorted set (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: Redis fails.
        """
        self._validate_key(prefix)
        path = path_of(prefix).encode()
        found: list[bytes] = []
        with self._reported("list the keys"):
            if prefix and self._client.zscore(self._paths, path) is not None:
                found.append(path)
            found += self._between(b"[" + path + b"/", b"(" + path + b"0") if prefix else self._between(b"-", b"+")
        return [key_of(one.decode()) for one in dict.fromkeys(found)]

    def _between(self, begin: bytes, end: bytes) -> Iterator[bytes]:
        """The paths of a range, in pages: each begins after the last one of the page before."""
        while True:
            page: list[Any] = self._client.zrangebylex(self._paths, begin, end, start=0, num=PAGE)
            yield from page
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
        return bool(self._run(f"remove {key!r}", REMOVE, path_of(key)))

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        with self._reported(f"read {key!r}"):
            content: Any = self._client.hget(self._values, path_of(key))
        if content is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(content, key)

    def _has_key(self, key: Key) -> bool:
        with self._reported(f"look for {key!r}"):
            return bool(self._client.hexists(self._values, path_of(key)))

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._run(f"store {key!r}", SET, path_of(key), encoded(value))

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        if self._run(f"store {key!r}", ADD, path_of(key), encoded(value)) == 0:
            raise StoreBackendError(f"{self!r} already has a value under {key!r}")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        if self._run(f"move {source_key!r} to {dest_key!r}", MOVE, path_of(source_key), path_of(dest_key)) == 0:
            raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    def _run(self, what: str, script: str, *arguments: str | bytes) -> Any:
        self._about_to(what)
        with self._reported(what):
            return self._scripts[script](keys=[self._values, self._paths], args=arguments)

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Turn what Redis and the network raise into the interface's errors."""
        try:
            yield
        except (RedisError, OSError) as error:
            raise StoreBackendError(f"{self!r} cannot {what}: {type(error).__name__}: {error}") from error
