"""Two threads on one backend: the second of two operations run inside the first, at one of its lines."""

import pytest

from conformance import Claims
from conformance.concurrent.pairs.interleaving import Interleaved
from conformance.concurrent.pairs.pairs import AtLine, Pair
from conformance.concurrent.pairs.threads import ThreadInterleaver, tracing
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.probes.interleaving import Partner
from conformance.programs.operations import RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned
from spec_store import InMemoryStoreBackend

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


def test_the_second_operation_runs_at_each_line_of_the_first_until_there_is_none(interleaver):
    results = [interleaver.at(PAIR, number) for number in range(1, 40)]

    steps = [result for result in results if isinstance(result, Interleaved)]
    assert 1 < len(steps) < len(results)
    assert results[len(steps) :] == [None] * (len(results) - len(steps))
    assert [step.where.number for step in steps] == list(range(1, len(steps) + 1))
    wheres = [step.where for step in steps]
    assert all(isinstance(where, AtLine) and where.file.endswith(".py") and where.line for where in wheres)
    assert {step.waited for step in steps} == {True, False}  # the lock is held at some lines


def test_only_the_files_of_the_backend_count_as_its_own_code():
    is_own = tracing(InMemoryStoreBackend())

    assert is_own(InMemoryStoreBackend._set.__code__.co_filename)
    assert not is_own(Partner.start.__code__.co_filename)
    assert not is_own(pytest.__file__)
