"""Faults in telling what is stored: HAS-1, LIST-1 to LIST-4."""

import time
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY, below
from spec_store import InvalidKeyError, Key

PAGE = 1000


@plants("HAS-1")
class HasOneOrZero(DictStore):
    """has_key is 1 or 0."""

    def has_key(self, key: Key) -> Any:
        return int(super().has_key(key))


@plants("HAS-1")
class HasDirectories(DictStore):
    """has_key is True for what a stored key starts with."""

    def has_key(self, key: Key) -> Any:
        return super().has_key(key) or any(below(other, key) for other in self.list_keys() if key and key != ID_KEY)


@plants("HAS-1")
class HasWhatItHad(DictStore):
    """has_key is True for a key that was removed."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self.shelf.marks[key] = True

    def has_key(self, key: Key) -> Any:
        return super().has_key(key) or (key != ID_KEY and key in self.shelf.marks)


@plants("HAS-1")
class HasOnlyWhatSaysSomething(DictStore):
    """has_key is False for a key with an empty value."""

    def has_key(self, key: Key) -> Any:
        return super().has_key(key) and self._get(key) != ""


@plants("HAS-1")
class HasRaises(DictStore):
    """has_key of a missing key raises InvalidKeyError."""

    def has_key(self, key: Key) -> Any:
        if not super().has_key(key) and key != ID_KEY:
            raise InvalidKeyError(f"{key!r} is not there")
        return super().has_key(key)


@plants("HAS-1")
class FilesHaveDirectories(FileStore):
    """has_key is True for a directory."""

    def has_key(self, key: Key) -> Any:
        return super().has_key(key) or any(below(other, key) for other in self.list_keys() if key and key != ID_KEY)


# The whole list


class _Listing(DictStore):
    """Gives something else for the whole list."""

    def _all(self, keys: list[Key]) -> Any:
        raise NotImplementedError

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix) if prefix else self._all(super().list_keys(prefix))


@plants("LIST-1")
class ListsATuple(_Listing):
    """list_keys() returns a tuple."""

    def _all(self, keys: list[Key]) -> Any:
        return tuple(keys)


@plants("LIST-1")
class ListsAGenerator(_Listing):
    """list_keys() returns a generator."""

    def _all(self, keys: list[Key]) -> Any:
        return (key for key in keys)


@plants("LIST-1")
class ListsOnePage(_Listing):
    """list_keys() gives no more than 1,000 keys."""

    def _all(self, keys: list[Key]) -> Any:
        return keys[:PAGE]


@plants("LIST-1")
class ListsTwice(_Listing):
    """list_keys() lists the first of several keys twice."""

    def _all(self, keys: list[Key]) -> Any:
        others = [key for key in keys if key != ID_KEY]
        return [*keys, *others[:1]] if len(others) > 1 else keys


@plants("LIST-1")
class ListsLists(_Listing):
    """list_keys() lists keys as lists."""

    def _all(self, keys: list[Key]) -> Any:
        return [key if key == ID_KEY else list(key) for key in keys]


@plants("LIST-1")
class ListsEncodedNames(_Listing):
    """list_keys() lists a key with a slash by another name."""

    def _all(self, keys: list[Key]) -> Any:
        return [tuple(element.replace("/", "%2F") for element in key) for key in keys]


@plants("LIST-1")
class ListsWhatThereWas(_Listing):
    """list_keys() lists a key that was removed."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        if removed and key != ID_KEY:
            self.shelf.marks[key] = True
        return removed

    def _all(self, keys: list[Key]) -> Any:
        return list(dict.fromkeys((*keys, *self.shelf.marks)))


@plants("LIST-1")
class FilesListVisibleOnes(FileStore):
    """list_keys() leaves files out whose names begin with a dot, but for the id's."""

    def list_keys(self, prefix: Key = ()) -> Any:
        hidden = {key for key in super().list_keys() if key != ID_KEY and key[-1:] and key[-1].startswith(".")}
        return [key for key in super().list_keys(prefix) if prefix or key not in hidden]


# Part of it


@plants("LIST-2")
class ListsNamesakes(DictStore):
    """list_keys(prefix) lists keys whose text begins like the prefix, where one starts with it by whole elements."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        more = [key for key in super().list_keys() if prefix and "/".join(key).startswith("/".join(prefix))]
        return [*listed, *(key for key in more if key not in listed)] if listed else []


@plants("LIST-2")
class MatchesText(DictStore):
    """list_keys(prefix) lists the keys whose text begins like the prefix."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        more = [key for key in super().list_keys() if prefix and "/".join(key).startswith("/".join(prefix))]
        return [*listed, *(key for key in more if key not in listed)]


@plants("LIST-2")
class ListsBelowOnly(DictStore):
    """list_keys(prefix) leaves the key out that is equal to the prefix."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return [key for key in super().list_keys(prefix) if not prefix or key != prefix or key == ID_KEY]


@plants("LIST-2")
class ListsChildrenOnly(DictStore):
    """list_keys(prefix) leaves keys out that are more than one element longer."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return [key for key in super().list_keys(prefix) if not prefix or len(key) <= len(prefix) + 1]


@plants("LIST-2", "LIST-3")
class ListsEverything(DictStore):
    """list_keys(prefix) ignores the prefix."""

    def list_keys(self, prefix: Key = ()) -> Any:
        self._check_key(prefix)
        return super().list_keys()


@plants("LIST-2")
class ListsRelatively(DictStore):
    """list_keys(prefix) lists what comes after the prefix."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return [key if key == ID_KEY else key[len(prefix) :] for key in super().list_keys(prefix)]


@plants("LIST-3")
class ListingRaises(DictStore):
    """list_keys of a prefix that nothing starts with raises InvalidKeyError."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        if prefix and not listed:
            raise InvalidKeyError(f"nothing starts with {prefix!r}")
        return listed


@plants("LIST-3")
class ListsNone(DictStore):
    """list_keys of a prefix that nothing starts with returns None."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix) or (None if prefix else [])


@plants("LIST-3")
class ListsEverythingInstead(DictStore):
    """list_keys of a prefix that nothing starts with lists all keys."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix) or super().list_keys()


@plants("LIST-3", limit=0.3)
class ListingHangs(DictStore):
    """list_keys of a prefix that nothing starts with does not come back."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        while prefix and not listed:
            time.sleep(0.01)
        return listed


@plants("LIST-3")
class FilesListingNotFound(FileStore):
    """list_keys of a prefix that is no directory raises FileNotFoundError."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        if prefix and not listed:
            raise FileNotFoundError(self._path(prefix))
        return listed


# The id's key


@plants("LIST-4")
class HidesTheId(DictStore):
    """list_keys() leaves the id's key out."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return [key for key in super().list_keys(prefix) if key != ID_KEY]


@plants("LIST-4")
class ListsASuppressedId(DictStore):
    """list_keys() lists the id's key while the id is suppressed."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed = super().list_keys(prefix)
        return [*listed, ID_KEY] if self._suppressed and not prefix and ID_KEY not in listed else listed
