"""The sweep of orders: every order of coming and going, under every kind of names, and what that is to find."""

import bisect

import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.operations import RemoveKey, Set
from conformance.programs.orders import IN_AN_ORDER, NAMINGS, WAYS, in_orders, order_sweeps
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims, Subject
from tests.conformance.programs.sweeping import MATERIAL, wrong_in

PROGRAMS = list(in_orders(IN_AN_ORDER[0], MATERIAL))


def is_found(store):
    harness = Harness(Subject(store, new_shelf, Claims(), store.__name__))
    return any(divergences(harness, program) for program in PROGRAMS)


@pytest.mark.parametrize("count", [1, 2, *IN_AN_ORDER])
def test_each_order_has_every_number_once_and_is_no_other(count):
    made = [tuple(order(count)) for order in WAYS]

    assert all(sorted(one) == list(range(count)) for one in made)
    assert len(set(made)) == len(made) or count <= 3


def test_each_kind_of_names_names_every_sibling_differently():
    assert all(len({name(number) for number in range(41)}) == 41 for name in NAMINGS)


def test_each_order_of_storing_is_followed_by_another_order_of_removal_with_each_kind_of_names():
    pairs = set()
    for program in PROGRAMS:
        coming = [one.key for one in program if isinstance(one, Set)]
        going = [one.key for one in program if isinstance(one, RemoveKey)]
        by_number = sorted(coming, key=lambda key: (len(key[-1]), key))
        pairs.add((tuple(map(by_number.index, coming)), tuple(map(by_number.index, going))))

    assert len(pairs) == len(WAYS) * len(NAMINGS)


def test_a_search_by_halves_that_compares_otherwise_than_the_list_is_sorted_is_found():
    class Halves(DictStore):
        def has_key(self, key):
            names = sorted((other[-1] for other in self._every_key()), key=lambda name: (len(name), name))
            at = bisect.bisect_left(names, key[-1])
            return names[at : at + 1] == [key[-1]]

    assert is_found(Halves)


def test_a_listing_that_loses_what_comes_in_descending_order_is_found():
    class Descending(DictStore):
        def _every_key(self):
            keys = [key for key in super()._every_key() if key != self.STORE_BACKEND_ID_KEY]
            return keys[1:] if len(keys) > 6 and keys == sorted(keys, reverse=True) else keys

    assert is_found(Descending)


def test_the_reference_passes():
    assert (
        wrong_in(program for extent in order_sweeps(Claims(), MATERIAL)[0].extents for program in extent.programs())
        == []
    )


def test_a_subject_that_claims_its_elements_is_not_swept():
    assert order_sweeps(Claims(elements=strategies.just("a")), MATERIAL) == ()
