"""What an author says about a backend: how to open it, where to put it, and what it claims."""

import contextlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import attrs
from hypothesis.strategies import SearchStrategy

Place: TypeAlias = Any
"""Where a store lives: whatever the subject's `place` gives, a directory, a URL, a bucket; None if nowhere."""

KeyLength: TypeAlias = int | tuple[int, int] | None


@attrs.frozen
class Claims:
    """What a backend promises beyond the classes that every backend is judged by.

    Args:
        durable: storage outlives the object; another one opened on the same place sees it.
        threads: one backend may be used from several threads at once.
        processes: several processes may have a backend each on the same place.
        crash_safe: a process killed inside an operation leaves the state before or after it.
        durability: what survives: the end of the "process", or the loss of "power" too.
        atomic_move: no observer sees a moved value at both keys.
        snapshot_list: list_keys is linearizable too.
        elements: a strategy for the key elements that the backend accepts; None is any str.
        values: a strategy for the values that it accepts; None is any str.
        key_length: how many elements a key has, a number or (fewest, most); None is any number.
        openings: how many backends may be open on one place at once in a process; None is any number. Where it is 1,
            a backend is closed before another one is opened on its place, or another process opens it: by its
            `close`, or as it is a context manager, or has an `aclose`, which may be called once more later. So do
            scripts. What takes two at once is not asked (REOPEN-2; ID-9, but by processes).
        expires: entries may be gone after some time, as a cache's are; what time does to them is not judged. Within
            the time that a run takes, they have to be there all the same.
    """

    durable: bool = False
    threads: bool = False
    processes: bool = False
    crash_safe: bool = False
    durability: str = attrs.field(default="process", validator=attrs.validators.in_(("process", "power")))
    atomic_move: bool = True
    snapshot_list: bool = False
    elements: SearchStrategy[str] | None = None
    values: SearchStrategy[Any] | None = None
    key_length: KeyLength = None
    openings: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    expires: bool = False

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most elements of a key."""
        if self.key_length is None:
            return (0, 1_000_000)
        if isinstance(self.key_length, int):
            return (self.key_length, self.key_length)
        return self.key_length


@attrs.frozen
class Subject:
    """A backend to be judged.

    Args:
        open: `open(place, **options)` gives a backend on that place; it is called again to reopen the same
            place. The options are some of suppress_store_backend_id, manually_initialize_store_backend_id,
            store_name and fixed_length_key, to be handed to the backend's constructor.
        place: a callable that gives a context manager of one empty, isolated place, which is cleaned at its end.
        claims: what the backend promises.
        name: how the report calls it; by default after `open`.
        code: names of packages, whose lines are where a thread is stopped amid an operation, beside those of the
            backend's own package; None is every package that its modules import and that is not Python's.
        files: gives, for a place that is no directory (a URL, a tuple), the directory where the files of a store there
            lie: what a process is halted at, killed or refused, is what changes files there. None where the place is
            that directory, or where there are no files, but a server.
    """

    open: Callable[..., Any]
    place: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext
    claims: Claims = attrs.field(factory=Claims)
    name: str | None = None
    code: tuple[str, ...] | None = None
    files: Callable[[Place], "str | os.PathLike[str]"] | None = None

    @property
    def title(self) -> str:
        """The name in reports."""
        return self.name or str(getattr(self.open, "__qualname__", type(self.open).__name__))
