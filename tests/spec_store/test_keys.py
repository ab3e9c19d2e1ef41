import pytest

from spec_store.keys import starts_with, validate_key


class Shelf:
    pass


@pytest.mark.parametrize("key", [(), ("",), ("a", "b"), ("\0", "\U0001f600", "\n")])
def test_a_tuple_of_str_is_a_key(key):
    validate_key(key, Shelf)


@pytest.mark.parametrize("key", ["a", ["a"], None, 1, {"a"}])
def test_anything_but_a_tuple_is_refused_naming_the_class_and_the_type(key):
    with pytest.raises(TypeError) as refusal:
        validate_key(key, Shelf)
    assert str(refusal.value) == f"Keys in Shelf must be instances of <class 'tuple'>, not {type(key)}"


@pytest.mark.parametrize("element", [1, None, b"a", ("a",)])
def test_an_element_that_is_no_str_is_refused_naming_the_class_and_the_type(element):
    with pytest.raises(TypeError) as refusal:
        validate_key(("a", element), Shelf)
    assert str(refusal.value) == (
        f"Elements within tuples passed as keys to Shelf must be instances of <class 'str'>, not {type(element)}"
    )


@pytest.mark.parametrize("prefix", [(), ("a",), ("a", "b")])
def test_a_key_starts_with_each_of_its_beginnings_and_itself(prefix):
    assert starts_with(("a", "b"), prefix)


@pytest.mark.parametrize("prefix", [("",), ("b",), ("a", ""), ("a", "b", "c")])
def test_a_key_starts_with_nothing_else(prefix):
    assert not starts_with(("a", "b"), prefix)


def test_elements_are_compared_whole():
    assert not starts_with(("ab",), ("a",))
