"""Faults in what is equal, or begins alike: keys of subclasses, identifiers, a store's own names, places."""

import json
import pathlib
from typing import Any, ClassVar

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import SUFFIX, FileStore
from spec_store import Key


@plants("KEY-9")
class TellsKeysByTheirClass(DictStore):
    """A named tuple has a slot of its own, beside that of the tuple that it is equal to."""

    def _slot(self, key: Key) -> Any:
        return key if type(key) is tuple else (type(key).__name__, *key)


@plants("KEY-9")
class NamesFilesByWhatIsTold(FileStore):
    """A file is named after what format makes of an element, which of a member of an enumeration is its name."""

    def _encoded(self, element: str) -> str:
        return super()._encoded(f"{element}")


@plants("KEY-7")
class KnowsNoIdentifiers(DictStore):
    """remove_key of an identifier returns False, and removes nothing."""

    def remove_key(self, key: Key) -> Any:
        return False if hasattr(key, "to_tuple") else super().remove_key(key)


@plants("LIST-1", "KEY-5")
class KeepsItsSettingsInAFile(FileStore):
    """The arguments are kept in a file among those of the keys, and the key of that name is not listed."""

    HIDDEN = "settings"

    def __init__(self, directory: str, **options: Any) -> None:
        self._settings = options
        super().__init__(directory, **options)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        path = pathlib.Path(self.directory, self.HIDDEN + SUFFIX)
        if not path.exists():
            path.write_text(json.dumps(self._settings, default=str), "utf-8")
        super()._set(key, value)

    def _every_key(self) -> list[Key]:
        return [key for key in super()._every_key() if key != (self.HIDDEN,)]


@plants("KEY-5")
class NamesItselfAmongItsKeys(DictStore):
    """Opening a store that has the key of its constructor's last argument puts its name there."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        super().__init__(shelf, **options)
        if ("store_name",) in self._kept:
            self._kept[("store_name",)] = (("store_name",), self.store_name)


@plants("ISO-1")
class ListsWhatItsPlaceBeginsLike(FileStore):
    """list_keys lists the keys of each directory beside its own whose name begins as its own does."""

    def _every_key(self) -> list[Key]:
        own = pathlib.Path(self.directory)
        alike = sorted(own.parent.glob(f"{own.name}*"))
        return list(dict.fromkeys(key for each in alike for key in self._walk(str(each), (), "")))


class _RemembersItsPlaces(FileStore):
    """A store that looks for its place among those that were opened before."""

    places_: ClassVar[list[str]]

    @classmethod
    def reset_(cls) -> None:
        cls.places_ = []

    def _is_known_as(self, directory: str, known: str) -> bool:
        raise NotImplementedError

    def __init__(self, directory: str, **options: Any) -> None:
        known = [each for each in self.places_ if self._is_known_as(str(directory), each)]
        self.places_.append(str(directory))
        super().__init__(known[0] if known else directory, **options)
        self._arguments["directory"] = str(directory)


@plants("ISO-1")
class OpensWhatItsPlaceBeginsWith(_RemembersItsPlaces):
    """A place that begins with the name of one that was opened before is taken for that."""

    places_: ClassVar[list[str]] = []

    def _is_known_as(self, directory: str, known: str) -> bool:
        return directory.rpartition("/")[0] == known.rpartition("/")[0] and directory.startswith(known)


@plants("ISO-1")
class OpensWhatBeginsWithItsPlace(_RemembersItsPlaces):
    """A place whose name one that was opened before begins with is taken for that."""

    places_: ClassVar[list[str]] = []

    def _is_known_as(self, directory: str, known: str) -> bool:
        return directory.rpartition("/")[0] == known.rpartition("/")[0] and known.startswith(directory)
