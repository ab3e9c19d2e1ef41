"""Thin stores over released key-value libraries, written as their users would.

Each keeps a key as the JSON of its elements, and takes text only. None holds a lock of its own or syncs anything: what
a store promises (`subjects`) is what its library's documentation promises. The libraries are none of the project's
dependencies; to have them: `pip install diskcache lmdb rocksdict sqlitedict tinydb zict`. A store imports its library
when it is opened, so that the others can be used where that is absent.
"""

import contextlib
import importlib
import json
import shelve
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from spec_store import InvalidKeyError, Key, StoreBackend, StoreBackendError


def name_of(key: Key) -> str:
    return json.dumps(key)


def key_of(name: str) -> Key:
    return tuple(json.loads(name))


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"only text can be stored, not {type(value).__name__}")
    return value


class MappingStore(StoreBackend):
    """A store over any mapping from text to text."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(**options)
        self._directory = directory
        self._values: MutableMapping[str, str] = self.opened()
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    def opened(self) -> Any:
        raise NotImplementedError

    def _get(self, key: Key) -> str:
        try:
            return self._values[name_of(key)]
        except KeyError:
            raise InvalidKeyError(f"{key!r} is not stored") from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        self._values[name_of(key)] = text(value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = self._get(source_key)
        if dest_key != source_key:
            self._values[name_of(dest_key)] = value
            del self._values[name_of(source_key)]

    def _has_key(self, key: Key) -> bool:
        return name_of(key) in self._values

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        keys = [key_of(name) for name in self._values]
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        try:
            del self._values[name_of(key)]
        except KeyError:
            return False
        return True

    def close(self) -> None:
        with contextlib.suppress(AttributeError):
            self._values.close()  # type: ignore[attr-defined]


class ShelveStore(MappingStore):
    """A shelf of the standard library, written through at each change."""

    def opened(self) -> Any:
        return shelve.open(str(Path(self._directory) / "shelf"))

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        super()._set(key, value)
        self._values.sync()  # type: ignore[attr-defined]

    def remove_key(self, key: Key) -> bool:
        removed = super().remove_key(key)
        self._values.sync()  # type: ignore[attr-defined]
        return removed


class DiskcacheStore(MappingStore):
    """diskcache, with what its users need of it as a store: nothing is evicted."""

    def opened(self) -> Any:
        return importlib.import_module("diskcache").Cache(self._directory, eviction_policy="none")

    def _add(self, key: Key, value: Any, **kwargs: Any) -> None:
        if not self._values.add(name_of(key), text(value)):  # type: ignore[attr-defined]
            raise StoreBackendError(f"{key!r} is stored already")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        with self._values.transact():  # type: ignore[attr-defined]
            super()._move(source_key, dest_key)


class SqlitedictStore(MappingStore):
    """sqlitedict, which commits after each change."""

    def opened(self) -> Any:
        sqlitedict = importlib.import_module("sqlitedict")
        return sqlitedict.SqliteDict(str(Path(self._directory) / "store.db"), autocommit=True)


class ZictStore(MappingStore):
    """zict's files, which are of bytes."""

    def opened(self) -> Any:
        zict = importlib.import_module("zict")

        def dump(value: str) -> bytes:
            return value.encode("utf-8", "surrogatepass")

        def load(value: bytes) -> str:
            return bytes(value).decode("utf-8", "surrogatepass")

        return zict.Func(dump, load, zict.File(self._directory))


class RocksdictStore(MappingStore):
    """RocksDB by rocksdict, of which one process may have a directory open once."""

    def opened(self) -> Any:
        return importlib.import_module("rocksdict").Rdict(self._directory)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        keys = [key_of(name) for name in self._values.keys()]  # noqa: SIM118 (it has no __iter__)
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        if name_of(key) not in self._values:  # to delete what is not there is no error
            return False
        del self._values[name_of(key)]
        return True


class LmdbStore(StoreBackend):
    """LMDB, of which one process may have a directory open once."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(**options)
        self._directory = directory
        self._environment = importlib.import_module("lmdb").open(directory, map_size=1 << 26)
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    @contextlib.contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[Any]:
        try:
            with self._environment.begin(write=write) as transaction:
                yield transaction
        except importlib.import_module("lmdb").Error as error:
            raise StoreBackendError(str(error)) from error

    def _name(self, key: Key) -> bytes:
        name = name_of(key).encode()
        if len(name) > self._environment.max_key_size():
            raise StoreBackendError(f"the key is longer than LMDB takes: {len(name)} bytes")
        return name

    def _get(self, key: Key) -> str:
        with self._transaction() as transaction:
            found = transaction.get(self._name(key))
        if found is None:
            raise InvalidKeyError(f"{key!r} is not stored")
        return str(found, "utf-8", "surrogatepass")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        with self._transaction(write=True) as transaction:
            transaction.put(self._name(key), text(value).encode("utf-8", "surrogatepass"))

    def _add(self, key: Key, value: Any, **kwargs: Any) -> None:
        with self._transaction(write=True) as transaction:
            if not transaction.put(self._name(key), text(value).encode("utf-8", "surrogatepass"), overwrite=False):
                raise StoreBackendError(f"{key!r} is stored already")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        with self._transaction(write=True) as transaction:
            value = transaction.get(self._name(source_key))
            if value is None:
                raise InvalidKeyError(f"{source_key!r} is not stored")
            value = bytes(value)
            transaction.delete(self._name(source_key))
            transaction.put(self._name(dest_key), value)

    def _has_key(self, key: Key) -> bool:
        with self._transaction() as transaction:
            return transaction.get(self._name(key)) is not None

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        with self._transaction() as transaction:
            keys = [key_of(bytes(name).decode()) for name in transaction.cursor().iternext(values=False)]
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        with self._transaction(write=True) as transaction:
            return bool(transaction.delete(self._name(key)))

    def close(self) -> None:
        self._environment.close()


class TinydbStore(StoreBackend):
    """TinyDB: one file of JSON, a document a key."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(**options)
        self._directory = directory
        self._database = importlib.import_module("tinydb").TinyDB(str(Path(directory) / "store.json"))
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    def _where(self, key: Key) -> Any:
        return importlib.import_module("tinydb").where("key") == name_of(key)

    def _get(self, key: Key) -> str:
        found = self._database.get(self._where(key))
        if found is None:
            raise InvalidKeyError(f"{key!r} is not stored")
        value: str = found["value"]
        return value

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        self._database.upsert({"key": name_of(key), "value": text(value)}, self._where(key))

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = self._get(source_key)
        if dest_key != source_key:
            self._set(dest_key, value)
            self._database.remove(self._where(source_key))

    def _has_key(self, key: Key) -> bool:
        return bool(self._database.contains(self._where(key)))

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        keys = [key_of(document["key"]) for document in self._database.all()]
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        return bool(self._database.remove(self._where(key)))

    def close(self) -> None:
        self._database.close()
