"""Faults that one certain text, number or pair sets off: what the code itself knows, a hash, a length, a document.

No pool of odd keys and values has these, and chance does not meet them.
"""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Hashable
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from spec_store import InvalidKeyError, Key, StoreBackend

ID_KEY: Key = StoreBackend.STORE_BACKEND_ID_KEY


class _Reading(DictStore):
    """Reads what `_read` makes of a text that is there under a key."""

    def _read(self, key: Key, text: str) -> str:
        return text

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return self._read(key, value) if isinstance(value, str) and key != ID_KEY else value


# What the code itself knows


@plants("LIST-1", "LIST-2", "ALL-1")
class HidesUploads(DictStore):
    """A key that ends like the name of an unfinished upload is not listed."""

    UNFINISHED = ".uploading~"

    def _every_key(self) -> list[Key]:
        return [key for key in super()._every_key() if not "".join(key[-1:]).endswith(self.UNFINISHED)]


@plants("SET-1", "HAS-1", "GET-1", "UPDATE-1")
class TakesATextForAMark(DictStore):
    """A key whose value is the mark of removed ones is missing."""

    def _has_key(self, key: Key) -> Any:
        return super()._has_key(key) and super()._get(key) != "<removed>"

    def _get(self, key: Key) -> Any:
        if not self._has_key(key):
            raise InvalidKeyError(f"{key!r} is not there")
        return super()._get(key)


@plants("GET-1")
class LosesAWholeFrame(_Reading):
    """Of a text of exactly 3,333 characters the last one is lost."""

    FRAME = 3333

    def _read(self, key: Key, text: str) -> str:
        return text[:-1] if len(text) == self.FRAME else text


# Neighbours


@plants("KEY-4")
class AbbreviatesElements(DictStore):
    """An element of more than 90 characters is known by its first 25, its last 25, and its length."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element if len(element) <= 90 else (element[:25], element[-25:], len(element)) for element in key)


@plants("GET-1", "SET-1", "SET-2")
class KeepsTextsOnce(DictStore):
    """Texts of more than 3,000 characters are kept once, and known by their length and their first 2,000."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) > 3000:
            value = self.shelf.marks.setdefault((len(value), value[:2000]), value)
        return super()._set(key, value, **kwargs)


# Hashes


@plants("KEY-4")
class FindsKeysByJenkins(DictStore):
    """Keys are found by the hash of Jenkins of their elements and what divides these."""

    def _slot(self, key: Key) -> Hashable:
        number = 0
        for byte in "\x1f".join((*key, str(len(key)))).encode("utf-8", "surrogatepass"):
            number = (number + byte) * 1025 & 0xFFFFFFFF
            number ^= number >> 6
        return number


@plants("KEY-4")
class NamesKeysByAShortDigest(DictStore):
    """The last element of a key is kept as the first eight digits of its MD5 digest."""

    def _slot(self, key: Key) -> Hashable:
        raw = "".join(key[-1:]).encode("utf-8", "surrogatepass")
        return (*key[:-1], hashlib.md5(raw, usedforsecurity=False).hexdigest()[:8], len(key))


# Lengths


@plants("GET-1", "MOVE-1")
class LosesTheEndOfARecord(_Reading):
    """A record of a key, a header of 37 characters and a value that fills blocks of 512 loses its last character."""

    def _read(self, key: Key, text: str) -> str:
        return text[:-1] if text and (sum(map(len, key)) + 37 + len(text)) % 512 == 0 else text


# Documents


@plants("GET-1")
class UnfoldsHeaders(_Reading):
    """A header that is folded, as in mail, comes back on one line."""

    def _read(self, key: Key, text: str) -> str:
        return re.sub(r"\r\n[ \t]+", " ", text) if re.match(r"[A-Za-z-]+: ", text) else text


@plants("SET-2", "GET-1", "SET-1", "MOVE-5", "UPDATE-1", "UPSERT-1", "ADD-1")
class FindsLinesOfOthers(_Reading):
    """A value is looked for in all that is there, and a line of another value that begins with the key is found."""

    def _read(self, key: Key, text: str) -> str:
        begin = "/".join(key) + "\t"
        lines = (
            line
            for other, (name, value) in self._kept.items()
            if other != self._slot(key) and name != ID_KEY and isinstance(value, str) and begin in value
            for line in value.split("\n")
        )
        return next((line.removeprefix(begin) for line in lines if key and line.startswith(begin)), text)


@plants("GET-1")
class KeepsDatesAsText(DictStore):
    """A date comes back as the text of it."""

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return value.isoformat() if type(value) is dt.date else value


# Ids


@plants("ID-3")
class WantsAVersion(DictStore):
    """A manual id without a version, such as the one of zeros alone, is replaced by a random one."""

    def _first_id(self) -> uuid.UUID:
        first = super()._first_id()
        return uuid.uuid4() if first.version is None else first
