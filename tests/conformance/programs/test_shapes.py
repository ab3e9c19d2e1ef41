"""The values of small worlds: all shapes, two in each family, and of a shape that a subject takes."""

import attrs

from conformance.programs.material import material
from conformance.programs.shapes import LONG_SHAPE, LONGER_FIRST, SHAPES, named_by, values_of
from conformance.subject.subject import Claims

MATERIAL = material(Claims())
KEYS = (("a",), ("a", "b"), ("c",))


def test_the_first_family_has_plain_values_and_others_each_shape():
    pairs = [values_of(number, KEYS, MATERIAL) for number in range(len(SHAPES))]

    assert pairs[0] == ("1", "2")
    assert {"", LONG_SHAPE, "a", "False"} <= {value for pair in pairs for value in pair}


def test_two_values_of_a_family_differ():
    for number, family in enumerate(MATERIAL.families):
        one, two = values_of(number, family, MATERIAL)
        assert one != two


def test_every_shape_is_met_by_plain_families_and_by_odd_ones():
    plain = [values_of(number, family, MATERIAL) for number, family in enumerate(MATERIAL.families[:6])]
    odd = [values_of(number, family, MATERIAL) for number, family in enumerate(MATERIAL.families[6:], 6)]

    for pairs in (plain, odd):
        assert any("" in pair for pair in pairs)
        assert any(pair == LONGER_FIRST for pair in pairs)


def test_keys_beyond_ascii_have_a_long_value_and_a_short_one():
    for number in range(len(SHAPES)):
        assert values_of(number, (("a",), ("\U0001f600",)), MATERIAL) == LONGER_FIRST


def test_values_are_named_by_elements_as_far_as_there_are_two():
    assert named_by(KEYS) == ("a", "b")
    assert named_by((("a",),)) == ("a", "1")
    assert named_by(((),)) == ("1", "2")


def test_a_subject_that_claims_its_values_has_two_of_these():
    claimed = attrs.evolve(MATERIAL, values=(b"x", b"y", b"z"))

    for number in range(len(SHAPES)):
        assert set(values_of(number, KEYS, claimed)) <= {b"x", b"y", b"z"}
