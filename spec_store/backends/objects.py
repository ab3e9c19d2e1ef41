"""A store in an object store, by obstore: S3, Google Cloud Storage, Azure, a directory, memory."""

import logging
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from spec_store.backends._engine import TIMEOUT, Engine, Options, written_later
from spec_store.backends._names import key_of, path_of
from spec_store.backends._secret import checked_url, with_secrets
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

try:
    from spec_store.backends._object_locks import DirectoryLock, ThreadLock
    from spec_store.backends._object_markers import GONE, text_of
    from spec_store.backends._object_options import S3_SCHEMES, host_of, longest_of, opened, scheme_of
    from spec_store.backends._object_requests import Place, Requests, Task
    from spec_store.backends._object_sweep import GONE_TAG, Sweep
    from spec_store.backends._object_writes import Conditional, Locked, Writes
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

LAYOUT_NAME = "layout.txt"
"""The object that says by its number how the store is laid out; without one it is laid out in the first way."""

LAYOUT = 1

AT_ONCE = 16
"""How many objects of a server are asked for at once."""

KNOWN = 65_536
"""Of how many objects of the size of `GONE` it is kept whether they stand for a removed key."""

logger = logging.getLogger(__name__)


class ObjectStoreBackend(Engine):
    """A store of text as objects, safe for threads and processes, but that `move` is a copy and then a removal.

    The object of a key is at its path (`spec_store.keys.path_of`), "/" and `value.txt`; so a prefix of keys is a
    prefix of names, and a key and a longer one live side by side in a directory too (KEY-6). An object `layout.txt`
    with a number above 1 says that a later version has written the store, and this one refuses it.

    Claim `atomic_move=False`: while a key is moved, others may see its value at both keys, never at neither. For the
    rest it may be used by any number of threads and processes, S3, Google and Azure by those of many machines: writes
    are conditional there (`_object_writes` says how), so a value that is set while its key is moved or removed is not
    lost, and one of several movers and removers succeeds. What remains:

    - A server that does not know conditional requests takes them for others, or refuses them, and is then asked
      without: two may then move or remove one value. moto looks and stores in two steps, so two of it may too.
    - Where a server does not delete by ETag (Google and Azure as obstore speaks with them, S3 with KMS), an object of
      34 bytes stays for each key that was removed, and is taken for none; a listing reads each of them once.
    - Where a mover, somebody who carries its move on for it, and a `set` of the target come together, the moved value
      may be written once more after the one that was set.
    - Version 0.1.0 writes without conditions, and cannot read what a move has in hand; do not let it write beside this.
    - A directory is locked by `flock`, so by the processes of one machine, and on Windows by one backend's threads.

    One client, with its connections, serves the backend. A process that was forked after an object store was used
    loads a copy of obstore (`_object_library`), for its threads are not there any more; what another has in memory is
    not there either, and raises StoreBackendError.

    Args:
        url: as obstore reads it: `s3://bucket/prefix`, `gs://`, `az://`, `file:///directory` or `memory:///`. The
            bucket or the directory exists. What is stored in memory lasts as long as the backend, which cannot be
            pickled or copied then.
        config: the endpoint and the credentials, as obstore takes them (`endpoint`, `region`, `access_key_id`,
            `server_side_encryption`, `sse_kms_key_id`, ...), and options of its HTTP client (`allow_http`, `timeout`,
            `proxy_url`, ...) and of retrying (`max_retries`, `retry_timeout` in seconds, `backoff`); what is left out
            is taken from the environment. Two more: `profile`, a profile of AWS's configuration files, with its roles
            (extra `aws`; so is AWS_PROFILE, where no credentials are given); `connection_string`, of Azure's.
            What is secret of it is `***` in `config`, `repr` and errors.
        timeout: seconds that connecting, and one operation in all, may take; a write that was too late may have been
            done all the same, or may be done yet. A single request has 0.6 of it, and one that fails is sent again for
            0.3 of it, where `config` does not say otherwise. Of a directory, it is how long its lock is waited for.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ImportError: obstore is not installed, or, for a profile, boto3.
        ValueError: obstore cannot read the URL or the config.
        StoreBackendError: the store was written by a later version.
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
        self._known: dict[tuple[str, str], bool] = {}
        self._layout_is_known = scheme_of(self._url) == "memory"
        with self._as_one():
            self._requests, self._writes = self._opened()
            if not suppress_store_backend_id and not read_only and self._answers():
                self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if scheme_of(self._url) == "memory":
            raise TypeError(f"{self!r} cannot be pickled or copied: what it stores is in its own memory alone")
        return super().__reduce__()

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """The URL of a key's object, as obstore reads it (URL-1, URL-2)."""
        self._validate_key(key)
        return f"{str(self._url).rstrip('/')}/{_name(key)}"

    def get_all(self) -> list[Any]:
        """Every value but the id's, once each, several asked for at once (ALL-1)."""
        task = self._task("read all values")
        keys = [key for key in self._listed(task, ()) if key != self.STORE_BACKEND_ID_KEY]
        found = self._contents(task, [_name(key) for key in keys])
        values = []
        for key, content in zip(keys, found, strict=True):
            text = None if content is None else text_of(content)
            if text is not None:
                values.append(decoded(text, key))
        return values

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, page by page (LIST-1, LIST-2).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: the object store fails.
        """
        self._validate_key(prefix)
        return self._listed(self._task("list the keys"), prefix)

    def _listed(self, task: Task, prefix: Key) -> list[Key]:
        self._check_layout(task)
        found = {name: (size, tag) for name, size, tag in self._requests.names(task, path_of(prefix, True) or None)}
        doubtful = [(name, tag) for name, (size, tag) in found.items() if size == len(GONE)]
        for name in self._those_gone(task, doubtful) if doubtful else ():
            del found[name]
        return _keys(found)

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the object store fails.
        """
        self._validate_key(key)
        return self._writer(task := self._task(f"remove {key!r}")).remove(task, _name(key))

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        self._check_layout(task := self._task(f"read {key!r}"))
        content = self._requests.content(task, _name(key))
        text = None if content is None else text_of(content)
        if text is None:
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return decoded(text, key)

    def _has_key(self, key: Key) -> bool:
        self._check_layout(task := self._task(f"look for {key!r}"))
        found = self._requests.head(task, name := _name(key))
        if found is None or found[0] != len(GONE):
            return found is not None
        content = self._requests.content(task, name)
        return content is not None and text_of(content) is not None

    def _validate_key(self, key: object) -> None:
        super()._validate_key(key)
        path = path_of(cast(Key, key), True)
        if 3 * len(path) > LONGEST_PATH and (length := len(quote(path))) > LONGEST_PATH:  # else it cannot be as long
            raise StoreBackendError(
                f"{self!r} takes keys whose path in a URL has {LONGEST_PATH:,} bytes; this has {length:,}"
            )

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._writer(task := self._task(f"store {key!r}")).set(task, _name(key), encoded(value))

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        if not self._writer(task := self._task(f"store {key!r}")).add(task, _name(key), encoded(value)):
            raise StoreBackendError(f"{self!r} already has a value under {key!r}")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        writer = self._writer(task := self._task(f"move {source_key!r} to {dest_key!r}"))
        if not writer.move(task, _name(source_key), _name(dest_key)):
            raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    def _opened(self) -> tuple[Requests, Writes]:
        """What asks the store, and what changes it."""
        scheme, host = scheme_of(self._url), host_of(self._url, self._config)
        where = f" (host {host}, timeout {self._timeout:g} s)" if host else ""
        longest = longest_of(self._url, self._config, self._timeout)
        place = Place(repr(self), where, longest, is_lost_in_fork=scheme == "memory")

        def requests(config: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Requests:
            opening = partial(opened, url=self._url, config=config, timeout=self._timeout, headers=headers)
            return Requests(opening, place, self._config)

        plain = requests(self._config)
        if scheme in ("file", "memory"):
            lock = ThreadLock() if scheme == "memory" else DirectoryLock(Path(plain.store.prefix))
            return plain, Locked(plain, lock, self._timeout)
        single = {**self._config, "disable_bulk_delete": True}  # a request an object, to which a condition applies
        conditional = (lambda: requests(single, {"If-Match": GONE_TAG})) if scheme in S3_SCHEMES else None
        bucket = str(self._url).split("/")[2]
        return plain, Conditional(plain, Sweep(plain, f"{host}/{bucket}", conditional), self._timeout)

    def _task(self, what: str) -> Task:
        """An operation that begins now."""
        return Task(what, self._deadline())

    def _writer(self, task: Task) -> Writes:
        self._about_to(task.what)
        self._check_layout(task)
        return self._writes

    def _check_layout(self, task: Task) -> None:
        """Refuse a store of a later version; its number is read once."""
        if self._layout_is_known:
            return
        content = self._requests.content(task, LAYOUT_NAME)
        layout = LAYOUT if content is None else _number(content)
        if layout > LAYOUT:
            raise _LaterVersion(f"{written_later(repr(self), layout, LAYOUT)}: upgrade")
        self._layout_is_known = True

    def _answers(self) -> bool:
        """Whether the store can be read; if not, that is told once, and the next operation tries again."""
        try:
            self._check_layout(self._task("open the store"))
        except _LaterVersion:
            raise
        except StoreBackendError as error:
            logger.warning("%s", error)
            return False
        return True

    def _those_gone(self, task: Task, doubtful: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Those of the objects, names and ETags, that stand for removed keys."""
        if len(self._known) > KNOWN:
            self._known.clear()
        known = {one: True if one[1] == GONE_TAG else self._known.get(one) for one in doubtful}
        unknown = [one for one, gone in known.items() if gone is None]
        for one, content in zip(unknown, self._contents(task, [name for name, _ in unknown]), strict=True):
            known[one] = self._known[one] = content is None or text_of(content) is None
        return frozenset(name for (name, _), gone in known.items() if gone)

    def _contents(self, task: Task, names: list[str]) -> list[bytes | None]:
        """What objects contain, in their order; None for each that is not there."""
        if scheme_of(self._url) in ("file", "memory") or len(names) < 2:
            return [self._requests.content(task, name) for name in names]
        with ThreadPoolExecutor(min(AT_ONCE, len(names))) as threads:
            return list(threads.map(lambda name: self._requests.content(task, name), names))


class _LaterVersion(StoreBackendError):
    """A store that this release must not touch."""


def _number(content: bytes) -> int:
    text = content.decode("ascii", "replace").strip()
    return int(text) if text.isdecimal() else LAYOUT + 1


def _name(key: Key) -> str:
    path = path_of(key, True)
    return f"{path}/{LEAF}" if path else LEAF


def _keys(names: Iterable[str]) -> list[Key]:
    """The keys of objects; without those that are none of the store's."""
    keys = []
    for name in names:
        path, _, leaf = name.rpartition("/")
        if leaf == LEAF:
            try:
                keys.append(key_of(path, True))
            except ValueError:
                continue
    return keys
