"""Every kind of expectation: what meets it, what does not, and how a report says it."""

from uuid import UUID

import pytest

from conformance.campaign import run_campaign
from conformance.checks.catalogue import CASES
from conformance.programs.outcomes import Died, Hung, Raised, Returned
from conformance.run.options import Options
from conformance.sequential.expectations import (
    INVALID_ID,
    MISSING,
    REFUSED,
    AnId,
    Anything,
    Bag,
    Exactly,
    Lists,
    Raises,
    Succeeds,
    Unchanged,
)
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend

A, B = ("a",), ("b",)
ID = UUID("12345678-1234-4234-8234-123456789abc")
EITHER = frozenset({"TypeError", "StoreBackendError"})
INVALID_KEY, BACKEND = Raised("InvalidKeyError"), Raised("StoreBackendError")


@pytest.mark.parametrize(
    ("expectation", "outcome"),
    [
        (Anything(), Returned(None)),
        (Anything(), Returned(ValueError("a value"))),
        (Succeeds(EITHER), Returned(None)),
        (Succeeds(EITHER), Raised("TypeError")),
        (Succeeds(EITHER), BACKEND),
        (Exactly("1"), Returned("1")),
        (Exactly(None), Returned(None)),
        (Lists(frozenset()), Returned([])),
        (Lists(frozenset({A, B})), Returned([B, A])),
        (Bag(("1", "1", "2")), Returned(["1", "2", "1"])),
        (Bag(("1", "2")), Returned(("2", "1"))),
        (Bag(("1", "2")), Returned({"2": 0, "1": 0}.keys())),
        (Bag(([1], [1])), Returned([[1], [1]])),
        (Raises(EITHER), BACKEND),
        (MISSING, INVALID_KEY),
        (REFUSED, BACKEND),
        (AnId(), Returned(ID)),
    ],
    ids=str,
)
def test_an_expectation_is_met(expectation, outcome):
    assert expectation.met_by(outcome)


@pytest.mark.parametrize(
    ("expectation", "outcome"),
    [
        (Anything(), BACKEND),
        (Succeeds(EITHER), INVALID_KEY),
        (Exactly("1"), Returned("2")),
        (Exactly(1), Returned(True)),
        (Exactly("1"), Returned(b"1")),
        (Exactly("1"), Raised("1")),
        (Lists(frozenset({A, B})), Returned([A])),
        (Lists(frozenset({A})), Returned([A, B])),
        (Lists(frozenset({A})), Returned([A, A])),
        (Lists(frozenset({A})), Returned([B])),
        (Lists(frozenset({A})), Returned((A,))),
        (Lists(frozenset({A})), Returned([["a"]])),
        (Lists(frozenset({A})), INVALID_KEY),
        (Bag(("1", "1")), Returned(["1"])),
        (Bag(("1",)), Returned([1])),
        (Bag(("1",)), Returned(None)),
        (Bag(()), BACKEND),
        (MISSING, BACKEND),
        (MISSING, Returned(None)),
        (REFUSED, INVALID_KEY),
        (AnId(), Returned(str(ID))),
        (AnId(), Returned(INVALID_ID)),
        (AnId(), Returned(None)),
        (AnId(), BACKEND),
    ],
    ids=str,
)
def test_an_expectation_is_not_met(expectation, outcome):
    assert not expectation.met_by(outcome)


EVERY_KIND = (
    (Anything(), "to succeed"),
    (Succeeds(EITHER), "to succeed, or to raise StoreBackendError or TypeError"),
    (Exactly("1"), "to return '1'"),
    (Lists(frozenset({B, A})), "to list [('a',), ('b',)]"),
    (Bag(("1", "2")), "to give the values ['1', '2'], in any order"),
    (Raises(EITHER), "to raise StoreBackendError or TypeError"),
    (AnId(), "to return a UUID"),
)


@pytest.mark.parametrize(("expectation", "words"), EVERY_KIND)
def test_a_report_says_what_was_expected(expectation, words):
    assert str(expectation) == words


@pytest.mark.parametrize("outcome", [Hung(2.0), Died("signal 9")], ids=str)
@pytest.mark.parametrize("expectation", [one for one, _ in EVERY_KIND], ids=str)
def test_nothing_that_hangs_or_ends_the_process_meets_an_expectation(expectation, outcome):
    assert not expectation.met_by(outcome)


@pytest.mark.parametrize(
    ("first", "actual", "holds"),
    [
        (Returned("1"), Returned("1"), True),
        (Returned("1"), Returned("2"), False),
        (Returned(1), Returned(True), False),
        (Returned("1"), Raised("StoreBackendError"), False),
        (Raised("StoreBackendError", "one text"), Raised("StoreBackendError", "another"), True),
        (Raised("StoreBackendError"), Raised("InvalidKeyError"), False),
        (Hung(1.0), Hung(1.0), False),
    ],
)
def test_what_is_to_stay_the_same_is_compared_with_what_came_first(first, actual, holds):
    assert Unchanged().holds_between(first, actual) is holds


def test_what_is_to_stay_the_same_is_told_so():
    assert str(Unchanged()) == "to return what it returned on the new store"


@pytest.mark.parametrize(
    "other", [UUID(int=INVALID_ID.int - 1), UUID(int=INVALID_ID.int + 1), UUID(int=0), ID], ids=str
)
def test_an_id_is_any_uuid_but_that_of_an_invalid_configuration(other):
    assert AnId().met_by(Returned(other))
    assert not AnId().met_by(Returned(INVALID_ID))
    assert not AnId().met_by(Returned(UUID(f"urn:uuid:{str(INVALID_ID).upper()}")))


class HasNoValidId(InMemoryStoreBackend):
    """A store whose id is that of an invalid configuration from the start."""

    def _construct_store_backend_id(self, suppress_warning=False):
        return INVALID_ID


def test_a_run_of_programs_alone_finds_an_id_that_is_that_of_an_invalid_configuration():
    no_checks = frozenset(case.name for case in CASES)
    subject = Subject(lambda _place, **options: HasNoValidId(**options))
    report = run_campaign(subject, Options(0, 1, ("identity",), skip=no_checks))

    (found,) = [result.counterexample for result in report.results if result.requirement.id == "ID-1"]
    assert found is not None
    assert f"returned {INVALID_ID!r}, expected to return a UUID" in found.headline
    assert str(INVALID_ID) in found.script
