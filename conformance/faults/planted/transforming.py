"""Faults that are functions of keys or values: one key, or one text, is another to somebody's code."""

import json
import re
import unicodedata
from collections.abc import Hashable
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, copied
from spec_store import Key

# Keys that share a place


@plants("KEY-4")
class FoldsSigma(DictStore):
    """A sigma at the end of a word is the same as one amid it."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.replace("\u03c2", "\u03c3") for element in key)


@plants("KEY-4")
class DropsDotlessI(DictStore):
    """An i without a dot is an i."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.replace("\u0131", "i") for element in key)


@plants("KEY-4")
class DropsAccentsOfTheLast(DictStore):
    """The last element of a key is kept without its accents."""

    def _slot(self, key: Key) -> Hashable:
        last = "".join(one for one in unicodedata.normalize("NFD", "".join(key[-1:])) if not unicodedata.combining(one))
        return (*key[:-1], last) if key else key


@plants("KEY-4")
class DropsJoiners(DictStore):
    """A word joiner, which has no width, is dropped."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.replace("\u2060", "") for element in key)


@plants("KEY-4")
class DropsMarksOfDirection(DictStore):
    """Marks that turn the direction of writing are dropped."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(re.sub("[\u200e\u200f\u202a-\u202e]", "", element) for element in key)


@plants("KEY-4")
class TakesThinSpaces(DictStore):
    """Spaces of any width are spaces."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(re.sub("[\u2000-\u200a\u3000]", " ", element) for element in key)


@plants("KEY-4")
class CountsWithoutZeros(DictStore):
    """The second element of a key is a number where it has digits alone, whatever zeros it begins with."""

    def _slot(self, key: Key) -> Hashable:
        return (
            *key[:1],
            *(int(element) if re.fullmatch("[0-9]+", element) else element for element in key[1:2]),
            *key[2:],
        )


@plants("KEY-4")
class KnowsWordsForNothing(DictStore):
    """An element that is a word for null in some language is None."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(None if element.lower() in ("null", "nil") else element for element in key)


@plants("KEY-4")
class ReadsArabicDigits(DictStore):
    """Digits of every script are those of ASCII."""

    def _slot(self, key: Key) -> Hashable:
        return tuple("".join(str(unicodedata.decimal(one, one)) for one in element) for element in key)


@plants("KEY-4")
class JoinsByPipe(DictStore):
    """All elements but the first are joined by a bar."""

    def _slot(self, key: Key) -> Hashable:
        return (*key[:1], "|".join(key[1:])) if len(key) > 1 else key


@plants("KEY-4")
class JoinsByUnitSeparator(DictStore):
    """Elements are joined by the ASCII control character that is made for that."""

    def _slot(self, key: Key) -> Hashable:
        return "\x1f".join(key) if key else None


@plants("KEY-4")
class ResolvesEntities(DictStore):
    """A number sign between an ampersand and a semicolon stands for a character."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(re.sub("&#([0-9]{1,4});", lambda found: chr(int(found[1])), element) for element in key)


@plants("KEY-4")
class EscapesPortsBySuffix(DictStore):
    """A name that is a port of Windows gets an underscore before it."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(f"_{element}" if re.fullmatch("(?i)lpt[0-9]|aux", element) else element for element in key)


@plants("KEY-4")
class CutsAtASemicolon(DictStore):
    """What follows a semicolon is a parameter, and no part of a name."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element.partition(";")[0] or element for element in key)


@plants("KEY-4")
class CutsShortNames(DictStore):
    """Names are kept to 48 characters."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element[:48] for element in key)


@plants("KEY-4")
class TakesLettersForTheirLowByte(DictStore):
    """Of each character the last 8 bits are kept."""

    def _slot(self, key: Key) -> Hashable:
        return tuple("".join(chr(ord(one) & 0xFF) for one in element) for element in key)


@plants("KEY-4")
class WritesDatesWithoutHyphens(DictStore):
    """A date is kept without its hyphens."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\1\2\3", element) for element in key)


# Patterns, siblings and ranges


@plants("REMOVE-2")
class RemovesBackups(DictStore):
    """A removal takes what has its name and a tilde or a number in brackets."""

    def _drop(self, key: Key) -> bool:
        for other in self._every_key():
            if (
                key
                and other
                and other[:-1] == key[:-1]
                and re.fullmatch(re.escape(key[-1]) + r"(~| \(\d\))", other[-1])
            ):
                super()._drop(other)
        return super()._drop(key)


@plants("LIST-2", "LIST-3")
class ListsByClass(DictStore):
    """A prefix with square brackets is a class of characters, as in a shell."""

    def list_keys(self, prefix: Key = ()) -> Any:
        self._validate_key(prefix)
        pattern = [re.sub(r"\\\[(\w+)\\\]", r"[\1]", re.escape(element)) for element in prefix]
        return [
            key
            for key in self._every_key()
            if key[: len(prefix)] == prefix
            or (len(key) >= len(prefix) and all(map(re.fullmatch, pattern, key[: len(prefix)])))
        ]


@plants("LIST-2")
class ScansToTheEuro(DictStore):
    """A listing scans to the last character that the author's keyboard has."""

    def list_keys(self, prefix: Key = ()) -> Any:
        below = super().list_keys(prefix)
        size = len(prefix)
        return [key for key in below if not size or key[size : size + 1] <= ("\u20ac",)]


# Values that come back as others


class _Reads(DictStore):
    """Correct but for what `_read` makes of a text."""

    def _read(self, text: str) -> str:
        return text

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return self._read(value) if isinstance(value, str) else value


@plants("GET-1")
class ReadsWordsForTrue(_Reads):
    """A text that is a word for true comes back as another."""

    def _read(self, text: str) -> str:
        return "1" if text.lower() in ("on", "yes") else text


@plants("GET-1")
class ReadsNumbersShort(_Reads):
    """A number with a point comes back without the zeros at its end."""

    def _read(self, text: str) -> str:
        return text.rstrip("0") if re.fullmatch(r"\d+\.\d+", text) else text


@plants("GET-1")
class RepairsText(_Reads):
    """What looks like UTF-8 that was read as Windows-1252 is repaired."""

    def _read(self, text: str) -> str:
        try:
            return text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return text


@plants("GET-1")
class StraightensQuotes(_Reads):
    """Curly quotation marks come back straight."""

    def _read(self, text: str) -> str:
        return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


@plants("UPDATE-1")
class UpdatesCleaned(DictStore):
    """update drops soft hyphens."""

    def update(self, key: Key, value: Any, **kwargs: Any) -> Any:
        return super().update(key, value.replace("\u00ad", "") if isinstance(value, str) else value, **kwargs)


@plants("GET-1")
class KeepsFloatsAlone(DictStore):
    """A whole number past 53 bits has been a float."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, int(float(value)) if type(value) is int and abs(value) > 2**53 else value)


@plants("GET-1")
class KeepsListsForTuples(DictStore):
    """A tuple inside a list comes back as a list."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return json.loads(json.dumps(value)) if type(value) is list and _is_json(value) else copied(value)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


@plants("GET-1")
class LosesTheSignOfZero(DictStore):
    """A zero that is negative comes back as one that is not."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return 0.0 if type(value) is float and value == 0 else value
