"""A store in an object store, by obstore: S3, Google Cloud Storage, Azure, a directory, memory."""

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._names import key_of, path_of
from spec_store.backends._secret import SecretURL, checked_url, revealed, with_real, with_secrets
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import AzureStore, from_url
except ModuleNotFoundError as error:
    if error.name != "obstore":
        raise
    raise ImportError(
        "ObjectStoreBackend needs obstore: install the extra, pip install 'spec-store[objects]'"
    ) from error

LEAF = "value.txt"
"""What the name of a key's object ends with; no name of an element has a dot."""

LONGEST_PATH = 32_768
"""Bytes of a key's path in a URL. No object store takes as many, and obstore panics at a URL of twice that."""

MISSING = FileNotFoundError

CLIENT_OPTIONS = frozenset(
    {
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "default_content_type",
        "default_headers",
        "http1_only",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "randomize_addresses",
        "read_timeout",
        "root_certificate",
        "timeout",
        "user_agent",
    }
)
"""What obstore takes as options of its HTTP client, not of the store."""


class ObjectStoreBackend(Engine):
    """A store of text as objects, safe for threads and processes, but that `move` is a copy and then a removal.

    The object of a key is at its path (`spec_store.keys.path_of`), "/" and `value.txt`; so a prefix of keys is a
    prefix of names, and a key and a longer one live side by side in a directory too (KEY-6). Where a key is missing,
    `add` and the creation of the id store by a conditional request, in one step. Claim `atomic_move=False` for it:
    while a key is moved, others may see its value at both keys, never at neither.

    One client, with its connections, serves the backend.

    Args:
        url: as obstore reads it: `s3://bucket/prefix`, `gs://`, `az://`, `file:///directory` or `memory:///`. The
            bucket or the directory exists. What is stored in memory lasts as long as the backend.
        config: the endpoint and the credentials, as obstore takes them (`endpoint`, `region`, `access_key_id`, ...),
            and options of its HTTP client (`allow_http`, `timeout`, `proxy_url`, ...); what is left out is taken from
            the environment. It is kept for `config`, but not shown in `repr` and errors.
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: obstore is not installed.
        ValueError: obstore cannot read the URL or the config.
    """

    def __init__(
        self,
        url: str,
        config: Mapping[str, Any] | None = None,
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
        self._config = with_secrets(config or {})
        self._objects = _opened(self._url, with_real(self._config))
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """The URL of a key's object, as obstore reads it (URL-1, URL-2)."""
        self._validate_key(key)
        return f"{str(self._url).rstrip('/')}/{_name(key)}"

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, page by page (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: the object store fails.
        """
        self._validate_key(prefix)
        with self._reported("list the keys"):
            pages = obstore.list(self._objects, path_of(prefix, True) or None)
            names = dict.fromkeys(one["path"] for page in pages for one in page)
        return [key for name in names for key in _keys(name)]

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the object store fails.
        """
        self._validate_key(key)
        self._about_to(f"remove {key!r}")
        if not self._has_key(key):  # removing what is missing is no error on S3, which does not tell
            return False
        with self._reported(f"remove {key!r}"), contextlib.suppress(MISSING):
            obstore.delete(self._objects, _name(key))
        return True

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        with self._reported(f"read {key!r}"):
            try:
                content = obstore.get(self._objects, _name(key)).bytes()
            except MISSING as error:
                raise InvalidKeyError(f"{self!r} has no key {key!r}") from error
        return decoded(bytes(content), key)

    def _has_key(self, key: Key) -> bool:
        with self._reported(f"look for {key!r}"):
            try:
                obstore.head(self._objects, _name(key))
            except MISSING:
                return False
            return True

    def _validate_key(self, key: object) -> None:
        super()._validate_key(key)
        length = len(quote(path_of(cast(Key, key), True)))
        if length > LONGEST_PATH:
            raise StoreBackendError(
                f"{self!r} takes keys whose path in a URL has {LONGEST_PATH:,} bytes; this has {length:,}"
            )

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._about_to(f"store {key!r}")
        with self._reported(f"store {key!r}"):
            obstore.put(self._objects, _name(key), encoded(value), use_multipart=False)

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        self._about_to(f"store {key!r}")
        with self._reported(f"store {key!r}"):
            try:
                obstore.put(self._objects, _name(key), encoded(value), mode="create", use_multipart=False)
            except AlreadyExistsError as error:
                raise StoreBackendError(f"{self!r} already has a value under {key!r}") from error

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        source, dest = _name(source_key), _name(dest_key)
        self._about_to(f"move {source_key!r} to {dest_key!r}")
        with self._reported(f"move {source_key!r} to {dest_key!r}"):
            try:
                if source == dest:
                    obstore.head(self._objects, source)
                    return
                if isinstance(self._objects, AzureStore):  # a copy there may still be pending when it is answered
                    obstore.put(self._objects, dest, obstore.get(self._objects, source).bytes(), use_multipart=False)
                else:
                    obstore.copy(self._objects, source, dest)
            except MISSING as error:
                raise InvalidKeyError(f"{self!r} has no key {source_key!r}") from error
            with contextlib.suppress(MISSING):
                obstore.delete(self._objects, source)

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Turn what the object store refuses into the interface's errors, in a line."""
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            reason = str(error).strip().splitlines() or [""]
            raise StoreBackendError(f"{self!r} cannot {what}: {type(error).__name__}: {reason[0]}") from error


def _opened(url: SecretURL, config: Mapping[str, Any]) -> Any:
    client = {name: value for name, value in config.items() if name in CLIENT_OPTIONS}
    store: Any = {name: value for name, value in config.items() if name not in CLIENT_OPTIONS}
    if isinstance(client.get("allow_http"), str):  # as the values of other options are, in YAML and the environment
        client["allow_http"] = client["allow_http"].lower() in ("true", "1", "yes")
    try:
        return from_url(revealed(url), config=store or None, client_options=client or None)  # type: ignore[arg-type]
    except (BaseError, ValueError, TypeError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(f"obstore cannot open {url} with such a config: {reason[0]}") from error


def _name(key: Key) -> str:
    path = path_of(key, True)
    return f"{path}/{LEAF}" if path else LEAF


def _keys(name: str) -> Iterator[Key]:
    """The key of an object; nothing for one that is none of the store's."""
    path, _, leaf = name.rpartition("/")
    if leaf == LEAF:
        with contextlib.suppress(ValueError):
            yield key_of(path, True)
