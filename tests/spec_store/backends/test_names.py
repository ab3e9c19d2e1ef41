import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_store.backends._names import key_of, keys_of, name_of, path_of
from spec_store.keys import starts_with

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


@given(st.lists(st.one_of(st.sampled_from([*ODD, ("a",), ("a", "b-C_1")])), max_size=3))
def test_many_paths_stand_for_the_keys_that_they_stand_for_one_by_one(keys):
    assert keys_of([path_of(key).encode() for key in keys]) == keys


@given(st.lists(st.text("aB/\n %.", max_size=4), min_size=1, max_size=3))
def test_of_many_paths_those_are_refused_that_are_refused_one_by_one(paths):
    def read(function, given):
        try:
            return function(given)
        except ValueError:
            return "refused"

    one_by_one = [read(key_of, path) for path in paths]
    expected = "refused" if "refused" in one_by_one else one_by_one
    assert read(keys_of, [path.encode() for path in paths]) == expected


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
