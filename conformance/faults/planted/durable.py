"""Faults in storage that outlives the object: REOPEN-1 to REOPEN-3."""

import contextlib
import pathlib
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, Shelf, copied
from conformance.faults.stores.file_store import LONGEST, FileStore, encoded
from conformance.faults.stores.plain import ID_KEY
from spec_store import Key

SIZE = 64 * 1024


class _Reopening(DictStore):
    """Does something to what is stored when it is opened."""

    def _opened(self) -> None:
        for key in self._every_key():
            if key != ID_KEY:
                self._met(key, self._get(key))
        super()._opened()

    def _met(self, key: Key, value: Any) -> None:
        """A key that was stored before."""


@plants("REOPEN-1")
class ForgetsEmptyValues(_Reopening):
    """Opening removes keys with empty values."""

    def _met(self, key: Key, value: Any) -> None:
        if value == "":
            self._drop(key)


@plants("REOPEN-1")
class ForgetsLineEnds(_Reopening):
    """Opening strips newlines off the ends of values."""

    def _met(self, key: Key, value: Any) -> None:
        if isinstance(value, str) and value.endswith("\n"):
            self._kept[self._slot(key)] = (key, value.rstrip("\n"))


@plants("REOPEN-1")
class ForgetsTheEndsOfLongValues(_Reopening):
    """Opening cuts values after 64 KiB."""

    def _met(self, key: Key, value: Any) -> None:
        if isinstance(value, str) and len(value) > SIZE:
            self._kept[self._slot(key)] = (key, value[:SIZE])


@plants("REOPEN-1")
class ForgetsThatItMoved(DictStore):
    """Opening brings the sources of moves back."""

    def _opened(self) -> None:
        for key, value in self.shelf.marks.items():
            self._kept.setdefault(key, (key, copied(value)))
        self.shelf.marks.clear()
        super()._opened()

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        super()._move(source_key, dest_key)
        if ID_KEY not in (source_key, dest_key):
            self.shelf.marks[source_key] = value


@plants("REOPEN-1")
class FilesCleanUp(FileStore):
    """Opening removes files whose names begin like a temporary one's, whatever their keys."""

    def _opened(self) -> None:
        for key in self._every_key():
            if any(element.endswith((".tmp", ".lock")) for element in key):
                self._drop(key)
        super()._opened()


@plants("REOPEN-1", "REOPEN-2", "REOPEN-3", "ID-4", "ID-8")
class OutlivesNothing(DictStore):
    """Each object has storage of its own."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        super().__init__(None, **options)


@plants("REOPEN-1", abroad=True)
class FilesInTheLocalesEncoding(FileStore):
    """Files are opened without an encoding, so that it is the locale's."""

    def _write(self, path: str, value: str) -> None:
        value.encode("utf-8")  # a value that cannot be stored is refused before
        file = pathlib.Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="") as opened:
            opened.write(value)

    def _read(self, path: str) -> Any:
        with pathlib.Path(path).open(newline="") as opened:
            return opened.read()


@plants("REOPEN-1", abroad=True)
class FilesNamedInTheLocale(FileStore):
    """Names of files have letters outside ASCII as they are, which another locale reads otherwise."""

    def _encoded(self, element: str) -> str:
        plain = not any("\ud800" <= letter <= "\udfff" for letter in element) and len(element) < LONGEST // 4
        if not plain or not element:
            return super()._encoded(element)
        return "".join(letter if not letter.isascii() else encoded(letter) for letter in element)


class _Remembering(DictStore):
    """Remembers what it read until it writes itself."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        self.remembered: dict[Any, Any] = {}
        super().__init__(shelf, **options)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self.remembered.clear()

    def _drop(self, key: Key) -> bool:
        dropped = super()._drop(key)
        self.remembered.clear()
        return dropped

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self.remembered.clear()


@plants("REOPEN-2")
class RemembersValues(_Remembering):
    """get remembers values, whatever another backend on the same storage writes."""

    def _get(self, key: Key) -> Any:
        if key == ID_KEY:
            return super()._get(key)
        if key not in self.remembered:
            self.remembered[key] = super()._get(key)
        return copied(self.remembered[key])


@plants("REOPEN-2")
class RemembersTheListing(_Remembering):
    """list_keys remembers its list, whatever another backend on the same storage writes."""

    def list_keys(self, prefix: Key = ()) -> Any:
        self._check_key(prefix)
        if prefix not in self.remembered:
            self.remembered[prefix] = super().list_keys(prefix)
        return list(self.remembered[prefix])


@plants("REOPEN-2")
class RemembersWhatIsMissing(_Remembering):
    """has_key remembers that a key is missing, whatever another backend on the same storage writes."""

    def has_key(self, key: Key) -> Any:
        found = super().has_key(key)
        if not found and key != ID_KEY:
            self.remembered[key] = False
        return self.remembered.get(key, found)


@plants("REOPEN-2")
class MovesWhatItRemembers(_Remembering):
    """move stores the value that get has given last, whatever another backend on the same storage has set since."""

    def _get(self, key: Key) -> Any:
        self.remembered[key] = super()._get(key)
        return self.remembered[key]

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        known = source_key in self.remembered
        value = self.remembered.get(source_key)
        super()._move(source_key, dest_key)
        if known:
            self._set(dest_key, value)


@plants("REOPEN-2")
class UpdatesWhatItRemembers(_Remembering):
    """update asks nobody whether a key that it has set itself is still stored, and so sets what another has removed."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        self.remembered[key] = True

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if key in self.remembered:
            return self.set(key, value)
        return super().update(key, value)


@plants("REOPEN-2")
class RemembersAllValues(_Remembering):
    """get_all remembers its values, whatever another backend on the same storage writes."""

    def get_all(self) -> Any:
        if "all" not in self.remembered:
            self.remembered["all"] = list(super().get_all())
        return list(self.remembered["all"])


@plants("REOPEN-2")
class WritesBackWhatItKeeps(_Remembering):
    """remove_key writes back all other values as get gave them, whatever another backend has set since."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        if key != ID_KEY:
            self.remembered[key] = value
        return value

    def _drop(self, key: Key) -> bool:
        stored = self._every_key()
        kept = {other: value for other, value in self.remembered.items() if other != key and other in stored}
        dropped = super()._drop(key)
        for other, value in kept.items():
            self._set(other, value)
        return dropped


@plants("REOPEN-3")
class WritesItsIdAgain(DictStore):
    """Opening writes the id that is there once more."""

    def _opened(self) -> None:
        if self._has_key(ID_KEY):
            self._set(ID_KEY, self._get(ID_KEY))
        super()._opened()


@plants("REOPEN-3")
class FilesLeaveAMark(FileStore):
    """Opening writes a file to show that the store is open."""

    def _opened(self) -> None:
        pathlib.Path(self.directory, "+new-open").touch()
        super()._opened()


@plants("REOPEN-3")
class FilesKeepTheTime(FileStore):
    """Reading notes the time of reading in a file."""

    def _read(self, path: str) -> Any:
        with contextlib.suppress(FileNotFoundError):
            pathlib.Path(self.directory, "+new-read").write_text("now", encoding="ascii")
        return super()._read(path)
