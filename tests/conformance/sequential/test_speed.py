"""What is measured of a subject's speed; not how fast it is, which is the machine's."""

import time

import pytest
from hypothesis import strategies as st

from conformance import Claims, Subject, check
from conformance.sequential.speed import FEWER_KEYS, MANY_KEYS, TIMED
from spec_store import InMemoryStoreBackend

pytestmark = pytest.mark.usefixtures("short_programs_of_module")


def measured(cls, claims=None, **options):
    subject = Subject(lambda _place, **given: cls(**given), claims=claims or Claims())
    return check(subject, examples=0, seed=1, classes=["core"], **options).measured


def test_each_operation_is_measured_with_few_keys_and_with_many():
    found = measured(InMemoryStoreBackend)

    assert tuple(one.operation for one in found.speeds) == TIMED
    assert (found.few, found.many) == (FEWER_KEYS, MANY_KEYS)
    assert all(one.few > 0 and one.many > 0 for one in found.speeds)


class Rests(InMemoryStoreBackend):
    """Takes a hundredth of a second to store a value."""

    def _set(self, key, value, **kwargs):
        time.sleep(0.01)
        return super()._set(key, value, **kwargs)


def test_what_grows_is_not_measured_where_to_store_many_keys_takes_too_long():
    found = measured(Rests, budget=3.0)

    assert found is None or {one.many for one in found.speeds} == {None}


class HasNoMove(InMemoryStoreBackend):
    """Cannot move."""

    def _move(self, source_key, dest_key, **kwargs):
        raise NotImplementedError


def test_what_raises_is_not_measured():
    assert [one.operation for one in measured(HasNoMove).speeds] == [name for name in TIMED if name != "move"]


def test_nothing_is_measured_where_no_such_keys_are_taken():
    assert measured(InMemoryStoreBackend, Claims(elements=st.sampled_from("ab"), key_length=2)) is not None
    assert measured(TakesLetters, Claims(elements=st.sampled_from("ab"))) is None


class TakesLetters(InMemoryStoreBackend):
    """Takes keys of letters alone."""

    def _validate_key(self, key):
        super()._validate_key(key)
        if not all(element.isalpha() for element in key):
            raise ValueError(f"not letters: {key!r}")
