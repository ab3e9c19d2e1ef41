"""A counterexample says by what its keys differ, or its values, where a function of the catalogue explains it."""

import pytest

from conformance.programs.operations import Get, ListKeys, Operation, Program, Set
from conformance.programs.outcomes import Outcome, Returned
from conformance.programs.transformations.catalogue import RELATIONS
from conformance.sequential.expectations import Demand, Exactly, Lists
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.relating import change_between, relation_between, told_relation
from spec_store import Key


def violation(requirement, setup: Program, observation: Operation, expected: Demand, actual: Outcome) -> Violation:
    finding = Finding(requirement, "shared", 2, setup[-1], observation, expected, actual, None)
    return Violation(requirement, setup, observation, expected, actual, finding)


def sharing(left: Key, right: Key, requirement="KEY-4") -> Violation:
    return violation(requirement, (Set(left, "1"), Set(right, "2")), Get(left), Exactly("1"), Returned("2"))


@pytest.mark.parametrize(
    ("left", "right", "phrase"),
    [
        (("A",), ("a",), "case"),
        (("\u03b1\u03c3",), ("\u03b1\u03c2",), "a final sigma"),
        (("e\u0301", "x"), ("\u00e9", "x"), "their normal form (NFC)"),
        (("x", "I"), ("x", "\u0131"), "case (Turkish i)"),
        (("a  b",), ("a b",), "how many spaces there are"),
        (("a", "b/c"), ("a", "b", "c"), "where they are divided at '/'"),
        (("1e3",), ("1000.0",), "how a number is written"),
        (("NUL",), ("NUL_",), "an underscore after a device"),
    ],
)
def test_two_keys_that_share_a_value_are_told_by_what_they_differ(left, right, phrase):
    assert told_relation(sharing(left, right)) == f"Keys that differ by {phrase} only share a value."
    assert told_relation(sharing(right, left)) == f"Keys that differ by {phrase} only share a value."


def test_two_keys_that_are_made_into_a_third_are_related_too():
    related = relation_between(("a?1",), ("a?2",))

    assert related is not None
    assert related.phrase == "what follows a question mark"


def test_nothing_is_said_of_keys_that_nothing_relates():
    assert told_relation(sharing(("a",), ("b",))) == ""
    assert told_relation(sharing(("\u00e9",), ("b",))) == ""


def test_plain_keys_explain_nothing_but_that_they_share_a_value():
    assert told_relation(sharing(("ab", "c"), ("a", "bc"), "SET-2")) == ""
    assert told_relation(sharing(("ab", "c"), ("a", "bc"))) != ""


def test_a_prefix_is_compared_with_as_much_of_a_key():
    setup = (Set(("ab", "x"), "1"),)
    found = violation("LIST-3", setup, ListKeys(("a_",)), Lists(frozenset()), Returned([("ab", "x")]))

    assert told_relation(found) == "The keys differ by a wildcard of LIKE only."


def test_a_text_that_came_back_as_another_is_told_by_what_it_differs():
    key = ("a",)
    found = violation("GET-1", (Set(key, "x\n"),), Get(key), Exactly("x\n"), Returned("x"))

    assert told_relation(found) == "The values differ by a newline at the end only."


def test_a_value_that_is_no_text_is_told_by_nothing():
    key = ("a",)
    found = violation("GET-1", (Set(key, 1),), Get(key), Exactly(1), Returned("1"))

    assert told_relation(found) == ""


def test_of_several_functions_the_first_of_the_catalogue_is_named():
    related = relation_between(("A",), ("a",))

    assert related is next(one for one in RELATIONS if one.relates(("A",), ("a",)))


def test_lone_surrogates_are_survived():
    assert relation_between(("\ud800",), ("word",)) is None
    assert change_between("\ud800", "word") is None
