"""Faults in where keys are put: KEY-6 (side by side), KEY-7 (other arguments), KEY-8 and ISO-1 (other places)."""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Hashable
from typing import Any, ClassVar

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import MORE, SUFFIX, FileStore, decoded
from conformance.faults.stores.plain import ID_KEY, below
from spec_store import Key, StoreBackendError

# A key and a longer one


class _BareFiles(FileStore):
    """Files without a suffix, so that a file stands in the way of a directory; a name is still told by its end."""

    def _path(self, key: Key) -> str:
        path = super()._path(key)
        return path.removesuffix(SUFFIX) if key else path

    def _walk(self, directory: str, parent: Key, beginning: str) -> Any:
        for path in map(pathlib.Path, os.scandir(directory)):
            if path.name == SUFFIX:
                yield parent
            elif path.name.endswith(MORE):
                yield from self._walk(str(path), parent, beginning + path.name.removesuffix(MORE))
            elif path.is_file():
                yield (*parent, decoded(beginning + path.name))
            else:
                yield from self._walk(str(path), (*parent, decoded(beginning + path.name)), "")


@plants("KEY-6")
class FilesBlockDirectories(_BareFiles):
    """A key cannot be stored beside a longer one, for a file cannot be a directory."""


@plants("KEY-6")
class LeftoversBlock(_BareFiles):
    """A directory that was left over stands in the way of a key, and a file in the way of a longer one."""

    def _prune(self, directory: pathlib.Path) -> None:
        pass


@plants("KEY-6")
class ParentBlocksChild(DictStore):
    """A key that starts with a stored one is refused."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        for other in self.list_keys():
            if other and other != ID_KEY and below(key, other):
                raise StoreBackendError(f"{other!r} is in the way of {key!r}")
        super()._set(key, value)


@plants("KEY-6")
class ChildReplacesParent(DictStore):
    """A key that starts with a stored one takes its place."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        for other in self.list_keys():
            if other and other != ID_KEY and below(key, other):
                self._drop(other)
        super()._set(key, value)


@plants("KEY-6")
class ParentReplacesChildren(DictStore):
    """A key takes the place of all that start with it."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        for other in self.list_keys():
            if key and key != ID_KEY and below(other, key):
                self._drop(other)
        super()._set(key, value)


@plants("KEY-6")
class ChildBlocksMoveToParent(DictStore):
    """Nothing can be moved to a key that a stored one starts with."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        if source_key != dest_key and any(below(other, dest_key) for other in self.list_keys() if dest_key):
            raise StoreBackendError(f"{dest_key!r} is a directory")
        self._drop(source_key)
        super()._set(dest_key, value)


# Other arguments, other places


@plants("KEY-7")
class ListsBelowAnything(DictStore):
    """list_keys of what is no tuple gives an empty list."""

    def list_keys(self, prefix: Key = ()) -> Any:
        listed: list[Key] = []
        with contextlib.suppress(TypeError):
            listed = super().list_keys(prefix)
        return listed


@plants("KEY-7")
class RemovesAnything(DictStore):
    """remove_key of what is no key returns False."""

    def remove_key(self, key: Key) -> Any:
        try:
            return super().remove_key(key)
        except TypeError:
            return False


class _Escaping(FileStore):
    """Follows some keys out of the store, but never out of the system's directory for temporary files."""

    def _outside(self, key: Key) -> pathlib.Path | None:
        raise NotImplementedError

    def _path(self, key: Key) -> str:
        path = self._outside(key) if key else None
        if path is None or "\0" in str(path):
            return super()._path(key)
        path = pathlib.Path(os.path.normpath(path))
        harmless = pathlib.Path(tempfile.gettempdir()) in path.parents and not path.is_dir()
        return str(path) if harmless else super()._path(key)


@plants("KEY-8")
class FollowsDotDot(_Escaping):
    """An element ".." at the beginning of a key leads out of the directory."""

    def _outside(self, key: Key) -> pathlib.Path | None:
        return pathlib.Path(self.directory, *key) if key[0] == ".." else None


@plants("KEY-8")
class LeavesByOneStep(_Escaping):
    """A key of two elements, ".." and a name, leads to what is beside the directory."""

    def _outside(self, key: Key) -> pathlib.Path | None:
        return pathlib.Path(self.directory, *key) if len(key) == 2 and key[0] == ".." else None


@plants("KEY-8")
class FollowsAbsolutePaths(_Escaping):
    """An element that is an absolute path leads there."""

    def _outside(self, key: Key) -> pathlib.Path | None:
        return pathlib.Path(self.directory, *key) if any(map(os.path.isabs, key)) else None


@plants("KEY-8")
class ExpandsTheHome(_Escaping):
    """An element "~" leads to the user's home directory."""

    def _outside(self, key: Key) -> pathlib.Path | None:
        return pathlib.Path(*key).expanduser() if key[0] == "~" and len(key) > 1 else None


@plants("ISO-1")
class SharesOneShelf(DictStore):
    """Keys of one element are in one dict of all stores, that of the class; but for their ids."""

    shared: dict[Hashable, tuple[Key, Any]] = {}  # noqa: RUF012  (the fault)

    @classmethod
    def reset_(cls) -> None:
        cls.shared.clear()

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        return _TwoDicts(self.shared, self.shelf.stored)


class _TwoDicts(dict[Hashable, tuple[Key, Any]]):
    """A view of two dicts: keys of one element are in the shared one, but for the id's."""

    def __init__(self, shared: dict[Hashable, tuple[Key, Any]], own: dict[Hashable, tuple[Key, Any]]) -> None:
        super().__init__({**shared, **own})
        self.shared, self.own = shared, own

    def __setitem__(self, slot: Hashable, kept: tuple[Key, Any]) -> None:
        self._home(slot)[slot] = kept

    def pop(self, slot: Hashable, default: Any = None) -> Any:
        return self._home(slot).pop(slot, default)

    def _home(self, slot: Hashable) -> dict[Hashable, tuple[Key, Any]]:
        return self.shared if isinstance(slot, tuple) and len(slot) == 1 and slot != ID_KEY else self.own


@plants("ISO-1")
class RemembersOtherStoresKeys(DictStore):
    """has_key remembers the keys of all stores, in one set of the class."""

    seen: set[Key] = set()  # noqa: RUF012  (the fault)

    @classmethod
    def reset_(cls) -> None:
        cls.seen.clear()

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self.seen.add(key)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self.seen.discard(source_key)
        self.seen.add(dest_key)

    def has_key(self, key: Key) -> Any:
        return super().has_key(key) or (key != ID_KEY and key in self.seen)

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        self.seen.discard(key)
        return removed


@plants("ISO-1")
class GoesToTheLatest(DictStore):
    """Where a store is, is kept on the class: a store goes on in the place that was opened last."""

    current: ClassVar[Shelf | None] = None

    @classmethod
    def reset_(cls) -> None:
        cls.current = None

    @property
    def _kept(self) -> dict[Hashable, tuple[Key, Any]]:
        shelf = type(self).current
        return self.shelf.stored if shelf is None else shelf.stored

    def _opened(self) -> None:
        type(self).current = self.shelf
        super()._opened()
