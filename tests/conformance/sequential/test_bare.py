"""Programs performed barely: what diverges, what is right too, and what becomes of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
)
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.bare import MOST_ALIKE, divergences, run_barely
from conformance.sequential.candidates import Candidates
from conformance.sequential.divergence import Divergence
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend, Key, StoreBackendError

A, B, C = ("a",), ("b",), ("c",)
ALL_KINDS: Program = (
    Set(A, "1"),
    Get(A),
    HasKey(B),
    Get(B),
    ReadId(),
    ListKeys(),
    Move(A, B),
    Move(C, A),
    SetMany(("m",), 3),
    ListKeys(("m",)),
    RemoveKey(B),
    RemoveKey(B),
    ReadId(),
    ListKeys(),
    Get(ID_KEY),
)


def harness_of(kind: type[Any], claims: Claims | None = None) -> Harness:
    return Harness(subject_of(kind, claims or Claims()))


def run_of(harness: Harness) -> Run:
    return Run(harness, UNKNOWN, Options(), Watcher(), Evidence(), Budget())


def only(found: Sequence[Divergence]) -> Divergence:
    (one,) = found
    return one


@pytest.mark.parametrize("kind", [InMemoryStoreBackend, DictStore])
def test_a_correct_store_diverges_nowhere(kind):
    assert divergences(harness_of(kind), ALL_KINDS) == ()


class LosesTheThird(DictStore):
    """Loses what is written while two keys are stored."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> None:
        if len(self.list_keys()) != 3:  # the id is one of them
            super().set(key, value, **kwargs)


def test_the_program_is_cut_at_the_read_that_diverges():
    program = (Set(A, "1"), Set(B, "2"), Get(A), Set(C, "3"), Get(C), Set(A, "4"))
    found = only(divergences(harness_of(LosesTheThird), (ReadId(), *program)))
    assert found.program == (ReadId(), *program[:5])
    assert (found.requirement, found.likeness) == ("GET-1", ("get", "Exactly", "InvalidKeyError"))


def test_what_diverges_is_judged_by_a_session():
    harness = harness_of(LosesTheThird)
    candidates = Candidates()
    assert run_barely(run_of(harness), (ReadId(), Set(A, "1"), Set(B, "2"), Set(C, "3"), Get(C)), candidates)
    assert {candidate.finding.requirement for candidate in candidates.kept.values()} == {"SET-1"}


def test_what_does_not_diverge_costs_no_session():
    candidates = Candidates()
    assert not run_barely(run_of(harness_of(DictStore)), ALL_KINDS, candidates)
    assert (candidates.programs, candidates.kept) == (0, {})


class SaysNotStored(DictStore):
    """Says of no key that it is stored, and gives no listing."""

    def has_key(self, key: Key) -> bool:
        return False

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        return []


def test_a_program_goes_on_to_what_else_diverges():
    program = (Set(A, "1"), HasKey(A), HasKey(A), ListKeys(), Get(A))
    found = divergences(harness_of(SaysNotStored), program)
    assert [(one.operation, len(one.program)) for one in found] == [(HasKey(A), 2), (ListKeys(), 4)]


def test_of_what_looks_alike_no_more_than_a_few_are_judged():
    candidates, run = Candidates(), run_of(harness_of(SaysNotStored))
    for number in range(MOST_ALIKE + 3):
        assert run_barely(run, (Set(A, str(number)), HasKey(A)), candidates)
    assert candidates.programs == MOST_ALIKE


class ForgetsOnce(DictStore):
    """The first of all its stores forgets what was set; none does so again."""

    forgetting = True

    def set(self, key: Key, value: Any, **kwargs: Any) -> None:
        if not type(self).forgetting:
            super().set(key, value, **kwargs)
        type(self).forgetting = False


def test_what_no_session_sees_again_is_kept_as_it_was_seen():
    ForgetsOnce.forgetting = True
    candidates = Candidates()
    program: Program = (Set(A, "1"), Get(A))
    assert run_barely(run_of(harness_of(ForgetsOnce)), program, candidates)
    (candidate,) = candidates.kept.values()
    assert (candidate.finding.requirement, candidate.finding.calls[-2:]) == ("SET-1", program)


def test_a_divergence_has_all_that_was_called_until_then():
    ForgetsOnce.forgetting = True
    (divergence,) = divergences(harness_of(ForgetsOnce), (Set(A, "1"), Get(A), Get(A)))
    assert divergence.program == (Set(A, "1"), Get(A))
    assert divergence.calls == (ListKeys(), Get(ID_KEY), Set(A, "1"), Get(A))


class RefusesLongValues(DictStore):
    """Takes no value of more than three characters."""

    def set(self, key: Key, value: Any, **kwargs: Any) -> None:
        if len(value) > 3 and key != ID_KEY:
            raise StoreBackendError("the value is too long")
        super().set(key, value, **kwargs)


def test_what_the_limits_of_a_subject_allow_for_changes_nothing():
    program: Program = (Set(A, "1"), Set(A, "1234"), Get(A), Set(B, "1234"), Get(B), ListKeys())
    assert divergences(harness_of(RefusesLongValues), program) == ()


class RemovesWithoutAWord(DictStore):
    """Removes, and returns nothing."""

    def remove_key(self, key: Key) -> Any:
        super().remove_key(key)


def test_what_a_removal_returns_is_asked():
    found = only(divergences(harness_of(RemovesWithoutAWord), (Set(A, "1"), RemoveKey(A), RemoveKey(A))))
    assert (found.requirement, len(found.program)) == ("REMOVE-4", 2)


class HasAnotherIdEachTime(DictStore):
    """Gives another id whenever it is asked."""

    count = 0

    @property
    def store_backend_id(self) -> UUID:
        type(self).count += 1
        return UUID(int=type(self).count)


def test_the_id_must_be_the_same_each_time():
    found = only(divergences(harness_of(HasAnotherIdEachTime), (ReadId(), ReadId())))
    assert found.requirement == "ID-1"


class OpensOnce(DictStore):
    """Cannot be opened a second time."""

    def __init__(self, shelf: Any = None, **options: Any) -> None:
        super().__init__(shelf, **options)
        if self.shelf.marks.setdefault("opened", 0):
            raise OSError("opened already")
        self.shelf.marks["opened"] += 1


def test_a_place_that_does_not_open_again_is_told_and_ends_the_program():
    operations: list[Operation] = [Set(A, "1"), Reopen(), Get(B), GetAll()]
    found = only(divergences(harness_of(OpensOnce, Claims(durable=True)), tuple(operations)))
    assert (found.requirement, len(found.program)) == ("REOPEN-1", 2)


def test_keys_that_might_lead_out_of_the_store_are_left_out():
    program: Program = (Set(("..", "x"), "1"), Get(("..", "x")), HasKey(A))
    assert divergences(harness_of(DictStore), program) == ()
