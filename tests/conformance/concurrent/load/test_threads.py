"""Rounds run by threads."""

import itertools
import sys
import threading
import time

import pytest

from conformance.concurrent.load.rounds import Round
from conformance.concurrent.load.threads import Gate, ThreadRunner
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


class Tracer:
    """A trace function that takes its time to be taken away, in which Python refuses to install another one."""

    def __call__(self, *_):
        return None

    def __del__(self):
        time.sleep(0.001)


@pytest.fixture
def tool_that_traces_every_thread():
    """What coverage and debuggers do: each thread installs a trace function as it begins, and then its own."""
    before = threading.gettrace()
    threading.settrace(lambda *_: sys.settrace(Tracer()))
    yield
    threading.settrace(before)


@pytest.mark.usefixtures("tool_that_traces_every_thread")
def test_rounds_are_run_beside_a_tool_that_traces_every_thread():
    one = Round((), tuple((Get(A),) for _ in range(6)))

    results = ThreadRunner(Harness(subject_of(racing.LockedStore, THREADS))).run(itertools.repeat(one, 20))

    assert {result.impediment for result in results} == {None}


def test_a_thread_that_ends_before_the_gate_keeps_nobody_waiting():
    gate, passed = Gate(2), []

    def passes():
        gate.pass_through(awake=True)
        passed.append(True)

    threads = [threading.Thread(target=run, daemon=True) for run in (passes, str)]
    gate.start(threads)
    threads[0].join(30)

    assert passed == [True]
