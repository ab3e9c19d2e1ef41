"""Faults of sizes, counts, ages, and of two oddities at once: none shows in a short program of plain values."""

import hashlib
from collections.abc import Hashable
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore, copied
from spec_store import InvalidKeyError, Key, StoreBackend

ID_KEY: Key = StoreBackend.STORE_BACKEND_ID_KEY


class _Reading(DictStore):
    """Reads what `_read` makes of a text."""

    def _read(self, text: str) -> str:
        return text

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return self._read(value) if isinstance(value, str) else value


@plants("GET-1")
class LosesALastBlock(_Reading):
    """A text that fills blocks of 24,576 characters to the last one loses that."""

    def _read(self, text: str) -> str:
        return text[:-24_576] if text and len(text) % 24_576 == 0 else text


@plants("GET-1")
class SplitsCharacters(_Reading):
    """Texts are decoded by blocks of 16 KiB, and a character that lies across two becomes two question marks."""

    def _read(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogatepass")
        if len(raw) <= 16_384:
            return text
        return "".join(raw[at : at + 16_384].decode("utf-8", "replace") for at in range(0, len(raw), 16_384))


@plants("GET-1")
class CutsAtTwoMebibytes(_Reading):
    """Of texts past 2 MiB the rest is gone."""

    def _read(self, text: str) -> str:
        return text[: 2 << 20]


@plants("SET-1", "GET-1", "UPSERT-1")
class LeavesATail(DictStore):
    """A text that replaces one of more than 2,000 characters is written over it, and the old end stays."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        old = self._kept.get(self._slot(key), (key, ""))[1]
        long = isinstance(value, str) and isinstance(old, str) and len(old) > 2000
        return super()._set(key, value + old[len(value) :] if long else value, **kwargs)


@plants("GET-1")
class StripsLongLines(_Reading):
    """Texts past 8,192 characters lose spaces at their end."""

    def _read(self, text: str) -> str:
        return text.rstrip(" ") if len(text) > 8192 else text


@plants("MOVE-1", "MOVE-2", "GET-1")
class MovesLongTextsAsLatin(DictStore):
    """A move of a text past 900 characters replaces what Latin-1 has not."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key, **kwargs)
        key, value = self._kept[self._slot(dest_key)]
        if isinstance(value, str) and len(value) > 900:
            self._kept[self._slot(dest_key)] = (key, value.encode("latin-1", "replace").decode("latin-1"))


@plants("KEY-4", "LIST-1")
class CutsElements(DictStore):
    """Elements of more than 5,000 characters are one if they begin alike."""

    def _slot(self, key: Key) -> Hashable:
        return tuple(element[:5000] for element in key)


@plants("KEY-4", "LIST-1", "REMOVE-2", "REMOVE-4")
class CutsKeys(DictStore):
    """Keys of more than 60 elements are one if they begin alike."""

    def _slot(self, key: Key) -> Hashable:
        return key[:60]


@plants("KEY-4", "LIST-1", "SET-2", "REMOVE-2", "REMOVE-4")
class CutsNames(DictStore):
    """A key has a name of 50,000 characters at most, and keys whose names begin alike are one."""

    def _slot(self, key: Key) -> Hashable:
        name = "\0".join(key)
        return key if len(name) <= 50_000 else name[:50_000]


@plants("LIST-1", "LIST-2")
class ListsNinetySix(DictStore):
    """A listing ends after 96 keys."""

    def list_keys(self, prefix: Key = ()) -> Any:
        return super().list_keys(prefix)[:96]


@plants("LIST-2", "LIST-1")
class LosesAFullPage(DictStore):
    """A listing of exactly 120 keys, or 240, and so on, lacks its last page of 120."""

    def list_keys(self, prefix: Key = ()) -> Any:
        keys = super().list_keys(prefix)
        return keys[:-120] if keys and len(keys) % 120 == 0 else keys


@plants("ALL-1")
class GetsThreeHundred(DictStore):
    """get_all gives 300 values at most."""

    def get_all(self) -> Any:
        return super().get_all()[:300]


@plants("KEY-4", "GET-1", "SET-2", "SET-1", "ALL-1")
class FewSlots(DictStore):
    """Keys share one of 20,000 slots of values by their hash."""

    def _slot_of_value(self, key: Key) -> int:
        raw = repr(key).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(raw).digest()[:6], "big") % 20_000

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self.shelf.marks[self._slot_of_value(key)] = copied(value)
        return super()._set(key, value, **kwargs)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)

    def _get(self, key: Key) -> Any:
        super()._get(key)
        return copied(self.shelf.marks[self._slot_of_value(key)])


@plants("SET-2", "GET-1", "SET-1")
class CachesForty(DictStore):
    """Overwritten values are kept in a cache of 40 until they are written, and the oldest falls out unwritten."""

    @property
    def cache(self) -> dict[Key, Any]:
        """The values that are not yet written."""
        found: dict[Key, Any] = self.shelf.marks.setdefault("cache", {})
        return found

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if not self._has_key(key):
            return super()._set(key, value, **kwargs)
        self.cache.pop(key, None)
        self.cache[key] = copied(value)
        if len(self.cache) > 40:
            del self.cache[next(iter(self.cache))]
        return None

    def _get(self, key: Key) -> Any:
        value = super()._get(key)
        return copied(self.cache[key]) if key in self.cache else value

    def _drop(self, key: Key) -> bool:
        self.cache.pop(key, None)
        return super()._drop(key)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._drop(dest_key)
        super()._set(dest_key, value)


@plants("SET-1", "GET-1", "UPDATE-1", "UPSERT-1")
class LosesTheThirtiethRewrite(DictStore):
    """Of each key the thirtieth value that replaces another one is lost."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if self._has_key(key):
            count = self.shelf.marks[key] = self.shelf.marks.get(key, 0) + 1
            if count == 30:
                return None
        return super()._set(key, value, **kwargs)


@plants("REMOVE-1", "REMOVE-2", "HAS-1", "LIST-1", "GET-2", "MOVE-5")
class ForgetsSixtyMarks(DictStore):
    """Removed keys are marked, and of more than 60 marks the oldest is forgotten, so that its key is back."""

    @property
    def _gone(self) -> dict[Key, None]:
        found: dict[Key, None] = self.shelf.marks.setdefault("gone", {})
        return found

    def _has_key(self, key: Key) -> Any:
        return key not in self._gone and super()._has_key(key)

    def _get(self, key: Key) -> Any:
        if key in self._gone:
            raise InvalidKeyError(f"{key!r} is not there")
        return super()._get(key)

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._gone.pop(key, None)
        return super()._set(key, value, **kwargs)

    def _every_key(self) -> list[Key]:
        return [key for key in super()._every_key() if key not in self._gone]

    def _drop(self, key: Key) -> bool:
        if not self._has_key(key):
            return False
        self._gone[key] = None
        if len(self._gone) > 60:
            del self._gone[next(iter(self._gone))]
        return True

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)


class _Openings:
    """How many there have been; equal to itself alone, so that a place is no other for it."""

    number = 0


@plants("REOPEN-1")
class SixthOpening(DictStore):
    """The sixth object that is opened on a place does not find the first key that was stored."""

    def _opened(self) -> None:
        openings = self.shelf.marks.setdefault("openings", _Openings())
        openings.number += 1
        if openings.number == 6:
            first = next((slot for slot, (key, _) in self._kept.items() if key != ID_KEY), None)
            self._kept.pop(first, None)
        super()._opened()
