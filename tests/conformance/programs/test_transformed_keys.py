"""The sweeps of keys find every function of the catalogue, wherever it is applied, and accuse no correct store."""

import attrs
import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.programs.operations import WRITES
from conformance.programs.transformations.catalogue import RELATIONS, TRANSFORMATIONS
from conformance.programs.transformations.ranges import RANGES
from conformance.programs.transformations.transformation import Match
from conformance.programs.transformed_keys import range_ends, transformed_keys
from conformance.sequential.observing import AT_THE_END
from conformance.sequential.session import Session
from conformance.subject.subject import Claims, Subject
from spec_store import StoreBackendError

MERGING = [one for one in TRANSFORMATIONS if one.settles]
"""Those that make two keys one: what is quoted each time anew is another key for each."""
OF_TEXTS = [one for one in MERGING if one.change is not None]
MATCHES = [one for one in RELATIONS if isinstance(one, Match)]


class Transforming(DictStore):
    """A correct store, but for what `slot` makes of a key."""

    slot = staticmethod(lambda key: key)

    def _slot(self, key):
        return type(self).slot(key)


def subject_of(store):
    return Subject(store, new_shelf, Claims(durable=True), store.__name__)


def finds(store, relations=RELATIONS, sweeps=transformed_keys):
    """Whether a sweep finds anything wrong with a store."""
    subject = subject_of(store)
    harness = attrs.evolve(Harness(subject), confined=True)
    made = (
        sweeps(subject, harness.material, relations)
        if sweeps is transformed_keys
        else sweeps(subject, harness.material)
    )
    return any(Session(harness, AT_THE_END).run(sweep.program) for sweep in made)


def _named(relations):
    return [pytest.param(one, id=f"{number}-{one.phrase}") for number, one in enumerate(relations)]


@pytest.mark.parametrize("one", _named(TRANSFORMATIONS))
def test_a_key_that_is_stored_under_another_is_found(one):
    class Stores(DictStore):
        def _set(self, key, value, **kwargs):
            super()._set(one.apply(key), value)

    assert finds(Stores, (one,))


@pytest.mark.parametrize("one", _named(MERGING))
def test_a_function_of_the_whole_key_is_found(one):
    class Applies(Transforming):
        slot = staticmethod(one.apply)

    assert finds(Applies, (one,))


@pytest.mark.parametrize("place", ["first", "second", "last", "inner"])
@pytest.mark.parametrize("one", _named(OF_TEXTS[::3]))
def test_a_function_of_one_element_is_found_wherever_that_is(one, place):
    def slot(key):
        numbers = {"first": [0], "second": [1], "last": [len(key) - 1], "inner": range(1, len(key) - 1)}[place]
        return tuple(one.change(text) if number in numbers else text for number, text in enumerate(key))

    class Applies(Transforming):
        pass

    Applies.slot = staticmethod(slot)

    assert finds(Applies, (one,))


@pytest.mark.parametrize("method", ["_get", "_has_key", "has_key", "_drop", "list_keys"])
@pytest.mark.parametrize("one", _named(OF_TEXTS[::20]))
def test_a_function_that_one_operation_alone_applies_is_found(one, method):
    def wrong(self, key=()):
        return getattr(DictStore, method)(self, one.apply(key))

    assert finds(type("Applies", (DictStore,), {method: wrong}), (one,))


@pytest.mark.parametrize("method", ["add", "update", "add_or_update"])
@pytest.mark.parametrize("one", _named(MERGING[::10]))
def test_a_function_that_one_way_to_write_alone_applies_is_found(one, method):
    def wrong(self, key, value, **kwargs):
        return getattr(DictStore, method)(self, one.apply(key), value, **kwargs)

    assert finds(type("Applies", (DictStore,), {method: wrong}), (one,))


def test_an_operation_that_raises_for_one_text_is_found_whichever_it_is():
    for method in ("has_key", "update", "add", "add_or_update"):

        def raising(self, key, *value, method=method, **kwargs):
            [int(element) for element in key if element.isdigit()]
            return getattr(DictStore, method)(self, key, *value, **kwargs)

        assert finds(type("Raises", (DictStore,), {method: raising}))


def test_to_use_the_keys_costs_no_more_than_to_store_and_read_them():
    subject = Subject(dict)
    pieces = [piece for sweep in transformed_keys(subject, material(subject.claims)) for piece in sweep.pieces]

    assert sum(len(piece.using) for piece in pieces) <= sum(2 * len(piece.filling) for piece in pieces)


@pytest.mark.parametrize("one", _named(OF_TEXTS[::20]))
def test_a_move_that_applies_a_function_is_found(one):
    class FromAnother(DictStore):
        def _move(self, source_key, dest_key, **kwargs):
            super()._move(one.apply(source_key), dest_key)

    class ToAnother(DictStore):
        def _move(self, source_key, dest_key, **kwargs):
            super()._move(source_key, one.apply(dest_key))

    assert finds(ToAnother, (one,))
    assert finds(FromAnother, (one,))


@pytest.mark.parametrize("one", _named(MATCHES))
def test_a_removal_and_a_listing_by_pattern_are_found(one):
    def covers(pattern, key):
        return len(pattern) <= len(key) and all(p == e or one.matches(p, e) for p, e in zip(pattern, key, strict=False))

    class RemovesByPattern(DictStore):
        def _drop(self, key):
            hit = [other for other in self._every_key() if len(other) == len(key) and covers(key, other)]
            return sum(DictStore._drop(self, other) for other in hit) > 0

    class ListsByPattern(DictStore):
        def list_keys(self, prefix=()):
            return [key for key in super().list_keys() if covers(prefix, key)]

    assert finds(RemovesByPattern, (one,))
    assert finds(ListsByPattern, (one,))


@pytest.mark.parametrize("end", ["\x7f", "\xff", "\u20ac", "\uffff"])
def test_a_listing_that_scans_to_a_last_character_is_found(end):
    class Scans(DictStore):
        def list_keys(self, prefix=()):
            return [key for key in super().list_keys(prefix) if key[len(prefix) :][:1] <= (end,)]

    assert finds(Scans, sweeps=range_ends)


def test_a_listing_of_elements_that_begin_like_the_prefix_is_found():
    class Begins(DictStore):
        def list_keys(self, prefix=()):
            name = "\0".join(prefix)
            return [key for key in super().list_keys() if "\0".join(key).startswith(name)]

    assert finds(Begins, sweeps=range_ends)


def test_a_correct_store_is_accused_of_nothing():
    assert not finds(DictStore)
    assert not finds(DictStore, sweeps=range_ends)


def test_a_store_that_refuses_keys_is_accused_of_nothing():
    class AsciiOnly(DictStore):
        def refuse(self, key):
            if not all(text.isascii() and text.isprintable() for text in key):
                raise StoreBackendError("printable ASCII only")

        def _set(self, key, value, **kwargs):
            self.refuse(key)
            super()._set(key, value)

        def _move(self, source_key, dest_key, **kwargs):
            self.refuse(dest_key)
            super()._move(source_key, dest_key)

    assert not finds(AsciiOnly, RELATIONS[::7])


def test_keys_are_of_the_lengths_that_a_subject_takes():
    claims = Claims(key_length=2)
    sweeps = [
        *transformed_keys(Subject(dict, claims=claims), material(claims)),
        *range_ends(Subject(dict, claims=claims), material(claims)),
    ]

    assert sweeps
    assert {len(key) for sweep in sweeps for piece in sweep.pieces for key in piece.stored} == {2}


def test_no_keys_are_tried_where_an_author_says_which_elements_go():
    claims = Claims(elements=strategies.sampled_from(["x", "y"]))

    assert not [*transformed_keys(Subject(dict, claims=claims), material(claims))]
    assert not [*range_ends(Subject(dict, claims=claims), material(claims))]


def test_each_key_of_a_group_has_a_value_of_its_own():
    subject = Subject(dict)

    for sweep in transformed_keys(subject, material(subject.claims)):
        for piece in sweep.pieces:
            values = [operation.value for operation in piece.filling if isinstance(operation, WRITES)]
            assert len(set(values)) == len(values) > 1


def test_every_range_has_keys_below_its_prefix_and_beside_it():
    for prefixes, keys in RANGES:
        assert all(any(key[: len(prefix)] == prefix for key in keys) for prefix in prefixes)
