import attrs

from conformance.programs.operations import Add, Get, Set, Update
from conformance.programs.outcomes import Returned
from conformance.sequential.accounts import Accounts
from conformance.sequential.candidates import Candidate
from conformance.sequential.expectations import Exactly
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.laboratory import Dropped
from conformance.sequential.observing import ALWAYS

A = ("a",)


def finding(requirement, cause, symptom="changed"):
    return Finding(requirement, symptom, 1, cause, Get(A), Exactly("1"), Returned("2"), A)


GET_1 = finding("GET-1", Set(A, "1"))
ADD_1 = finding("ADD-1", Add(A, "1"))
UPDATE_1 = finding("UPDATE-1", Update(A, "1"))


def candidate(found, *earlier):
    return Candidate((found.cause,), found, ALWAYS, frozenset(one.operation_bucket for one in earlier))


def accounts_with(found):
    accounts = Accounts()
    accounts.tell(found, Violation("GET-1", (found.cause,), found.observation, found.expected, found.actual, found))
    return accounts


def test_nothing_is_settled_while_nothing_has_been_told():
    assert not Accounts().settle(candidate(ADD_1, GET_1), Dropped((), GET_1))


def test_another_case_of_what_has_been_told_is_settled():
    again = attrs.evolve(GET_1, key=("b",))
    assert accounts_with(GET_1).settle(candidate(again), Dropped(()))


def test_what_comes_after_or_down_to_what_has_been_told_is_a_consequence():
    assert accounts_with(GET_1).settle(candidate(ADD_1, GET_1), Dropped(()))
    assert accounts_with(GET_1).settle(candidate(ADD_1), Dropped((), GET_1))


def test_what_comes_of_a_consequence_is_settled_with_it():
    accounts = accounts_with(GET_1)
    assert not accounts.settle(candidate(UPDATE_1, ADD_1), Dropped(()))
    assert accounts.settle(candidate(ADD_1), Dropped((), GET_1))
    assert accounts.settle(candidate(UPDATE_1, ADD_1), Dropped(()))
    assert accounts.explained == {"ADD-1": "GET-1", "UPDATE-1": "GET-1"}


def test_what_has_nothing_to_do_with_what_has_been_told_is_not_settled():
    assert not accounts_with(GET_1).settle(candidate(UPDATE_1), Dropped((), ADD_1))
