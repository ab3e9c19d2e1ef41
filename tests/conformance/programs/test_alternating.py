"""Programs of two backends that take turns."""

import pytest

from conformance.faults.catalogue import FAULTS
from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.harness.harness import Harness
from conformance.programs.alternating import alternate, alternating_programs
from conformance.programs.material import material
from conformance.programs.operations import Get, RemoveKey, Set, Switch
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims

A = ("a",)
FAULT = {fault.name: fault for fault in FAULTS}
PROGRAMS = tuple(alternating_programs(material(Claims())))


def test_each_operation_is_done_by_another_backend_than_the_one_before():
    program = (Set(A, "1"), Get(A), RemoveKey(A))
    assert alternate(program) == (Set(A, "1"), Switch(), Get(A), Switch(), RemoveKey(A), Switch())


def test_every_program_takes_two_backends_and_ends_with_reads_of_both():
    for program in PROGRAMS:
        last = len(program) - 1 - program[::-1].index(Switch())
        after = {operation.name for operation in program[last:]}
        assert {"get", "has_key", "list_keys", "get_all"} <= after, program
        assert program.count(Switch()) >= 2, program


@pytest.mark.parametrize("kind", [DictStore, FileStore])
def test_a_correct_store_diverges_in_none(kind):
    harness = Harness(subject_of(kind, Claims(durable=True)))
    assert [divergences(harness, program) for program in PROGRAMS] == [()] * len(PROGRAMS)


@pytest.mark.parametrize(
    "name",
    [
        "RemembersValues",
        "RemembersTheListing",
        "RemembersWhatIsMissing",
        "RemembersAllValues",
        "MovesWhatItRemembers",
        "UpdatesWhatItRemembers",
        "WritesBackWhatItKeeps",
    ],
)
def test_whatever_a_backend_keeps_is_made_stale_by_one_of_them(name):
    harness = Harness(FAULT[name].subject)
    assert any(divergences(harness, program) for program in PROGRAMS)
