import signal
import sys
import threading
import time

import attrs
import pytest

from conformance.programs.operations import Get, Set, SetMany
from conformance.programs.outcomes import Hung
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.replay import findings_of
from conformance.system import limits, starvation
from conformance.system.limits import OperationTimeoutError, alarm, can_ring
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import harness_of

pytestmark = pytest.mark.skipif(not can_ring(), reason="this system has no alarm signal")


class Sleeps(InMemoryStoreBackend):
    def _get(self, key):
        if key == ("a",):
            threading.Event().wait(60)
        return super()._get(key)


def test_an_operation_that_takes_too_long_is_interrupted():
    with alarm(0.05) as limit, pytest.raises(OperationTimeoutError), limit:
        threading.Event().wait(60)


def test_the_alarm_of_another_tool_is_put_back():
    def theirs(_signal, _frame):
        pass

    before = signal.signal(signal.SIGALRM, theirs)
    signal.setitimer(signal.ITIMER_REAL, 100)
    try:
        with alarm(1) as limit, limit:
            pass
        assert signal.getsignal(signal.SIGALRM) is theirs
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_thread_that_has_no_alarm_runs_without_a_limit():
    seen = []

    def run():
        with alarm(0.01) as limit, limit:
            seen.append(limit.seconds)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [0]


def test_a_hang_is_a_finding_under_the_operations_requirement_and_ends_the_program():
    harness = harness_of(Sleeps)
    with alarm(0.05) as limit:
        harness = attrs.evolve(harness, limit=limit)
        start = time.monotonic()
        (finding,) = findings_of(harness, (Get(("b",)), Get(("a",)), Set(("a",), "1")), ALWAYS)
    assert (finding.requirement, finding.symptom) == ("GET-2", "hung")
    assert isinstance(finding.actual, Hung)
    assert time.monotonic() - start < 30


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_limit_whose_exception_is_lost_is_told_again_and_nothing_is_printed_of_it():
    lost = []

    class Swallows:
        def __del__(self):
            try:
                time.sleep(5)
            finally:
                lost.append(True)

    def operation():
        swallows = Swallows()
        del swallows
        time.sleep(5)

    with alarm(0.05) as limit, pytest.raises(OperationTimeoutError), limit:
        operation()

    assert lost


def test_of_many_sets_each_has_the_time_of_one():
    class TakesItsTime(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            threading.Event().wait(0.01)
            super()._set(key, value)

    with alarm(0.1) as limit:
        harness = harness_of(TakesItsTime)
        harness = attrs.evolve(harness, limit=limit)

        assert findings_of(harness, (SetMany(("a",), 30),), AT_THE_END) == ()


def test_what_else_is_lost_is_told_as_before_and_the_hook_is_put_back(monkeypatch):
    told: list[sys.UnraisableHookArgs] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    class Raises:
        def __del__(self):
            raise ValueError

    with alarm(5):
        Raises()
    assert [lost.exc_type for lost in told] == [ValueError]
    assert sys.unraisablehook == told.append


# What the alarm does when it rings, by clocks that the tests set


@pytest.fixture
def machine(monkeypatch):
    """Clocks: by the wall, and what the main thread, and all threads and processes, were starved."""

    class Machine:
        wall = main = every = 0.0

        def goes_on(self, wall, main=0.0, others=0.0):
            self.wall += wall
            self.main += main
            self.every += main + others

    machine = Machine()
    for module in (limits, starvation):
        monkeypatch.setattr(module.time, "monotonic", lambda: machine.wall)
        monkeypatch.setattr(module, "starved_seconds", lambda: machine.every)
    monkeypatch.setattr(limits, "main_thread_waited", lambda: machine.main)
    return machine


def watch(seconds=10.0):
    stopwatch = limits._Stopwatch()
    stopwatch.start(seconds)
    return stopwatch


def test_an_operation_that_has_had_its_time_is_over_at_the_first_ring(machine):
    stopwatch = watch()
    machine.goes_on(10.0)
    assert stopwatch.rest() == 0


def test_an_operation_that_was_starved_gets_what_it_has_lost_until_it_has_had_its_time(machine):
    stopwatch = watch()
    machine.goes_on(10.0, main=9.0)
    assert stopwatch.rest() == pytest.approx(9.0)
    machine.goes_on(9.0, main=8.0)
    assert stopwatch.rest() == pytest.approx(8.0)
    machine.goes_on(8.0)
    assert stopwatch.rest() == 0


def test_one_that_waits_for_a_starved_thread_is_looked_at_twice_and_gets_what_that_has_lost(machine):
    machine.goes_on(100.0, others=50.0)
    stopwatch = watch()
    machine.goes_on(10.0, others=9.0)
    look = stopwatch.rest()
    assert look == pytest.approx(limits.SECOND_LOOK * 10.0)
    machine.goes_on(look, others=look * 0.9)
    assert stopwatch.rest() == pytest.approx(10.0 - 1.2)
    machine.goes_on(100.0)
    assert stopwatch.rest() == 0


def test_one_that_waits_beside_threads_that_were_starved_at_other_times_is_over_at_the_second_look(machine):
    machine.goes_on(100.0, others=50.0)
    stopwatch = watch()
    machine.goes_on(10.0)
    machine.goes_on(stopwatch.rest())
    assert stopwatch.rest() == 0


def test_an_operation_that_is_starved_for_ever_is_over_some_time(machine):
    stopwatch = watch()
    rings = 0
    while rest := stopwatch.rest():
        machine.goes_on(rest, main=rest)
        rings += 1
    assert machine.wall <= 1.1 * starvation.STRETCHED * 10.0
    assert rings < 1000


def test_what_is_over_stays_over(machine):
    stopwatch = watch()
    machine.goes_on(10.0)
    assert stopwatch.rest() == 0
    machine.goes_on(0.1, main=0.1, others=40.0)
    assert stopwatch.rest() == 0
