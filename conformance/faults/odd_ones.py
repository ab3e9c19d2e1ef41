"""Correct backends that do something uncommon. None of them may be accused of anything."""

import contextlib
import logging
import pathlib
import threading
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies

from conformance.faults.planting import odd
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from conformance.subject.subject import Claims
from spec_store import Key, StoreBackendError

logger = logging.getLogger(__name__)

LOWER = strategies.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@odd()
class SortsItsListing(DictStore):
    """Lists keys in order."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return sorted(super().list_keys(prefix))


@odd()
class ReversesItsListing(DictStore):
    """Lists the newest key first."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix)[::-1]


@odd()
class TellsWhereItPutThings(FileStore):
    """set, move and add return a path."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        return self._path(key)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        return self._path(dest_key)


@odd()
class StoresTextAlone(DictStore):
    """Refuses values that are no text."""

    def _validate_value(self, value: Any) -> None:
        if not isinstance(value, str):
            raise StoreBackendError(f"no text: {type(value).__name__}")


@odd(Claims(durable=True, key_length=2))
class HasKeysOfTwo(DictStore):
    """Takes keys of two elements alone, but for the id's."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        if len(key) != 2 and key != ID_KEY:
            raise StoreBackendError(f"a key has two elements, unlike {key!r}")


@odd()
class RefusesSlashes(DictStore):
    """A slash in a key makes every operation raise ValueError."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        if any("/" in element for element in key):
            raise ValueError(f"a slash in {key!r}")


@odd()
class ListsNothingBelowSlashes(RefusesSlashes):
    """A slash in a key makes list_keys and remove_key raise ValueError, too."""

    def _check_key(self, key: Any) -> None:
        super()._check_key(key)
        if any("/" in element for element in key):
            raise ValueError(f"a slash in {key!r}")


@odd(Claims(durable=True, values=strategies.binary()))
class StoresBytes(DictStore):
    """Stores bytes alone, but for the id's text."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        if not isinstance(value, bytes) and key != ID_KEY:
            raise TypeError(f"{type(self).__name__} stores bytes, not {type(value).__name__}")
        return super().set(key, value, **kwargs)


@odd()
class MakesItsIdLate(DictStore):
    """The first read creates the id, not the constructor."""

    def _opened(self) -> None:
        pass


@odd()
class FilesHaveTheirIdLate(FileStore):
    """The first read creates the id, not the constructor, and any process may make it."""

    def _opened(self) -> None:
        pass


@odd(Claims())
class LastsAsLongAsItsObject(DictStore):
    """Claims nothing, and each object has storage of its own."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        super().__init__(None, **options)


class StoreError(Exception):
    """Another framework's, of the same name."""


class InvalidKeyError(StoreError, KeyError):
    """Another framework's, which is a KeyError too."""


class _StoreBackendError(StoreError):
    """Another framework's."""


_StoreBackendError.__name__ = "StoreBackendError"


@odd()
class HasItsOwnErrors(DictStore):
    """Raises the exceptions of another framework, which have the same names."""

    def _translated(self, name: str, *arguments: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*arguments, **kwargs)
        except StoreBackendError as error:
            raise _StoreBackendError(str(error)) from error.__cause__ or error
        except LookupError as error:
            raise InvalidKeyError(str(error)) from error

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self._translated("set", key, value, **kwargs)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self._translated("add", key, value, **kwargs)

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self._translated("update", key, value, **kwargs)

    def _get(self, key: Key) -> Any:
        if not self._has_key(key):
            raise InvalidKeyError(f"{key!r} is not there")
        return super()._get(key)


@odd()
class HasNoAdditions(DictStore):
    """Has none of the methods that Great Expectations 1.x adds."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("add", "update", "add_or_update", "get_all", "build_key"):
            raise AttributeError(name)
        return super().__getattribute__(name)


@odd(Claims(durable=True, elements=LOWER))
class TakesLowerCaseAlone(DictStore):
    """Takes elements of lower-case letters alone, and says so."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not all(element.isascii() and element.isalpha() and element.islower() for element in key) and key != ID_KEY:
            raise ValueError(f"not all lower case: {key!r}")
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._get(source_key)
        if not all(element.isascii() and element.isalpha() and element.islower() for element in dest_key):
            raise StoreBackendError(f"not all lower case: {dest_key!r}")
        super()._move(source_key, dest_key)


@odd()
class HasShortKeys(DictStore):
    """Refuses keys of more than 200 bytes of UTF-8, wherever one is given."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        if sum(len(element.encode("utf-8", "surrogatepass")) for element in key) > 200:
            raise StoreBackendError(f"a long key: {key!r}")


@odd()
class RefusesShortly(DictStore):
    """Refuses keys of more than 200 bytes of UTF-8 in set and move alone; to get and has_key they are missing."""

    def _refuse(self, key: Key) -> None:
        if sum(len(element.encode("utf-8", "surrogatepass")) for element in key) > 200:
            raise InvalidKeyError(f"a long key: {key!r}")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._refuse(key)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._refuse(source_key)
        self._refuse(dest_key)
        super()._move(source_key, dest_key)


@odd()
class Remembers(FileStore):
    """Remembers the text of each file as long as the file is the same."""

    def __init__(self, directory: str, **options: Any) -> None:
        self.remembered: dict[Any, Any] = {}
        super().__init__(directory, **options)

    def _read(self, path: str) -> Any:
        state = self._state(path)
        if self.remembered.get(path, (None, None))[0] != state:
            self.remembered[path] = (state, super()._read(path))
        return self.remembered[path][1]

    def _state(self, path: str) -> tuple[int, int, int]:
        found = pathlib.Path(path).stat()
        return found.st_ino, found.st_size, found.st_mtime_ns


@odd()
class WarnsOfWriting(DictStore):
    """Logs a warning of each write, which has nothing to do with the id."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key != ID_KEY:
            logger.warning("writing %r", key)
        super()._set(key, value)

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        logger.warning("removed %r" if removed else "nothing to remove under %r", key)
        return removed


@odd()
class IsOldFashioned(DictStore):
    """Does in each operation what Python warns of, though not the reader of an id."""

    def _get(self, key: Key) -> Any:
        warnings.warn("this is deprecated", DeprecationWarning, stacklevel=2)
        return super()._get(key)

    def _has_key(self, key: Key) -> Any:
        warnings.warn("unclosed file", ResourceWarning, stacklevel=2)
        return super()._has_key(key)


class _Id(uuid.UUID):
    """An id."""


class _Listing(list[Key]):
    """A listing, which says so in its repr."""

    def __repr__(self) -> str:
        return f"_Listing({super().__repr__()})"


class _Link(str):
    """A URL, which says so in its repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"_Link({super().__repr__()})"


class _Config(dict[str, Any]):
    """A config, which can be read by attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


@odd()
class HasTypesOfItsOwn(DictStore):
    """The id, listings, URLs and config are of subclasses of UUID, list, str and dict."""

    def _construct_store_backend_id(self, suppress_warning: bool = False) -> Any:
        found = super()._construct_store_backend_id(suppress_warning)
        return None if found is None else _Id(str(found))

    def list_keys(self, prefix: Key = ()) -> Any:
        return _Listing(super().list_keys(prefix))

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return _Link(super().get_url_for_key(key, protocol))

    @property
    def config(self) -> Any:
        return _Config(super().config)


@odd()
class WarnsOfEachRequest(DictStore):
    """Logs a warning of each request, reading included, as a client does of a certificate that nobody verified."""

    def _warn_of(self, request: str, key: Key) -> None:
        logging.getLogger("client.pool").warning(f"unverified: {request} {key!r}")

    def _get(self, key: Key) -> Any:
        self._warn_of("GET", key)
        return super()._get(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._warn_of("PUT", key)
        super()._set(key, value)

    def _has_key(self, key: Key) -> Any:
        self._warn_of("HEAD", key)
        return super()._has_key(key)


class _Client:
    """What a driver gives: it holds a lock, so that it cannot be copied, and is equal to itself alone."""

    def __init__(self) -> None:
        self.stored: dict[Any, Any] = {}
        self.marks: dict[Any, Any] = {}
        self.lock = threading.Lock()


@contextlib.contextmanager
def new_client() -> Iterator[_Client]:
    """A client of a new, empty server."""
    yield _Client()


@odd()
class TakesAClient(DictStore):
    """The constructor takes a client, which can neither be copied nor compared; config has it."""

    new_place_ = staticmethod(new_client)


class _Behind(DictStore):
    """What another store hands everything on to."""


@odd()
class HandsEverythingOn:
    """Hands each attribute on to another store, by __getattr__."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self._inner = _Behind(shelf, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


_Behind.__name__ = HandsEverythingOn.__name__
