"""Faults in what a key is, and in what becomes of it in storage: KEY-1 to KEY-5."""

import unicodedata
from collections.abc import Hashable
from typing import Any
from urllib.parse import unquote

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, copied
from conformance.faults.stores.file_store import MORE, FileStore, encoded
from conformance.faults.stores.plain import PanicException
from spec_store import Key, StoreBackendError

# Validation


@plants("KEY-1")
class TakesListsForKeys(DictStore):
    """A list of elements is as good as a tuple."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(tuple(key) if isinstance(key, list) else key)

    def _slot(self, key: Key) -> Hashable:
        return tuple(key)


@plants("KEY-1")
class TakesTextForKeys(DictStore):
    """A str is taken for the key of one element."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key((key,) if isinstance(key, str) else key)

    def _slot(self, key: Any) -> Hashable:
        return (key,) if isinstance(key, str) else tuple(key)


@plants("KEY-1")
class TakesNoneForTheRoot(DictStore):
    """None is taken for the empty key."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(() if key is None else key)

    def _slot(self, key: Any) -> Hashable:
        return () if key is None else tuple(key)


@plants("KEY-1")
class NamesNoType(DictStore):
    """The message about a key that is no tuple does not tell what it was given."""

    def _validate_key(self, key: Any) -> None:
        if not isinstance(key, tuple):
            raise TypeError(f"a key of {type(self).__name__} has to be a tuple")
        super()._validate_key(key)


@plants("KEY-1")
class MovesToAnything(DictStore):
    """The destination of a move need not be a tuple."""

    def move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._validate_key(source_key)
        if isinstance(dest_key, tuple):
            self._validate_key(dest_key)
        return self._move(source_key, dest_key, **kwargs)


@plants("KEY-2")
class TurnsElementsToText(DictStore):
    """Elements that are no str are made to be."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(tuple(map(str, key)) if isinstance(key, tuple) else key)

    def _slot(self, key: Key) -> Hashable:
        return tuple(map(str, key))


@plants("KEY-2")
class LooksAtTheFirstElement(DictStore):
    """Only the first element of a key is looked at."""

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key[:1] if isinstance(key, tuple) else key)


@plants("KEY-2")
class NamesNoClass(DictStore):
    """The message about an element that is no str does not tell which backend says so."""

    def _validate_key(self, key: Any) -> None:
        for element in key if isinstance(key, tuple) else ():
            if not isinstance(element, str):
                raise TypeError(f"elements are str, not {type(element)}")
        super()._validate_key(key)


@plants("KEY-3")
class RefusesTheEmptyKey(DictStore):
    """The empty tuple is refused as no key."""

    def _validate_key(self, key: Any) -> None:
        if key == ():
            raise TypeError(f"a key of {type(self).__name__} has elements, unlike this {tuple}")
        super()._validate_key(key)


@plants("KEY-3", "HAS-1")
class CannotAskForTheEmptyKey(DictStore):
    """The empty key can be stored, but has_key of it raises TypeError."""

    def has_key(self, key: Key) -> Any:
        if key == ():
            raise TypeError("an empty key")
        return super().has_key(key)


# Keys that share a place


@plants("KEY-4")
class JoinsElements(DictStore):
    """Elements are joined by a slash."""

    def _slot(self, key: Key) -> Hashable:
        return "/".join(key) if key else None


@plants("KEY-4")
class FillsATemplate(DictStore):
    """Elements are filled into a name with underscores between them."""

    def _slot(self, key: Key) -> Hashable:
        return "_".join(key) if key else None


@plants("KEY-4")
class FoldsCase(DictStore):
    """Upper and lower case are the same."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.lower() for element in key)


@plants("KEY-4", "REOPEN-2")
class CachesByJoinedPath(DictStore):
    """What get has read is kept under the elements joined by a slash."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._cache: dict[str, Any] = {}
        super().__init__(*arguments, **options)

    def _get(self, key: Key) -> Any:
        if not self._has_key(key):
            return super()._get(key)
        return copied(self._cache.setdefault("/".join(key), super()._get(key)))

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._cache.pop("/".join(key), None)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._cache.pop("/".join(dest_key), None)
        super()._move(source_key, dest_key)

    def _drop(self, key: Key) -> bool:
        self._cache.pop("/".join(key), None)
        return super()._drop(key)


@plants("KEY-4")
class ComposesAccents(DictStore):
    """Keys are brought into Unicode's normal form C."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(unicodedata.normalize("NFC", element) for element in key)


@plants("KEY-4")
class FoldsForms(DictStore):
    """Keys are brought into Unicode's compatibility form, without regard to case outside ASCII."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(unicodedata.normalize("NFKC", element) for element in key)


@plants("KEY-4")
class CutsLongNames(DictStore):
    """Names are cut after 255 characters."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element[:255] for element in key)


@plants("KEY-4")
class DropsDots(DictStore):
    """An element "." is left out."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element for element in key if element != ".") if set(key) != {"."} else key


@plants("KEY-4")
class ResolvesDots(DictStore):
    """An element ".." takes back the one before it."""

    def _slot(self, key: Key) -> Hashable:
        resolved: list[str] = []
        for element in key:
            if element == ".." and resolved and resolved[-1] != "..":
                resolved.pop()
            else:
                resolved.append(element)
        return tuple(resolved) or ("", *key)


@plants("KEY-4")
class DropsEmptyElements(DictStore):
    """Empty elements are left out."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(filter(None, key)) or key


@plants("KEY-4")
class TrimsNames(DictStore):
    """Spaces and dots at the end of a name are left out."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.rstrip(" .") or element for element in key)


@plants("KEY-4")
class TrimsLineEnds(DictStore):
    """A newline at the end of a name is left out."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.rstrip("\n") for element in key)


@plants("KEY-4")
class DecodesKeys(DictStore):
    """A percent sign and two digits stand for a character."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(unquote(element, errors="surrogatepass") for element in key)


@plants("KEY-4", "KEY-5")
class FilesFoldCase(FileStore):
    """Names of files are in lower case."""

    def _encoded(self, element: str) -> str:
        return encoded(element.lower())


@plants("KEY-4", "KEY-5", "LIST-1")
class FilesCutNames(FileStore):
    """Names of files are cut after 200 characters."""

    def _encoded(self, element: str) -> str:
        return encoded(element)[:200]


# Keys that cannot be stored


@plants("KEY-5")
class FailsOnLongNames(FileStore):
    """A name too long for the file system makes set raise OSError."""

    def _path(self, key: Key) -> str:
        return super()._path(key).replace(MORE + "/", "")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._write(self._path(key), value)


@plants("KEY-5", "KEY-4")
class StoresUnderAnotherName(DictStore):
    """A key with a space is stored with a plus in its place, and only found so."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(tuple(element.replace(" ", "+") for element in key), value)


@plants("KEY-5")
class DropsSomeKeys(DictStore):
    """A key with an asterisk is not stored, and nobody is told."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not any("*" in element for element in key):
            super()._set(key, value)


class _RefusesColons(DictStore):
    """Correct: keys with a colon are refused."""

    def _refuse(self, key: Key) -> None:
        if any(":" in element for element in key):
            raise StoreBackendError(f"a colon in {key!r}")

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._refuse(key)
        super()._set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._refuse(dest_key)
        super()._move(source_key, dest_key)


@plants("KEY-5")
class StoresWhatItRefuses(_RefusesColons):
    """A key with a colon is refused when it is stored already."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        DictStore._set(self, key, value)
        self._refuse(key)


@plants("KEY-5")
class FailsToReadWhatItRefuses(_RefusesColons):
    """get of a key with a colon, which set refuses cleanly, raises OSError."""

    def _get(self, key: Key) -> Any:
        if any(":" in element for element in key):
            raise OSError(f"a colon in {key!r}")
        return super()._get(key)


@plants("KEY-5")
class HasWhatItRefuses(_RefusesColons):
    """has_key of a key with a colon, which set refuses cleanly, is True."""

    def _has_key(self, key: Key) -> Any:
        return super()._has_key(key) or any(":" in element for element in key)


@plants("KEY-5")
class MovesToNowhere(_RefusesColons):
    """A move to a key with a colon is refused when the source is removed already."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._refuse(dest_key)
        DictStore._set(self, dest_key, value)


@plants("KEY-5")
class RecursesIntoKeys(DictStore):
    """A key of twelve elements is too deep: RecursionError."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if len(key) >= 12:
            raise RecursionError(f"too deep: {key!r}")
        super()._set(key, value)


@plants("KEY-5")
class PanicsAtLongKeys(DictStore):
    """At a key of more than 4,000 characters the client panics: what it raises is no Exception."""

    def _set(self, key: Key, value: str, **kwargs: Any) -> Any:
        if sum(map(len, key)) > 4000:
            raise PanicException("request valid: InvalidUri(TooLong)")
        return super()._set(key, value, **kwargs)
