"""The catalogue: each relation has keys that show it, and is told from plain keys."""

import pytest

from conformance.programs.transformations.catalogue import RELATIONS, ROOMS, TRANSFORMATIONS
from conformance.programs.transformations.transformation import Match, of_keys, of_texts

MATCHES = [one for one in RELATIONS if isinstance(one, Match)]

PLAIN = ((("a",), ("b",)), (("b",), ("c",)), (("a",), ("a", "b")), (("a", "b"), ("b", "a", "c")))
"""Keys that nothing relates, or every function of names would be blamed for what is no matter of keys."""


def _named(relations):
    return [pytest.param(one, id=f"{number}-{one.phrase}") for number, one in enumerate(relations)]


def test_there_are_many_of_each_room():
    assert len(TRANSFORMATIONS) >= 60
    assert all(len(room) >= 10 for room in ROOMS.values())


@pytest.mark.parametrize("one", _named(TRANSFORMATIONS))
def test_a_transformation_changes_each_of_its_keys(one):
    changed = [one.apply(key) for key in one.keys]

    assert all(new != key for key, new in zip(one.keys, changed, strict=True))
    assert one.keys
    if one.settles:
        assert [one.apply(key) for key in changed] == changed


@pytest.mark.parametrize("one", _named(MATCHES))
def test_a_pattern_matches_each_of_its_texts(one):
    for pattern, *texts in one.examples:
        assert texts
        assert all(text != pattern and one.matches(pattern, text) for text in texts)


@pytest.mark.parametrize("one", _named(RELATIONS))
def test_a_relation_relates_the_keys_of_its_groups_and_no_key_to_itself(one):
    for first, *others in one.groups:
        assert all(one.relates(first, other) and one.relates(other, first) for other in others)
        assert not one.relates(first, first)


def test_hardly_any_relation_relates_plain_keys():
    found = {one.phrase for one in RELATIONS for left, right in PLAIN if one.relates(left, right)}

    assert found <= {"all but their first element"}


@pytest.mark.parametrize("one", _named(RELATIONS))
def test_no_key_has_a_lone_surrogate(one):
    texts = [text for group in one.groups for key in group for text in key]

    assert not any("\ud800" <= character <= "\udfff" for text in texts for character in text)


@pytest.mark.parametrize("one", _named(TRANSFORMATIONS))
def test_any_key_may_be_asked_about(one):
    odd = (("\ud800",), (), ("",), ("\0",), ("9" * 400,), ("1e999",), ("[",), ("{",), ("0b2",), ("x\U0010ffff",))

    assert all(one.relates(key, other) in (True, False) for key in odd for other in odd)


def test_a_match_is_by_element_and_of_equal_lengths():
    like = next(one for one in MATCHES if one.phrase == "a wildcard of LIKE")

    assert like.relates(("a_", "x"), ("ab", "x"))
    assert not like.relates(("a_", "x"), ("ab", "y"))
    assert not like.relates(("a_",), ("ab", "x"))


def test_what_is_made_of_texts_is_done_to_each_element():
    one = of_texts("case", str.lower, "A")

    assert one.apply(("A", "b", "C")) == ("a", "b", "c")
    assert one.texts == ("A",)


def test_what_is_made_of_keys_has_no_texts():
    one = of_keys("their order", lambda key: key[::-1], ("a", "b"))

    assert one.texts == ()
    assert one.groups == ((("a", "b"), ("b", "a")),)
