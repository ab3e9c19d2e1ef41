"""A subject as a harness uses it: it has no more backends open on a place than it can, and its places never raise.

How many backends one process has open on one place is for the author to say (`Claims.openings`).

A store that a process may have open once at a time (LMDB, RocksDB, a shelf) is opened anew by closing it first. That is
no matter of whoever opens it, a check, a search or a reader after a crash: a harness makes its subject such that it
does so by itself. What the subject gives is closed as `close_backend` does it, and may be closed once more at the end
of whatever has opened it, as files may.

A forked process knows what its parent has open, and leaves that alone: it is the parent's to close, before it forks.

A place that cannot be cleaned up (a thread of the backend still writes while its directory is removed) is no matter of
the specification, wherever that comes up; it is kept (`untidy`), for the report to say it once.
"""

import os
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import attrs

from conformance.harness.store import close_backend
from conformance.programs.outcomes import raised
from conformance.subject.subject import Place, Subject
from conformance.system.interruption import PASSED_ON


@attrs.frozen
class _Open:
    """A backend that is open, as long as something holds it; where; and in which process it was opened."""

    place: Place
    backend: Callable[[], Any]
    process: int


@attrs.frozen
class InTurn:
    """Opens a subject, having closed what would be too many on that place.

    Args:
        open: how the subject is opened.
        most: how many may be open on one place.
    """

    open: Callable[..., Any]
    most: int
    _opened: list[_Open] = attrs.field(factory=list, eq=False)

    def __call__(self, place: Place, **options: Any) -> Any:
        self._make_room(place)
        backend = self.open(place, **options)
        self._opened.append(_Open(place, _held(backend), os.getpid()))
        return backend

    def _make_room(self, place: Place) -> None:
        """Close the oldest on a place, until one more may be open; forget those that nobody holds any more."""
        own = [one for one in self._opened if one.process == os.getpid() and one.backend() is not None]
        here = [one for one in own if _is_one_place(one.place, place)]
        closed = here[: len(here) - self.most + 1] if len(here) >= self.most else []
        self._opened[:] = [one for one in own if all(one is not other for other in closed)]
        for one in closed:
            close_backend(one.backend())


def _held(backend: Any) -> Callable[[], Any]:
    """What gives a backend for as long as something else holds it; always, where that cannot be known."""
    try:
        return weakref.ref(backend)
    except TypeError:
        return lambda: backend


def _is_one_place(one: Place, other: Place) -> bool:
    """Whether two places are one; a place is whatever the author chose, and may compare as it likes."""
    if one is other:
        return True
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:
        return False


@attrs.frozen
class _Place:
    """A context manager of a place, whose end does not raise."""

    managed: AbstractContextManager[Place]
    troubles: list[str]

    def __enter__(self) -> Place:
        return self.managed.__enter__()

    def __exit__(self, *what: Any) -> None:
        try:
            self.managed.__exit__(None, None, None)
        except PASSED_ON:
            raise
        except BaseException as error:
            self.troubles.append(raised(error).text)


@attrs.frozen
class Tidy:
    """Makes a subject's places.

    Args:
        place: what makes them.
        troubles: what cleaning them up has raised.
    """

    place: Callable[[], AbstractContextManager[Place]]
    troubles: list[str] = attrs.field(factory=list, eq=False)

    def __call__(self) -> AbstractContextManager[Place]:
        managed = self.place()
        return _Place(managed, self.troubles) if hasattr(type(managed), "__exit__") else managed


def untidy(subject: Subject) -> list[str]:
    """What cleaning up the places of a harness's subject has raised so far."""
    return subject.place.troubles if isinstance(subject.place, Tidy) else []


def orderly(subject: Subject) -> Subject:
    """A subject as a harness uses it."""
    most = subject.claims.openings
    if most is not None and not isinstance(subject.open, InTurn):
        subject = attrs.evolve(subject, open=InTurn(subject.open, most), name=subject.title)
    return subject if isinstance(subject.place, Tidy) else attrs.evolve(subject, place=Tidy(subject.place))
