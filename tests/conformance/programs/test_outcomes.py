import pytest

from conformance.programs.outcomes import (
    Died,
    Hung,
    Raised,
    Returned,
    decode_outcome,
    encode_outcome,
    kind_of,
    raised,
    same,
    short,
)


class InvalidKeyError(KeyError):
    """Of another framework; only the name is the specification's."""


class Special(InvalidKeyError):
    pass


class TestKindOf:
    def test_an_exception_is_known_by_the_first_known_name_on_its_mro(self):
        assert kind_of(Special("x")) == "InvalidKeyError"

    def test_an_unknown_exception_keeps_its_own_name(self):
        assert kind_of(KeyError("x")) == "KeyError"

    def test_a_subclass_of_valueerror_is_a_valueerror(self):
        assert kind_of(UnicodeDecodeError("utf-8", b"", 0, 1, "no")) == "ValueError"


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [("a", "a", True), (1, True, False), (1, 1.0, False), (b"a", "a", False), (["x"], ["x"], True), (None, None, True)],
)
def test_same_means_equal_and_of_one_type(left, right, equal):
    assert same(left, right) is equal


def test_same_survives_a_comparison_that_raises():
    class Bad:
        def __eq__(self, other):
            raise RuntimeError

        def __hash__(self):
            return 0

    assert same(Bad(), Bad()) is False


def test_outcomes_that_raised_are_equal_by_kind_alone():
    assert raised(ValueError("one")) == raised(ValueError("two")) == Raised("ValueError")


def test_an_exception_whose_text_fails_is_survived():
    class Bad(Exception):
        def __str__(self):
            raise RuntimeError

    assert "Bad" in raised(Bad()).text


def test_short_says_how_long_a_value_is():
    assert short("x" * 5000).endswith("(5000 long)")


@pytest.mark.parametrize(
    "outcome",
    [
        Returned(None),
        Returned("\ud800 \n \u2028 'ä'"),
        Returned([("a",), ("b", "c")]),
        Raised("InvalidKeyError", "InvalidKeyError: no\nkey"),
        Hung(1.5),
        Died("signal 9"),
    ],
)
def test_an_outcome_goes_into_one_line_of_ascii_and_back(outcome):
    line = encode_outcome(outcome)

    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert decode_outcome(line) == outcome
    assert str(decode_outcome(line)) == str(outcome)


def test_an_outcome_goes_without_its_exception_and_a_value_that_is_no_literal_as_its_repr():
    assert getattr(decode_outcome(encode_outcome(raised(KeyError("x")))), "error", "missing") is None
    assert decode_outcome(encode_outcome(Returned({1}.__class__))) == Returned("<class 'set'>")
