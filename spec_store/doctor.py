"""Whether a store is well: what it is, what one may do there, how long that takes, and what is wrong."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import Any, NoReturn, TypeVar

import attrs

from spec_store import identity
from spec_store.addresses import Address, AddressError, not_there, of_great_expectations, opened
from spec_store.advice import advice_on
from spec_store.backend import StoreBackend
from spec_store.backends._secret import without_secrets
from spec_store.claims import CLAIMS, NAMES, EngineClaims, engine_of
from spec_store.copying import is_a, one_line
from spec_store.surroundings import database, left_out, redis_server, remove_empty, unwritable, within

OWN = "spec-store-doctor"
"""The first element of the key that rights are tried on."""

CLIENTS = {
    "sqlite": ("SQLAlchemy",),
    "sqlite in memory": ("SQLAlchemy",),
    "postgresql": ("SQLAlchemy", "psycopg"),
    "mariadb": ("SQLAlchemy", "PyMySQL"),
    "redis": ("redis",),
    "objects": ("obstore",),
    "objects in memory": ("obstore",),
}
"""The libraries by which an engine is spoken with."""

LIMIT = 3
"""How many times the timeout of an operation the whole examination may take."""

Result = TypeVar("Result")


@attrs.frozen
class Problem:
    """Something that is wrong: what was tried and what came of it, and what to do about it ("" if nobody knows)."""

    what: str
    advice: str = ""


@attrs.define
class Diagnosis:
    """What is known of a store; None is what could not be had, or was not tried.

    Args:
        address: where the store is; nothing secret.
        engine: what keeps it.
        server: what is connected to, with its version.
        client: the libraries in use, with their versions.
        layout: the version of how values are kept.
        id: the store's id; "" for one that has none yet.
        claims: what the engine claims.
        can_read, can_write, can_remove: what may be done.
        get_ms, set_ms: how long one took, in milliseconds, on a connection that is open.
        notes: what is worth knowing, and no problem.
        problems: what is wrong.
    """

    address: str
    engine: str | None = None
    server: str | None = None
    client: str | None = None
    layout: int | None = None
    id: str | None = None
    claims: EngineClaims | None = None
    can_read: bool | None = None
    can_write: bool | None = None
    can_remove: bool | None = None
    get_ms: float | None = None
    set_ms: float | None = None
    notes: list[str] = attrs.field(factory=list)
    problems: list[Problem] = attrs.field(factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class _StoppedError(Exception):
    """What is wrong is told, and nothing that comes after can be tried."""


def examined(address: Address, timeout: float, *, read_only: bool = False) -> Diagnosis:
    """Examine a store.

    Rights are tried on a key of its own, which is removed again. A store that is not there yet is made by that in a
    database and an object store; a directory or a file is not.

    Args:
        address: where it is.
        timeout: seconds that an operation may take; the whole, three times as long.
        read_only: whether nothing is written.

    Raises:
        AddressError: the address leads to no backend.
    """
    engine = engine_of(address)
    found = Diagnosis(str(address), NAMES[engine] if engine else None, client=_clients(engine))
    found.claims = CLAIMS.get(engine or "")
    try:
        within(LIMIT * timeout, lambda: _Examination(found, address, timeout, read_only).run())
    except TimeoutError as error:
        found.problems.append(_problem("the examination", error, address))
    return found


@attrs.frozen
class _Examination:
    found: Diagnosis
    address: Address
    timeout: float
    read_only: bool

    def run(self) -> None:
        with suppress(_StoppedError):
            if not self._exists():
                return
            self._look_around()
            reader = self._opened(read_only=True)
            with _closed(reader):
                self._read(reader)
                self._look_at_files(reader)
                if self.address.kind == "callable" and not self.read_only:
                    self._write(reader)
            if self.address.kind not in ("callable", "gx") and not self.read_only:
                with _closed(self._opened(read_only=False)) as writer:
                    self._write(writer)

    def _exists(self) -> bool:
        """Whether there is a directory or file, or a server, to look into."""
        missing = not_there(self.address)
        made = self.address.kind in ("files", "sql") and not self.read_only
        if missing and missing.startswith("there is no") and made:
            self.found.notes.append(f"{missing} yet: the first write makes it")
            wrong = unwritable(self.address)
            if wrong:
                self._stop(wrong)
            self._library()
            return False
        wrong = missing or of_great_expectations(self.address)
        if wrong:
            self._stop(wrong)
        return True

    def _library(self) -> None:
        """See that what the engine needs is installed, where nothing is there to be opened."""
        try:
            if self.address.kind == "sql":
                import_module("spec_store.backends.sql")
        except ImportError as error:
            self._stop_for("opening", error)

    def _look_around(self) -> None:
        """The server, and what is there besides the store; an engine that does not answer says that itself, later."""
        if self.address.kind == "redis":
            with suppress(Exception):
                self.found.server = within(self.timeout, lambda: redis_server(self.address, self.timeout))
        if self.address.kind == "sql":
            try:
                self._look_at_tables()
            except TimeoutError as error:
                self._stop_for("connecting", error)
            except _StoppedError:
                raise
            except Exception:
                return

    def _look_at_tables(self) -> None:
        seen = database(self.address, self.timeout)
        self.found.server = seen.server
        table = self.address.table
        if not seen.table and self.read_only:
            self._stop(f"there is no table {table} in the database", "the first write of a store makes it")
        if not seen.table:
            self.found.notes.append(f"there was no table {table} before: the first write makes it")
        elif self.address.name not in seen.stores:
            others = ", ".join(map(repr, seen.stores)) or "none"
            self.found.notes.append(f"nothing is stored as {self.address.name!r} yet; stores of the table: {others}")

    def _look_at_files(self, backend: Any) -> None:
        """What else is in a directory that no program of ours has opened yet."""
        if self.found.id or self.address.kind not in ("files", "gx"):
            return
        others, _ = self._timed("looking at the files", lambda: list(islice(left_out(self.address, backend), 1)))
        if not others:
            return
        what = f"the directory has files that are of no key of such a store, {others[0]!r} for one"
        if any(key != identity.STORE_BACKEND_ID_KEY for key in backend.list_keys()):
            self.found.notes.append(what)
        else:
            self._stop(f"{what}, and nothing else", self.address.other_ways)

    def _opened(self, *, read_only: bool) -> Any:
        options: dict[str, bool] = {"read_only": True} if read_only else {"suppress_store_backend_id": True}
        backend, _ = self._timed("opening it", lambda: opened(self.address, self.timeout, **options))
        if self.found.engine is None:
            self.found.engine = f"{type(backend).__module__}.{type(backend).__qualname__}"
        return backend

    def _read(self, backend: Any) -> None:
        self.found.can_read = False
        self.found.id, _ = self._timed("reading its id", lambda: _id(backend))
        _, self.found.get_ms = self._timed("looking for a key", lambda: backend.has_key((OWN, "none")))
        self.found.can_read = True
        self.found.layout = getattr(backend, "layout", 1) if isinstance(backend, StoreBackend) else None

    def _write(self, backend: Any) -> None:
        key, value = (OWN, uuid.uuid4().hex), uuid.uuid4().hex
        self.found.can_write = False
        try:
            self._timed("storing a value", lambda: backend.set(key, "first"))
            self.found.can_write = True
            _, self.found.set_ms = self._timed("replacing a value", lambda: backend.set(key, value))
            got, self.found.get_ms = self._timed("reading a value", lambda: backend.get(key))
            if got != value:
                self.found.problems.append(Problem("a value that was stored came back as another one"))
        finally:
            if self.found.can_write:
                self._remove(backend, key)

    def _remove(self, backend: Any, key: tuple[str, str]) -> None:
        self.found.can_remove = False
        self._timed(f"removing {key!r}, which is left there,", lambda: backend.remove_key(key))
        stays, _ = self._timed(f"looking for {key!r}", lambda: backend.has_key(key))
        if stays:
            self._stop(f"{key!r} is there still after it was removed")
        self.found.can_remove = True
        if self.address.kind == "objects":
            remove_empty(self.address, OWN)

    def _timed(self, what: str, step: Callable[[], Result]) -> tuple[Result, float]:
        """What a step gives, and the milliseconds it took; what it raises is a problem, and the end."""
        began = time.perf_counter()
        try:
            result = step()
        except AddressError:
            raise
        except Exception as error:
            self._stop_for(what, error)
        return result, (time.perf_counter() - began) * 1000

    def _stop_for(self, what: str, error: Exception) -> NoReturn:
        self.found.problems.append(_problem(what, error, self.address))
        raise _StoppedError from None

    def _stop(self, what: str, advice: str = "") -> NoReturn:
        self.found.problems.append(Problem(what, advice or advice_on(what)))
        raise _StoppedError from None


def _problem(what: str, error: Exception, address: Address) -> Problem:
    text = without_secrets(one_line(error), *address.secrets)
    return Problem(f"{what} failed: {text.removeprefix('StoreBackendError: ')}", advice_on(text))


def _id(backend: Any) -> str:
    """A store's id; "" for one that has none."""
    try:
        text = backend.get(identity.STORE_BACKEND_ID_KEY)
    except Exception as error:
        if is_a(error, "InvalidKeyError"):
            return ""
        raise
    return str(identity.parse_id_text(text))


@contextmanager
def _closed(backend: Any) -> Iterator[Any]:
    """A backend, which is closed in the end if it has a way to be."""
    try:
        yield backend
    finally:
        with suppress(Exception):
            getattr(backend, "close", bool)()


def _clients(engine: str | None) -> str | None:
    """The libraries by which an engine is spoken with, with their versions."""
    found = []
    for name in CLIENTS.get(engine or "", ()):
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found) or None
