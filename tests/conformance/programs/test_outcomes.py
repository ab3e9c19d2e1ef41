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


NAN = float("nan")


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        *((0.0, -0.0, False), (NAN, float("nan"), True), (NAN, 1.0, False), (float("inf"), float("-inf"), False)),
        *(([1], [True], False), ([1], [1.0], False), ([(1,)], [[1]], False), ((1, [2]), (1, [2]), True)),
        *(([0.0], [-0.0], False), ([NAN], [float("nan")], True), ([1], [1, 1], False), ((), [], False)),
        *(({"a": 1}, {"a": True}, False), ({1: "a"}, {True: "a"}, False), ({1: "a"}, {1.0: "a"}, False)),
        *(({1: "a", 2: "b"}, {2: "b", 1: "a"}, True), ({(1,): "a"}, {(True,): "a"}, False), ({}, {"a": 1}, False)),
        *(({NAN: 1}, {float("nan"): 1}, True), ({"a": NAN}, {"a": float("nan")}, True), ({"1": 1}, {1: 1}, False)),
        *(({1}, {True}, False), ({1, "x"}, {"x", 1}, True), (frozenset({0.0}), frozenset({-0.0}), False)),
        *(({"a": {"b": (1, [None])}}, {"a": {"b": (1, [None])}}, True), (1j, 1j, True), (10**30, 10**30, True)),
    ],
)
def test_same_compares_types_all_the_way_down(left, right, equal):
    assert same(left, right) is equal
    assert same(right, left) is equal


def test_values_that_contain_themselves_are_told_apart_rather_than_compared_for_ever():
    one: list[object] = []
    other: list[object] = []
    one.append(one)
    other.append(other)

    assert same(one, other) is False


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
