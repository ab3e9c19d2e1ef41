"""A place with a backend open on it, and leaving it."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import attrs

from conformance.harness.synchrony import dismissed
from conformance.programs.operations import Reopen, Switch
from conformance.programs.outcomes import Outcome, Returned
from conformance.subject.subject import Place, Subject
from conformance.system.interruption import passed_over
from conformance.system.limits import OperationTimeoutError


class SubjectError(Exception):
    """The subject cannot be judged, and its author is to blame: it does not open, or its place is not empty."""


def close_backend(backend: Any) -> None:
    """Close a backend that can be closed; what that raises says nothing of the specification.

    It is closed by its `close`; one that has none, but is a context manager, by leaving that; else by its `aclose`.
    """
    kind = type(backend)
    with passed_over():
        if callable(getattr(backend, "close", None)):
            dismissed(backend.close())
        elif callable(getattr(kind, "__exit__", None)) and callable(getattr(kind, "__enter__", None)):
            kind.__exit__(backend, None, None, None)
        elif callable(getattr(backend, "aclose", None)):
            closing = backend.aclose()
            if inspect.iscoroutine(closing):
                asyncio.run(closing)


@attrs.frozen
class Handles:
    """The backends that a program has open on one place.

    Args:
        current: the one that it calls.
        other: the one that it called before it went on with another (Switch); None where there was none.
    """

    current: Any
    other: Any = None

    def after(self, operation: Reopen | Switch, opened: Callable[[], Outcome]) -> tuple[Outcome, "Handles"]:
        """What comes of going on with another backend, and what is open then; the same as before if none opens.

        Args:
            operation: to open the place again, or to go on with the other backend, which is opened the first time.
            opened: what comes of opening the place; a backend is what was returned.
        """
        if isinstance(operation, Switch) and self.other is not None:
            return Returned(None), Handles(self.other, self.current)
        outcome = opened()
        if not isinstance(outcome, Returned):
            return outcome, self
        return outcome, Handles(outcome.value, self.current if isinstance(operation, Switch) else self.other)


@attrs.frozen
class Store:
    """A place with a backend open on it. Close it to clean the place."""

    subject: Subject
    place: Place
    backend: Any
    _stack: contextlib.ExitStack
    _open: list[Any] = attrs.field(default=attrs.Factory(lambda store: [store.backend], takes_self=True))

    @property
    def backends(self) -> tuple[Any, ...]:
        """The backends that are open."""
        return tuple(self._open)

    def reopen(self, **options: Any) -> Any:
        """Another backend on the same place; opening it closes those before as far as no more may be open at once."""
        backend = self.subject.open(self.place, **options)
        self._open.append(backend)
        most = self.subject.claims.openings
        if most is not None:
            del self._open[:-most]
        return backend

    def close_backends(self) -> None:
        """Close all that is open, and stay."""
        while self._open:
            with contextlib.suppress(OperationTimeoutError):
                close_backend(self._open.pop(0))

    def close(self) -> None:
        """Leave the place. The backends that are open are closed first."""
        self.close_backends()
        with contextlib.suppress(OperationTimeoutError), passed_over():
            self._stack.close()
