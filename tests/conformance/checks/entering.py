"""How a faulty backend is entered: with the requirements that it violates, and how it is run."""

import contextlib
import tempfile
from collections.abc import Callable
from typing import Any

import attrs

from conformance.subject.subject import Claims, Subject
from tests.conformance.checks.stores import FileBackend


def in_a_dict() -> Any:
    """A place: a new dict, which outlives the backends that use it."""
    return contextlib.nullcontext({})


@attrs.frozen
class Fault:
    """A faulty backend, the requirements that it violates, and how it is run."""

    cls: type[Any]
    violates: frozenset[str]
    place: Callable[[], Any] = in_a_dict
    source: str = ""

    @property
    def spawns(self) -> bool:
        """Whether it is worth another process."""
        return "Locale" in self.cls.__name__

    def subject(self) -> Subject:
        return Subject(open=self.cls, place=self.place, claims=Claims(durable=True), name=self.cls.__name__)


FAULTS: list[Fault] = []


def violates(*requirements: str) -> Callable[[type[Any]], type[Any]]:
    """Enter a backend on a dict, or on a directory, into FAULTS."""

    def entered(cls: type[Any]) -> type[Any]:
        if issubclass(cls, FileBackend):
            name = cls.__name__
            source = f"from {cls.__module__} import {name} as backend\n"
            source += "def open_backend(place, **options):\n    return backend(place, **options)\n"
            FAULTS.append(Fault(cls, frozenset(requirements), tempfile.TemporaryDirectory, source))
        else:
            FAULTS.append(Fault(cls, frozenset(requirements)))
        return cls

    return entered
