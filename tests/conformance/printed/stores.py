"""The faulty stores that the scripts kept here are about."""

import json
from collections import UserDict
from pathlib import Path
from typing import Any

from spec_store import InMemoryStoreBackend, InvalidKeyError, Key, StoreBackend, StoreBackendError


class AddsAfterLooking(InMemoryStoreBackend):
    """add looks first and stores then, in one line of this store; for threads."""

    def __init__(self, **options: Any) -> None:
        self._shelf: UserDict[Key, Any] = UserDict()
        super().__init__(**options)
        self._values = self._shelf.data

    def add(self, key: Key, value: Any, **kwargs: Any) -> None:
        self._validate_key(key)
        if self._shelf.setdefault(key, value) is not value:
            raise StoreBackendError(f"{key!r} is there already")

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        return [key for key in list(self._values) if key[: len(prefix)] == prefix]


class JsonStoreBackend(StoreBackend):
    """All values in one file, which is read, changed and written in place; for processes, and to be killed."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(**options)
        self._file = Path(path, "store.json")
        if not self._file.exists():
            self._write({})

    def _read(self) -> dict[str, str]:
        content: dict[str, str] = json.loads(self._file.read_text("utf-8"))
        return content

    def _write(self, content: dict[str, str]) -> None:
        self._file.write_text(json.dumps(content), "utf-8")

    def _get(self, key: Key) -> str:
        try:
            return self._read()[json.dumps(key)]
        except KeyError:
            raise InvalidKeyError(f"no such key {key}") from None

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._write(self._read() | {json.dumps(key): value})

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        content = self._read()
        if json.dumps(source_key) not in content:
            raise InvalidKeyError(f"no such key {source_key}")
        content[json.dumps(dest_key)] = content.pop(json.dumps(source_key))
        self._write(content)

    def _has_key(self, key: Key) -> bool:
        return json.dumps(key) in self._read()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        keys = [tuple(json.loads(name)) for name in self._read()]
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        content = self._read()
        there = content.pop(json.dumps(key), None) is not None
        self._write(content)
        return there
