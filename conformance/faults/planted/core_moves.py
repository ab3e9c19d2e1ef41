"""Faults in moving and removing: MOVE-1 to MOVE-5, REMOVE-1 to REMOVE-4."""

import pathlib
import shutil
import threading
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import SUFFIX, FileStore
from conformance.faults.stores.plain import ID_KEY, below
from spec_store import InvalidKeyError, Key, StoreBackendError


@plants("MOVE-1")
class MoveCopies(DictStore):
    """After a move the source is still there."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._set(dest_key, self._get(source_key))


@plants("MOVE-1")
class MoveToNewLoses(DictStore):
    """A move to a key that is missing loses the value."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        there = self._has_key(dest_key)
        super()._move(source_key, dest_key)
        if not there:
            self._drop(dest_key)


@plants("MOVE-1")
class FilesMoveCopies(FileStore):
    """After a move the file of the source is still there."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._set(dest_key, self._get(source_key))


@plants("MOVE-2")
class MoveKeepsTheOldValue(DictStore):
    """A move to a stored key leaves that one's value and loses the source's."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if source_key != dest_key and self._has_key(dest_key):
            self._get(source_key)
            self._drop(source_key)
        else:
            super()._move(source_key, dest_key)


@plants("MOVE-2")
class MoveRefusesStoredKeys(DictStore):
    """A move to another stored key raises."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if self._has_key(source_key) and source_key != dest_key and self._has_key(dest_key):
            raise StoreBackendError(f"{dest_key!r} is there already")
        super()._move(source_key, dest_key)


@plants("MOVE-3")
class SelfMoveLoses(DictStore):
    """A move onto itself loses the value."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._set(dest_key, self._get(source_key))
        self._drop(source_key)


@plants("MOVE-3")
class FilesSelfMoveLoses(FileStore):
    """A move onto itself removes the file."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._set(dest_key, self._get(source_key))
        self.remove_key(source_key)


@plants("MOVE-3")
class SelfMoveRaises(DictStore):
    """A move onto itself raises."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if source_key == dest_key and self._has_key(source_key):
            raise StoreBackendError("source and destination are the same")
        super()._move(source_key, dest_key)


@plants("MOVE-3", limit=0.3)
class SelfMoveHangs(DictStore):
    """A move onto itself waits for its own lock."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        locks = {source_key: threading.Lock(), dest_key: threading.Lock()}
        value = self._get(source_key)
        with locks[source_key], locks[dest_key]:
            self._drop(source_key)
            self._set(dest_key, value)


@plants("MOVE-4")
class MoveRaisesKeyError(DictStore):
    """A move of a missing key raises KeyError."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if not self._has_key(source_key):
            raise KeyError(source_key)
        super()._move(source_key, dest_key)


@plants("MOVE-4")
class MoveReturnsFalse(DictStore):
    """A move of a missing key returns False."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        return super()._move(source_key, dest_key) if self._has_key(source_key) else False


@plants("MOVE-4")
class FilesMoveNotFound(FileStore):
    """A move of a missing key raises FileNotFoundError."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if not self._is_file(source_key):
            raise FileNotFoundError(self._path(source_key))
        super()._move(source_key, dest_key)


@plants("MOVE-4")
class MoveClearsTheWay(DictStore):
    """A move of a missing key raises as it should, but the destination is lost."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        if not self._has_key(source_key) and dest_key != ID_KEY:
            self._drop(dest_key)
        super()._move(source_key, dest_key)


@plants("MOVE-5", "KEY-6")
class MoveTakesChildrenAlong(DictStore):
    """A move moves the keys that start with the source, too."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        children = [key for key in self.list_keys() if below(key, source_key) and source_key != dest_key]
        super()._move(source_key, dest_key)
        for key in children:
            if source_key and key not in (ID_KEY, dest_key) and source_key != ID_KEY:
                super()._move(key, (*dest_key, *key[len(source_key) :]))


@plants("MOVE-5")
class MoveReplacesChildren(DictStore):
    """A move takes the keys that start with the destination away."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        for key in self.list_keys() if dest_key and source_key != dest_key else ():
            if below(key, dest_key) and dest_key != ID_KEY:
                self._drop(key)


@plants("MOVE-5")
class FilesMoveDirectories(FileStore):
    """A move moves the directory of the source, too, if there is none at the destination."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        old, new = (pathlib.Path(self._path(key).removesuffix(SUFFIX)) for key in (source_key, dest_key))
        if source_key and dest_key and old.is_dir() and not new.exists() and old not in new.parents:
            old.rename(new)


@plants("REMOVE-1")
class LeavesTombstones(DictStore):
    """A key that was removed cannot be set again."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        if removed and key != ID_KEY:
            self.shelf.marks[key] = True
        return removed

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key not in self.shelf.marks:
            super()._set(key, value)


@plants("MOVE-1", "REOPEN-2")
class MovesPastTheCache(DictStore):
    """get remembers which keys are missing, and a move to one of them does not make it forget that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._absent: set[Key] = set()
        super().__init__(*arguments, **options)

    def _get(self, key: Key) -> Any:
        if key in self._absent or not self._has_key(key):
            self._absent.add(key)
            raise InvalidKeyError(f"{key!r} is not there")
        return super()._get(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._absent.discard(key)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._absent.discard(source_key)
        super()._move(source_key, dest_key)


@plants("REMOVE-1", "REMOVE-3")
class RemovesBesideNoEmptyKey(DictStore):
    """remove_key raises while the empty key is stored: it looks at the last element of every key."""

    def remove_key(self, key: Key) -> Any:
        for other in self._every_key():
            other[-1]
        return super().remove_key(key)


@plants("REMOVE-1")
class RemovesNothing(DictStore):
    """remove_key leaves the key where it is."""

    def remove_key(self, key: Key) -> Any:
        self._check_key(key)
        return self._has_key(key)


@plants("REMOVE-1")
class RemembersTheRemoved(DictStore):
    """A key that is set again after it was removed has its first value."""

    def remove_key(self, key: Key) -> Any:
        self._check_key(key)
        if self._has_key(key) and key != ID_KEY:
            self.shelf.marks.setdefault(key, self._get(key))
        return super().remove_key(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value if self._has_key(key) else self.shelf.marks.get(key, value))


@plants("REMOVE-2")
class RemovesChildren(DictStore):
    """remove_key removes the keys that start with its key, too."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        for other in self.list_keys(key) if removed and key else ():
            self._drop(other)
        return removed


@plants("REMOVE-2")
class FilesRemoveTrees(FileStore):
    """remove_key removes the directory of the same name, too."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        if removed and key:
            shutil.rmtree(self._path(key).removesuffix(SUFFIX), ignore_errors=True)
        return removed


@plants("REMOVE-2")
class RemovesTheParent(DictStore):
    """Removing the last key below another removes that one."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        parent = key[:-1]
        if removed and parent and parent != ID_KEY and self.list_keys(parent) == [parent]:
            self._drop(parent)
        return removed


@plants("REMOVE-3")
class RemoveRaises(DictStore):
    """Removing a missing key raises InvalidKeyError."""

    def remove_key(self, key: Key) -> Any:
        if not super().remove_key(key):
            raise InvalidKeyError(f"{key!r} is not there")
        return True


@plants("REMOVE-3", "KEY-5")
class FilesRemoveNotFound(FileStore):
    """Removing a missing key raises FileNotFoundError."""

    def remove_key(self, key: Key) -> Any:
        if not super().remove_key(key):
            raise FileNotFoundError(self._path(key))
        return True


@plants("REMOVE-3")
class RemoveExits(DictStore):
    """Removing a missing key raises SystemExit."""

    def remove_key(self, key: Key) -> Any:
        if not super().remove_key(key):
            raise SystemExit(1)
        return True


@plants("REMOVE-4")
class RemoveReturnsNone(DictStore):
    """remove_key returns None."""

    def remove_key(self, key: Key) -> Any:
        super().remove_key(key)


@plants("REMOVE-4")
class RemoveReturnsTrue(DictStore):
    """remove_key returns True for a missing key, too."""

    def remove_key(self, key: Key) -> Any:
        super().remove_key(key)
        return True
