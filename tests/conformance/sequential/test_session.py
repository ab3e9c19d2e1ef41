import attrs
import pytest

from conformance.programs.operations import (
    Add,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    ReadId,
    RemoveKey,
    Set,
    SetMany,
    Update,
)
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.replay import findings_of
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import (
    GetPops,
    GivesNoneForMissing,
    LosesOnSelfMove,
    RemovesChildren,
    StaleHasKey,
    StripsNewline,
    harness_of,
)

A, B, AB = ("a",), ("b",), ("a", "b")

EVERYTHING = (
    Get(A),
    Set(A, "1"),
    Set(AB, "2\n"),
    Set(A, "3"),
    HasKey(A),
    ListKeys(A),
    Move(A, B),
    Move(A, B),
    Move(B, B),
    Move(AB, B),
    RemoveKey(B),
    RemoveKey(B),
    Add(A, "4"),
    Add(A, "5"),
    Update(A, "6"),
    Update(B, "7"),
    GetAll(),
    ReadId(),
    SetMany(A, 5),
    ListKeys(),
    Set((), "8"),
    Set(A, ["mutable"]),
)


@pytest.mark.parametrize("observing", [ALWAYS, AT_THE_END])
def test_the_reference_is_never_accused(observing):
    assert findings_of(harness_of(InMemoryStoreBackend), EVERYTHING, observing) == ()


@pytest.mark.parametrize(
    ("cls", "program", "requirement", "symptom"),
    [
        (LosesOnSelfMove, (Set(A, "1"), Move(A, A)), "MOVE-3", "lost"),
        (RemovesChildren, (Set(AB, "1"), RemoveKey(A)), "REMOVE-2", "lost"),
        (StripsNewline, (Set(A, "1\n"),), "GET-1", "changed"),
        (GivesNoneForMissing, (Get(A),), "GET-2", "returned"),
        (StaleHasKey, (Set(A, "1"), RemoveKey(A), HasKey(A)), "HAS-1", "returned"),
    ],
)
def test_one_fault_is_found_once_under_the_requirement_of_what_decided_the_state(cls, program, requirement, symptom):
    found = findings_of(harness_of(cls), program, ALWAYS)
    assert [(finding.requirement, finding.symptom) for finding in found] == [(requirement, symptom)]
    assert [finding.symptom for finding in findings_of(harness_of(cls), program, AT_THE_END)] == [symptom]


def test_a_session_goes_on_with_what_the_subject_shows_after_a_finding():
    found = findings_of(
        harness_of(LosesOnSelfMove), (Set(A, "1"), Move(A, A), Move(A, B), HasKey(A), ListKeys()), ALWAYS
    )
    assert [finding.requirement for finding in found] == ["MOVE-3"]


def test_a_lost_value_is_blamed_on_the_step_at_which_it_is_lost_when_watched():
    (finding,) = findings_of(harness_of(RemovesChildren), (Set(AB, "1"), RemoveKey(A), Set(B, "2")), ALWAYS)
    assert finding.step == 2


class RemovesAndMarks(InMemoryStoreBackend):
    """A removal changes the value of the fourth of many keys."""

    def remove_key(self, key):
        if (*A, "00003") in self._values:
            self._values[(*A, "00003")] = "of nobody"
        return super().remove_key(key)


def test_what_get_all_leaves_out_is_read_and_put_to_the_last_write():
    program = (SetMany(A, 5), Set(B, "1"), RemoveKey(B), GetAll())
    (finding,) = findings_of(harness_of(RemovesAndMarks), program, ALWAYS)
    assert (finding.requirement, finding.key) == ("REMOVE-2", (*A, "00003"))


def test_a_read_that_changes_the_store_is_noticed_by_the_next_read():
    assert findings_of(harness_of(GetPops), (Set(A, "1"), Get(A), Get(A)), AT_THE_END)


def test_keys_that_might_leave_the_store_are_not_performed_before_it_is_known_to_confine_them():
    harness = attrs.evolve(harness_of(GivesNoneForMissing), confined=False)
    assert findings_of(harness, (Get(("..", "x")),), ALWAYS) == ()
