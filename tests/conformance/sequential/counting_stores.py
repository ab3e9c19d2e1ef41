"""Stores that lose a write by rule of count, or by chance: what goes wrong has nothing to do with what is called."""

import random
from collections import Counter
from typing import Any, ClassVar

from spec_store import InMemoryStoreBackend


class Counting(InMemoryStoreBackend):
    """Loses what it is asked to set whenever `loses` says so; `COUNTED` are what is counted."""

    COUNTED: ClassVar[frozenset[str]] = frozenset({"set"})
    PERIOD = 0

    def __init__(self, **options: Any) -> None:
        self.count = 0
        super().__init__(**options)

    def loses(self, name: str, key: Any) -> bool:
        self.count += name in self.COUNTED
        return self.count % self.PERIOD == 0

    def _set(self, key, value, **kwargs):
        if not self.loses("set", key):
            super()._set(key, value)

    def _get(self, key, **kwargs):
        self.loses("get", key)
        return super()._get(key)

    def _has_key(self, key):
        self.loses("has_key", key)
        return super()._has_key(key)

    def list_keys(self, prefix=()):
        self.loses("list_keys", prefix)
        return super().list_keys(prefix)

    def remove_key(self, key):
        self.loses("remove_key", key)
        return super().remove_key(key)


EVERY = frozenset({"set", "get", "has_key", "list_keys", "remove_key"})


class EverySeventhCall(Counting):
    COUNTED = EVERY
    PERIOD = 7


class EverySixteenthCall(Counting):
    COUNTED = EVERY
    PERIOD = 16


class EveryFortiethCall(Counting):
    COUNTED = EVERY
    PERIOD = 40


class EveryNinetySeventhCall(Counting):
    COUNTED = EVERY
    PERIOD = 97


class EverySeventhWrite(Counting):
    PERIOD = 7


class EverySixteenthWrite(Counting):
    PERIOD = 16


class EveryFortiethWrite(Counting):
    PERIOD = 40


class EveryFifthOfAKey(Counting):
    def __init__(self, **options: Any) -> None:
        self.counts: Counter[Any] = Counter()
        super().__init__(**options)

    def loses(self, name: str, key: Any) -> bool:
        self.counts[key] += name == "set"
        return name == "set" and self.counts[key] % 5 == 0


class ByChance(Counting):
    """Each write is lost with a chance of one in fifty; each store draws the same lots."""

    def __init__(self, **options: Any) -> None:
        self.lots = random.Random(1)
        super().__init__(**options)

    def loses(self, name: str, key: Any) -> bool:
        return name == "set" and self.lots.random() < 0.02


class OfAllStores(EveryFortiethCall):
    """Counts the calls of all stores of the process, so that no new store begins as the last one did."""

    counts: ClassVar[Counter[str]] = Counter()

    def loses(self, name: str, key: Any) -> bool:
        self.counts["all"] += 1
        return self.counts["all"] % self.PERIOD == 0


class ByChanceOfAllStores(Counting):
    lots: ClassVar[random.Random] = random.Random(1)

    def loses(self, name: str, key: Any) -> bool:
        return name == "set" and self.lots.random() < 0.02


class OnceInALifetime(Counting):
    """The hundredth write of the process is lost, and no other."""

    counts: ClassVar[Counter[str]] = Counter()

    def loses(self, name: str, key: Any) -> bool:
        self.counts["set"] += name == "set"
        return name == "set" and self.counts["set"] == 100
