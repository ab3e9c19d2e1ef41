"""By what findings count as one fault, and violations as one counterexample."""

import attrs
import pytest

from conformance.programs.operations import Get, HasKey, ListKeys, Move, RemoveKey, Set, Update
from conformance.programs.outcomes import Died, Hung, Raised, Returned
from conformance.sequential.expectations import Anything, Exactly
from conformance.sequential.findings import Finding, Violation

A, B, ODD = ("a",), ("b",), ("a/b",)


def finding(**changes):
    """A value set under ("a",) that is lost, but for what `changes` say."""
    lost = Finding("SET-1", "lost", 1, Set(A, "1"), Get(A), Exactly("1"), Returned(None), A)
    return attrs.evolve(lost, **changes)


@pytest.mark.parametrize(
    ("cause", "key", "own"),
    [
        (Set(A, "1"), A, True),
        (Set(A, "1"), B, False),
        (Set(A, "1"), None, True),
        (Move(A, B), B, True),
        (ListKeys(A), A, False),
    ],
)
def test_a_key_is_the_causes_own_if_the_cause_names_it(cause, key, own):
    assert finding(cause=cause, key=key).own is own


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({}, ""),
        ({"key": None}, ""),
        # how it ended comes first
        ({"actual": Hung(2.0), "key": ODD}, "Hung"),
        ({"actual": Died("signal 9"), "cause": Set(A, "")}, "Died"),
        ({"actual": Raised("ValueError"), "cause": Set(ODD, ""), "key": ODD}, "ValueError"),
        # then the value, if it is what was written under the key and is not what is read
        ({"cause": Set(A, "")}, "empty value"),
        ({"cause": Set(A, b"1")}, "bytes value"),
        ({"cause": Set(ODD, ""), "key": ODD}, "empty value"),
        ({"cause": Update(A, "é"), "symptom": "changed"}, "non-ASCII text"),
        ({"cause": Update(A, "1\n"), "symptom": "stale"}, "trailing newline"),
        ({"cause": Set(A, ""), "symptom": "appeared"}, ""),
        ({"cause": Set(A, ""), "key": B}, ""),
        # then the key
        ({"cause": Set(ODD, "1"), "key": ODD}, "separator"),
        ({"cause": Set(A, ""), "key": ODD}, "separator"),
        ({"cause": RemoveKey(ODD), "key": ODD}, "separator"),
        ({"cause": Set((), "1"), "key": ()}, "empty key"),
    ],
)
def test_a_finding_has_the_detail_of_its_exception_value_or_key(changes, detail):
    assert finding(**changes).detail == detail


def test_a_candidate_bucket_names_requirement_symptom_cause_and_detail():
    assert finding(cause=Set(ODD, "1"), key=ODD).candidate_bucket == ("SET-1", "lost", "set", "separator")


@pytest.mark.parametrize(
    "changes",
    [
        {"step": 7},
        {"cause": Set(B, "other"), "key": B},
        {"observation": HasKey(A)},
        {"expected": Anything()},
        {"actual": Returned("other")},
    ],
)
def test_findings_differ_in_place_and_count_as_one_fault(changes):
    assert finding(**changes) != finding()
    assert finding(**changes).candidate_bucket == finding().candidate_bucket


@pytest.mark.parametrize(
    "changes",
    [
        {"requirement": "GET-1"},
        {"symptom": "stale"},
        {"cause": Update(A, "1")},
        {"cause": Set(A, "")},
        {"actual": Raised("ValueError")},
    ],
)
def test_findings_that_differ_in_kind_do_not_count_as_one(changes):
    assert finding(**changes).candidate_bucket != finding().candidate_bucket


def violation(**changes):
    """Of a value that is lost after set and has_key, but for what `changes` say."""
    lost = Violation("SET-1", (Set(A, "1"), HasKey(A)), Get(A), Exactly("1"), Returned(None), finding())
    return attrs.evolve(lost, **changes)


def test_the_size_of_a_violation_counts_the_observation():
    assert violation().size == 3
    assert violation(setup=()).size == 1


def test_a_report_bucket_names_the_operations_and_the_detail():
    assert violation().report_bucket == ("SET-1", ("set", "has_key"), "get", "")


@pytest.mark.parametrize(
    "changes", [{"setup": (Set(B, "2"), HasKey(B))}, {"expected": Anything()}, {"actual": Returned("3")}, {"shown": 0}]
)
def test_violations_of_other_keys_and_values_are_in_one_bucket(changes):
    assert violation(**changes).report_bucket == violation().report_bucket


@pytest.mark.parametrize(
    "changes",
    [
        {"requirement": "GET-1"},
        {"setup": (HasKey(A), Set(A, "1"))},
        {"setup": (Set(A, "1"),)},
        {"observation": HasKey(A)},
        {"finding": finding(actual=Hung(1.0))},
    ],
)
def test_violations_that_a_reader_would_tell_apart_have_other_shapes(changes):
    assert violation(**changes).report_bucket != violation().report_bucket
