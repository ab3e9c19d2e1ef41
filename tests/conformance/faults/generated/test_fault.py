"""Drawing faults: the same from the same numbers, in each process, and of every kind."""

import os
import subprocess
import sys

import pytest

from conformance.faults.generated.calls import WRITES
from conformance.faults.generated.effects import ActsAnyway
from conformance.faults.generated.fault import BASES, KINDS, OPERATIONS, drawn

MANY = [drawn(7, number) for number in range(600)]


def test_the_same_numbers_give_the_same_fault():
    assert [drawn(7, number) for number in range(600)] == MANY


def test_other_numbers_give_other_faults():
    behaviours = {(fault.base, fault.operations, fault.parts, fault.effect) for fault in MANY}

    assert len(behaviours) > 550
    assert drawn(7, 0) != drawn(8, 0)
    assert drawn(7, 0) != drawn(7, 0, attempt=1)


def test_another_process_draws_the_same_whatever_its_hashes():
    source = "from conformance.faults.generated.witnesses import generated; print([generated(3, n) for n in range(8)])"
    done = [
        subprocess.run(
            [sys.executable, "-c", source],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert b"GeneratedFault" in done[0]
    assert done[0] == done[1]


def test_every_kind_base_and_operation_is_drawn():
    assert {fault.kind for fault in MANY} == set(KINDS)
    assert {fault.base for fault in MANY} == set(BASES)
    assert {name for fault in MANY for name in fault.operations} == set(OPERATIONS)


def test_a_trigger_has_a_part_for_each_word_of_its_kind():
    for fault in MANY:
        assert [part.kind for part in fault.parts] == [
            word for word in fault.kind.split(" and ") if word != "operation"
        ]


def test_a_trigger_of_one_operation_is_in_that_alone_and_any_other_in_all_that_write():
    for fault in MANY:
        if "operation" in fault.kind or isinstance(fault.effect, ActsAnyway):
            assert len(fault.operations) == 1
        elif fault.operations[0] in WRITES:
            assert fault.operations == WRITES


@pytest.mark.parametrize("fault", MANY[:20], ids=lambda fault: fault.name)
def test_a_fault_is_told_in_a_sentence(fault):
    assert fault.description.startswith(f"In {', '.join(fault.operations)} of {fault.base}")
    assert fault.description.endswith(".")
    assert all(str(part) in fault.description for part in fault.parts)
