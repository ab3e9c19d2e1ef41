"""Whether another process can open the store: if not, nothing counts as put to the test."""

import os

import pytest

from conformance import Claims
from conformance.campaign import run_campaign
from conformance.crash.elsewhere import refusal_elsewhere
from conformance.faults.planted.crashing_stores import WritesInPlace
from conformance.faults.planting import subject_of
from conformance.faults.stores.file_store import FileStore
from conformance.harness.harness import Harness
from conformance.run.options import Options
from spec_store import StoreBackendError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")

HERE = os.getpid()
CLAIMS = Claims(durable=True, crash_safe=True, durability="power")


class OpensHereAlone(WritesInPlace):
    """Opens in the process that has imported it, and in none that is forked from that."""

    def __init__(self, directory, **options):
        if os.getpid() != HERE:
            raise StoreBackendError("already open in this process")
        super().__init__(directory, **options)


class EndsWhereItIsForked(FileStore):
    def __init__(self, directory, **options):
        if os.getpid() != HERE:
            os._exit(3)
        super().__init__(directory, **options)


def test_a_store_that_a_forked_process_can_open_is_opened_there():
    assert refusal_elsewhere(Harness(subject_of(FileStore, CLAIMS))) == ""


@pytest.mark.parametrize(
    ("cls", "why"),
    [
        (OpensHereAlone, "StoreBackendError: already open in this process"),
        (EndsWhereItIsForked, "its process ended"),
    ],
)
def test_why_it_cannot_be_opened_there_is_told(cls, why):
    assert refusal_elsewhere(Harness(subject_of(cls, CLAIMS))) == f"it cannot be opened in another process: {why}"


def test_where_it_cannot_nothing_is_passed():
    options = Options(examples=0, seed=0, classes=("crash-safe",))
    report = run_campaign(subject_of(OpensHereAlone, CLAIMS), options)

    why = "it cannot be opened in another process: StoreBackendError: already open in this process"
    assert {(one.verdict, one.exercised, one.reason) for one in report.results} == {("not exercised", 0, why)}
    assert report.verdict == "incomplete"
