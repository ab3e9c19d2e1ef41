"""Two processes on one place: the second of two operations run inside the first, at one of its system calls."""

import os

import pytest

from conformance import Claims
from conformance.concurrent.pairs.interleaving import Interleaved
from conformance.concurrent.pairs.pairs import AtCall, Pair
from conformance.concurrent.pairs.processes import ProcessInterleaver, cannot_be_opened
from conformance.faults.planting import subject_of
from conformance.faults.stores.file_store import FileStore
from conformance.harness.harness import Harness
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import available
from conformance.programs.operations import ListKeys, RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned

A = ("a",)
PAIR = Pair((Set(A, "1"),), Set(A, "2"), RemoveKey(A))
NO_STOPS = available()


def interleaver_of(cls, partner):
    return ProcessInterleaver(Harness(subject_of(cls, Claims(durable=True, processes=True))), partner)


@pytest.fixture
def partner():
    with Partner() as partner:
        yield partner


def test_a_pair_is_run_in_either_order(partner):
    first, second = (interleaver_of(FileStore, partner).in_order(PAIR, swapped=swapped) for swapped in (False, True))

    assert first.reads[0] == Raised("InvalidKeyError")
    assert second.reads[0] == Returned("2")


@pytest.mark.skipif(bool(NO_STOPS), reason=NO_STOPS or "none")
def test_the_second_operation_runs_at_each_system_call_of_the_first_until_there_is_none(partner):
    interleaver = interleaver_of(FileStore, partner)
    results = [interleaver.at(PAIR, number) for number in range(1, 12)]

    steps = [result for result in results if isinstance(result, Interleaved)]
    assert 1 < len(steps) < len(results)
    assert results[len(steps) :] == [None] * (len(results) - len(steps))
    assert [step.where.number for step in steps] == list(range(1, len(steps) + 1))
    assert all(isinstance(step.where, AtCall) and "<place>" in step.where.text for step in steps)
    assert all(step.observation.second == Returned(True) and not step.waited for step in steps)


class DiesAsItSets(FileStore):
    def _set(self, key, value, **kwargs):
        super()._set(key, value, **kwargs)
        if value == "2":
            raise KeyboardInterrupt


@pytest.mark.skipif(bool(NO_STOPS), reason=NO_STOPS or "none")
def test_a_process_that_dies_gives_an_outcome_that_no_order_gives(partner):
    result = interleaver_of(DiesAsItSets, partner).at(PAIR, 1)

    assert isinstance(result.observation.first, Raised)
    assert "the process raised" in result.observation.first.kind


def test_a_backend_that_opens_in_no_other_process_says_why_and_puts_nothing_to_the_test(partner):
    class OpensHereOnly(FileStore):
        def __init__(self, *args, **kwargs):
            if os.getpid() != here:
                raise OSError("opened in one process already")
            super().__init__(*args, **kwargs)

    here = os.getpid()
    harness = interleaver_of(OpensHereOnly, partner).harness

    assert cannot_be_opened(harness).endswith("OSError: opened in one process already")
    assert cannot_be_opened(interleaver_of(FileStore, partner).harness) == ""


class ListsByReading(FileStore):
    """Lists a directory, and then opens each file of it."""

    def _every_key(self):
        keys = super()._every_key()
        return [key for key in keys if self._read(self._path(key)) is not None]


@pytest.mark.skipif(bool(NO_STOPS), reason=NO_STOPS or "none")
def test_a_reader_is_stopped_between_its_reads(partner):
    pair = Pair((Set(A, "1"),), ListKeys(), RemoveKey(A))
    interleaver = interleaver_of(ListsByReading, partner)
    results = [interleaver.at(pair, number) for number in range(1, 14)]

    steps = [result for result in results if isinstance(result, Interleaved)]
    assert len(steps) < len(results)
    assert Raised("FileNotFoundError") in [step.observation.first for step in steps]
