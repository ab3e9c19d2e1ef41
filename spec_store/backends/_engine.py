"""What every engine has besides the interface: an end to waiting, stores that are only read, closing, copies.

An engine takes these options by the names that they have here, and hands them to `Engine.__init__` in one `Options`.
Whatever writes begins with `self._about_to(what)`. Whatever waits ends by `self._deadline()`, which an operation asks
for once, when it begins; what is made of several operations is done within `self._as_one()`.
"""

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, Self, TypeVar

import attrs

from spec_store.backend import StoreBackend
from spec_store.backends._secret import with_real
from spec_store.configuration import constructor_arguments, kept_argument
from spec_store.errors import StoreBackendError
from spec_store.keys import Key

TIMEOUT = 30.0
"""Seconds that connecting and one operation may take in all, where nothing else is said."""

Backend = TypeVar("Backend", bound=StoreBackend)


def checked_timeout(timeout: float) -> float:
    """Seconds for one operation in all.

    Raises:
        TypeError: it is no number.
        ValueError: it is not above 0.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout is a number of seconds, not {timeout!r}")
    if not timeout > 0 or timeout == float("inf"):
        raise ValueError(f"timeout is a number of seconds above 0, not {timeout!r}")
    return float(timeout)


@attrs.frozen
class Options:
    """The options that all engines have: those of `StoreBackend`, and these.

    Args:
        timeout: seconds that connecting, and one operation in all, may take.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.
    """

    fixed_length_key: bool = False
    suppress_store_backend_id: bool = False
    manually_initialize_store_backend_id: str | uuid.UUID | None = ""
    store_name: str | None = "no_store_name"
    timeout: float = attrs.field(default=TIMEOUT, converter=checked_timeout)
    read_only: bool = False


class _Whole(threading.local):
    """When the operation must end that a thread is in and that is made of others; None outside of any."""

    end: float | None = None


class Engine(StoreBackend):
    """A backend of a real engine.

    It is its own context manager, which closes it at the end. A copy of it, and one that was pickled, is a new handle
    on the same store, opened by the same arguments: so processes that are spawned may be given one. What is pickled
    has the password in it.
    """

    def __init__(self, options: Options) -> None:
        super().__init__(
            options.fixed_length_key,
            options.suppress_store_backend_id,
            options.manually_initialize_store_backend_id,
            options.store_name,
        )
        self._timeout = options.timeout
        self._read_only = options.read_only
        self._whole = _Whole()

    def close(self) -> None:
        """Give back what is held of the system: connections, files. The next operation opens new ones."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        found = {name: kept_argument(self, name) for name in constructor_arguments(type(self))}
        return _opened, (type(self), with_real(found))

    def __copy__(self) -> Self:
        function, arguments = self.__reduce__()
        return function(*arguments)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def _about_to(self, what: str) -> None:
        """Refuse to change a store that is only read.

        Args:
            what: what would be changed, as in "cannot store ('a',)".

        Raises:
            StoreBackendError: it is only read.
        """
        if self._read_only:
            raise StoreBackendError(f"{self!r} cannot {what}: it was opened with read_only=True")

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self._as_one():
            return super().update(key, value, **kwargs)

    def _construct_store_backend_id(self, suppress_warning: bool = False) -> uuid.UUID | None:
        with self._as_one():
            return super()._construct_store_backend_id(suppress_warning)

    @contextlib.contextmanager
    def _as_one(self) -> Iterator[None]:
        """Have the timeout once for all that is done within, in this thread."""
        if self._whole.end is not None:
            yield
            return
        self._whole.end = self._deadline()
        try:
            yield
        finally:
            self._whole.end = None

    def _deadline(self) -> float:
        """When an operation that begins now must end, by the clock of `time.monotonic`."""
        return time.monotonic() + self._timeout if self._whole.end is None else self._whole.end

    def _read_id_at_opening(self) -> None:
        """Read the id, which creates it where it is missing; not of a store that is only read."""
        if not self._suppress_store_backend_id and not self._read_only:
            _ = self.store_backend_id


def written_later(what: str, layout: object, known: int) -> str:
    """Why a store is not touched whose layout is none that this release knows; what to do about it is said after it."""
    return f"{what} was written by a later version of spec-store (layout {layout}; this one knows up to {known})"


def _opened(cls: type[Backend], arguments: dict[str, Any]) -> Backend:
    """A backend by its arguments."""
    return cls(**arguments)
