import pytest

from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, RemoveKey, Set
from conformance.sequential.attribution import attribute
from conformance.sequential.findings import Violation
from conformance.sequential.laboratory import Dropped
from conformance.sequential.replay import findings_of
from conformance.sequential.session import ALWAYS, AT_THE_END
from conformance.system.budget import Effort
from tests.conformance.subjects import (
    GetPops,
    JoinsElements,
    LosesOnSelfMove,
    RemovesChildren,
    StaleHasKey,
    StripsNewline,
    harness_of,
)

A, B, C, AB = ("a",), ("b",), ("c",), ("a", "b")

NOISE = (Set(C, "9"), Get(C), HasKey(A), ListKeys(), Set(("c", "d"), "8\u00e9"), Move(C, ("e",)))


@pytest.mark.parametrize(
    ("cls", "program", "requirement", "size"),
    [
        (LosesOnSelfMove, (Set(AB, "1\r\n"), Move(AB, AB)), "MOVE-3", 3),
        (RemovesChildren, (Set(A, "1"), Set(AB, "2"), RemoveKey(A)), "REMOVE-2", 3),
        (StripsNewline, (Set(AB, "12345 text\n"),), "GET-1", 2),
        (JoinsElements, (Set(AB, "1"), Set(("a/b",), "2")), "KEY-4", 2),
        (StaleHasKey, (Set(A, "1"), RemoveKey(A)), "HAS-1", 3),
        (GetPops, (Set(A, "1"), Set(B, "2")), "GET-3", 3),
    ],
)
def test_noise_is_taken_away_and_what_is_left_names_the_requirement(cls, program, requirement, size):
    harness = harness_of(cls)
    noisy = (*NOISE, *program, *NOISE)
    finding = findings_of(harness, noisy, ALWAYS)[0]
    violation = attribute(harness, noisy, finding, ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert (violation.requirement, violation.size) == (requirement, size)
    assert violation.shown == violation.tried


def test_a_minimal_value_keeps_only_what_the_fault_needs():
    harness = harness_of(StripsNewline)
    program = (Set(AB, "some text of a user\n"),)
    violation = attribute(harness, program, findings_of(harness, program, ALWAYS)[0], ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert violation.setup == (Set(A, "\n"),)


def test_a_consequence_that_no_program_shows_first_is_dropped():
    harness = harness_of(LosesOnSelfMove)
    program = (Set(A, "1"), Move(A, A))
    finding = findings_of(harness, program, ALWAYS)[0]
    consequence = type(finding)(
        "HAS-1", "returned", finding.step, HasKey(A), HasKey(A), finding.expected, finding.actual, A
    )
    assert isinstance(attribute(harness, program, consequence, ALWAYS, Effort()), Dropped)


@pytest.mark.parametrize("observation", [Add(A, "2"), RemoveKey(A)])
def test_an_operation_on_a_value_that_was_lost_before_it_is_not_blamed(observation):
    harness = harness_of(LosesOnSelfMove)
    program = (Set(A, "1"), Move(A, A), observation)
    finding = findings_of(harness, program, AT_THE_END)[0]
    assert finding.observation == observation
    assert isinstance(attribute(harness, program, finding, AT_THE_END, Effort()), Dropped)
