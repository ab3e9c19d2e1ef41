"""Correct stores that are odd in ways drawn from a seed: none of them may be accused of anything.

    oddity         what it does                                                allowed by
    -------------  ----------------------------------------------------------  -----------------------------------
    RefusesKeys    refuses each key that has something, by one error, where    KEY-5: get and move of it raise the
                   it would be stored, or wherever it is given but to          same or InvalidKeyError, has_key the
                   list_keys and remove_key                                    same or False
    RefusesValues  refuses each value that has something, by one error         SET-4; the old value stays
    Orders         lists keys in another order                                 LIST-1, LIST-2: in any order
    OwnTypes       lists keys with elements of a subclass of str, in one of    LIST-1: a list of equal tuples
                   list; the values of get_all come in a tuple                 ALL-1: every value, once each
    Tells          set, add, update, add_or_update, move return something      nothing is said of what they return
    Waits          takes a millisecond for a call now and then                 nothing is said of time
    Warns          warns and logs in each call that names a key                nothing is said of either

What it refuses is nothing that plain keys and values have; a store of none of these is no use to try anything on.
"""

import logging
import random
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs

from conformance.faults.generated.calls import Call, Handle, Memory, Scene
from conformance.faults.generated.fault import DICT, FILES
from conformance.faults.generated.keys import (
    CHARACTERS,
    POSITIONS,
    WHERE,
    WHOLE,
    Element,
    EqualNeighbours,
    LongElement,
    ManyElements,
)
from conformance.faults.generated.plans import somewhat
from conformance.faults.generated.values import TEXTS, LongText, Text
from conformance.faults.planting import OddOne
from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.faults.stores.file_store import FileStore, new_directory
from conformance.faults.stores.plain import ID_KEY, PlainStore
from conformance.subject.subject import Claims, Subject
from spec_store import InvalidKeyError, Key, StoreBackendError

logger = logging.getLogger(__name__)

KEY_ERRORS: Mapping[str, type[Exception]] = {
    "TypeError": TypeError,
    "ValueError": ValueError,
    "InvalidKeyError": InvalidKeyError,
    "StoreBackendError": StoreBackendError,
}
VALUE_ERRORS: Mapping[str, type[Exception]] = {"TypeError": TypeError, "StoreBackendError": StoreBackendError}

PLAIN_WORDS = ("a single character",)
PLAIN_TEXTS = ("of digits alone", "of digits after a zero", "that is JSON")
"""Classes of which the plainest keys and values are."""

NOWHERE = Scene(None, Memory(), Handle())
"""For parts of triggers that ask for nothing but the key or the value."""


class Word(str):
    """An element of a listed key."""

    __slots__ = ()


class Listed(list[Key]):
    """A listing."""


@attrs.frozen
class RefusesKeys:
    """Refuses each key that has something."""

    part: Element | LongElement | ManyElements | EqualNeighbours
    error: str
    everywhere: bool

    def refuse(self, key: Any) -> None:
        """Raise the error for such a key; the id's is none."""
        call = Call("set", key)
        if call.plain and self.part.met(call, NOWHERE):
            raise KEY_ERRORS[self.error](f"such a key cannot be stored: {key!r}")

    def __str__(self) -> str:
        where = "given" if self.everywhere else "stored"
        return f"{self.error} is raised where a key is {where} of which {self.part}"


@attrs.frozen
class RefusesValues:
    """Refuses each value that has something."""

    part: Text | LongText
    error: str

    def refuse(self, value: Any) -> None:
        """Raise the error for such a value."""
        if self.part.met(Call("set", value=value), NOWHERE):
            raise VALUE_ERRORS[self.error]("such a value cannot be stored")

    def __str__(self) -> str:
        return f"{self.error} is raised where {self.part}"


@attrs.frozen
class Orders:
    """Lists keys in another order."""

    by: str

    def ordered(self, keys: list[Key]) -> list[Key]:
        """The keys, in that order."""
        return ORDERS[self.by](keys)

    def __str__(self) -> str:
        return f"keys are listed {self.by}"


ORDERS: Mapping[str, Callable[[list[Key]], list[Key]]] = {
    "in order": sorted,
    "from the last to the first": lambda keys: sorted(keys, reverse=True),
    "the longest first": lambda keys: sorted(keys, key=len, reverse=True),
    "by their last element": lambda keys: sorted(keys, key=lambda key: key[::-1]),
}


@attrs.frozen
class OwnTypes:
    """Lists in types of its own."""

    def __str__(self) -> str:
        return "listings, their elements, and the values of get_all are in types of their own"


@attrs.frozen
class Tells:
    """Writes return something."""

    what: Any

    def __str__(self) -> str:
        return f"writes return {self.what!r}"


@attrs.frozen
class Waits:
    """Takes a millisecond for every so many calls."""

    every: int

    def __str__(self) -> str:
        return f"a millisecond passes in each {self.every}th call"


@attrs.frozen
class Warns:
    """Warns and logs."""

    def __str__(self) -> str:
        return "each call that names a key warns and logs"


Oddity = RefusesKeys | RefusesValues | Orders | OwnTypes | Tells | Waits | Warns


@attrs.frozen
class GeneratedOdd:
    """A correct store that is odd, as it was drawn: by its seed and number, on a base, with some oddities."""

    seed: int
    number: int
    base: str
    oddities: tuple[Oddity, ...]

    @property
    def name(self) -> str:
        """What its class and its row are called."""
        return f"Odd{self.number}"

    @property
    def description(self) -> str:
        """What is odd about it, in a sentence."""
        return f"In {self.base}: {'; '.join(map(str, self.oddities))}."

    @property
    def one(self) -> OddOne:
        """The same as the self-test takes it."""
        files = self.base == FILES
        cls = type(self.name, (_OddFiles if files else _OddDict,), {"odd_": self, "__module__": __name__})
        place: Any = new_directory if files else new_shelf
        return OddOne(self.name, Subject(cls, place, Claims(durable=True), self.name), self.description)


def odd_drawn(seed: int, number: int) -> GeneratedOdd:
    """The odd store of a seed and a number, with one to three oddities."""
    rng = random.Random(f"odd {seed}/{number}")
    drawing = rng.sample((_keys, _values, _keys_or_values, _order, _types, _telling, _waiting, _warning), 3)
    oddities = tuple(one(rng) for one in drawing[: rng.randint(1, 3)])
    return GeneratedOdd(seed, number, rng.choice((DICT, FILES)), oddities)


def _keys(rng: random.Random) -> Oddity:
    position = rng.choice(list(POSITIONS))
    parts = (
        Element("key", position, rng.choice(list(WHERE)), rng.choice(list(CHARACTERS))),
        Element("key", position, "is", rng.choice([what for what in WHOLE if what not in PLAIN_WORDS])),
        LongElement("key", 8 + somewhat(rng, 1000)),
        ManyElements("key", 2 + somewhat(rng, 20)),
        EqualNeighbours("key"),
    )
    return RefusesKeys(rng.choice(parts), rng.choice(list(KEY_ERRORS)), rng.random() < 0.5)


def _values(rng: random.Random) -> Oddity:
    part = rng.choice((Text(rng.choice([what for what in TEXTS if what not in PLAIN_TEXTS])), LongText(40)))
    if isinstance(part, LongText):
        part = LongText(40 + somewhat(rng, 2**20))
    return RefusesValues(part, rng.choice(list(VALUE_ERRORS)))


def _keys_or_values(rng: random.Random) -> Oddity:
    return rng.choice((_keys, _values))(rng)


def _order(rng: random.Random) -> Oddity:
    return Orders(rng.choice(list(ORDERS)))


def _types(rng: random.Random) -> Oddity:
    return OwnTypes()


def _telling(rng: random.Random) -> Oddity:
    return Tells(rng.choice((True, False, "stored", 1)))


def _waiting(rng: random.Random) -> Oddity:
    return Waits(rng.choice((50, 100, 200)))


def _warning(rng: random.Random) -> Oddity:
    return Warns()


class _Odd(PlainStore):
    """Puts oddities before and after the methods of the store that it is mixed into."""

    odd_: ClassVar[GeneratedOdd]
    _calls = 0

    def _met(self, key: Any) -> None:
        """What is done in each call that names a key."""
        self._calls += 1
        for oddity in self.odd_.oddities:
            if isinstance(oddity, Waits) and self._calls % oddity.every == 0:
                time.sleep(0.001)
            if isinstance(oddity, Warns) and key != ID_KEY:
                logger.warning("%r is asked for", key)
                warnings.warn("this is deprecated", DeprecationWarning, stacklevel=3)
            if isinstance(oddity, RefusesKeys) and oddity.everywhere:
                oddity.refuse(key)

    def _refuse(self, key: Key) -> None:
        for oddity in self.odd_.oddities:
            if isinstance(oddity, RefusesKeys):
                oddity.refuse(key)

    def _told(self, done: Any) -> Any:
        return next((oddity.what for oddity in self.odd_.oddities if isinstance(oddity, Tells)), done)

    def _validate_key(self, key: Any) -> None:
        super()._validate_key(key)
        self._met(key)

    def _validate_value(self, value: Any) -> None:
        super()._validate_value(value)
        for oddity in self.odd_.oddities:
            if isinstance(oddity, RefusesValues):
                oddity.refuse(value)

    def set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._check_key(key)
        self._refuse(key)
        return self._told(super().set(key, value, **kwargs))

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._check_key(key)
        self._refuse(key)
        return self._told(super().add(key, value, **kwargs))

    def move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        self._check_key(source_key)
        self._check_key(dest_key)
        if self._has_key(source_key):
            self._refuse(dest_key)
        return self._told(super().move(source_key, dest_key, **kwargs))

    def list_keys(self, prefix: Key = ()) -> Any:
        keys: Any = super().list_keys(prefix)
        for oddity in self.odd_.oddities:
            if isinstance(oddity, Orders):
                keys = oddity.ordered(keys)
            if isinstance(oddity, OwnTypes):
                keys = Listed(tuple(Word(str.__str__(element)) for element in key) for key in keys)
        return keys

    def get_all(self) -> Any:
        own = any(isinstance(oddity, OwnTypes) for oddity in self.odd_.oddities)
        return tuple(super().get_all()) if own else super().get_all()


class _OddDict(_Odd, DictStore):
    """Over a dict."""


class _OddFiles(_Odd, FileStore):
    """Over files."""
