import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_store.keys import key_of, name_of, path_of, starts_with, validate_key


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


ODD = [
    (),
    ("",),
    ("", ""),
    ("a", "B c"),
    ("..", ".", "~"),
    ("a/b",),
    ("%", "%41", "+new"),
    ("\0\r\n\t",),
    ("\u00e9", "e\u0301", "\U0001f600", "\ud800"),
    ("con", "CON", "nul", "com1"),
]


@pytest.mark.parametrize("portable", [False, True])
@given(key=st.one_of(st.sampled_from(ODD), st.lists(st.text(st.characters(), max_size=6), max_size=4).map(tuple)))
def test_a_path_stands_for_one_key_and_is_plain_ascii(key, portable):
    path = path_of(key, portable)

    assert key_of(path, portable) == key
    assert path.isascii()
    assert all(letter.isalnum() or letter in "_-%/" for letter in path)


@given(
    st.tuples(*[st.lists(st.sampled_from(["", "a", "A", "b", "ab", "/", "%", "%2F", "."]), max_size=3).map(tuple)] * 2)
)
def test_paths_begin_with_one_another_as_keys_do(keys):
    one, other = keys
    below = path_of(one) == path_of(other) or path_of(one).startswith(path_of(other) + "/")

    assert starts_with(one, other) == (below or other == ())


@given(st.tuples(*[st.text(st.sampled_from("aAbB%\u00e9\u00c9\u0130i"), max_size=3)] * 2))
def test_portable_names_differ_where_capital_and_small_letters_do_not(elements):
    one, other = (name_of(element, True).casefold() for element in elements)

    assert (one == other) == (elements[0] == elements[1])


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "lpt9"])
def test_portable_names_are_none_that_windows_reserves(name):
    assert name_of(name, True) != name
    assert name_of(name) == name


@pytest.mark.parametrize("path", ["a b", "a//b", "/a", "%zz", "%41", "%e9", "a.txt", "%C3%A9/", "%%"])
def test_a_path_that_no_key_has_is_refused(path):
    with pytest.raises(ValueError, match="not the name of"):
        key_of(path)
