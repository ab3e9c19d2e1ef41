"""The store-backend interface: public methods that hold for every backend, and the few that each one fills in."""

import contextlib
import logging
import uuid
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import attrs

from spec_store import identity
from spec_store.configuration import configuration
from spec_store.errors import InvalidKeyError, StoreBackendError, StoreError
from spec_store.keys import Key, validate_key

logger = logging.getLogger(__name__)


def _id_argument(given: str | uuid.UUID | None) -> str:
    return str(given) if given else ""


@attrs.define(slots=False, eq=False, repr=False)
class StoreBackend(ABC):
    """A store of values under keys, which are tuples of `str`.

    To write one, fill in `_get`, `_set`, `_move`, `_has_key`, `list_keys` and `remove_key`. The public methods check
    keys and values before they call the first four; `list_keys` and `remove_key` are called as they are, so they
    check their argument themselves, by `self._validate_key` (KEY-7). An engine that can store a value only if its key
    is missing, in one step, overrides `_add` too.

    A constructor of one's own calls `super().__init__(...)`, keeps each further argument `x` as the attribute `_x` or
    `x`, from which `config` reads it, and ends with a first read of `self.store_backend_id` unless that is suppressed,
    if the store is to have its id from the start. A subclass may as well be decorated with
    `@attrs.define(slots=False, eq=False, repr=False)` and declare its arguments as fields.

    Args:
        fixed_length_key: whether all keys of the store have one length; kept, and left to the backend.
        suppress_store_backend_id: give the store no id (ID-6).
        manually_initialize_store_backend_id: the UUID for a store that has none yet, in any spelling that `uuid.UUID`
            reads; empty for a random one (ID-3, ID-4, ID-5).
        store_name: what warnings call the store.
    """

    IGNORED_FILES: ClassVar[list[str]] = [".ipynb_checkpoints"]
    STORE_BACKEND_ID_KEY: ClassVar[Key] = identity.STORE_BACKEND_ID_KEY
    STORE_BACKEND_ID_PREFIX: ClassVar[str] = identity.STORE_BACKEND_ID_PREFIX
    STORE_BACKEND_INVALID_CONFIGURATION_ID: ClassVar[str] = identity.STORE_BACKEND_INVALID_CONFIGURATION_ID

    _fixed_length_key: bool = False
    _suppress_store_backend_id: bool = False
    _manually_initialize_store_backend_id: str = attrs.field(default="", converter=_id_argument)
    _store_name: str | None = "no_store_name"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(store_name={self._store_name!r})"

    # What the constructor was given

    @property
    def fixed_length_key(self) -> bool:
        """Whether all keys of the store have one length (PROP-1)."""
        return self._fixed_length_key

    @property
    def store_name(self) -> str | None:
        """The name that the constructor was given (PROP-1)."""
        return self._store_name

    @property
    def config(self) -> dict[str, Any]:
        """class_name, module_name and the constructor's arguments, falsy ones left out (CONFIG-1).

        Each read gives a dict of its own, which a caller may change (CONFIG-3), and whose arguments build a backend
        with an equal config (CONFIG-2).
        """
        return configuration(self)

    # The store's id

    @property
    def store_backend_id(self) -> uuid.UUID | None:
        """The store's id, created by the first read of a store that has none (ID-1).

        None, with a warning, where the id is suppressed (ID-6); `STORE_BACKEND_INVALID_CONFIGURATION_ID`, with a
        warning, where storage fails or the id is malformed (ID-5, ID-7). It raises nothing.
        """
        return self._construct_store_backend_id(suppress_warning=False)

    @property
    def store_backend_id_warnings_suppressed(self) -> uuid.UUID | None:
        """As `store_backend_id`, without the warnings."""
        return self._construct_store_backend_id(suppress_warning=True)

    def _construct_store_backend_id(self, suppress_warning: bool = False) -> uuid.UUID | None:
        """The id as `store_backend_id` gives it.

        Args:
            suppress_warning: log nothing.
        """
        if self._suppress_store_backend_id:
            if not suppress_warning:
                logger.warning("%r has no store_backend_id: its constructor was told to suppress it", self)
            return None
        try:
            return self._read_or_create_id()
        except Exception as error:  # storage may fail in any way, and reading an id is never a reason to stop
            if not suppress_warning:
                logger.warning("%r has no valid store_backend_id: %s: %s", self, type(error).__name__, error)
            return uuid.UUID(self.STORE_BACKEND_INVALID_CONFIGURATION_ID)

    def _read_or_create_id(self) -> uuid.UUID:
        try:
            return self._read_id()
        except InvalidKeyError:
            self._create_id()
        return self._read_id()

    def _read_id(self) -> uuid.UUID:
        return identity.parse_id_text(self.get(self.STORE_BACKEND_ID_KEY))

    def _create_id(self) -> None:
        given = self._manually_initialize_store_backend_id
        text = identity.format_id_text(uuid.UUID(given) if given else uuid.uuid4())
        try:
            self.add(self.STORE_BACKEND_ID_KEY, text)
        except StoreBackendError:
            # Of several that open empty storage at once, one stores its id, and the others take that one (ID-9).
            if not self.has_key(self.STORE_BACKEND_ID_KEY):
                raise

    # Values

    def get(self, key: Key, **kwargs: Any) -> Any:
        """The value that the key was last given (GET-1). Keyword arguments are accepted and not used (SET-6).

        Raises:
            TypeError: `key` is no key (KEY-1, KEY-2).
            InvalidKeyError: the key is missing (GET-2).
        """
        self._validate_key(key)
        return self._get(key)

    def get_all(self) -> list[Any]:
        """Every value but the id's, once each (ALL-1). One that is removed meanwhile may be left out."""
        values = []
        for key in self.list_keys():
            if key != self.STORE_BACKEND_ID_KEY:
                with contextlib.suppress(InvalidKeyError):
                    values.append(self.get(key))
        return values

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """Give the key a value, in place of an earlier one (SET-1), and give back what `_set` does.

        Keyword arguments go to `_set`, which ignores those that it does not know (SET-6).

        Raises:
            TypeError: `key` is no key (KEY-1, KEY-2), or the backend cannot store such a value (SET-4).
            StoreBackendError: the backend cannot store that key or value (KEY-5, SET-3, SET-4).
        """
        self._validate_key(key)
        self._validate_value(value)
        try:
            return self._set(key, value, **kwargs)
        except ValueError as error:
            raise self._refusal(key, error) from error

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """Store a value under a missing key (ADD-1); otherwise as `set`.

        Raises:
            TypeError: as `set` does.
            StoreBackendError: the key is stored already, and nothing changes; or as `set` does.
        """
        self._validate_key(key)
        self._validate_value(value)
        try:
            return self._add(key, value, **kwargs)
        except ValueError as error:
            raise self._refusal(key, error) from error

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """Replace the value of a stored key (UPDATE-1); otherwise as `set`.

        Raises:
            TypeError: as `set` does.
            StoreBackendError: the key is missing, and nothing changes; or as `set` does.
        """
        if not self.has_key(key):
            raise StoreBackendError(f"{type(self).__name__} has no value to update under {key!r}")
        return self.set(key, value, **kwargs)

    def add_or_update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """The same as `set`, under the name that goes with `add` and `update` (UPSERT-1)."""
        return self.set(key, value, **kwargs)

    def _refusal(self, key: Key, error: ValueError) -> StoreBackendError:
        return StoreBackendError(f"{type(self).__name__} cannot store {key!r}: {error}")

    # Keys

    def has_key(self, key: Key) -> bool:
        """Whether the key is stored (HAS-1).

        Raises:
            TypeError: `key` is no key (KEY-1, KEY-2).
        """
        self._validate_key(key)
        return self._has_key(key)

    def move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        """Store source's value under dest, in place of a value there, and no longer under source (MOVE-1, MOVE-2).

        A move onto itself changes nothing (MOVE-3). Keyword arguments go to `_move`, as those of `set` to `_set`.

        Raises:
            TypeError: one of the two is no key (KEY-1, KEY-2).
            InvalidKeyError: the source is missing, and nothing changes (MOVE-4).
        """
        self._validate_key(source_key)
        self._validate_key(dest_key)
        return self._move(source_key, dest_key, **kwargs)

    def is_ignored_key(self, key: Key) -> bool:
        """Whether an entry of IGNORED_FILES is an element of the key (IGNORE-1)."""
        return any(ignored in key for ignored in self.IGNORED_FILES)

    def build_key(self, id: str | None = None, name: str | None = None) -> Key:
        """The key of an object that has an id, a name, or both: those given, in this order."""
        return tuple(part for part in (id, name) if part is not None)

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """Where the value of a key can be looked at (URL-1, URL-2).

        Args:
            key: the key, stored or not.
            protocol: the scheme wanted, where the backend offers several.

        Raises:
            StoreError: the backend has no URLs; so has none that does not override this.
        """
        raise StoreError(f"{type(self).__name__} has no URLs")

    @abstractmethod
    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once, in any order (LIST-1, LIST-2, LIST-3, LIST-4).

        Raises:
            TypeError: `prefix` is no key (KEY-7).
        """

    @abstractmethod
    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value (REMOVE-1), and tell whether it was stored (REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
        """

    # What a backend fills in

    def _validate_key(self, key: object) -> None:
        """Refuse what is no key of this backend: TypeError for what is no key at all (KEY-1, KEY-2)."""
        validate_key(key, type(self))

    def _validate_value(self, value: object) -> None:  # noqa: B027  (to be overridden where not all values will do)
        """Refuse what the backend cannot store, by TypeError or StoreBackendError (SET-4). By default any will do."""

    def _add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """Store a value if its key is missing, else raise StoreBackendError (ADD-1, ADD-2).

        The key and the value have been validated. `add` and the creation of the id both end here. This way of doing
        it takes two steps, between which another writer may come; an engine that can do it in one overrides it.
        """
        if self._has_key(key):
            raise StoreBackendError(f"{type(self).__name__} already has a value under {key!r}")
        return self._set(key, value, **kwargs)

    @abstractmethod
    def _get(self, key: Key) -> Any:
        """The value of a valid key; InvalidKeyError if it is missing (GET-1, GET-2)."""

    @abstractmethod
    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        """Store a valid value under a valid key (SET-1). A ValueError becomes a StoreBackendError (SET-3)."""

    @abstractmethod
    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        """Move a value from one valid key to another; InvalidKeyError if the source is missing (MOVE-1 to MOVE-5)."""

    @abstractmethod
    def _has_key(self, key: Key) -> bool:
        """Whether a valid key is stored (HAS-1)."""
