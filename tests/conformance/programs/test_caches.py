"""The sweep of caches: every way to write, then more others than a cache holds, and what that is to find."""

import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.caches import OTHERS, WAYS_TO_WRITE, cache_sweeps, pushed_out, ways_to_write
from conformance.programs.operations import WRITES, Move, RemoveKey, Set
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims, Subject
from tests.conformance.programs.sweeping import MATERIAL, wrong_in


class Cached(DictStore):
    """The last few values that were written are in a cache, from which they are written when they are pushed out."""

    size = 8
    loses = ""

    def _put(self, key, value, name):
        cache = self.shelf.marks.setdefault("cache", {})
        cache.pop(key, None)
        cache[key] = (name, value)
        if len(cache) > self.size:
            oldest = next(iter(cache))
            name, value = cache.pop(oldest)
            if name != self.loses:
                super()._set(oldest, value)
        return cache

    def _set(self, key, value, **kwargs):
        self._put(key, value, "set over" if self._has_key(key) else "set")

    def _cached(self):
        return self.shelf.marks.setdefault("cache", {})

    def _get(self, key):
        return self._cached()[key][1] if key in self._cached() else super()._get(key)

    def _has_key(self, key):
        return key in self._cached() or super()._has_key(key)

    def _every_key(self):
        return list(dict.fromkeys((*super()._every_key(), *self._cached())))

    def _drop(self, key):
        was_there = self._cached().pop(key, None) is not None
        return super()._drop(key) or was_there

    def _move(self, source_key, dest_key, **kwargs):
        value = self._get(source_key)
        self._drop(source_key)
        self._drop(dest_key)
        self._put(dest_key, value, "move")


def is_found(size, loses, count):
    store = type("Subject", (Cached,), {"size": size, "loses": loses})
    harness = Harness(Subject(store, new_shelf, Claims()))
    return bool(divergences(harness, tuple(pushed_out(count, MATERIAL))))


@pytest.mark.parametrize("loses", ["move", "set over"])
@pytest.mark.parametrize("count", OTHERS)
def test_what_is_lost_from_a_cache_of_so_many_is_found(count, loses):
    assert is_found(count - 1, loses, count)
    assert not is_found(count - 1, "nothing", count)


def test_there_are_as_many_ways_to_write_as_are_told():
    ways = ways_to_write(("a",), ("b",), "1", "2")

    assert len(ways) == len(set(ways)) == WAYS_TO_WRITE
    assert {type(one) for way in ways for one in way} == {*WRITES, Move, RemoveKey}


def test_the_last_key_of_each_half_is_followed_by_so_many_others():
    for count in OTHERS:
        program = tuple(pushed_out(count, MATERIAL))
        others = [one for one in program if isinstance(one, Set) and one.key[-1].isdigit()]
        assert len(others) == 2 * count


def test_the_reference_passes():
    (sweep,) = cache_sweeps(Claims(), MATERIAL)
    assert wrong_in(sweep.extents[-1].programs()) == []


def test_a_subject_that_claims_its_elements_is_not_swept():
    assert cache_sweeps(Claims(elements=strategies.just("a")), MATERIAL) == ()
