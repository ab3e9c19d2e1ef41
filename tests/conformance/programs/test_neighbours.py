"""Texts that differ in one place each, wherever a part of a text is all that counts."""

import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.programs.neighbours import (
    LENGTHS_OF_ELEMENTS,
    LENGTHS_OF_VALUES,
    neighbouring_keys_and_values,
    neighbours,
    places,
)
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims, Subject

CUTS = {
    "the first half": lambda text: text[: len(text) // 2],
    "the last half": lambda text: text[len(text) // 2 + 1 :],
    "all but the last": lambda text: text[:-1],
    "all but the first": lambda text: text[1:],
    "the ends": lambda text: text[: len(text) // 4] + text[-2:],
    "every other": lambda text: text[1::2],
}


def wrong(store, claims=None):
    subject = Subject(store, new_shelf, claims or Claims())
    made = neighbouring_keys_and_values(subject, material(subject.claims))
    return [one for batch in made for one in divergences(Harness(subject), batch.read_whole)]


@pytest.mark.parametrize("length", sorted({*LENGTHS_OF_ELEMENTS, *LENGTHS_OF_VALUES, 12}))
def test_all_are_of_one_length_and_differ_in_one_place(length):
    first, *others = neighbours(length)

    assert {len(text) for text in (first, *others)} == {length}
    differing = [[at for at in range(length) if text[at] != first[at]] for text in others]
    assert differing == [[at] for at in places(length)]
    assert {0, length - 1} <= set(places(length))


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_keys_that_are_known_by_a_part_of_their_elements_are_found(cut):
    class Cuts(DictStore):
        def _slot(self, key):
            return tuple(element if len(element) < 100 else cut(element) for element in key)

    assert wrong(Cuts)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_values_that_are_known_by_a_part_are_found(cut):
    class KeepsOnce(DictStore):
        def _set(self, key, value, **kwargs):
            super()._set(
                key, self.shelf.marks.setdefault((len(value), cut(value)), value) if len(value) > 30 else value
            )

    assert wrong(KeepsOnce)


def test_a_value_that_is_taken_for_the_one_that_is_there_is_found():
    class Compares(DictStore):
        def _set(self, key, value, **kwargs):
            old = self._kept.get(key, (key, ""))[1]
            if old[:1000] != value[:1000] or len(old) != len(value) or len(value) < 1000:
                super()._set(key, value)

    assert wrong(Compares)


@pytest.mark.parametrize("claims", [Claims(), Claims(key_length=1), Claims(key_length=2), Claims(key_length=(3, 5))])
def test_the_store_that_is_correct_passes(claims):
    assert not wrong(DictStore, claims)


def test_where_elements_and_values_are_claimed_there_are_none():
    claims = Claims(elements=strategies.just("a"), values=strategies.just(1))

    assert not list(neighbouring_keys_and_values(Subject(DictStore, new_shelf, claims), material(claims)))
