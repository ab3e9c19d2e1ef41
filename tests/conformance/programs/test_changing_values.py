"""The sweeps of values find what is done to them on any way in or out, and accuse no correct store."""

import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.changing_values import LOOK_ALIKES, OBJECTS, changing_values
from conformance.programs.material import material
from conformance.programs.operations import WRITES, Reopen
from conformance.programs.transformations.catalogue import TRANSFORMATIONS
from conformance.sequential.observing import AT_THE_END
from conformance.sequential.session import Session
from conformance.subject.subject import Claims, Subject
from spec_store import StoreBackendError

OF_TEXTS = [one for one in TRANSFORMATIONS if one.change is not None]


def findings(store):
    """What the sweeps find wrong with a store."""
    subject = Subject(store, new_shelf, Claims(durable=True), store.__name__)
    harness = Harness(subject)
    for sweep in changing_values(subject, harness.material):
        found = Session(harness, AT_THE_END).run(sweep.program)
        if found:
            return found
    return ()


def _named(relations):
    return [pytest.param(one, id=f"{number}-{one.phrase}") for number, one in enumerate(relations)]


def _changing(change, method="_get"):
    def changed(value):
        return change(value) if isinstance(value, str) and not value.startswith("store_backend_id") else value

    if method == "_get":
        return type("Changes", (DictStore,), {"_get": lambda self, key: changed(DictStore._get(self, key))})

    def wrong(self, key, value, **kwargs):
        return getattr(DictStore, method)(self, key, changed(value), **kwargs)

    return type("Changes", (DictStore,), {method: wrong})


@pytest.mark.parametrize("one", _named(OF_TEXTS[::8]))
def test_a_function_of_values_is_found(one):
    assert findings(_changing(one.change))


@pytest.mark.parametrize("method", ["set", "add", "update", "add_or_update"])
@pytest.mark.parametrize("one", _named(OF_TEXTS[5::80]))
def test_a_function_of_values_on_one_way_in_is_found(one, method):
    assert findings(_changing(one.change, method))


@pytest.mark.parametrize("one", _named(OF_TEXTS[7::80]))
def test_a_move_that_changes_values_is_found(one):
    class Changes(DictStore):
        def _move(self, source_key, dest_key, **kwargs):
            super()._move(source_key, dest_key)
            self._kept[dest_key] = (dest_key, one.change(self._kept[dest_key][1]))

    assert findings(Changes)


def test_what_only_opening_again_changes_is_found():
    class Changes(DictStore):
        def _opened(self):
            for slot, (key, value) in self._kept.items():
                if value.endswith("\x85"):
                    self._kept[slot] = (key, value.rstrip())
            super()._opened()

    assert findings(Changes)


def of(kind, change):
    """A change of values of exactly one type."""
    return lambda value: change(value) if type(value) is kind else value


def inside(kind, change):
    """The same of what is in a list."""
    return of(list, lambda values: [of(kind, change)(value) for value in values])


CHANGES = {
    "int keys to text": of(
        dict, lambda value: {str(key) if type(key) is int else key: one for key, one in value.items()}
    ),
    "tuples to lists": of(tuple, list),
    "tuples inside": inside(tuple, list),
    "ints past 53 bits": of(int, lambda value: int(float(value))),
    "ints past 63 bits": of(int, lambda value: min(value, 2**63 - 1)),
    "negative zero": of(float, lambda value: value + 0.0),
    "infinity": of(float, lambda value: min(value, 1e308) if value == value else value),
    "nan": of(float, lambda value: value if value == value else None),
    "bool to int": of(bool, int),
    "bool inside to int": inside(bool, int),
    "None to empty": of(type(None), lambda value: ""),
    "empty to None": of(list, lambda value: value or None),
    "bytes to text": of(bytes, lambda value: value.decode("latin-1")),
    "sets to lists": of(set, sorted),
    "whole floats": of(float, lambda value: int(value) if value.is_integer() else value),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_type_or_beyond_a_range_is_found(change):
    class Changes(DictStore):
        def _set(self, key, value, **kwargs):
            super()._set(key, change(value))

    found = {finding.requirement for finding in findings(Changes)}
    assert found
    assert found <= {"GET-1", "UPDATE-1", "MOVE-1"}


def test_a_correct_store_is_accused_of_nothing():
    assert findings(DictStore) == ()


def test_a_store_of_text_that_refuses_all_else_is_accused_of_nothing():
    class TextOnly(DictStore):
        def refuse(self, value):
            if not isinstance(value, str):
                raise TypeError("text only")
            if "\0" in value:
                raise StoreBackendError("no NUL")

        def _set(self, key, value, **kwargs):
            self.refuse(value)
            super()._set(key, value)

    assert findings(TextOnly) == ()


def test_texts_are_not_tried_where_an_author_says_which_values_go():
    claims = Claims(values=strategies.integers())

    sweeps = [*changing_values(Subject(dict, claims=claims), material(claims))]

    written = {
        type(operation.value) for sweep in sweeps for operation in sweep.program if isinstance(operation, WRITES)
    }
    assert int in written
    assert str not in written


def test_only_a_durable_store_is_opened_again():
    def reopened(claims):
        return any(
            Reopen() in sweep.program for sweep in changing_values(Subject(dict, claims=claims), material(claims))
        )

    assert reopened(Claims(durable=True))
    assert not reopened(Claims())


def test_no_text_has_a_lone_surrogate():
    written = [
        operation.value
        for sweep in changing_values(Subject(dict, claims=Claims(durable=True)), material(Claims()))
        for operation in sweep.program
        if isinstance(operation, WRITES) and isinstance(operation.value, str)
    ]

    assert set(LOOK_ALIKES) <= set(written)
    assert not any("\ud800" <= character <= "\udfff" for text in written for character in text)


def test_there_are_objects_of_every_plain_type():
    types = {bytes, int, float, bool, type(None), list, tuple, dict, set, frozenset, complex}

    assert {type(value) for value in OBJECTS} >= types
