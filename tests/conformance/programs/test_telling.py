import pytest

from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.telling import NUMBERS_ALONE, PARTS, Telling, telling
from conformance.sequential.bare import with_telling_values
from conformance.subject.subject import Claims
from spec_store import StoreBackendError
from tests.conformance.programs.sweeping import reference

CHANGES = (
    str.strip,
    str.lstrip,
    str.lower,
    lambda text: text.encode("ascii", "ignore").decode(),
    lambda text: text.replace("\r\n", "\n"),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.partition("\0")[0],
)


class Strips(DictStore):
    """Strips what is set."""

    def _set(self, key, value, **kwargs):
        super()._set(key, value.strip() if isinstance(value, str) else value, **kwargs)


class RefusesNul(DictStore):
    """Refuses texts with a NUL."""

    def _validate_value(self, value):
        if "\0" in str(value):
            raise StoreBackendError("no NUL")


@pytest.mark.parametrize("change", CHANGES)
def test_each_common_change_shows(change):
    for number in (1, 2):
        value = Telling(PARTS).value(number)
        assert change(value) != value


def test_ends_of_two_kinds_take_turns():
    made = Telling(PARTS)
    assert {made.value(number)[-1] for number in range(4)} == {"\n", " "}


def test_a_store_that_keeps_every_value_gets_the_most_telling_ones():
    assert with_telling_values(reference()).material.telling.parts == PARTS


def test_what_a_store_changes_is_not_in_its_values():
    made = with_telling_values(Harness(subject_of(Strips, Claims()))).material.telling
    assert made.value(1).strip() == made.value(1)
    assert "\r\n" in made.value(1)


def test_what_a_store_refuses_is_not_in_its_values():
    made = with_telling_values(Harness(subject_of(RefusesNul, Claims()))).material.telling
    assert "\0" not in made.value(1)
    assert made.value(1).startswith(" ")


def test_a_store_that_keeps_no_part_gets_plain_values():
    assert telling(lambda values: all(value.isdigit() for value in values)) == NUMBERS_ALONE
