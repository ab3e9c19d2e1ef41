"""What a generated fault knows when it is about to act: the call, and what was done on the same place before."""

from collections import Counter
from typing import Any

import attrs

from conformance.faults.stores.plain import ID_KEY
from conformance.programs.operations import WRITES as WRITING
from spec_store import Key

NOTHING: Any = object()
"""What a key holds that is not stored; None may be a value."""

WRITES = tuple(operation.name for operation in WRITING)
READS = ("get", "has_key", "list_keys", "get_all")
OF_KEYS = (*WRITES, "move", "remove_key", "get", "has_key", "list_keys")
"""Those that name a key; of list_keys it is the prefix."""


@attrs.frozen
class Call:
    """A call of a store.

    Args:
        name: the operation's.
        key: its key, prefix, or source; None where it has none.
        dest: where a move leads to.
        value: what is to be stored, or `NOTHING`.
    """

    name: str
    key: Key | None = None
    dest: Key | None = None
    value: Any = NOTHING

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys in it."""
        return tuple(key for key in (self.key, self.dest) if key is not None)

    @property
    def plain(self) -> bool:
        """Whether its keys are keys, and none the id's: a fault in other calls would be found by any of them."""
        return (self.name not in OF_KEYS or self.key is not None) and all(map(_is_plain, self.keys))


def _is_plain(key: object) -> bool:
    return isinstance(key, tuple) and key != ID_KEY and all(isinstance(element, str) for element in key)


@attrs.define(eq=False)
class Memory:
    """What was done on one place, by whichever store that is open there.

    Args:
        openings: how many stores were opened.
        clock: how many calls there were.
        stored: the keys that are stored, but for the id's; None where that has to be looked up.
        written: how often each key was given a value.
        removed: the keys that were removed, or moved away, at some time.
        previous: what each key that was written held before.
        last: the keys that the last write named.
        wrote: when each store wrote last, by its number.
    """

    openings: int = 0
    clock: int = 0
    stored: set[Key] | None = None
    written: Counter[Key] = attrs.field(factory=Counter)
    removed: set[Key] = attrs.field(factory=set)
    previous: dict[Key, Any] = attrs.field(factory=dict)
    last: tuple[Key, ...] = ()
    wrote: dict[int, int] = attrs.field(factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether it is one too: places that hold the same are equal, whatever was done there (CONFIG-2)."""
        return isinstance(other, Memory)


@attrs.define
class Handle:
    """What one store that is open on a place has done: its number, how often it was called, and when last."""

    number: int = 1
    calls: Counter[str] = attrs.field(factory=Counter)
    total: int = 0
    used: int = 0


@attrs.frozen
class Scene:
    """What there is when a call is made.

    Args:
        store: the store; whatever is called of it from here acts rightly.
        memory: of its place.
        handle: of itself.
    """

    store: Any
    memory: Memory
    handle: Handle

    def stored(self) -> set[Key]:
        """The stored keys, but for the id's."""
        if self.memory.stored is None:
            self.memory.stored = {key for key in self.store.list_keys() if key != ID_KEY}
        return self.memory.stored

    def value(self, key: Key | None) -> Any:
        """What a key holds; `NOTHING` if it is not stored."""
        return self.store.get(key) if key is not None and self.store.has_key(key) else NOTHING

    def others(self, call: Call) -> list[Key]:
        """The stored keys that the call does not name, in order."""
        return sorted(self.stored().difference(call.keys))
