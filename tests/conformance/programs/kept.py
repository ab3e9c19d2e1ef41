"""The reference over a dict that outlives it, as mutants of it need, and how laws are put to them."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from conformance.programs.keys import ID_KEY
from conformance.programs.laws import Checking, Contents, Opening, World
from spec_store import InMemoryStoreBackend, InvalidKeyError, Key
from spec_store.catalogue.laws import LAWS
from spec_store.identity import format_id_text


class Place(dict[Key, Any]):
    """Where a store is kept, beyond the object that is open on it.

    Args:
        stored: what is stored to begin with.
    """

    def __init__(self, stored: Any = ()) -> None:
        super().__init__(stored)
        self.openings = 0


class Kept(InMemoryStoreBackend):
    """The reference, over a dict that outlives it; `changed` and `removed` are the keys of this object's writes."""

    def __init__(self, place: Place, **options: Any) -> None:
        super().__init__(**{**options, "suppress_store_backend_id": True})
        self._suppress_store_backend_id = options.get("suppress_store_backend_id", False)
        self._values = place
        self.place = place
        self.changed: set[Key] = set()
        self.removed: set[Key] = set()
        self.remembered: Any = None
        place.openings += 1
        self._construct_store_backend_id(suppress_warning=True)


class ReadsTheLast(Kept):
    """What one operation leaves behind, a get that follows at once takes for any key's."""

    def _get(self, key):
        if self.remembered is None or key == ID_KEY:
            return super()._get(key)
        return self.read_again(key)

    def read_again(self, key):
        """What get gives amiss."""
        raise InvalidKeyError(key)

    def _set(self, key, value, **kwargs):
        self.remembered = None
        super()._set(key, value)

    def _move(self, source_key, dest_key, **kwargs):
        self.remembered = None
        super()._move(source_key, dest_key)

    def remove_key(self, key):
        self.remembered = None
        return super().remove_key(key)

    def has_key(self, key):
        self.remembered = None
        return super().has_key(key)

    def list_keys(self, prefix=()):
        self.remembered = None
        return super().list_keys(prefix)


Mutant = TypeVar("Mutant", bound=type[Any])


def breaks(*laws: str) -> Callable[[Mutant], Mutant]:
    """Mark a class as a mutant.

    Args:
        laws: the ids of all laws that it breaks.
    """

    def marked(cls: Mutant) -> Mutant:
        cls.broken = frozenset(laws)
        return cls

    return marked


WORLD = World((("a",), ("a", "b"), ("ab",)), ("", "xy"), ((), ("a",), ("a", "b"), ("ab",), ("c",)))
"""Keys that are related, as elements and as text, and values of which one is empty."""

ID_TEXT = format_id_text(uuid.UUID("6f1b4a52-9d3e-4c0b-8a7f-2e5d1c3b4a69"))


def checking(cls: type[Any], world: World = WORLD) -> Checking:
    """How laws are put to the reference, or to a mutant of it."""

    def made(state: Contents) -> Opening:
        place = Place(state)
        return lambda: cls(place)

    return Checking(world, made)


def broken_by(cls: type[Any]) -> frozenset[str]:
    """The ids of the laws that a class breaks, of all instances and from all states of the small world."""
    one = checking(cls)
    return frozenset(law.id for law in LAWS if any(True for _ in one.breaches(law, ID_TEXT)))
