"""Copying what one store holds into another, of any backend that has the interface."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from spec_store.identity import STORE_BACKEND_ID_KEY
from spec_store.keys import Key


@attrs.frozen
class Copied:
    """What a copy has done, in numbers of keys.

    Args:
        copied: stored in the destination, where they were missing.
        present: there already, with an equal value.
        overwritten: there with another value, which was replaced.
        differing: there with another value, which was left alone.
        vanished: removed from the source meanwhile.
        differing_keys: the keys that were left alone.
    """

    copied: int = 0
    present: int = 0
    overwritten: int = 0
    differing: int = 0
    vanished: int = 0
    differing_keys: tuple[Key, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.copied} copied, {self.present} there already, {self.overwritten} overwritten, "
            f"{self.differing} left alone because they differ, {self.vanished} vanished"
        )


def copy(
    source: Any,
    dest: Any,
    prefix: Key = (),
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Copied:
    """Copy every key that starts with `prefix`, and its value, from one store to another.

    The ids stay: each store keeps its own. A key whose value differs in the destination is left alone, unless
    `overwrite`; one that somebody else stores there meanwhile is, too. A copy that was interrupted is run again: what
    is there already counts as present.

    Args:
        source: a backend, of whatever framework, that is read.
        dest: a backend that is written.
        prefix: what the keys start with; all of them by default.
        overwrite: whether to replace values that differ.
        progress: called with the number of keys that are done, and of all.

    Raises:
        Exception: what the two backends raise, with a note that says of which and at which key.
    """
    with _noted("the source", prefix):
        keys = [key for key in source.list_keys(prefix) if key != STORE_BACKEND_ID_KEY]
    done = Copied()
    for number, key in enumerate(keys):
        if progress is not None:
            progress(number, len(keys))
        done = _with(done, key, _copied(source, dest, key, overwrite))
    if progress is not None:
        progress(len(keys), len(keys))
    return done


def _with(done: Copied, key: Key, what: str) -> Copied:
    more = {what: getattr(done, what) + 1}
    if what == "differing":
        return attrs.evolve(done, **more, differing_keys=(*done.differing_keys, key))
    return attrs.evolve(done, **more)


def _copied(source: Any, dest: Any, key: Key, overwrite: bool) -> str:
    """Copy one key; which of the numbers it counts in."""
    try:
        with _noted("the source", key):
            value = source.get(key)
    except Exception as error:
        if _is_a(error, "InvalidKeyError"):
            return "vanished"
        raise
    with _noted("the destination", key):
        if _added(dest, key, value):
            return "copied"
        if dest.get(key) == value:
            return "present"
        if not overwrite:
            return "differing"
        dest.set(key, value)
        return "overwritten"


def _added(dest: Any, key: Key, value: Any) -> bool:
    """Store a value if its key is missing, and tell whether it was; in one step where the destination has one."""
    if dest.has_key(key):
        return False
    if not callable(getattr(dest, "add", None)):
        dest.set(key, value)
        return True
    try:
        dest.add(key, value)
    except Exception as error:
        if _is_a(error, "StoreBackendError") and dest.has_key(key):
            return False  # somebody else has stored it meanwhile
        raise
    return True


def _is_a(error: BaseException, name: str) -> bool:
    """Whether an exception is one called `name`, of whatever framework."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


@contextmanager
def _noted(side: str, key: Key) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"while copying {key!r}: from {side}")
        raise
