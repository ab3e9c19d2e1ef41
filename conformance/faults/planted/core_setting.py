"""Faults in setting values: SET-1 to SET-6."""

from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError, Key, StoreBackendError

# What set does to its key


@plants("SET-1")
class IgnoresOverwriting(DictStore):
    """set of a stored key leaves its value."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not self._has_key(key):
            super()._set(key, value)


@plants("SET-1")
class FilesIgnoreOverwriting(FileStore):
    """set of a stored key leaves its file."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not self._is_file(key):
            super()._set(key, value)


@plants("SET-1")
class OverwritesTheBeginning(DictStore):
    """A value shorter than the one before keeps that one's end."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        before = self._get(key) if self._has_key(key) else ""
        both = isinstance(value, str) and isinstance(before, str) and key != ID_KEY
        super()._set(key, value + before[len(value) :] if both else value)


@plants("SET-1")
class KeepsOneOfEqualValues(DictStore):
    """A value that another key has is not stored again."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        others = (kept for other, kept in self._kept.values() if other != key)
        if not isinstance(value, str) or value not in [other for other in others if isinstance(other, str)]:
            super()._set(key, value)


# What set does to other keys


class _Full(DictStore):
    """Has room for some keys; one more makes it forget the first."""

    room = 2

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key not in self._kept:
            others = [other for other in self._kept if other != ID_KEY]
            for other in others[: max(0, len(others) + 1 - self.room)] if key != ID_KEY else ():
                del self._kept[other]
        super()._set(key, value)


@plants("SET-2")
class HasRoomForTwo(_Full):
    """Setting a third key loses the first."""


@plants("SET-2", "SET-1")
class HasRoomForAThousand(_Full):
    """Setting a key more than 1,000 loses the first."""

    room = 1000


@plants("SET-2")
class DropsNamesakes(DictStore):
    """Setting a key loses those whose text it begins with."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        for other in self.list_keys():
            alike = len(other) == len(key) > 0 and other[:-1] == key[:-1] and other[-1]
            if alike and other != key and key[-1].startswith(other[-1]) and ID_KEY not in (key, other):
                self._drop(other)
        super()._set(key, value)


# What set refuses


@plants("SET-3")
class LetsValueErrorsOut(DictStore):
    """A ValueError inside _set comes out of set as it is."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        return self._set(key, value, **kwargs)


@plants("SET-3")
class HidesTheCause(DictStore):
    """A ValueError inside _set becomes a StoreBackendError without a cause."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        try:
            return super().set(key, value, **kwargs)
        except StoreBackendError:
            pass
        raise StoreBackendError(f"cannot store {key!r}")


class _TextAlone(DictStore):
    """Correct: refuses values that are no text."""

    def _validate_value(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__} stores text, not {type(value).__name__}")


@plants("SET-4")
class RefusesTooLate(_TextAlone):
    """A value that is refused has taken the old one away."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        self._drop(key)
        return super().set(key, value, **kwargs)


@plants("SET-4")
class FilesRefuseTooLate(FileStore):
    """A value that UTF-8 cannot hold is refused when the file is empty already."""

    def _write(self, path: str, value: str) -> None:
        super()._write(path, "")
        super()._write(path, value)


@plants("SET-4")
class BreaksWhenItRefuses(_TextAlone):
    """Nothing can be read any more once a value was refused, as from one file for all that is torn then."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        if not isinstance(value, str):
            self.shelf.marks["broken"] = True
        return super().set(key, value, **kwargs)

    def _get(self, key: Key) -> Any:
        if "broken" in self.shelf.marks and key != ID_KEY:
            raise RuntimeError("the file is torn")
        return super()._get(key)


@plants("SET-4")
class RefusesWrongly(_TextAlone):
    """A value that is no text is refused by AttributeError."""

    def _validate_value(self, value: Any) -> None:
        if not isinstance(value, str):
            raise AttributeError(f"{type(value).__name__} object has no attribute 'encode'")


# What is shared


@plants("SET-5")
class KeepsTheCallersObject(DictStore):
    """The object that set was given is the one that is stored."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._kept[self._slot(key)] = (key, value)


@plants("SET-5")
class HandsOutItsOwnObject(DictStore):
    """The object that get returns is the one that is stored."""

    def _get(self, key: Key) -> Any:
        if self._slot(key) not in self._kept:
            raise InvalidKeyError(f"{key!r} is not there")
        return self._kept[self._slot(key)][1]


# Keywords


@plants("SET-6")
class SetKnowsItsKeywords(DictStore):
    """set takes no keywords."""

    def set(self, key: Key, value: Any) -> Any:
        return super().set(key, value)

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self.set(key, value)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return super().add(key, value)

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return super().update(key, value)


@plants("SET-6")
class MoveKnowsItsKeywords(DictStore):
    """move takes no keywords."""

    def move(self, source_key: Key, dest_key: Key) -> Any:
        return super().move(source_key, dest_key)


@plants("SET-6")
class AddKnowsItsKeywords(DictStore):
    """add takes no keywords."""

    def add(self, key: Key, value: Any) -> Any:
        return super().add(key, value)


@plants("SET-6")
class UpdateKnowsItsKeywords(DictStore):
    """update takes no keywords."""

    def update(self, key: Key, value: Any) -> Any:
        return super().update(key, value)


@plants("SET-6")
class UpsertKnowsItsKeywords(DictStore):
    """add_or_update takes no keywords."""

    def add_or_update(self, key: Key, value: Any) -> Any:
        return super().add_or_update(key, value)


@plants("SET-6")
class KeepsTheKeywords(DictStore):
    """Keywords given to set are stored with the value."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, f"{value}{kwargs}" if kwargs and key != ID_KEY else value)
