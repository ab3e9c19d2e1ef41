"""Requests to an object store, and what is said of those that fail: a line, without secrets, and nothing behind it."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs

from spec_store.backends._in_time import LateError, in_time
from spec_store.backends._object_library import Library, library, library_in_use
from spec_store.backends._object_markers import Version
from spec_store.backends._secret import MASK, Secret, SecretURL, revealed, without_secrets
from spec_store.errors import StoreBackendError

ANY: Version = {"any": "any"}
"""In place of a version: whatever the object contains, or none."""

NONE: Version = {}
"""The version of an object that is not there."""

ENOUGH = 0.9
"""How much of the longest time of a request has to be left for it not to be watched; a thread takes a millisecond."""

CHUNK = 1000
"""How many objects of a listing come from obstore at a time; object stores give it as many."""

FORKED = (
    "this process was forked from one that had used an object store, and obstore does not live on in it: start "
    "processes by spawn or forkserver, or use the first object store after the fork"
)

_QUERY = re.compile(r"\?[^\s\"')]*")


@attrs.frozen
class Task:
    """One operation.

    Args:
        what: what cannot be done where it fails: "read ('a',)".
        end: when it must end, by the clock of `time.monotonic`.
    """

    what: str
    end: float

    @property
    def left(self) -> float:
        """The seconds that it has left, 0 if there are none."""
        return max(0.0, self.end - time.monotonic())


@attrs.frozen
class Place:
    """Where a store is.

    Args:
        shown: what errors call the backend.
        host: what they add: the host, and the timeout in seconds.
        longest: seconds that obstore may take for one request, by limits of its own.
        is_lost_in_fork: whether a forked process cannot open it again.
    """

    shown: str
    host: str
    longest: float
    is_lost_in_fork: bool = False


class Requests:
    """One store of obstore's, asked for objects by their names.

    Args:
        opening: opens it by an obstore.
        place: where it is.
        config: the options, for the secrets in them.

    Every method raises StoreBackendError where the store fails, or gives no answer by the end of the task; what it was
    asked for it may do all the same then, or later.
    """

    def __init__(self, opening: Callable[[Library], Any], place: Place, config: Mapping[str, Any]) -> None:
        self._opening = opening
        self._place = place
        self._secrets = secrets_of(config)
        self._library = library()
        self.store = opening(self._library)

    def get(self, task: Task, name: str) -> tuple[bytes, Version] | None:
        """An object's content, and which it is; None if it is not there."""
        found: tuple[bytes, Version] | None = self._asked(task, _missing, _got, name)
        return found

    def content(self, task: Task, name: str) -> bytes | None:
        """An object's content; None if it is not there."""
        found: bytes | None = self._asked(task, _missing, _content, name)
        return found

    def head(self, task: Task, name: str) -> tuple[int, Version] | None:
        """How many bytes an object has, and which content that is; None if it is not there."""
        found: tuple[int, Version] | None = self._asked(task, _missing, _head, name)
        return found

    def rename(self, task: Task, source: str, target: str) -> None:
        """Give an object another name, in place of one that has it; nothing if it is not there."""
        self._asked(task, _missing, _rename, source, target)

    def put(self, task: Task, name: str, content: bytes, version: Version = ANY) -> Version | None:
        """Store an object if it has that version, and give the new one; None if it has another."""
        mode: Any = "overwrite" if version is ANY else dict(version) or "create"
        # S3 has no object, not the wrong one, where one that is to be replaced is gone; so it has where no bucket is.
        expected = _missing_or_other if isinstance(mode, dict) else _other
        new: Version | None = self._asked(task, expected, _put, name, content, mode)
        return new

    def delete(self, task: Task, name: str) -> None:
        """Delete an object, if it is there, and as the client's conditions demand."""
        self._asked(task, _missing_or_other, _delete, name)

    def names(self, task: Task, prefix: str | None) -> Iterator[tuple[str, int, str]]:
        """The name, size in bytes and ETag of every object below a prefix; page by page, and so maybe one twice."""
        pages = self._asked(task, _nothing, _pages, prefix)
        while page := self._asked(task, _nothing, _next, pages):
            for one in page:
                yield one["path"], one["size"], one["e_tag"] or ""

    def failure(self, task: Task, why: str) -> StoreBackendError:
        """The error that tells of one thing that cannot be done."""
        return StoreBackendError(f"{self._place.shown} cannot {task.what}{self._place.host}: {why}")

    def _asked(
        self,
        task: Task,
        expected: Callable[[Library], tuple[type[Exception], ...]],
        call: Callable[..., Any],
        *arguments: Any,
    ) -> Any:
        """What a call gives, of an obstore and a store of it; None where it raises what is expected."""
        own = self._of_this_process(task)
        try:
            if self._place.longest * ENOUGH <= task.left:
                return call(own.api, self.store, *arguments)
            if not task.left:
                raise LateError
            return in_time(lambda: call(own.api, self.store, *arguments), task.end, "spec-store asks")
        except expected(own):
            return None
        except LateError:
            refused, reason = False, "it gave no answer in time"
        except own.failures as error:
            refused = isinstance(error, own.unknown) or "501 Not Implemented" in str(error)
            reason = reason_of(error, self._secrets)
        # Out of the handler, so that what obstore said, with the whole URL in it, is not behind the error.
        if refused:
            raise NotOffered(f"{self._place.shown} cannot {task.what}{self._place.host}: {reason}")
        raise self.failure(task, reason)

    def _of_this_process(self, task: Task) -> Library:
        """obstore, by which the store was opened in this process."""
        try:
            found = library_in_use()
        except ImportError as error:
            raise self.failure(task, f"{FORKED} ({error})") from error
        if found is not self._library:
            if self._place.is_lost_in_fork:
                raise self.failure(task, "this process was forked, and has nothing of what another has in its memory")
            self.store = self._opening(found)
            self._library = found
        return found


class NotOffered(StoreBackendError):
    """The store has no requests of that kind."""


def reason_of(error: BaseException, secrets: tuple[str, ...]) -> str:
    """The first line of what an error says, without secrets and queries of URLs."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {_QUERY.sub(f'?{MASK}', without_secrets(lines[0].strip(), *secrets))}"


def secrets_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The real texts of all secrets in the options."""
    found: list[str] = []
    for value in config.values():
        if isinstance(value, Mapping):
            found += secrets_of(value)
        elif isinstance(value, SecretURL):
            found += [revealed(value), unquote(urlsplit(revealed(value)).password or "")]
        elif isinstance(value, Secret):
            found.append(revealed(value))
    return tuple(found)


def _nothing(_own: Library) -> tuple[type[Exception], ...]:
    return ()


def _missing(own: Library) -> tuple[type[Exception], ...]:
    return own.missing


def _other(own: Library) -> tuple[type[Exception], ...]:
    return own.conflicts


def _missing_or_other(own: Library) -> tuple[type[Exception], ...]:
    return own.missing + own.conflicts


def _version(meta: Mapping[str, Any]) -> Version:
    return {name: meta[name] for name in ("e_tag", "version") if meta[name] is not None}


def _got(api: Any, store: Any, name: str) -> tuple[bytes, Version]:
    found = api.get(store, name)
    return bytes(found.bytes()), _version(found.meta)


def _content(api: Any, store: Any, name: str) -> bytes:
    return bytes(api.get(store, name).bytes())


def _head(api: Any, store: Any, name: str) -> tuple[int, Version]:
    found = api.head(store, name)
    return found["size"], _version(found)


def _rename(api: Any, store: Any, source: str, target: str) -> None:
    api.rename(store, source, target)


def _put(api: Any, store: Any, name: str, content: bytes, mode: Any) -> Version:
    return _version(api.put(store, name, content, mode=mode, use_multipart=False))


def _delete(api: Any, store: Any, name: str) -> None:
    api.delete(store, name)


def _pages(api: Any, store: Any, prefix: str | None) -> Iterator[Any]:
    return iter(api.list(store, prefix, chunk_size=CHUNK))


def _next(_api: Any, _store: Any, pages: Iterator[Any]) -> Any:
    return next(pages, None)
