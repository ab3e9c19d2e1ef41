"""Two threads on one backend: the second of two operations run inside the first, at one of its lines."""

import itertools
import threading
from pathlib import Path

import attr
import pytest
import sqlalchemy

from conformance import Claims
from conformance.concurrent.pairs.interleaving import Interleaved, Openings, Stuck
from conformance.concurrent.pairs.pairs import AtLine, OneByOne, Pair
from conformance.concurrent.pairs.threads import Code, ThreadInterleaver, imported_roots, tracing
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.probes.interleaving import Partner
from conformance.programs.operations import Get, RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned
from conformance.system import limits
from conformance.system.limits import alarm
from spec_store import InMemoryStoreBackend
from spec_store.backends import sql as engine

A = ("a",)
PAIR = Pair((Set(A, "1"),), Set(A, "2"), RemoveKey(A))


@pytest.fixture
def interleaver():
    with Partner() as partner:
        yield ThreadInterleaver(Harness(subject_of(racing.LockedStore, Claims(durable=True, threads=True))), partner)


def test_a_pair_is_run_in_either_order(interleaver):
    first, second = (interleaver.in_order(PAIR, swapped=swapped) for swapped in (False, True))

    assert first.reads[0] == Raised("InvalidKeyError")
    assert second.reads[0] == Returned("2")
    assert first.second == second.second == Returned(True)


@pytest.mark.parametrize("swapped", [False, True])
def test_what_does_not_end_though_it_is_run_alone_is_named(swapped):
    class RemovalsHang(InMemoryStoreBackend):
        def remove_key(self, key):
            while True:
                pass

    with Partner() as partner, alarm(0.2) as limit:
        harness = Harness(subject_of(RemovalsHang, Claims(threads=True)), limit)
        stuck = ThreadInterleaver(harness, partner).in_order(PAIR, swapped=swapped)

    assert isinstance(stuck, Stuck)
    assert stuck.where == OneByOne("thread", swapped, hangs=RemoveKey(A))


def test_the_second_operation_runs_at_each_line_of_the_first_until_there_is_none(interleaver):
    results = [interleaver.at(PAIR, number) for number in range(1, 40)]

    steps = [result for result in results if isinstance(result, Interleaved)]
    assert 1 < len(steps) < len(results)
    assert results[len(steps) :] == [None] * (len(results) - len(steps))
    assert [step.where.number for step in steps] == list(range(1, len(steps) + 1))
    wheres = [step.where for step in steps]
    assert all(isinstance(where, AtLine) and where.file.endswith(".py") and where.line for where in wheres)
    assert {step.waited for step in steps} == {True, False}  # the lock is held at some lines


def test_no_step_is_in_the_code_of_the_kit_that_keeps_the_time(interleaver):
    with alarm(60) as limit:
        timed = attr.evolve(interleaver, harness=attr.evolve(interleaver.harness, limit=limit))
        results = [timed.at(PAIR, number) for number in range(1, 40)]
        done = [*results, *itertools.islice(timed.openings(), 40)]

    wheres = [result.where for result in done if isinstance(result, Interleaved | Openings)]
    files = {where.file for where in wheres if isinstance(where, AtLine)}
    assert files
    assert not any(name.startswith(str(Path(limits.__file__).parent)) for name in files)


def test_only_the_files_of_the_backend_count_as_its_own_code():
    is_own = tracing(InMemoryStoreBackend())

    assert is_own(InMemoryStoreBackend._set.__code__.co_filename)
    assert not is_own(Partner.start.__code__.co_filename)
    assert not is_own(pytest.__file__)


class WritesByALibrary(racing.LockedStore):
    """Each value is in a file, which a method of the standard library opens and then writes; get takes no lock."""

    directory = ""

    def _set(self, key, value, **kwargs):
        with self.lock:
            Path(self.directory, key[0]).write_text(value, "utf-8")
            self._kept[self._slot(key)] = (key, value)

    def _get(self, key):
        return Path(self.directory, key[0]).read_text("utf-8")


def test_a_value_that_a_library_is_just_writing_is_read_torn(tmp_path):
    claims = Claims(durable=True, threads=True)
    pair = Pair((Set(A, "1"),), Set(A, "2"), Get(A))
    WritesByALibrary.directory = str(tmp_path)
    harness = Harness(subject_of(WritesByALibrary, claims), cheap={"suppress_store_backend_id": True})
    with Partner() as partner:
        interleaver = ThreadInterleaver(harness, partner)
        results = [interleaver.at(pair, number) for number in range(1, 60)]

    seen = {result.observation.second for result in results if isinstance(result, Interleaved)}
    assert seen == {Returned("1"), Returned(""), Returned("2")}
    torn = next(one for one in results if isinstance(one, Interleaved) and one.observation.second == Returned(""))
    assert isinstance(torn.where, AtLine)
    assert (torn.where.event, torn.where.calling) == ("c_call", "write")


def test_what_a_backend_imports_is_its_code_after_its_own_and_what_its_author_names_is_its_own():
    backend = racing.LockedStore()

    assert tracing(backend, ("attr",))(attr.__file__)
    assert not tracing(backend)(attr.__file__)
    assert not tracing(backend, ("attr",), Code.IMPORTED)(attr.__file__)
    assert not tracing(backend, None, Code.IMPORTED)(threading.__file__)
    own = (str(Path(engine.__file__).parent),)
    assert any(Path(sqlalchemy.__file__).is_relative_to(root) for root in imported_roots(own))


class NeverReturns(racing.LockedStore):
    """remove_key, of a second thread, waits for what nobody gives."""

    def remove_key(self, key):
        if threading.current_thread() is not threading.main_thread():
            threading.Event().wait()
        return super().remove_key(key)


def test_an_operation_that_does_not_end_is_stuck_and_the_next_pair_has_its_own_answer():
    with Partner(0.1) as partner:
        interleaver = ThreadInterleaver(Harness(subject_of(NeverReturns, Claims(durable=True, threads=True))), partner)
        stuck = interleaver.at(PAIR, 1)
        after = interleaver.at(Pair((Set(A, "1"),), Set(A, "2"), Get(A)), 1)

    assert isinstance(stuck, Stuck)
    assert isinstance(stuck.where, AtLine)
    assert stuck.where.line
    assert isinstance(after, Interleaved)
    assert after.observation.second == Returned("1")
