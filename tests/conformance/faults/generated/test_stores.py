"""Faulty stores by themselves: what counts as a call, what is remembered of a place, who else opens one."""

from typing import Any

import pytest

from conformance.faults.generated.circumstances import Nth, Opening, Overtaken
from conformance.faults.generated.effects import Lost, Raises
from conformance.faults.generated.fault import DICT, FILES, GeneratedFault, drawn
from conformance.faults.generated.stores import opened, origin_of_fault, subject_of_fault
from conformance.faults.stores.plain import ID_KEY
from conformance.subject.origin import UNKNOWN


def fault(name, part, effect, base=DICT):
    return GeneratedFault(0, 0, 0, base, "of a test", (name,), (part,), effect)


@pytest.fixture(params=[DICT, FILES])
def base(request):
    return request.param


def test_only_the_outermost_call_counts(base):
    subject = subject_of_fault(fault("set", Nth(2, False, False), Lost(), base))
    with subject.place() as place:
        backend = subject.open(place)
        backend.set(("a",), "1")
        backend.add(("b",), "1")
        backend.add_or_update(("b",), "2")
        backend.set(("a",), "2")

        assert (backend.get(("a",)), backend.get(("b",))) == ("1", "2")


def test_a_place_is_remembered_until_it_is_left(base):
    subject = subject_of_fault(fault("reopen", Opening(3), Raises("OSError"), base))
    for _ in range(2):
        with subject.place() as place:
            subject.open(place)
            subject.open(place)
            with pytest.raises(OSError, match="generated"):
                subject.open(place)


def test_the_first_of_two_stores_is_overtaken_and_the_second_is_not(base):
    subject = subject_of_fault(fault("set", Overtaken(), Lost(), base))
    with subject.place() as place:
        first = subject.open(place)
        first.set(("a",), "1")
        second = subject.open(place)
        first.set(("b",), "1")
        second.set(("c",), "1")

        assert sorted(second.list_keys()) == [ID_KEY, ("a",), ("c",)]


def test_the_key_of_the_id_and_what_is_no_key_are_left_to_the_base(base):
    subject = subject_of_fault(fault("set", Nth(1, False, True), Lost(), base))
    with subject.place() as place:
        backend = subject.open(place)
        backend.set(ID_KEY, "no id")

        assert backend.get(ID_KEY) == "no id"
        with pytest.raises(TypeError):
            backend.set("ab", "1")


def test_a_store_is_configured_as_its_base_is(base):
    subject = subject_of_fault(fault("set", Nth(1, False, True), Lost(), base))
    with subject.place() as place:
        config = subject.open(place, store_name="x").config

        assert config["class_name"] == "Generated0"
        assert config["store_name"] == "x"


def test_another_process_opens_the_same_fault_by_its_numbers(tmp_path):
    one = next(one for one in (drawn(2, number) for number in range(100)) if one.base == FILES)
    numbers = f"{one.seed}, {one.number}, {one.attempt}"

    backend: Any = opened(one.seed, one.number, one.attempt, tmp_path)

    assert backend.fault_ == one
    assert f"opened({numbers}, place" in origin_of_fault(one).open


def test_no_other_process_opens_a_dict():
    assert origin_of_fault(fault("set", Nth(1, False, True), Lost())) == UNKNOWN
