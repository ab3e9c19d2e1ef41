"""No check accuses a backend that does as it should, and each requirement is judged on one."""

import contextlib
import tempfile

from conformance.checks.catalogue import CASES
from conformance.checks.core import CHANGES_BY_ITSELF, leaves_other_stores_alone
from conformance.checks.own_names import NO_DIRECTORY
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend, InvalidKeyError, requirement
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


class TellsOfAMissingKeyOnce(InMemoryStoreBackend):
    """A fault of get (GET-2), which has nothing to do with other stores: asked again, it gives None."""

    def __init__(self, **options):
        self.told = set()
        super().__init__(**options)

    def get(self, key, **kwargs):
        try:
            return super().get(key)
        except InvalidKeyError:
            if key in self.told:
                return None
            self.told.add(key)
            raise


def test_what_a_store_does_without_another_is_no_matter_of_isolation():
    cases = tuple(case for case in CASES if case.requirement == "ISO-1")
    came = came_of_all(Subject(lambda _place, **options: TellsOfAMissingKeyOnce(**options)), cases=cases)
    assert broken(came) == {}
    assert set(reasons(came).values()) == {CHANGES_BY_ITSELF, NO_DIRECTORY}


def test_both_stores_write_and_both_are_looked_at():
    writers = {case.arguments[1:] for case in CASES if case.check is leaves_other_stores_alone}
    assert writers == {("the one opened first",), ("the one opened second",)}


def test_names_are_unique_and_requirements_are_known():
    assert len({case.name for case in CASES}) == len(CASES)
    assert {requirement(id).id for id in EVERY} == EVERY


def test_arguments_can_be_written_as_source():
    for case in CASES:
        assert eval(repr(case.arguments)) == case.arguments
        assert case.title
