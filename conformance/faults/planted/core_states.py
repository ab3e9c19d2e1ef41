"""Faults that take a state: three keys, of which some hold the same. No value is special, and no key.

Whoever gives each write a value of its own, as random programs do, never comes to such a state.
"""

from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.plain import ID_KEY
from spec_store import Key


class _Stateful(DictStore):
    """A correct one, which knows who holds the same."""

    def _others(self, *keys: Key) -> dict[Key, Any]:
        """What all other keys hold, in the order of their keys."""
        every = {key: value for key, value in self._kept.values() if key not in (*keys, ID_KEY)}
        return dict(sorted(every.items()))

    def _pair(self, *keys: Key) -> list[Key]:
        """The two other keys, if that is how many there are and they hold the same."""
        others = self._others(*keys)
        values = list(others.values())
        return list(others) if len(others) == 2 and values[0] == values[1] else []

    def _twins(self, key: Key, *others: Key) -> list[Key]:
        """The other keys that hold what one holds."""
        if not self._has_key(key):
            return []
        return [other for other, value in self._others(key, *others).items() if value == self._get(key)]


@plants("MOVE-5")
class MoveOntoAnotherSweepsTwins(_Stateful):
    """A move onto a stored key removes a third one that holds what was moved."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        swept = self._twins(source_key, dest_key) if self._has_key(dest_key) and source_key != dest_key else []
        super()._move(source_key, dest_key, **kwargs)
        for key in swept:
            self._drop(key)


@plants("REMOVE-2")
class RemovalSweepsPairs(_Stateful):
    """A removal removes another key too, where two others hold the same."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        for other in self._pair(key)[:1] if removed else []:
            self._drop(other)
        return removed


@plants("SET-2")
class SettingTheSameForgetsTheOdd(_Stateful):
    """To set what a key holds already, while another holds it too, loses a third key that holds something else."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        twins = self._twins(key) if self._has_key(key) and self._get(key) == value else []
        super()._set(key, value, **kwargs)
        odd = [other for other in self._others(key) if other not in twins]
        if twins and odd:
            self._drop(odd[0])


@plants("HAS-1")
class TwinsHideWhatIsBetween(_Stateful):
    """has_key denies a key that stands between two that hold the same, and something else than it does."""

    def has_key(self, key: Key) -> Any:
        pair, there = self._pair(key), super().has_key(key)
        is_between = bool(pair) and pair[0] < key < pair[1]
        return there and not (is_between and self._get(key) != self._get(pair[0]))


@plants("MOVE-2")
class MovedOntoTwinsIsTheOther(_Stateful):
    """What a move brings to a key that held the same is what a third key holds."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        same = source_key != dest_key and dest_key in self._twins(source_key)
        super()._move(source_key, dest_key, **kwargs)
        for other in list(self._others(dest_key))[:1] if same else []:
            self._set(dest_key, self._get(other))
