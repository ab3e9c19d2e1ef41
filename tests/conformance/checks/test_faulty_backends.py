"""Each check finds a backend with its fault, and no backend is accused of what it does right."""

import functools
import os

import pytest

from conformance.checks.catalogue import CASES
from tests.conformance.checks.faults import FAULTS, Fault
from tests.conformance.checks.runs import Came, broken, came_of_all, violated

FOR_ROOT = {"REOPEN-3:reads_without_writing('a read-only directory',)"}
"""Cases that cannot fail where nothing can be made read-only, and one that a subclass of the interface cannot fail."""


@functools.cache
def came_of(fault: Fault) -> tuple[Came, ...]:
    cases = CASES if fault.spawns else tuple(case for case in CASES if not case.spawns)
    return came_of_all(fault.subject(), fault.source, cases)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.cls.__name__)
def test_a_fault_is_accused_of_what_it_violates(fault):
    assert violated(came_of(fault)) == fault.violates


def test_every_case_finds_a_fault():
    found = {name for fault in FAULTS for name in broken(came_of(fault))}
    missed = {case.name for case in CASES} - found
    assert missed <= (FOR_ROOT if os.geteuid() == 0 else set())
