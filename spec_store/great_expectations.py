"""The backends for real engines as store backends of a Great Expectations project, by configuration alone.

In `great_expectations.yml` a store's `store_backend` names this module and one of its classes:

    store_backend:
      module_name: spec_store.great_expectations
      class_name: SQLStoreBackend
      url: postgresql+psycopg://${USER}:${PASSWORD}@db.example.com/gx
      name: expectations

They take what the classes of the same names in `spec_store.backends` do; they raise Great Expectations' exceptions,
take its identifiers for keys, and keep their id as its own backends do.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from spec_store import backend, errors
from spec_store.backends import filesystem
from spec_store.backends._engine import TIMEOUT
from spec_store.keys import Key

try:
    from great_expectations import exceptions as gx
    from great_expectations.core.data_context_key import DataContextVariableKey
    from great_expectations.data_context.store.store_backend import StoreBackend as GXStoreBackend
except ModuleNotFoundError as error:
    if error.name != "great_expectations":
        raise
    raise ImportError(
        "spec_store.great_expectations needs Great Expectations: install the extra, pip install 'spec-store[gx]'"
    ) from error

if TYPE_CHECKING:
    from spec_store.backends import ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend

_SECRET_OPTIONS = (
    *("access_key", "account_key", "bearer_token", "client_secret", "encryption_key", "fabric_session_token"),
    *("master_key", "private_key", "sas_key", "sas_token", "secret_access_key", "service_account_key"),
    *("session_token", "sse_customer_key_base64", "token"),
)
_PREFIXES = ("", "aws_", "azure_", "azure_storage_", "google_")
SECRET_OPTIONS = frozenset(
    {f"{prefix}{name}" for prefix in _PREFIXES for name in _SECRET_OPTIONS}
    | {f"{prefix}{name}".upper() for prefix in _PREFIXES for name in _SECRET_OPTIONS}
)
"""Options of object stores whose values are secret, in each spelling that obstore takes."""


def _masked_by_great_expectations() -> None:
    """Have Great Expectations print `***` for secret options of object stores, where it prints a project's config.

    What a project is configured with is its own to print, `${VARIABLE}` put in; it masks options by their names, of
    which it knows "password", "access_token" and URLs.
    """
    try:
        from great_expectations.data_context.util import PasswordMasker

        PasswordMasker.PASSWORD_KEYS = {*PasswordMasker.PASSWORD_KEYS, *SECRET_OPTIONS}
    except (ImportError, AttributeError):  # a version that has another way
        return


_masked_by_great_expectations()

__all__ = ["FilesystemStoreBackend", "ObjectStoreBackend", "RedisStoreBackend", "SQLStoreBackend"]


class StoreError(errors.StoreError, gx.StoreError):  # type: ignore[misc]
    """As `spec_store.StoreError`, and Great Expectations' own."""


class StoreBackendError(errors.StoreBackendError, gx.StoreBackendError):  # type: ignore[misc]
    """As `spec_store.StoreBackendError`, and Great Expectations' own."""


class InvalidKeyError(errors.InvalidKeyError, gx.InvalidKeyError):  # type: ignore[misc]
    """As `spec_store.InvalidKeyError`, and Great Expectations' own."""


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of spec_store into those that are Great Expectations' as well."""
    try:
        yield
    except gx.GreatExpectationsError:
        raise
    except errors.InvalidKeyError as error:
        raise InvalidKeyError(str(error)) from error.__cause__ or error
    except errors.StoreBackendError as error:
        raise StoreBackendError(str(error)) from error.__cause__ or error
    except errors.StoreError as error:
        raise StoreError(str(error)) from error.__cause__ or error


def _key(given: Any) -> Any:
    """A key, where Great Expectations gives an identifier in its place."""
    return given.to_tuple() if hasattr(given, "to_tuple") else given


class _DropIn(backend.StoreBackend):
    """The public methods as Great Expectations calls them."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        with _translated():
            return super().get(_key(key), **kwargs)

    def get_all(self) -> list[Any]:
        with _translated():
            return super().get_all()

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with _translated():
            return super().set(_key(key), value, **kwargs)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with _translated():
            return super().add(_key(key), value, **kwargs)

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with _translated():
            return super().update(_key(key), value, **kwargs)

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        with _translated():
            return super().add_or_update(_key(key), value, **kwargs)

    def has_key(self, key: Key) -> bool:
        with _translated():
            return super().has_key(_key(key))

    def move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        with _translated():
            return super().move(_key(source_key), _key(dest_key), **kwargs)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        with _translated():
            return super().list_keys(_key(prefix))  # type: ignore[safe-super]

    def remove_key(self, key: Key) -> bool:
        with _translated():
            return super().remove_key(_key(key))  # type: ignore[safe-super]

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        with _translated():
            return super().get_url_for_key(_key(key), protocol)

    def build_key(self, id: str | None = None, name: str | None = None) -> Any:
        """The identifier of an object, as Great Expectations' own in-memory backend makes it."""
        return DataContextVariableKey(resource_name=name)


class FilesystemStoreBackend(_DropIn, filesystem.FilesystemStoreBackend):
    """`spec_store.backends.FilesystemStoreBackend`; a relative `root` is below the directory of the project.

    Args:
        root, suffix, durability: as there; the suffix is `.json` by default, for that is what the values are.
        runtime_environment: what Great Expectations hands over; its `root_directory` is the directory of the project.
        timeout, read_only: as there.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        suffix: str = ".json",
        durability: Literal["process", "power"] = "process",
        runtime_environment: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        project = (runtime_environment or {}).get("root_directory")
        super().__init__(
            os.path.join(project, root) if project else root,  # noqa: PTH118  (joins what may be absolute)
            suffix,
            durability,
            timeout=timeout,
            read_only=read_only,
            fixed_length_key=fixed_length_key,
            suppress_store_backend_id=suppress_store_backend_id,
            manually_initialize_store_backend_id=manually_initialize_store_backend_id,
            store_name=store_name,
        )
        self._root = os.fspath(root)
        self._runtime_environment = runtime_environment


def _registered(name: str, cls: type[backend.StoreBackend]) -> type[backend.StoreBackend]:
    """A class that Great Expectations takes for one of its store backends."""
    doc = f"`spec_store.backends.{name}`, as Great Expectations calls it; with the same arguments."
    made = type(name, (_DropIn, cls), {"__module__": __name__, "__doc__": doc, "__init__": cls.__init__})
    GXStoreBackend.register(made)
    return made


GXStoreBackend.register(FilesystemStoreBackend)


def __getattr__(name: str) -> Any:
    """The classes of engines whose extras need not be installed, made when they are asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from spec_store import backends

    made = globals()[name] = _registered(name, getattr(backends, name))
    return made
