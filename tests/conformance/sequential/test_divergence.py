import uuid

import pytest

from conformance.programs.operations import Get, HasKey, ListKeys, Move, ReadId, Set, SetMany
from conformance.programs.outcomes import Hung, Raised, Returned
from conformance.sequential.divergence import Divergence, finding_by_itself, finding_of, is_on
from conformance.sequential.expectations import MISSING, Exactly, Lists, Unchanged
from conformance.sequential.naming import reference_after
from conformance.sequential.oracle import requirement_for

A, B, C = ("a",), ("b",), ("c",)
GONE = Raised("InvalidKeyError", "gone")


@pytest.mark.parametrize(
    ("program", "expected", "actual", "requirement", "cause"),
    [
        ((Set(A, "1"), Set(B, "2"), Get(A)), Exactly("1"), GONE, "SET-1", Set(A, "1")),
        ((Set(A, "1"), Get(A)), Exactly("1"), Returned("2"), "GET-1", Set(A, "1")),
        ((Set(A, "1"), Move(A, B), Get(A)), MISSING, Returned("1"), "MOVE-1", Move(A, B)),
        ((Set(B, "1"), Get(A)), MISSING, Returned("1"), "GET-2", Get(A)),
        ((Set(A, "1"), HasKey(A)), Exactly(True), Returned(False), "HAS-1", HasKey(A)),
        ((Set(A, "1"), ListKeys()), Lists(frozenset({A})), Returned([]), "LIST-1", ListKeys()),
    ],
)
def test_a_wrong_state_is_put_to_the_operation_that_decided_it_and_all_else_to_itself(
    program, expected, actual, requirement, cause
):
    own = requirement_for(program[-1], reference_after(program[:-1]))
    finding = finding_of(Divergence(program, own, expected, actual))
    assert (finding.requirement, finding.cause, finding.observation) == (requirement, cause, program[-1])
    assert finding.calls == program


def test_an_id_that_changed_is_to_be_as_it_was_before_and_not_that_of_another_store():
    one, other = uuid.uuid4(), uuid.uuid4()
    finding = finding_by_itself(Divergence((ReadId(), Set(A, "1"), ReadId()), "ID-1", Exactly(one), Returned(other)))
    assert finding.expected == Unchanged()


@pytest.mark.parametrize(("actual", "symptom"), [(GONE, "raised"), (Returned("2"), "returned"), (Hung(1.0), "hung")])
def test_how_it_is_wrong_is_told_by_what_came(actual, symptom):
    assert finding_by_itself(Divergence((Get(A),), "GET-1", Exactly("1"), actual)).symptom == symptom


def test_many_sets_are_on_each_of_their_keys():
    assert is_on(SetMany(A, 2), ("a", "00001"))
    assert not is_on(SetMany(A, 2), ("a", "00002"))
    assert is_on(Move(A, B), B)
    assert not is_on(Move(A, B), C)
