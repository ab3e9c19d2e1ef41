"""The interface once more, written without the reference, so that the kit is tried on what it was not made from.

It has a method for each thing that a fault could get wrong; a planted fault overrides one of them.
"""

import contextlib
import logging
import uuid
from typing import Any, ClassVar

from spec_store import InvalidKeyError, Key, StoreBackendError

ID_KEY: Key = (".ge_store_backend_id",)
ID_PREFIX = "store_backend_id = "
INVALID_ID = "00000000-0000-0000-0000-00000000e003"

logger = logging.getLogger(__name__)


class PanicException(BaseException):
    """What is no Exception, nor SystemExit."""


class PlainStore:
    """A correct store but for its storage: `_get`, `_set`, `_move`, `_has_key`, `_every_key` and `_drop`."""

    IGNORED_FILES: ClassVar[Any] = [".ipynb_checkpoints"]
    STORE_BACKEND_ID_KEY: ClassVar[Any] = ID_KEY
    STORE_BACKEND_ID_PREFIX: ClassVar[Any] = ID_PREFIX
    STORE_BACKEND_INVALID_CONFIGURATION_ID: ClassVar[Any] = INVALID_ID

    def __init__(
        self,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: Any = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        self._arguments: dict[str, Any] = {
            "fixed_length_key": fixed_length_key,
            "suppress_store_backend_id": suppress_store_backend_id,
            "manually_initialize_store_backend_id": str(manually_initialize_store_backend_id or ""),
            "store_name": store_name,
        }

    def _opened(self) -> None:
        """The last step of opening."""
        if not self._suppressed:
            _ = self.store_backend_id

    # What the constructor was given

    @property
    def fixed_length_key(self) -> Any:
        return self._arguments["fixed_length_key"]

    @property
    def store_name(self) -> Any:
        return self._arguments["store_name"]

    @property
    def _suppressed(self) -> bool:
        return bool(self._arguments["suppress_store_backend_id"])

    @property
    def _manual_id(self) -> str:
        return str(self._arguments["manually_initialize_store_backend_id"])

    @property
    def config(self) -> Any:
        given = {name: value for name, value in self._arguments.items() if value}
        return {"class_name": type(self).__name__, "module_name": type(self).__module__, **given}

    # The id

    @property
    def store_backend_id(self) -> Any:
        return self._construct_store_backend_id()

    @property
    def store_backend_id_warnings_suppressed(self) -> Any:
        return self._construct_store_backend_id(suppress_warning=True)

    def _construct_store_backend_id(self, suppress_warning: bool = False) -> Any:
        if self._suppressed:
            return self._suppressed_id(suppress_warning)
        try:
            return self._stored_id()
        except Exception as error:  # storage fails as it likes
            return self._invalid_id(error, suppress_warning)

    def _suppressed_id(self, suppress_warning: bool) -> Any:
        self._warn("%s was told to have no id", type(self).__name__, suppress_warning)
        return None

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        self._warn("no valid id: %s", error, suppress_warning)
        return uuid.UUID(INVALID_ID)

    def _warn(self, message: str, about: object, suppress_warning: bool) -> None:
        if not suppress_warning:
            logger.warning(message, about)

    def _stored_id(self) -> Any:
        if not self._has_key(ID_KEY):
            self._set(ID_KEY, self._id_text(self._first_id()))
        return self._parsed_id(self.get(ID_KEY))

    def _first_id(self) -> uuid.UUID:
        return uuid.UUID(self._manual_id) if self._manual_id else uuid.uuid4()

    def _id_text(self, first: uuid.UUID) -> str:
        return f"{ID_PREFIX}{first}"

    def _parsed_id(self, text: str) -> Any:
        if not text.startswith(ID_PREFIX):
            raise ValueError(f"no id: {text!r}")
        return uuid.UUID(text.removeprefix(ID_PREFIX).removesuffix("\n"))

    # Keys and values

    def _check_key(self, key: Any) -> None:
        """Whether it is a key at all."""
        if not isinstance(key, tuple):
            raise TypeError(f"a key of {type(self).__name__} is a tuple, not {type(key).__name__}")
        for element in key:
            if not isinstance(element, str):
                raise TypeError(f"a key of {type(self).__name__} has str elements, not {type(element).__name__}")

    def _validate_key(self, key: Any) -> None:
        self._check_key(key)

    def _validate_value(self, value: Any) -> None:
        """Every value will do, where this is not overridden."""

    def get(self, key: Key, **kwargs: Any) -> Any:
        self._validate_key(key)
        return self._get(key)

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        self._validate_value(value)
        try:
            return self._set(key, value, **kwargs)
        except ValueError as error:
            raise StoreBackendError(f"{type(self).__name__} cannot store {key!r}: {error}") from error

    def move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._validate_key(source_key)
        self._validate_key(dest_key)
        return self._move(source_key, dest_key, **kwargs)

    def has_key(self, key: Key) -> Any:
        self._validate_key(key)
        return self._has_key(key)

    def is_ignored_key(self, key: Key) -> bool:
        return any(element in self.IGNORED_FILES for element in key)

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        if self._has_key(key):
            raise StoreBackendError(f"{key!r} is there already")
        return self.set(key, value, **kwargs)

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        if not self._has_key(key):
            raise StoreBackendError(f"{key!r} is not there")
        return self.set(key, value, **kwargs)

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return self.set(key, value, **kwargs)

    def get_all(self) -> Any:
        values = []
        for key in self._every_key():
            if key != ID_KEY:
                with contextlib.suppress(InvalidKeyError):  # another thread has removed it meanwhile
                    values.append(self._get(key))
        return values

    def build_key(self, id: str | None = None, name: str | None = None) -> Key:
        return tuple(part for part in (id, name) if part is not None)

    # What storage fills in

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        raise NotImplementedError

    def list_keys(self, prefix: Key = ()) -> Any:
        self._check_key(prefix)
        return [key for key in self._every_key() if key == prefix or below(key, prefix)]

    def remove_key(self, key: Key) -> Any:
        self._check_key(key)
        return self._drop(key)

    def _get(self, key: Key) -> Any:
        raise NotImplementedError

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        raise NotImplementedError

    def _has_key(self, key: Key) -> Any:
        raise NotImplementedError

    def _every_key(self) -> list[Key]:
        """Every stored key, for the methods above."""
        raise NotImplementedError

    def _drop(self, key: Key) -> bool:
        """Take a key out, and tell whether it was there."""
        raise NotImplementedError


def below(key: Key, parent: Key) -> bool:
    """Whether a key is longer than `parent` and starts with it."""
    return len(key) > len(parent) and key[: len(parent)] == parent
