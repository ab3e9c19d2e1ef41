"""The checks on Great Expectations' own backends: what is known to be wrong is found, and nothing else is accused."""

import functools

import pytest

from conformance.checks.catalogue import CASES
from conformance.subject import Claims
from tests.conformance.checks.runs import Came, came_of_all, reasons, violated
from tests.later import Later

pytestmark = pytest.mark.slow

subjects = Later("tests.conformance.gx_subjects")

IN_PROCESS = tuple(case for case in CASES if not case.spawns)
BOTH = {"KEY-7", "ID-3", "ID-5", "CONFIG-1", "CONFIG-3"}


@functools.cache
def came_of(name: str) -> tuple[Came, ...]:
    return came_of_all(getattr(subjects, name), cases=IN_PROCESS)


def test_the_memory_backend_shares_its_values():
    came = came_of("memory")
    assert violated(tuple(one for one in came if one.case.is_claimed(Claims()))) == BOTH | {"SET-5", "MOVE-3"}


def test_the_file_backend_lets_keys_out():
    assert violated(came_of("files")) == BOTH | {"KEY-8"}


def test_a_file_backend_with_a_suffix_lets_keys_out_too():
    assert violated(came_of("affixed")) == BOTH | {"KEY-8"}


def test_a_file_backend_with_a_template_is_judged_by_keys_of_its_length():
    came = came_of("template")
    # It says True for a fixed_length_key given as False, and formats elements into names.
    assert violated(came) == BOTH | {"KEY-8", "KEY-9", "PROP-1"}
    assert not any("none of the plain keys" in reason for reason in reasons(came).values())
