"""Backends for real engines, each in a module of its own, with an extra of its own for what it needs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spec_store.backends.filesystem import FilesystemStoreBackend
    from spec_store.backends.objects import ObjectStoreBackend
    from spec_store.backends.redis import RedisStoreBackend
    from spec_store.backends.sql import SQLStoreBackend

__all__ = ["FilesystemStoreBackend", "ObjectStoreBackend", "RedisStoreBackend", "SQLStoreBackend"]

_HOMES = {
    "FilesystemStoreBackend": "filesystem",
    "ObjectStoreBackend": "objects",
    "RedisStoreBackend": "redis",
    "SQLStoreBackend": "sql",
}


if not TYPE_CHECKING:  # which would take any misspelt name for one that this gives

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'spec_store.backends' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"spec_store.backends.{_HOMES[name]}"), name)
