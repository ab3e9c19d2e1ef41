"""Requests to an object store, and what is said of those that fail: a line, without secrets, and nothing behind it."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    NotSupportedError,
    PreconditionError,
)

from spec_store.backends._object_markers import Version
from spec_store.backends._secret import MASK, Secret, revealed, without_secrets
from spec_store.errors import StoreBackendError

ANY: Version = {"any": "any"}
"""In place of a version: whatever the object contains, or none."""

NONE: Version = {}
"""The version of an object that is not there."""

CONFLICTS = (AlreadyExistsError, PreconditionError, NotModifiedError)

_QUERY = re.compile(r"\?[^\s\"')]*")


class _Process:
    """Whether obstore was used in this process, or in the one that this was forked from.

    Its threads do not come along when a process is forked: whoever asks it then waits for ever.
    """

    used = False
    lost = False

    @classmethod
    def forked(cls) -> None:
        cls.lost = cls.lost or cls.used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.forked)


class Requests:
    """One store of obstore's, asked for objects by their names.

    Args:
        store: obstore's.
        shown: what errors call the backend.
        where: what they add: the host, and the timeout in seconds.
        config: the options, for the secrets in them.

    Every method raises StoreBackendError where the store fails. `what` is what cannot be done then: "read ('a',)".
    """

    def __init__(self, store: Any, shown: str, where: str, config: Mapping[str, Any]) -> None:
        self.store = store
        self.shown = shown
        self._where = where
        self._secrets = secrets_of(config)

    def get(self, what: str, name: str) -> tuple[bytes, Version] | None:
        """An object's content, and which it is; None if it is not there."""
        found: tuple[bytes, Version] | None = self._asked(what, (FileNotFoundError,), _got, self.store, name)
        return found

    def content(self, what: str, name: str) -> bytes | None:
        """An object's content; None if it is not there."""
        found: bytes | None = self._asked(what, (FileNotFoundError,), _content, self.store, name)
        return found

    def head(self, what: str, name: str) -> tuple[int, Version] | None:
        """How many bytes an object has, and which content that is; None if it is not there."""
        found = self._asked(what, (FileNotFoundError,), obstore.head, self.store, name)
        return None if found is None else (found["size"], _version(found))

    def copy(self, what: str, source: str, target: str) -> None:
        """Store an object under another name too; nothing if it is not there."""
        self._asked(what, (FileNotFoundError,), obstore.copy, self.store, source, target)

    def put(self, what: str, name: str, content: bytes, version: Version = ANY) -> Version | None:
        """Store an object if it has that version, and give the new one; None if it has another."""
        mode: Any = "overwrite" if version is ANY else dict(version) or "create"
        done = self._asked(what, CONFLICTS, obstore.put, self.store, name, content, mode=mode, use_multipart=False)
        return None if done is None else _version(done)

    def delete(self, what: str, name: str) -> None:
        """Delete an object, if it is there."""
        self._asked(what, (FileNotFoundError, PreconditionError), obstore.delete, self.store, name)

    def names(self, what: str, prefix: str | None) -> Iterator[tuple[str, int, str]]:
        """The name, size in bytes and ETag of every object below a prefix; page by page, and so maybe one twice."""
        pages = iter(self._asked(what, (), obstore.list, self.store, prefix))
        while page := self._asked(what, (), next, pages, None):
            yield from [(one["path"], one["size"], one["e_tag"] or "") for one in page]

    def failure(self, what: str, why: str) -> StoreBackendError:
        """The error that tells of one thing that cannot be done."""
        return StoreBackendError(f"{self.shown} cannot {what}{self._where}: {why}")

    def _asked(
        self, what: str, missing: tuple[type[Exception], ...], call: Callable[..., Any], *arguments: Any, **named: Any
    ) -> Any:
        """What a call gives; None where it raises one of `missing`."""
        if _Process.lost:
            raise self.failure(
                what,
                "this process was forked from one that had used an object store, and obstore does not live on in it: "
                "start processes by spawn or forkserver, or use the first object store after the fork",
            )
        _Process.used = True
        try:
            return call(*arguments, **named)
        except missing:
            return None
        except (BaseError, OSError, ValueError, NotImplementedError) as error:
            refused = _refused(error)
            reason = reason_of(error, self._secrets)
        # Out of the handler, so that what obstore said, with the whole URL in it, is not behind the error.
        if refused:
            raise NotOffered(f"{self.shown} cannot {what}{self._where}: {reason}")
        raise self.failure(what, reason)


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
        elif isinstance(value, Secret):
            found.append(revealed(value))
    return tuple(found)


def _refused(error: BaseException) -> bool:
    return isinstance(error, NotImplementedError | NotSupportedError) or "501 Not Implemented" in str(error)


def _version(meta: Mapping[str, Any]) -> Version:
    return {name: meta[name] for name in ("e_tag", "version") if meta[name] is not None}


def _got(store: Any, name: str) -> tuple[bytes, Version]:
    found = obstore.get(store, name)
    return bytes(found.bytes()), _version(found.meta)


def _content(store: Any, name: str) -> bytes:
    return bytes(obstore.get(store, name).bytes())
