"""A place with a backend open on it, and leaving it."""

import contextlib
from typing import Any

import attrs

from conformance.harness.synchrony import dismissed
from conformance.subject.subject import Place, Subject
from conformance.system.limits import OperationTimeoutError


class SubjectError(Exception):
    """The subject cannot be judged, and its author is to blame: it does not open, or its place is not empty."""


def close_backend(backend: Any) -> None:
    """Close a backend that can be closed; what that raises says nothing of the specification."""
    close = getattr(backend, "close", None)
    if callable(close):
        with contextlib.suppress(Exception):
            dismissed(close())


@attrs.frozen
class Store:
    """A place with a backend open on it. Close it to clean the place."""

    subject: Subject
    place: Place
    backend: Any
    _stack: contextlib.ExitStack
    _opened: list[Any] = attrs.field(factory=list)

    def reopen(self, **options: Any) -> Any:
        """Another backend on the same place."""
        self._opened.append(self.subject.open(self.place, **options))
        return self._opened[-1]

    def close(self) -> None:
        """Leave the place. A backend's own `close` is called first, where it has one."""
        for backend in (self.backend, *self._opened):
            with contextlib.suppress(OperationTimeoutError):
                close_backend(backend)
        with contextlib.suppress(Exception, OperationTimeoutError):
            self._stack.close()
