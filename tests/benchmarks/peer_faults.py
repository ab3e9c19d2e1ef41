"""Ten faults as a study of store tests plants them, each in one small core, on which `peers` runs several suites.

The core stands below both interfaces, this project's (`peer_conformance`) and zarr's (`peer_zarr`), so that a fault is
planted once, and what a suite sees of it is the fault and not the wrapper:

| fault                | what the core does wrong                                                                  |
|----------------------|-------------------------------------------------------------------------------------------|
| delete no-op         | a deletion does nothing                                                                   |
| stale overwrite      | a key that is stored keeps its first value                                                |
| delete by prefix     | a deletion takes along every key whose path begins with the same text                     |
| list omits           | a listing of more than one key leaves out its last                                        |
| list by text         | a listing below a path is of all keys that begin with its text: below `foo`, `foo-bar/x`  |
| exists for a prefix  | a path with keys below it is said to be stored                                            |
| get truncates        | of a value past 4 KiB, get gives the first 4 KiB                                          |
| empty value lost     | a key that is given an empty value is not stored                                          |
| case folding         | keys that differ by case share a value; a listing has the spelling that came first        |
| aliasing             | the store keeps the caller's object, and hands its own out                                |

Only one has a threshold, a page of 4 KiB.
"""

import copy
from collections.abc import Callable
from typing import Any

import attrs

from spec_store.keys import Key, starts_with

PAGE = 4096


def path_of(key: Key) -> str:
    return "/".join(key)


def length_of(value: Any) -> int:
    """How long a text, or a buffer of zarr's, is; 1 for what has no length."""
    return len(value) if hasattr(value, "__len__") else 1


@attrs.define
class Core:
    """Values under keys, in a dict, without a fault. Values are copied on their way in and out."""

    values: dict[Key, Any] = attrs.field(factory=dict)

    def set(self, key: Key, value: Any) -> None:
        self.values[key] = copy.deepcopy(value)

    def get(self, key: Key) -> Any:
        """The value of a key; KeyError if it is missing."""
        return copy.deepcopy(self.values[key])

    def delete(self, key: Key) -> None:
        """Remove a key that may be missing."""
        self.values.pop(key, None)

    def exists(self, key: Key) -> bool:
        return key in self.values

    def below(self, path: Key) -> list[Key]:
        """The keys that start with a path, by whole elements."""
        return [key for key in self.values if starts_with(key, path)]


class DeleteNoOp(Core):
    def delete(self, key: Key) -> None:
        pass


class StaleOverwrite(Core):
    def set(self, key: Key, value: Any) -> None:
        if key not in self.values:
            super().set(key, value)


class DeleteByPrefix(Core):
    def delete(self, key: Key) -> None:
        for other in list(self.values):
            if path_of(other).startswith(path_of(key)):
                del self.values[other]


class ListOmits(Core):
    def below(self, path: Key) -> list[Key]:
        found = super().below(path)
        return found[:-1] if len(found) > 1 else found


class ListByText(Core):
    def below(self, path: Key) -> list[Key]:
        return [key for key in self.values if path_of(key).startswith(path_of(path))]


class ExistsForAPrefix(Core):
    def exists(self, key: Key) -> bool:
        return any(starts_with(other, key) for other in self.values)


class GetTruncates(Core):
    def get(self, key: Key) -> Any:
        value = super().get(key)
        return value[:PAGE] if length_of(value) > PAGE else value


class EmptyValueLost(Core):
    def set(self, key: Key, value: Any) -> None:
        self.delete(key)
        if length_of(value) > 0:
            super().set(key, value)


class CaseFolding(Core):
    """As a file system that ignores case, and keeps it."""

    def _spelling(self, key: Key) -> Key:
        folded = path_of(key).casefold()
        return next((other for other in self.values if path_of(other).casefold() == folded), key)

    def set(self, key: Key, value: Any) -> None:
        super().set(self._spelling(key), value)

    def get(self, key: Key) -> Any:
        return super().get(self._spelling(key))

    def delete(self, key: Key) -> None:
        super().delete(self._spelling(key))

    def exists(self, key: Key) -> bool:
        return super().exists(self._spelling(key))


class Aliasing(Core):
    def set(self, key: Key, value: Any) -> None:
        self.values[key] = value

    def get(self, key: Key) -> Any:
        return self.values[key]


CONTROL = "none (control)"
CORES: dict[str, Callable[[], Core]] = {
    CONTROL: Core,
    "delete no-op": DeleteNoOp,
    "stale overwrite": StaleOverwrite,
    "delete by prefix": DeleteByPrefix,
    "list omits": ListOmits,
    "list by text": ListByText,
    "exists for a prefix": ExistsForAPrefix,
    "get truncates": GetTruncates,
    "empty value lost": EmptyValueLost,
    "case folding": CaseFolding,
    "aliasing": Aliasing,
}
"""Each by the name of its fault, and the one that has none."""

FAULTS = tuple(name for name in CORES if name != CONTROL)
