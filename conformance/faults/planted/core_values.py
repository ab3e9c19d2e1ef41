"""Faults in getting values: GET-1 to GET-3."""

import unicodedata
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError, Key, StoreBackendError

KIBI = 1024


class _Changing(DictStore):
    """Changes text values on their way in, but not the id's."""

    def _changed(self, value: str) -> Any:
        raise NotImplementedError

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, self._changed(value) if isinstance(value, str) and key != ID_KEY else value)


# What get returns


@plants("GET-1")
class StripsTheNewline(_Changing):
    """A newline at the end of a value is lost."""

    def _changed(self, value: str) -> Any:
        return value.removesuffix("\n")


@plants("GET-1")
class StripsSpace(_Changing):
    """White space round a value is lost."""

    def _changed(self, value: str) -> Any:
        return value.strip(" \t") if value.strip() else value


@plants("GET-1")
class CutsAtNul(_Changing):
    """A value ends before its first NUL."""

    def _changed(self, value: str) -> Any:
        return value.partition("\0")[0]


@plants("GET-1")
class CutsAt4K(_Changing):
    """A value is cut after 4 KiB."""

    def _changed(self, value: str) -> Any:
        return value[: 4 * KIBI]


@plants("GET-1")
class CutsAt64K(_Changing):
    """A value is cut after 64 KiB."""

    def _changed(self, value: str) -> Any:
        return value[: 64 * KIBI]


@plants("GET-1")
class CutsAt1M(_Changing):
    """A value is cut after 1 MiB."""

    def _changed(self, value: str) -> Any:
        return value[: KIBI * KIBI]


@plants("GET-1")
class ComposesValues(_Changing):
    """Values are brought into Unicode's normal form C."""

    def _changed(self, value: str) -> Any:
        return unicodedata.normalize("NFC", value)


@plants("GET-1")
class HasNoEmoji(_Changing):
    """Characters beyond the Basic Multilingual Plane become question marks."""

    def _changed(self, value: str) -> Any:
        return "".join(letter if letter <= "\uffff" else "?" for letter in value)


@plants("GET-1")
class ReplacesSurrogates(_Changing):
    """A value that UTF-8 cannot hold is stored with question marks instead of refused."""

    def _changed(self, value: str) -> Any:
        return value.encode("utf-8", "replace").decode("utf-8")


@plants("GET-1")
class ReadsNumbers(_Changing):
    """A text that says null comes back as None."""

    def _changed(self, value: str) -> Any:
        return None if value == "null" else value


@plants("GET-1")
class LosesEmptyValues(DictStore):
    """get takes a key with an empty value for a missing one."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        if value == "":
            raise InvalidKeyError(f"nothing under {key!r}")
        return value


@plants("GET-1")
class TurnsTuplesToLists(DictStore):
    """A tuple comes back as a list."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return list(value) if isinstance(value, tuple) else value


@plants("GET-1")
class FilesInTextMode(FileStore):
    """Files are read in text mode, so that CR LF and CR become LF."""

    def _text(self, content: bytes) -> Any:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


@plants("GET-1")
class FilesWithoutMark(FileStore):
    """Files are read as "utf-8-sig", which takes a mark at the beginning of a value for its own."""

    def _text(self, content: bytes) -> Any:
        return content.decode("utf-8-sig")


@plants("GET-1")
class FilesAsBytes(FileStore):
    """Values come back as bytes, but for the id's."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        value = super().get(key)
        return value if key == ID_KEY else value.encode("utf-8")


@plants("GET-2")
class GivesNone(DictStore):
    """get of a missing key returns None."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        try:
            return super().get(key)
        except InvalidKeyError:
            return None


@plants("GET-2")
class RaisesKeyError(DictStore):
    """get of a missing key raises KeyError."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        try:
            return super().get(key)
        except InvalidKeyError as error:
            raise KeyError(key) from error


@plants("GET-2")
class RaisesTheWrongError(DictStore):
    """get of a missing key raises StoreBackendError."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        try:
            return super().get(key)
        except InvalidKeyError as error:
            raise StoreBackendError(str(error)) from error


@plants("GET-2")
class RunsOutOfMemory(DictStore):
    """get of a missing key raises MemoryError."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        self._validate_key(key)
        if not self._has_key(key):
            raise MemoryError
        return super().get(key)


@plants("GET-2")
class ReadsDirectories(DictStore):
    """get of a missing key gives the names of those below it, if there are some."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        self._validate_key(key)
        found = self.list_keys(key)
        return super().get(key) if self._has_key(key) or not found else f"{len(found)} keys"


@plants("GET-2")
class FilesNotFound(FileStore):
    """get of a missing key raises FileNotFoundError."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        self._validate_key(key)
        return self._read(self._path(key))


# What reading does


@plants("GET-3")
class GetPops(DictStore):
    """get takes the value away."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        value = super().get(key)
        if key != ID_KEY:
            self._drop(key)
        return value


@plants("GET-3")
class HasKeyCreates(DictStore):
    """has_key of a missing key creates it, empty."""

    def has_key(self, key: Key) -> Any:
        found = super().has_key(key)
        if not found and key != ID_KEY:
            self._kept[self._slot(key)] = (key, "")
        return found


@plants("GET-3")
class GetCreates(DictStore):
    """get of a missing key raises as it should, but the key is there from then on."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        try:
            return super().get(key)
        except InvalidKeyError:
            if key != ID_KEY:
                self._kept[self._slot(key)] = (key, "")
            raise


@plants("GET-3")
class HandsOutItsListing(DictStore):
    """list_keys() gives the list that the store itself keeps, so that clearing it clears every listing."""

    def _every_key(self) -> list[Key]:
        return self.shelf.marks.setdefault("listing", [])  # type: ignore[no-any-return]

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix) if prefix != () else self._every_key()

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self._enter(key)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self._enter(dest_key)

    def _enter(self, key: Key) -> None:
        if key not in self._every_key():
            self._every_key().append(key)

    def _drop(self, key: Key) -> bool:
        if key in self._every_key():
            self._every_key().remove(key)
        return super()._drop(key)


@plants("GET-3")
class UrlCreates(DictStore):
    """get_url_for_key of a missing key creates it, empty, so that the URL leads somewhere."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        self._kept.setdefault(self._slot(key), (key, ""))
        return super().get_url_for_key(key, protocol)


@plants("GET-3")
class ListingDrops(DictStore):
    """Listing below a prefix drops what it lists."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        for key in listed if prefix and prefix != ID_KEY else ():
            self._drop(key)
        return listed
