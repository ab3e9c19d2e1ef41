"""The catalogue of planted faults: whole, and made of backends that open."""

from collections import Counter

import pytest

from conformance.faults.catalogue import FAULTS, MODULES, ODD, Fault, OddOne
from conformance.faults.selftest import CORRECT
from spec_store import REQUIREMENTS, requirement

JUDGED = ("core", "identity", "surface", "extended", "durable", "concurrent", "crash-safe")
EVERY: tuple[Fault | OddOne, ...] = (*FAULTS, *CORRECT, *ODD)


def test_every_requirement_has_a_fault():
    wanted = {one.id for one in REQUIREMENTS if one.class_ in JUDGED}

    assert wanted == {fault.requirement for fault in FAULTS}


def test_what_a_fault_violates_too_is_a_requirement_of_another_name():
    for fault in FAULTS:
        assert fault.requirement not in fault.also
        assert all(requirement(name) for name in fault.also)


def test_names_are_unique():
    assert [name for name, count in Counter(one.name for one in EVERY).items() if count > 1] == []


def test_there_are_enough_odd_ones():
    assert len(ODD) >= 8


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_class_of_a_module_is_left_out(module):
    entered = {one.name for one in EVERY}
    public = {
        name
        for name, one in vars(module).items()
        if isinstance(one, type) and one.__module__ == module.__name__ and not name.startswith("_")
    }

    assert public <= entered


def test_it_is_told_what_each_is():
    assert [one.name for one in EVERY if not one.description.endswith(".")] == []


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_it_opens_on_an_empty_place(one):
    getattr(one, "reset", lambda: None)()

    with one.subject.place() as place:
        backend = one.subject.open(place)

        assert [key for key in backend.list_keys() or () if key != (".ge_store_backend_id",)] == []
