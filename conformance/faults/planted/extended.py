"""Faults in the additions of Great Expectations 1.x: ADD-1, UPDATE-1, UPSERT-1, ALL-1."""

from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError, Key, StoreBackendError


@plants("ADD-1")
class AddOverwrites(DictStore):
    """add of a stored key replaces its value."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self.set(key, value, **kwargs)


@plants("ADD-1")
class AddAcceptsTheSameValue(DictStore):
    """add of a stored key with the value that it has raises nothing."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if self._has_key(key) and self._get(key) == value:
            return None
        return super().add(key, value, **kwargs)


@plants("ALL-1")
class GetsEqualValuesOnce(DictStore):
    """get_all gives a value that two keys have once."""

    def get_all(self) -> Any:
        values: list[Any] = []
        for value in super().get_all():
            if value not in values:
                values.append(value)
        return values


@plants("ADD-1")
class AddRaisesTooLate(DictStore):
    """add of a stored key raises when its value is replaced already."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        there = self._has_key(key)
        self.set(key, value, **kwargs)
        if there:
            raise StoreBackendError(f"{key!r} was there already")


@plants("ADD-1")
class AddRaisesKeyError(DictStore):
    """add of a stored key raises KeyError."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        try:
            return super().add(key, value, **kwargs)
        except StoreBackendError as error:
            if self._has_key(key):
                raise KeyError(key) from error
            raise


@plants("ADD-1")
class AddRemembersRemovedKeys(DictStore):
    """add of a key that was removed raises as for one that is stored."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        if removed:
            self.shelf.marks[key] = True
        return removed

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key in self.shelf.marks:
            raise StoreBackendError(f"{key!r} was there already")
        return super().add(key, value, **kwargs)


@plants("ADD-1")
class FilesAddNothing(FileStore):
    """add of a missing key makes no file."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super().add(key, value, **kwargs)
        self._drop(key)


@plants("UPDATE-1")
class UpdateCreates(DictStore):
    """update of a missing key stores it."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self.set(key, value, **kwargs)


@plants("UPDATE-1")
class UpdateRaisesTheWrongError(DictStore):
    """update of a missing key raises InvalidKeyError."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not self.has_key(key):
            raise InvalidKeyError(f"{key!r} is not there")
        return super().update(key, value, **kwargs)


@plants("UPDATE-1")
class UpdateLeavesTheValue(DictStore):
    """update of a stored key leaves its value."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not self.has_key(key):
            super().update(key, value, **kwargs)


@plants("UPSERT-1")
class UpsertOnlyAdds(DictStore):
    """add_or_update leaves the value of a stored key."""

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return None if self.has_key(key) else self.set(key, value, **kwargs)


@plants("UPSERT-1")
class UpsertOnlyUpdates(DictStore):
    """add_or_update of a missing key raises."""

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self.update(key, value, **kwargs)


@plants("ALL-1")
class AllHasTheId(DictStore):
    """get_all gives the id's text, too."""

    def get_all(self) -> Any:
        return [self._get(key) for key in self._every_key()]


@plants("ALL-1")
class AllHasNoDuplicates(DictStore):
    """get_all gives a value that two keys have once."""

    def get_all(self) -> Any:
        found: list[Any] = []
        for value in super().get_all():
            if value not in found:
                found.append(value)
        return found


@plants("ALL-1")
class AllHasKeys(DictStore):
    """get_all gives keys."""

    def get_all(self) -> Any:
        return [key for key in self._every_key() if key != ID_KEY]


@plants("ALL-1")
class AllOnTop(DictStore):
    """get_all leaves out the values of keys of more than one element."""

    def get_all(self) -> Any:
        return [self._get(key) for key in self._every_key() if key != ID_KEY and len(key) <= 1]
