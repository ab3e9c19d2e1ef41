"""Copying what one store holds into another, and comparing the two; of any backend that has the interface.

A key that the source lists is copied, or counted under a word that says why it was not: nothing is passed over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

import attrs

from spec_store.identity import STORE_BACKEND_ID_KEY
from spec_store.keys import Key

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of keys that are done, and of all."""

UNREADABLE, VANISHED = "unreadable", "vanished"


@attrs.frozen
class Copied:
    """What a copy has done, in numbers of keys.

    Args:
        copied: stored in the destination, where they were missing.
        present: there already, with an equal value.
        overwritten: there with another value, which was replaced.
        differing: there with another value, which was left alone.
        vanished: removed from the source meanwhile: it neither lists them any more nor has them.
        unreadable: listed by the source, which still has them, but does not give their values.
        differing_keys: the keys that were left alone.
        unreadable_keys: the keys that could not be read.
        reasons: why, in a line for each of `unreadable_keys`.
    """

    copied: int = 0
    present: int = 0
    overwritten: int = 0
    differing: int = 0
    vanished: int = 0
    unreadable: int = 0
    differing_keys: tuple[Key, ...] = ()
    unreadable_keys: tuple[Key, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the destination has every value that the source has."""
        return not self.differing and not self.unreadable

    def __str__(self) -> str:
        return (
            f"{self.copied} copied, {self.present} there already, {self.overwritten} overwritten, "
            f"{self.differing} left alone because they differ, {self.unreadable} unreadable, {self.vanished} vanished"
        )


@attrs.frozen
class Compared:
    """What a comparison has found, in numbers of keys of the source.

    Args:
        equal: in the destination with an equal value.
        missing: not in the destination.
        differing: in the destination with another value.
        vanished, unreadable: as in `Copied`.
        missing_keys, differing_keys, unreadable_keys: the keys of those.
        reasons: why, in a line for each of `unreadable_keys`.
    """

    equal: int = 0
    missing: int = 0
    differing: int = 0
    vanished: int = 0
    unreadable: int = 0
    missing_keys: tuple[Key, ...] = ()
    differing_keys: tuple[Key, ...] = ()
    unreadable_keys: tuple[Key, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the destination has every value that the source has."""
        return not self.missing and not self.differing and not self.unreadable

    def __str__(self) -> str:
        return (
            f"{self.equal} equal, {self.missing} missing, {self.differing} differ, {self.unreadable} unreadable, "
            f"{self.vanished} vanished"
        )


def copy(
    source: Any,
    dest: Any,
    prefix: Key = (),
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Copied:
    """Copy every key that starts with `prefix`, and its value, from one store to another.

    The ids stay: each store keeps its own. A key whose value differs in the destination is left alone, unless
    `overwrite`; one that somebody else stores there meanwhile is, too. A copy that was interrupted is run again: what
    is there already counts as present.

    A key that the source lists and fails to read, while it answers otherwise, does not stop the copy: it is tried once
    more at the end, and then counts as unreadable if the source still has it, and as vanished if not.

    Args:
        source: a backend, of whatever framework, that is read.
        dest: a backend that is written.
        prefix: what the keys start with; all of them by default.
        overwrite: whether to replace values that differ.
        progress: called with the number of keys that are done, and of all.

    Raises:
        Exception: what the two backends raise, with a note that says of which and at which key.
    """

    def store(key: Key, value: Any) -> str:
        with _noted("the destination", key):
            return _stored(dest, key, value, overwrite)

    return _counted(Copied(), _outcomes(source, prefix, store, progress))


def compare(source: Any, dest: Any, prefix: Key = (), *, progress: Progress | None = None) -> Compared:
    """Read every key of the source that starts with `prefix` in both stores, and compare; nothing is written.

    Before a copy it tells what one would do, and after it whether everything has arrived. Keys that the destination
    alone has are not looked at.

    Args:
        source, dest: backends, of whatever framework.
        prefix: what the keys start with; all of them by default.
        progress: called with the number of keys that are done, and of all.

    Raises:
        Exception: what the two backends raise, with a note that says of which and at which key.
    """

    def look(key: Key, value: Any) -> str:
        with _noted("the destination", key):
            if not dest.has_key(key):
                return "missing"
            return "equal" if dest.get(key) == value else "differing"

    return _counted(Compared(), _outcomes(source, prefix, look, progress))


Result = TypeVar("Result", Copied, Compared)

Outcome: TypeAlias = tuple[Key, str, str]
"""A key, the word that it counts under, and why, for one that is unreadable."""


def _counted(result: Result, outcomes: Iterator[Outcome]) -> Result:
    """A `Copied` or `Compared` with every outcome in it."""
    numbers: dict[str, int] = {}
    keys: dict[str, list[Key]] = {}
    reasons = []
    for key, word, reason in outcomes:
        numbers[word] = numbers.get(word, 0) + 1
        if hasattr(result, f"{word}_keys"):
            keys.setdefault(f"{word}_keys", []).append(key)
        if word == UNREADABLE:
            reasons.append(reason)
    named = {name: tuple(found) for name, found in keys.items()}
    changes: dict[str, Any] = {**numbers, **named, "reasons": tuple(reasons)}
    return attrs.evolve(result, **changes)


def _outcomes(source: Any, prefix: Key, act: Callable[[Key, Any], str], progress: Progress | None) -> Iterator[Outcome]:
    """Have `act` do with each key and value of the source, and tell how it went with every key that it lists."""
    keys, failed = _listed(source, prefix), []
    for number, key in enumerate(keys):
        if progress is not None:
            progress(number, len(keys))
        try:
            value = _read(source, key)
        except _UnreadError:
            failed.append(key)
        else:
            yield key, act(key, value), ""
    listed = set(_listed(source, prefix)) if failed else set()
    for key in failed:
        try:
            value = _read(source, key)
        except _UnreadError as error:
            yield key, UNREADABLE if key in listed or error.stored else VANISHED, str(error)
        else:
            yield key, act(key, value), ""
    if progress is not None:
        progress(len(keys), len(keys))


class _UnreadError(Exception):
    """One key of the source could not be read, of a source that answers.

    Args:
        reason: why, in a line.
        stored: whether the source says that it has the key.
    """

    def __init__(self, reason: str, stored: bool) -> None:
        super().__init__(reason)
        self.stored = stored


def _listed(source: Any, prefix: Key) -> list[Key]:
    with _noted("the source", prefix):
        return [key for key in dict.fromkeys(source.list_keys(prefix)) if key != STORE_BACKEND_ID_KEY]


def _read(source: Any, key: Key) -> Any:
    with _noted("the source", key):
        try:
            return source.get(key)
        except Exception as error:
            try:
                stored = bool(source.has_key(key))
            except Exception:  # it answers nothing at all: that is no matter of this key
                raise error from None
            raise _UnreadError(one_line(error), stored) from error


def one_line(error: BaseException) -> str:
    """An exception's class and message, in a line."""
    text = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _stored(dest: Any, key: Key, value: Any, overwrite: bool) -> str:
    """Store one value; which of the numbers it counts in."""
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
        if is_a(error, "StoreBackendError") and dest.has_key(key):
            return False  # somebody else has stored it meanwhile
        raise
    return True


def is_a(error: BaseException, name: str) -> bool:
    """Whether an exception is one called `name`, of whatever framework."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


@contextmanager
def _noted(side: str, key: Key) -> Iterator[None]:
    try:
        yield
    except _UnreadError:
        raise
    except Exception as error:
        error.add_note(f"while copying {key!r}: from {side}")
        raise
