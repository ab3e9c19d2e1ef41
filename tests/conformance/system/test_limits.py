import signal
import threading
import time

import attrs
import pytest

from conformance.programs.operations import Get, Set, SetMany
from conformance.programs.outcomes import Hung
from conformance.sequential.replay import findings_of
from conformance.sequential.session import ALWAYS, AT_THE_END
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_limit_whose_exception_is_lost_is_told_again():
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
