"""What the subject's code knows comes into keys, values, lengths and counts."""

import attrs
import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.probes.vocabulary import Vocabulary
from conformance.programs.constants import constant_sweeps, constants_in_keys_and_values
from conformance.programs.keys import ID_KEY
from conformance.programs.material import material
from conformance.programs.operations import ListKeys, Set
from conformance.sequential.bare import divergences, with_vocabulary
from conformance.subject.subject import Claims, Subject
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

KNOWING = attrs.evolve(MATERIAL, vocabulary=Vocabulary(("%part", ID_KEY[0]), (777, 64, 3000)))
SUBJECT = Subject(DictStore, new_shelf)


def batches(knowing=KNOWING, claims=CLAIMS):
    return list(constants_in_keys_and_values(attrs.evolve(SUBJECT, claims=claims), knowing))


def written(made):
    return [one for batch in made for one in batch.program if getattr(one, "value", None) is not None]


def test_a_text_is_in_each_place_of_a_key():
    keys = {one.key for one in written(batches())}

    assert {("%part",), ("a%part",), ("%parta",), ("%partx%part",), ("%part", "a"), ("a", "%part")} <= keys
    assert ID_KEY not in keys


def test_a_text_is_a_value_and_begins_and_ends_others():
    assert {"%part", "%parta", "a%part", "%partx%part"} <= {one.value for one in written(batches())}


def test_each_key_has_a_value_of_its_own():
    (keys, _) = batches()
    values = [one.value for one in keys.program if isinstance(one, Set)]

    assert len(set(values)) == len(values)


def test_the_store_that_is_correct_passes():
    harness = Harness(SUBJECT)

    assert not [one for batch in batches() for one in divergences(harness, batch.read_whole)]
    assert wrong_in(constant_sweeps(CLAIMS, KNOWING)[0].extents[-1].programs()) == []


@pytest.mark.parametrize("length", [1, 3])
def test_keys_are_of_the_length_that_the_subject_takes(length):
    claims = Claims(key_length=length)
    made = batches(attrs.evolve(material(claims), vocabulary=KNOWING.vocabulary), claims)

    assert {len(key) for batch in made for one in batch.program for key in one.keys} == {length}


def test_where_elements_and_values_are_claimed_there_are_none():
    claims = Claims(elements=strategies.just("a"), values=strategies.just(1))

    assert batches(KNOWING, claims) == []
    assert constant_sweeps(claims, KNOWING) == ()


def test_numbers_that_others_sweep_are_left_to_them():
    (sweep,) = constant_sweeps(CLAIMS, KNOWING)

    assert [extent.words for extent in sweep.extents] == ["to 777", "to 3,000"]
    assert constant_sweeps(CLAIMS, MATERIAL) == ()


def test_a_number_is_a_length_and_a_count():
    lengths, elements, counts = constant_sweeps(CLAIMS, KNOWING)[0].extents[0].programs()

    assert {776, 777, 778, 1554} <= {len(one.value) for one in lengths if isinstance(one, Set)}
    assert {776, 777, 778} == {len(one.key[-1]) for one in elements if isinstance(one, Set)}
    sets = [number for number, one in enumerate(counts) if isinstance(one, Set)]
    listed = [sum(at < number for at in sets) for number, one in enumerate(counts) if isinstance(one, ListKeys)]
    assert listed == [776, 777, 778]


def test_what_a_backend_knows_is_read_once_it_has_been_opened():
    class Knows(DictStore):
        MARK = "<known>"

    harness = Harness(Subject(Knows, new_shelf))
    assert "<known>" not in with_vocabulary(harness).material.vocabulary.texts
    harness.close(harness.open())
    assert "<known>" in with_vocabulary(harness).material.vocabulary.texts
