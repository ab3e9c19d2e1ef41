"""No check accuses a backend that does as it should, and each requirement is judged on one."""

import contextlib
import tempfile

from conformance.checks.catalogue import CASES
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend, requirement
from tests.conformance.checks.runs import broken, came_of_all, held, reasons
from tests.conformance.checks.stores import DictBackend, FileBackend

REFERENCE = Subject(open=lambda _place, **options: InMemoryStoreBackend(**options))
IN_A_DICT = Subject(open=DictBackend, place=lambda: contextlib.nullcontext({}), claims=Claims(durable=True))
IN_FILES = Subject(open=FileBackend, place=tempfile.TemporaryDirectory, claims=Claims(durable=True))
SOURCE = """
from tests.conformance.checks.stores import FileBackend
def open_backend(place, **options):
    return FileBackend(place, **options)
"""
EVERY = {case.requirement for case in CASES}


def test_the_reference_passes_all_that_is_not_about_durable_storage():
    came = came_of_all(REFERENCE, cases=tuple(case for case in CASES if case.is_claimed(Claims())))
    assert broken(came) == {}
    assert {one.case.requirement for one in came} - held(came) == {"URL-2"}  # it has no URLs


def test_storage_in_a_dict_passes_all():
    came = came_of_all(IN_A_DICT)
    assert broken(came) == {}
    assert held(came) == EVERY


def test_storage_in_files_passes_all_and_nearly_all_can_be_judged():
    came = came_of_all(IN_FILES, SOURCE)
    assert broken(came) == {}
    assert held(came) == EVERY
    assert set(reasons(came)) <= {"REOPEN-3:reads_without_writing('a read-only directory',)"}  # root writes everywhere


def test_names_are_unique_and_requirements_are_known():
    assert len({case.name for case in CASES}) == len(CASES)
    assert {requirement(id).id for id in EVERY} == EVERY


def test_arguments_can_be_written_as_source():
    for case in CASES:
        assert eval(repr(case.arguments)) == case.arguments
        assert case.title
