"""Backends with one fault each in what else shows of them, in the additions of 1.x, or in how long storage lasts."""

import copy
import json
import pathlib
import uuid
from typing import Any, ClassVar

from spec_store import InvalidKeyError, Key
from tests.conformance.checks.entering import violates
from tests.conformance.checks.stores import DictBackend, FileBackend

# Surface


@violates("PROP-1")
class ForgetsWhatItWasGiven(DictBackend):
    store_name = "no_store_name"

    @property
    def fixed_length_key(self):
        return not self._fixed_length_key


@violates("PROP-1")
class ForgetsInUseWhatItWasGiven(DictBackend):
    def remove_key(self, key):
        self.__dict__["used"] = True
        return super().remove_key(key)

    @property
    def store_name(self):
        return "used" if self.__dict__.get("used") else self._store_name

    @property
    def fixed_length_key(self):
        return self._fixed_length_key and not self.__dict__.get("used")


@violates("PROP-2")
class TakesNoOptions(DictBackend):
    def __init__(self, place: Any = None) -> None:
        super().__init__(place)


@violates("CONFIG-1", "CONFIG-2", "CONFIG-3")
class KeepsNoConfig(DictBackend):
    @property
    def config(self):
        return self.__dict__.setdefault("_config", {"falsy": None, "store_name": "", **_falsy(self)})


def _falsy(backend: Any) -> dict[str, Any]:
    return {"suppress_store_backend_id": 0, "manually_initialize_store_backend_id": uuid.uuid4().hex[:0]}


@violates("CONFIG-1", "CONFIG-2")
class CountsItsWritesInConfig(DictBackend):
    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        self.__dict__["writes"] = self.__dict__.get("writes", 0) + (key != self.STORE_BACKEND_ID_KEY)

    @property
    def config(self):
        written = {"writes": self.__dict__["writes"]} if self.__dict__.get("writes") else {}
        return {**super().config, **written}


@violates(
    *("GET-1", "SET-1", "MOVE-1", "HAS-1", "REMOVE-1", "LIST-2", "URL-1", "IGNORE-1"),
    *("ADD-1", "UPDATE-1", "UPSERT-1"),
)
class TakesArgumentsInOrderAlone(DictBackend):
    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        return (lambda *arguments: value(*arguments)) if name in NAMED else value


NAMED = {
    *("get", "set", "move", "has_key", "remove_key", "list_keys", "get_url_for_key", "is_ignored_key"),
    *("add", "update", "add_or_update"),
}


@violates("IGNORE-1")
class IgnoresTheWrongKeys(DictBackend):
    def is_ignored_key(self, key):
        return not super().is_ignored_key(key)


@violates("URL-1")
class GivesNoUrl(DictBackend):
    def get_url_for_key(self, key, protocol=None):
        return None


@violates("URL-2")
class GivesOneUrl(DictBackend):
    def get_url_for_key(self, key, protocol=None):
        return "store://here"


@violates("URL-2")
class EscapesNothingInUrls(DictBackend):
    def get_url_for_key(self, key, protocol=None):
        return "https://store.example/" + "/".join(element.replace("/", "%2F") for element in key)


@violates("URL-1")
class FailsForUrls(DictBackend):
    def get_url_for_key(self, key, protocol=None):
        raise NotImplementedError


@violates("CONST-1")
class HasOtherConstants(DictBackend):
    """Seen from outside; inside, the interface's own are used."""

    IGNORED_FILES: ClassVar[list[str]] = ["other"]
    STORE_BACKEND_ID_PREFIX: ClassVar[str] = "other"
    STORE_BACKEND_INVALID_CONFIGURATION_ID: ClassVar[str] = "00000000-0000-0000-0000-00000000e004"

    def _construct_store_backend_id(self, suppress_warning=False):
        found = super()._construct_store_backend_id(suppress_warning)
        invalid = uuid.UUID(DictBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID)
        return invalid if found == uuid.UUID(self.STORE_BACKEND_INVALID_CONFIGURATION_ID) else found


@violates("CONST-1", "ID-2", "ID-4", "ID-7")
class HasAnotherIdKey(DictBackend):
    STORE_BACKEND_ID_KEY: ClassVar[Key] = (".other",)


@violates("RES-1")
class KeepsItsFilesOpen(FileBackend):
    def _get(self, key):
        value = super()._get(key)
        self.__dict__.setdefault("_files", []).append(self.path(key).open("rb"))
        return value

    def close(self):
        for file in self.__dict__.pop("_files", []):
            file.close()


# Extended


@violates("ADD-1")
class AddsTwice(DictBackend):
    def add(self, key, value, **kwargs):
        self.set(key, value, **kwargs)


# Durable


@violates("REOPEN-1", "REOPEN-2", "REOPEN-3", "ID-4", "ID-8")
class LastsAsLongAsItsObject(DictBackend):
    def __init__(self, place: Any = None, **options: Any) -> None:
        super().__init__(None, **options)


@violates("REOPEN-1", "REOPEN-2")
class IsEmptyWhenItIsOpenedForTheFourthTime(DictBackend):
    def __init__(self, place: Any = None, **options: Any) -> None:
        self.openings = place.setdefault(("openings",), 0) + 1 if place is not None else 0
        super().__init__(None if self.openings > 3 else place, **options)
        if place is not None:
            place[("openings",)] = self.openings

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if key != ("openings",)]


@violates("REOPEN-2")
class ReadsItsStorageOnce(DictBackend):
    """Writes go to the place at once, but reads come from what was there when it was opened, and its own writes."""

    def __init__(self, place: Any = None, **options: Any) -> None:
        super().__init__(place, **options)
        self.shared = self._values
        self._values = dict(self.shared)

    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        getattr(self, "shared", {})[key] = value

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        self.shared[dest_key] = self.shared.pop(source_key)

    def remove_key(self, key):
        removed = super().remove_key(key)
        self.shared.pop(key, None)
        return removed


@violates("REOPEN-2")
class RemembersWhatItRead(DictBackend):
    def _get(self, key):
        if not hasattr(self, "remembered"):
            self.remembered: dict[Any, Any] = {}
        if key not in self.remembered:
            self.remembered[key] = super()._get(key)
        return copy.deepcopy(self.remembered[key])

    def _set(self, key, value, **kwargs):
        self.__dict__.pop("remembered", None)
        super()._set(key, value)

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        self.__dict__.pop("remembered", None)

    def remove_key(self, key):
        removed = super().remove_key(key)
        self.__dict__.pop("remembered", None)
        return removed


@violates("REOPEN-3")
class WritesWhenItOpens(DictBackend):
    def __init__(self, place: Any = None, **options: Any) -> None:
        super().__init__(place, **options)
        if len(self._values) > 1:
            self._set(self.STORE_BACKEND_ID_KEY, self._values[self.STORE_BACKEND_ID_KEY])


@violates("REOPEN-3")
class TouchesAFileWhenItOpens(FileBackend):
    def __init__(self, directory: str, **options: Any) -> None:
        pathlib.Path(directory, "tmp-opened").write_text("")
        super().__init__(directory, **options)


@violates("REOPEN-1")
class WritesInTheLocalesEncoding(FileBackend):
    def _get(self, key):
        try:
            with self.path(key).open(newline="") as file:
                return json.loads(file.read())[1]
        except FileNotFoundError:
            raise InvalidKeyError(key) from None

    def _set(self, key, value, **kwargs):
        with self.path(key).open("w", newline="") as file:
            file.write(json.dumps([key, value], ensure_ascii=False))

    def list_keys(self, prefix=()):
        self._validate_key(prefix)
        keys = [tuple(json.loads(path.read_bytes())[0]) for path in pathlib.Path(self.directory).iterdir()]
        return [key for key in keys if key[: len(prefix)] == prefix]
