"""Backends with one fault each in what they do with keys and values."""

import os
import pathlib
import urllib.parse
from typing import Any

from spec_store import InvalidKeyError, Key, StoreBackendError
from tests.conformance.checks.entering import violates
from tests.conformance.checks.stores import DictBackend, FileBackend

# Validation


@violates("KEY-1", "KEY-2", "KEY-7")
class TakesAnyKey(DictBackend):
    def _validate_key(self, key):
        pass


@violates("KEY-1", "KEY-2", "KEY-7")
class GivesNoReason(DictBackend):
    def _validate_key(self, key):
        if not isinstance(key, tuple) or not all(isinstance(element, str) for element in key):
            raise TypeError("wrong key")


@violates("KEY-3")
class FindsNoEmptyKey(DictBackend):
    def get(self, key, **kwargs):
        if key == ():
            raise TypeError("empty key")
        return super().get(key)

    def has_key(self, key):
        if key == ():
            raise ValueError("empty key")
        return super().has_key(key)


@violates("KEY-7")
class FindsNoIdentifier(DictBackend):
    def remove_key(self, key):
        return False if hasattr(key, "to_tuple") else super().remove_key(key)


# Core


@violates("KEY-9")
class DropsWhatIsOfAnotherClass(DictBackend):
    def _set(self, key, value, **kwargs):
        if type(key) is tuple and all(type(element) is str for element in key):
            super()._set(key, value)


@violates("KEY-5")
class ListsNoNameOfItsOwn(DictBackend):
    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if key != ("store_name",)]


@violates("ISO-1")
class ListsWhatBeginsAlike(FileBackend):
    def list_keys(self, prefix=()):
        own = pathlib.Path(self.directory)
        alike = (each for each in own.parent.glob(f"{own.name}?*") if each.is_dir())
        return [
            *super().list_keys(prefix),
            *(key for each in alike for key in FileBackend(str(each)).list_keys(prefix)),
        ]


@violates("SET-3")
class LetsValueErrorsOut(DictBackend):
    def set(self, key, value, **kwargs):
        self._validate_key(key)
        self._set(key, value)


@violates("SET-3")
class HidesTheCause(DictBackend):
    def set(self, key, value, **kwargs):
        try:
            super().set(key, value)
        except StoreBackendError as error:
            failure = StoreBackendError(str(error))
        else:
            return
        raise failure


@violates("SET-5")
class SharesValues(DictBackend):
    def _get(self, key):
        if key not in self._values:
            raise InvalidKeyError(key)
        return self._values[key]

    def _set(self, key, value, **kwargs):
        self._values[key] = value


@violates("MOVE-1", "MOVE-2", "MOVE-3")
class ImplementsNoMove(DictBackend):
    def _move(self, source_key, dest_key, **kwargs):
        raise NotImplementedError


SHARED: dict[Any, Any] = {}
"""The one dict of all stores of SharesOneStore; a test empties it before each case."""


@violates("ISO-1", "ID-1")
class SharesOneStore(DictBackend):
    def __init__(self, place: Any = None, **options: Any) -> None:
        super().__init__(SHARED, **options)


LATEST: list[dict[Any, Any]] = []
"""The place that was opened last, of all stores of GoesOnInTheLatestPlace."""


@violates("ISO-1")
class GoesOnInTheLatestPlace(DictBackend):
    """Two stores, the one opened first, and whatever it does, are one from then on."""

    def __init__(self, place: Any = None, **options: Any) -> None:
        LATEST[:] = [place if place is not None else {}]
        super().__init__(place, **options)

    def __getattribute__(self, name):
        return LATEST[0] if name == "_values" and LATEST else super().__getattribute__(name)


@violates("GET-3")
class RemembersWhatItWasAsked(DictBackend):
    """Asked for the keys that the check of GET-3 uses, once its id is there; the asking is itself stored."""

    asked = 0

    def _ask(self, *key: str) -> None:
        self.asked += 1
        if self.asked > 8:
            self._values[("asked", str(self.asked))] = ""

    def get(self, key, **kwargs):
        self._ask()
        return super().get(key)

    def has_key(self, key):
        self._ask()
        return super().has_key(key)

    def get_url_for_key(self, key, protocol=None):
        self.asked += 8
        self._ask()
        return super().get_url_for_key(key, protocol)


class _Listing(list):  # type: ignore[type-arg]
    """A list that, when it is cleared, clears the store."""

    def __init__(self, keys, values):
        super().__init__(keys)
        self.values = values

    def clear(self):
        self.values.clear()
        super().clear()


@violates("GET-3")
class HandsItsOwnListOut(DictBackend):
    def list_keys(self, prefix=()):
        return _Listing(super().list_keys(prefix), self._values)


@violates("LIST-4")
class ListsASuppressedId(DictBackend):
    def list_keys(self, prefix=()):
        listed = super().list_keys(prefix)
        return [*listed, self.STORE_BACKEND_ID_KEY] if self._suppress_store_backend_id else listed


@violates("KEY-8")
class TakesKeysForPaths(FileBackend):
    """Takes a key for a path, whatever it spells."""

    def path(self, key: Key) -> pathlib.Path:
        text = os.path.expandvars(urllib.parse.unquote("/".join(key).replace("\\", "/"))).removeprefix("file://")
        text = text.replace("//", "/") if "//" in text and not text.startswith("/") else text
        return pathlib.Path(os.path.normpath(pathlib.Path(self.directory, pathlib.Path(text).expanduser())))

    def _get(self, key):
        try:
            return self.path(key).read_bytes().decode()
        except OSError:
            raise InvalidKeyError(key) from None

    def _set(self, key, value, **kwargs):
        self.path(key).parent.mkdir(parents=True, exist_ok=True)
        self.path(key).write_bytes(value.encode())

    def list_keys(self, prefix=()):
        self._validate_key(prefix)
        base = pathlib.Path(self.directory)
        return [path.relative_to(base).parts for path in base.rglob("*") if path.is_file()]


@violates("KEY-8", "KEY-9")
class JoinsPaths(TakesKeysForPaths):
    """pathlib joins what `str` makes of an element."""

    def path(self, key: Key) -> pathlib.Path:
        return pathlib.Path(os.path.normpath(pathlib.Path(self.directory, *key)))
