"""Bare clients of files, Redis and object stores: what one would write without a store backend, done honestly.

They take the keys of the benchmark, whose elements need no escaping, and lay them out as the backends do; writes are
atomic. They check nothing and translate no errors.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import attrs
import obstore

from spec_store.backends.redis import MOVE, SET
from spec_store.keys import Key

SUFFIX = ".txt"
LEAF = "/value.txt"


class Files:
    """Files in directories, by a descriptor of the root; written under another name and then renamed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names = (f"+new/{os.getpid()}-{number}" for number in itertools.count())
        Path(root, "+new").mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    def get(self, key: Key) -> str:
        descriptor = os.open(_path(key), os.O_RDONLY, dir_fd=self._descriptor)
        with FileIO(descriptor) as file:
            return file.readall().decode()

    def set(self, key: Key, value: str) -> None:
        name = next(self._names)
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=self._descriptor)
        with FileIO(descriptor, "w") as file:
            file.write(value.encode())
        self._replace(name, _path(key))

    def move(self, source_key: Key, dest_key: Key) -> None:
        self._replace(_path(source_key), _path(dest_key))

    def list_keys(self, prefix: Key) -> list[Key]:
        found = list(self._walk("/".join((self._root, *prefix)), prefix))
        with contextlib.suppress(FileNotFoundError):
            os.stat(_path(prefix), dir_fd=self._descriptor)
            found.append(prefix)
        return found

    def _walk(self, directory: str, prefix: Key) -> Iterator[Key]:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from self._walk(entry.path, (*prefix, entry.name))
                elif entry.name.endswith(SUFFIX):
                    yield (*prefix, entry.name.removesuffix(SUFFIX))

    def _replace(self, source: str, dest: str) -> None:
        try:
            os.replace(source, dest, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except FileNotFoundError:
            Path(self._root, dest).parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, dest, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _path(key: Key) -> str:
    return "/".join(key) + SUFFIX


class Hash:
    """A hash of values and a sorted set of keys in Redis, changed by scripts that are registered once."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._keys = [f"{{{name}}}:values", f"{{{name}}}:keys"]
        self._set, self._move = client.register_script(SET), client.register_script(MOVE)

    def get(self, key: Key) -> str:
        value: str = self._client.hget(self._keys[0], "/".join(key)).decode()
        return value

    def set(self, key: Key, value: str) -> None:
        self._set(keys=self._keys, args=["/".join(key), value.encode()])

    def move(self, source_key: Key, dest_key: Key) -> None:
        self._move(keys=self._keys, args=["/".join(source_key), "/".join(dest_key)])

    def list_keys(self, prefix: Key) -> list[Key]:
        path = "/".join(prefix)
        found = [] if self._client.zscore(self._keys[1], path) is None else [path.encode()]
        found += self._client.zrangebylex(self._keys[1], f"[{path}/", f"({path}0")
        return [tuple(one.decode().split("/")) for one in found]


@attrs.frozen
class Objects:
    """Objects by obstore."""

    store: Any

    def get(self, key: Key) -> str:
        return bytes(obstore.get(self.store, "/".join(key) + LEAF).bytes()).decode()

    def set(self, key: Key, value: str) -> None:
        obstore.put(self.store, "/".join(key) + LEAF, value.encode(), use_multipart=False)

    def move(self, source_key: Key, dest_key: Key) -> None:
        source = "/".join(source_key) + LEAF
        obstore.copy(self.store, source, "/".join(dest_key) + LEAF)
        obstore.delete(self.store, source)

    def list_keys(self, prefix: Key) -> list[Key]:
        found = obstore.list(self.store, "/".join(prefix)).collect()
        return [tuple(one["path"].removesuffix(LEAF).split("/")) for one in found]
