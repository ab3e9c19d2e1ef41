"""What is told of a difference that a reader would have to look for."""

from conformance.programs.outcomes import Raised, Returned
from conformance.sequential.differences import told_difference
from conformance.sequential.expectations import Exactly, Lists

KEYS = frozenset({("a",), ("b",), ("c",), ("d",)})


def test_a_listing_is_told_by_what_it_leaves_out_and_has_besides():
    came = Returned([("a",), ("b",), ("c",), ("e",), ("c",)])

    assert told_difference(Lists(KEYS), came) == [
        "It leaves out [('d',)].",
        "It has besides [('e',)].",
        "It has more than once [('c',)].",
    ]


def test_long_texts_are_told_by_where_they_begin_to_differ():
    expected, came = "x" * 5000 + "end", "x" * 4999 + "yend"

    assert told_difference(Exactly(expected), Returned(came)) == [
        "From character 4,999 on it has 'yend', where 'xend' was expected."
    ]


def test_a_text_that_was_cut_is_told_by_its_length():
    (line,) = told_difference(Exactly("x" * 300), Returned("x" * 255))

    assert (
        line
        == "From character 255 on it has its end, where 'xxxxxxxxxxxx' was expected. It has 255 characters, not 300."
    )


def test_what_is_seen_at_a_glance_is_not_told_twice():
    assert told_difference(Exactly("1"), Returned("2")) == []
    assert told_difference(Lists(frozenset({("a",)})), Returned([])) == []


def test_an_exception_and_what_cannot_be_compared_say_nothing():
    assert told_difference(Lists(KEYS), Raised("KeyError", "")) == []
    assert told_difference(Lists(KEYS), Returned([[], [], [], []])) == []
