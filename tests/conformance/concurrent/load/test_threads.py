"""Rounds run by threads."""

import itertools
import sys

from conformance.concurrent.load.rounds import Round
from conformance.concurrent.load.threads import ThreadRunner
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.operations import Get, ListKeys, Set
from conformance.programs.outcomes import Returned
from tests.conformance.concurrent.load.examples import THREADS, A


def test_the_switch_interval_is_as_before():
    before = sys.getswitchinterval()
    one = Round((), ((Get(A),), (Get(A),)))

    results = list(ThreadRunner(Harness(subject_of(racing.LockedStore, THREADS))).run(itertools.repeat(one, 2)))

    assert [len(result.seen) for result in results] == [4, 4]
    assert sys.getswitchinterval() == before


def test_operations_alone_are_run_in_their_order_and_what_they_left_is_read():
    result = ThreadRunner(Harness(subject_of(racing.LockedStore, THREADS))).alone((Set(A, "1"), Set(A, "2")))

    assert [seen.record.operation for seen in result.seen] == [Set(A, "1"), Set(A, "2"), Get(A), ListKeys()]
    assert [seen.record.outcome for seen in result.seen[2:]] == [Returned("2"), Returned([A])]
