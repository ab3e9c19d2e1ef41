"""Faults between threads: LIN-1, LIN-3, LIN-4, ADD-2, ID-9."""

import contextlib
import threading
from collections import UserDict
from collections.abc import Hashable, Iterator
from typing import Any

from conformance.faults.planting import plants_race
from conformance.faults.stores.dict_store import DictStore, copied
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError, Key, StoreBackendError


class LockedStore(DictStore):
    """A dict that is read and changed under a lock, each operation as a whole; correct from threads."""

    lock = threading.RLock()
    """One for all, for several objects may have one shelf."""

    @contextlib.contextmanager
    def _locked(self, _operation: str) -> Iterator[None]:
        with self.lock:
            yield

    def _get(self, key: Key) -> Any:
        with self._locked("get"):
            return super()._get(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self._locked("set"):
            return super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        with self._locked("move"):
            return super()._move(source_key, dest_key)

    def _has_key(self, key: Key) -> Any:
        with self._locked("has_key"):
            return super()._has_key(key)

    def _every_key(self) -> list[Key]:
        with self._locked("list_keys"):
            return super()._every_key()

    def remove_key(self, key: Key) -> Any:
        with self._locked("remove_key"):
            return super().remove_key(key)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self._locked("add"):
            return super().add(key, value, **kwargs)

    def _stored_id(self) -> Any:
        with self._locked("id"):
            return super()._stored_id()


class _Unlocked(LockedStore):
    """All under a lock but for some operations."""

    unlocked: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def _locked(self, operation: str) -> Iterator[None]:
        with contextlib.nullcontext() if operation in self.unlocked else self.lock:
            yield


@plants_race("LIN-1")
class MovesUnlocked(_Unlocked):
    """move takes no lock: it reads, removes and writes."""

    unlocked = frozenset({"move"})


@plants_race("LIN-1")
class RemovesAfterLooking(_Unlocked):
    """remove_key looks first and removes then, so that two of one key both say True."""

    unlocked = frozenset({"remove_key"})

    def remove_key(self, key: Key) -> Any:
        self._check_key(key)
        there = self._has_key(key)
        with self.lock:
            self._drop(key)
        return there


@plants_race("LIN-1", "LIN-3")
class SetsInTwoSteps(_Unlocked):
    """set of a stored key removes it and then stores the new value."""

    unlocked = frozenset({"set"})

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with self.lock:
            self._drop(key)
        with self.lock:
            super()._set(key, value)


@plants_race("LIN-1")
class GetsAfterLooking(LockedStore):
    """get looks whether the key is there and reads then, and raises KeyError if it is gone meanwhile."""

    def _get(self, key: Key) -> Any:
        if self._slot(key) not in self._kept:
            raise InvalidKeyError(f"{key!r} is not there")
        return copied(self._kept[self._slot(key)][1])


@plants_race("LIN-1")
class SharesAVariable(_Unlocked):
    """move keeps the value that it moves in an attribute, which another move may have changed meanwhile."""

    unlocked = frozenset({"move"})
    moved: Any = None

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        with self.lock:
            self.moved = self._get(source_key)
        with self.lock:
            self._drop(source_key)
            self._kept[self._slot(dest_key)] = (dest_key, self.moved)


@plants_race("ADD-2")
class AddsAfterLooking(_Unlocked):
    """add looks whether the key is there, and stores then."""

    unlocked = frozenset({"add"})


@plants_race("ADD-2", "ID-9")
class FilesAddAfterLooking(FileStore):
    """add looks whether there is a file, and writes one then."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        if self._has_key(key):
            raise StoreBackendError(f"{key!r} is there already")
        return self.set(key, value, **kwargs)


@plants_race("LIN-4", "LIN-1")
class CopiesOnWrite(LockedStore):
    """set copies the dict, changes the copy, and puts it in place of the dict, which others may have changed."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        changed = dict(self.shelf.stored)
        changed[self._slot(key)] = (key, copied(value))
        self.shelf.stored = changed


@plants_race("LIN-3")
class ListsWhileOthersWrite(_Unlocked):
    """list_keys goes through the dict itself, key by key: RuntimeError when another thread adds one."""

    unlocked = frozenset({"list_keys"})

    def _every_key(self) -> list[Key]:
        keys = []
        for key, _ in self._kept.values():
            keys.append(key)
        return keys


@plants_race("LIN-3")
class ListsByNumber(LockedStore):
    """list_keys counts through the keys by their number, and misses one when an earlier one is removed."""

    def _every_key(self) -> list[Key]:
        keys: list[Key] = []
        number = 0
        while number < len(self._kept):
            with self.lock:
                found = list(self._kept.values())[number : number + 1]
            keys += [key for key, _ in found]
            number += 1
        return keys


@plants_race("ID-9")
class CreatesItsIdAfterLooking(_Unlocked):
    """Opening looks whether there is an id, and stores one then, whoever has stored one meanwhile."""

    unlocked = frozenset({"id"})

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        return self.shelf.stored

    def _stored_id(self) -> Any:
        if not self._has_key(ID_KEY):
            text = self._id_text(self._first_id())
            self._set(ID_KEY, text)
            return self._parsed_id(text)
        return self._parsed_id(self._get(ID_KEY))


class _Wrapped(_Unlocked):
    """Changes the dict by way of a UserDict, whose methods take several steps in code of the standard library."""

    def _wrapped(self) -> UserDict[Hashable, tuple[Key, Any]]:
        wrapped: UserDict[Hashable, tuple[Key, Any]] = UserDict()
        wrapped.data = self._kept
        return wrapped

    def _get(self, key: Key) -> Any:
        found = self._kept.get(self._slot(key))
        if found is None:
            raise InvalidKeyError(f"{key!r} is not there")
        return copied(found[1])

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        with self.lock:
            try:
                self._kept[self._slot(dest_key)] = (dest_key, self._kept.pop(self._slot(source_key))[1])
            except KeyError as error:
                raise InvalidKeyError(f"{source_key!r} is not there") from error

    def _every_key(self) -> list[Key]:
        return [key for key, _ in list(self._kept.values())]


@plants_race("LIN-1")
class RemovesByUserDict(_Wrapped):
    """remove_key calls UserDict.pop, which reads first and deletes then: of two, one fails or both say True."""

    unlocked = frozenset({"remove_key"})

    def remove_key(self, key: Key) -> Any:
        self._check_key(key)
        return self._wrapped().pop(self._slot(key), None) is not None


@plants_race("ADD-2")
class AddsByUserDict(_Wrapped):
    """add calls UserDict.setdefault, which looks first and stores then, in one line of the store."""

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        mine = (key, copied(value))
        if self._wrapped().setdefault(self._slot(key), mine) is not mine:
            raise StoreBackendError(f"{key!r} is there already")
