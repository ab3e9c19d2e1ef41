"""Bare clients of files, Redis and object stores: what one would write without a store backend.

They take the keys of the benchmark, whose elements need no escaping. Each operation is the cheapest calls of the
library that do it; a file's value is written whole or not at all. They check nothing and translate no errors.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import obstore

from spec_store.keys import Key

SUFFIX = ".txt"


class Files:
    """Files in directories, by their paths: open, write, replace."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._numbers = itertools.count()

    def _path(self, key: Key) -> str:
        return f"{self._root}/{'/'.join(key)}{SUFFIX}"

    def get(self, key: Key) -> str:
        with open(self._path(key), "rb", buffering=0) as file:
            return file.readall().decode()

    def set(self, key: Key, value: str) -> None:
        path = self._path(key)
        os.replace(self._written(path, value), path)

    def add(self, key: Key, value: str) -> None:
        path = self._path(key)
        new = self._written(path, value)
        try:
            os.link(new, path)
        finally:
            os.unlink(new)

    def _written(self, path: str, value: str) -> str:
        new = f"{path}.{next(self._numbers)}"
        try:
            return _write(new, value)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            return _write(new, value)

    def has_key(self, key: Key) -> bool:
        return os.path.isfile(self._path(key))

    def remove_key(self, key: Key) -> None:
        os.unlink(self._path(key))

    def move(self, source_key: Key, dest_key: Key) -> None:
        os.replace(self._path(source_key), self._path(dest_key))

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        return [(*names, name.removesuffix(SUFFIX)) for _, names, name in self._walk(prefix)]

    def get_all(self) -> list[str]:
        values = []
        for directory, _, name in self._walk(()):
            with open(f"{directory}/{name}", "rb", buffering=0) as file:
                values.append(file.readall().decode())
        return values

    def _walk(self, names: Key) -> Iterator[tuple[str, Key, str]]:
        directory = "/".join((self._root, *names))
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from self._walk((*names, entry.name))
                elif entry.name.endswith(SUFFIX):
                    yield directory, names, entry.name


def _write(path: str, value: str) -> str:
    with open(path, "xb", buffering=0) as file:
        file.write(value.encode())
    return path


def fill_directory(root: str, keys: Iterator[Key], value: str, ending: str) -> None:
    """Store one value under many keys, each in a file whose path ends so."""
    content, made = value.encode(), ""
    for key in keys:
        path = "/".join((root, *key)) + ending
        parent = path.rpartition("/")[0]
        if parent != made:
            Path(parent).mkdir(parents=True, exist_ok=True)
            made = parent
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, content)
        os.close(descriptor)


@attrs.frozen
class Hash:
    """A hash in Redis, by one command each; beside it the sorted set that one would keep to list by a prefix.

    Writes leave that alone, so a listing of ten is compared with the cheapest that there can be, and so is a write.
    """

    client: Any
    name: str

    def get(self, key: Key) -> str:
        value: str = self.client.hget(self.name, "/".join(key)).decode()
        return value

    def set(self, key: Key, value: str) -> None:
        self.client.hset(self.name, "/".join(key), value)

    def add(self, key: Key, value: str) -> None:
        self.client.hsetnx(self.name, "/".join(key), value)

    def has_key(self, key: Key) -> bool:
        return bool(self.client.hexists(self.name, "/".join(key)))

    def remove_key(self, key: Key) -> None:
        self.client.hdel(self.name, "/".join(key))

    def move(self, source_key: Key, dest_key: Key) -> None:
        source = "/".join(source_key)
        value = self.client.hget(self.name, source)
        pipeline = self.client.pipeline()
        pipeline.hset(self.name, "/".join(dest_key), value)
        pipeline.hdel(self.name, source)
        pipeline.execute()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        if prefix:
            path = "/".join(prefix)
            found = self.client.zrangebylex(f"{self.name}:sorted", f"[{path}/", f"({path}0")
        else:
            found = self.client.hkeys(self.name)
        return [tuple(one.decode().split("/")) for one in found]

    def get_all(self) -> list[str]:
        return [value.decode() for value in self.client.hvals(self.name)]

    def close(self) -> None:
        self.client.close()


def fill_redis(client: Any, hashed: str, sorted_set: str, keys: Iterator[Key], value: str) -> None:
    """Store one value under many keys, in a hash, and the keys in a sorted set."""
    paths = ("/".join(key) for key in keys)
    while chunk := list(itertools.islice(paths, 10_000)):
        pipeline = client.pipeline(transaction=False)
        pipeline.hset(hashed, mapping=dict.fromkeys(chunk, value))
        pipeline.zadd(sorted_set, dict.fromkeys(chunk, 0))
        pipeline.execute()


@attrs.frozen
class Objects:
    """Objects by obstore, each named as its key."""

    store: Any

    def get(self, key: Key) -> str:
        return bytes(obstore.get(self.store, _name(key)).bytes()).decode()

    def set(self, key: Key, value: str) -> None:
        obstore.put(self.store, _name(key), value.encode(), use_multipart=False)

    def add(self, key: Key, value: str) -> None:
        obstore.put(self.store, _name(key), value.encode(), mode="create", use_multipart=False)

    def has_key(self, key: Key) -> bool:
        with contextlib.suppress(FileNotFoundError):
            obstore.head(self.store, _name(key))
            return True
        return False

    def remove_key(self, key: Key) -> None:
        obstore.delete(self.store, _name(key))

    def move(self, source_key: Key, dest_key: Key) -> None:
        obstore.rename(self.store, _name(source_key), _name(dest_key))

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        return [tuple(name.removesuffix(SUFFIX).split("/")) for name in self._names("/".join(prefix))]

    def get_all(self) -> list[str]:
        return [bytes(obstore.get(self.store, name).bytes()).decode() for name in self._names("")]

    def _names(self, prefix: str) -> list[str]:
        return [one["path"] for one in obstore.list(self.store, prefix or None).collect()]


def _name(key: Key) -> str:
    return "/".join(key) + SUFFIX
