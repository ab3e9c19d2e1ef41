"""Correct backends on a place: a dict that outlives them, and a directory."""

import hashlib
import json
import pathlib
import tempfile
from typing import Any

from spec_store import InMemoryStoreBackend, InvalidKeyError, Key, StoreBackend


class DictBackend(InMemoryStoreBackend):
    """The reference, with its values in a dict that a test hands it as its place."""

    def __init__(self, place: dict[Any, Any] | None = None, **options: Any) -> None:
        self.place = place
        super().__init__(suppress_store_backend_id=True)
        self._values = {} if place is None else place
        StoreBackend.__init__(self, **options)
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    @property
    def config(self) -> dict[str, Any]:
        options = {
            "store_name": self._store_name,
            "fixed_length_key": self._fixed_length_key,
            "suppress_store_backend_id": self._suppress_store_backend_id,
            "manually_initialize_store_backend_id": self._manually_initialize_store_backend_id,
        }
        given = {name: value for name, value in options.items() if value}
        return {"class_name": type(self).__name__, "module_name": type(self).__module__, **given}

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        return f"{protocol or 'dict:'}//{key!r}"


class FileBackend(StoreBackend):
    """A file for each key, named after the digest of the key, with the key and its value in it."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(**options)
        self.directory = str(directory)
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    def path(self, key: Key) -> pathlib.Path:
        return pathlib.Path(self.directory, hashlib.sha256(json.dumps(key).encode()).hexdigest())

    def _validate_value(self, value: object) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__} stores text alone")

    def _get(self, key: Key) -> Any:
        try:
            return json.loads(self.path(key).read_text("ascii"))[1]
        except FileNotFoundError:
            raise InvalidKeyError(key) from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.directory, prefix="tmp", delete=False, encoding="ascii") as file:
            json.dump([key, value], file)
        pathlib.Path(file.name).replace(self.path(key))

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = self._get(source_key)
        self.remove_key(source_key)
        self._set(dest_key, value)

    def _has_key(self, key: Key) -> bool:
        return self.path(key).exists()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        files = (path for path in pathlib.Path(self.directory).iterdir() if not path.name.startswith("tmp"))
        keys = [tuple(json.loads(path.read_text("ascii"))[0]) for path in files]
        return [key for key in keys if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        stored = self._has_key(key)
        self.path(key).unlink(missing_ok=True)
        return stored

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        return self.path(key).as_uri()
