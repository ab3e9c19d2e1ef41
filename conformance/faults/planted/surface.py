"""Faults in what shows of a store besides its keys: PROP, CONFIG, IGNORE, URL, CONST."""

import pathlib
from typing import Any, ClassVar

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import Key


@plants("PROP-1")
class ForgetsItsName(DictStore):
    """store_name is that of the class."""

    @property
    def store_name(self) -> Any:
        return type(self).__name__


@plants("PROP-1")
class HasNoFixedLength(DictStore):
    """fixed_length_key is False, whatever the constructor was given."""

    @property
    def fixed_length_key(self) -> Any:
        return False


@plants("PROP-2")
class TakesNoName(DictStore):
    """The constructor takes no store_name."""

    def __init__(
        self,
        shelf: Shelf | None = None,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: Any = "",
    ) -> None:
        super().__init__(
            shelf,
            fixed_length_key=fixed_length_key,
            suppress_store_backend_id=suppress_store_backend_id,
            manually_initialize_store_backend_id=manually_initialize_store_backend_id,
        )
        del self._arguments["store_name"]

    @property
    def store_name(self) -> Any:
        return None


@plants("PROP-2")
class TakesNoManualId(DictStore):
    """The constructor takes no manually_initialize_store_backend_id."""

    def __init__(
        self,
        shelf: Shelf | None = None,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        store_name: str = "",
    ) -> None:
        super().__init__(
            shelf,
            fixed_length_key=fixed_length_key,
            suppress_store_backend_id=suppress_store_backend_id,
            store_name=store_name,
        )


@plants("CONFIG-1")
class NamesNoModule(DictStore):
    """config has no module_name."""

    @property
    def config(self) -> Any:
        return {name: value for name, value in super().config.items() if name != "module_name"}


@plants("CONFIG-1")
class NamesItsBase(DictStore):
    """config names the base class."""

    @property
    def config(self) -> Any:
        return {**super().config, "class_name": "DictStore"}


@plants("CONFIG-1")
class TellsFalsyArguments(DictStore):
    """config has falsy arguments, too."""

    @property
    def config(self) -> Any:
        return {**super().config, **self._arguments}


@plants("CONFIG-1")
class TellsAnEmptyName(DictStore):
    """config has store_name, though it be empty."""

    @property
    def config(self) -> Any:
        return {**super().config, "store_name": self.store_name}


@plants("CONFIG-1")
class HidesItsManualId(DictStore):
    """config leaves manually_initialize_store_backend_id out."""

    @property
    def config(self) -> Any:
        hidden = "manually_initialize_store_backend_id"
        return {name: value for name, value in super().config.items() if name != hidden}


@plants("CONFIG-1", "CONFIG-2")
class CountsItsWrites(DictStore):
    """config tells how often something was written, once it was."""

    writes = 0

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self.writes += key != ID_KEY

    @property
    def config(self) -> Any:
        return {**super().config, **({"writes": self.writes} if self.writes else {})}


@plants("CONFIG-1", "CONFIG-2")
class ForgetsItsNameInUse(DictStore):
    """config has no store_name any more once something was removed."""

    removed = False

    def remove_key(self, key: Key) -> Any:
        self.removed = True
        return super().remove_key(key)

    @property
    def config(self) -> Any:
        hidden = ("store_name",) if self.removed else ()
        return {name: value for name, value in super().config.items() if name not in hidden}


@plants("CONFIG-2")
class TellsMoreThanItTakes(DictStore):
    """config has an argument that the constructor does not take."""

    @property
    def config(self) -> Any:
        return {**super().config, "backend": "dict"}


@plants("CONFIG-2")
class TellsWhereItEndedUp(FileStore):
    """config tells the directory that the constructor made of its argument, by a step that is taken each time."""

    def __init__(self, directory: str, **options: Any) -> None:
        inner = pathlib.Path(directory, "+store")
        inner.mkdir(exist_ok=True)
        super().__init__(str(inner), **options)


@plants("CONFIG-3")
class HandsOutItsConfig(DictStore):
    """config is always the same dict."""

    @property
    def config(self) -> Any:
        return self.__dict__.setdefault("_config", super().config)


@plants("CONFIG-3")
class TakesItsNameFromConfig(DictStore):
    """config is the dict that the store keeps its arguments in."""

    @property
    def config(self) -> Any:
        for name in [name for name, value in self._arguments.items() if not value]:
            del self._arguments[name]
        self._arguments.update(class_name=type(self).__name__, module_name=type(self).__module__)
        return self._arguments

    @property
    def store_name(self) -> Any:
        return self._arguments.get("store_name", "")

    @property
    def fixed_length_key(self) -> Any:
        return self._arguments.get("fixed_length_key", False)

    @property
    def _suppressed(self) -> bool:
        return bool(self._arguments.get("suppress_store_backend_id"))

    @property
    def _manual_id(self) -> str:
        return str(self._arguments.get("manually_initialize_store_backend_id", ""))


@plants("IGNORE-1")
class IgnoresNothing(DictStore):
    """is_ignored_key is False."""

    def is_ignored_key(self, key: Key) -> bool:
        return False


@plants("IGNORE-1")
class LooksAtTheEndAlone(DictStore):
    """is_ignored_key looks at the last element alone."""

    def is_ignored_key(self, key: Key) -> bool:
        return super().is_ignored_key(key[-1:])


@plants("IGNORE-1")
class IgnoresParts(DictStore):
    """is_ignored_key is True for an element that is part of an entry, too."""

    def is_ignored_key(self, key: Key) -> bool:
        return any(element in entry for entry in self.IGNORED_FILES for element in key)


@plants("URL-1")
class HasNoUrl(DictStore):
    """get_url_for_key returns None."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return None


@plants("URL-1")
class HasUrlsAsPaths(FileStore):
    """get_url_for_key returns a path."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return pathlib.Path(self._path(key))


@plants("URL-1")
class ImplementsNoUrl(DictStore):
    """get_url_for_key raises NotImplementedError."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        raise NotImplementedError


@plants("URL-1")
class KnowsNoProtocol(DictStore):
    """get_url_for_key raises KeyError for a protocol."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return super().get_url_for_key(key, {None: None, "dict:": "dict:"}[protocol])


@plants("URL-2")
class QuotesNothing(DictStore):
    """Elements stand in a URL as they are, a slash between them."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return "dict://" + "/".join(key)


@plants("URL-2")
class HasOneUrl(DictStore):
    """A URL tells the last element alone."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return super().get_url_for_key(key[-1:])


@plants("CONST-1")
class IgnoresSomethingElse(DictStore):
    """IGNORED_FILES has another entry."""

    IGNORED_FILES: ClassVar[Any] = [".git"]


@plants("CONST-1")
class NamesAnotherIdKey(DictStore):
    """STORE_BACKEND_ID_KEY is not the key that the id is stored under."""

    STORE_BACKEND_ID_KEY: ClassVar[Any] = (".store_id",)


@plants("CONST-1")
class NamesAnotherPrefix(DictStore):
    """STORE_BACKEND_ID_PREFIX is not the prefix that the id is stored with."""

    STORE_BACKEND_ID_PREFIX: ClassVar[Any] = "store_backend_id="


@plants("CONST-1")
class NamesNoInvalidId(DictStore):
    """There is no STORE_BACKEND_INVALID_CONFIGURATION_ID."""

    STORE_BACKEND_INVALID_CONFIGURATION_ID: ClassVar[Any] = None
