"""Backends that several tests build on."""

from typing import Any

import attrs

from spec_store import InvalidKeyError, Key, StoreBackend


class DictBackend(StoreBackend):
    """The least that a backend has to fill in, with a constructor of its own."""

    def __init__(self, stored: dict[Key, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._stored = {} if stored is None else stored

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        return [key for key in self._stored if key[: len(prefix)] == prefix]

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        return self._stored.pop(key, None) is not None

    def _get(self, key: Key) -> Any:
        if key not in self._stored:
            raise InvalidKeyError(str(key))
        return self._stored[key]

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._stored[key] = value
        return f"kept {key}"

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = self._get(source_key)
        del self._stored[source_key]
        self._stored[dest_key] = value

    def _has_key(self, key: Key) -> bool:
        return key in self._stored


@attrs.define(slots=False, eq=False, repr=False)
class FieldBackend(DictBackend):
    """A backend that declares its constructor's arguments as fields."""

    _root: str = attrs.field(kw_only=True)
    depth: int = 0

    def __attrs_post_init__(self) -> None:
        self._stored = {}
