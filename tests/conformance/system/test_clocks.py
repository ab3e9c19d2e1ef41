"""Clocks that are moved ahead, in a child that ends with that: what Python code reads, however it keeps its clock."""

import datetime as dt
import pickle
import signal
import time
from datetime import datetime
from time import monotonic, time_ns
from typing import Any

import pytest

from conformance.system.budget import Budget
from conformance.system.children import born, listen
from conformance.system.clocks import make_clocks_movable, move_ahead
from conformance.system.limits import OperationTimeoutError, alarm

HOUR = 3600


def closed_over(clock):
    return lambda: clock()


class Keeper:
    clock: Any = time.monotonic

    def by_default(self, clock=time.perf_counter):
        return clock()

    def by_name(self, *, clock=time.time):
        return clock()


BY_CLOSURE = closed_over(time.monotonic)

READINGS = {
    "attribute": lambda: time.monotonic(),
    "nanoseconds": lambda: time.monotonic_ns() / 10**9,
    "name": lambda: monotonic(),
    "name of nanoseconds": lambda: time_ns() / 10**9,
    "class": lambda: Keeper.clock(),
    "object": lambda: Keeper().clock(),
    "default": lambda: Keeper().by_default(),
    "default of a name": lambda: Keeper().by_name(),
    "closure": lambda: BY_CLOSURE(),
    "gettime": lambda: time.clock_gettime(time.CLOCK_REALTIME),
    "now": lambda: datetime.now().timestamp(),
    "now there": lambda: dt.datetime.now(dt.UTC).timestamp(),
    "today": lambda: dt.datetime.combine(dt.date.today(), dt.time()).timestamp(),
    "local time": lambda: time.mktime(time.localtime()),
}


def in_child(work):
    def live(acknowledge):
        make_clocks_movable()
        acknowledge(pickle.dumps(work()))

    with born(live) as child:
        listen(child, 60, child.ended)
        end = child.outcome("overtime")
    assert end.ended == "returned", end.error
    return pickle.loads(end.acknowledged[0])


def passed(read):
    before = read()
    move_ahead(30 * 24 * HOUR)
    return read() - before


@pytest.mark.parametrize("kept", READINGS)
def test_whoever_reads_a_clock_sees_the_time_that_has_passed(kept):
    days = in_child(lambda: passed(READINGS[kept])) / 24 / HOUR
    assert 28.9 < days < 31.1


def test_clocks_can_be_moved_more_than_once():
    assert in_child(lambda: (passed(time.time), passed(time.time))[1]) > HOUR


def test_the_time_of_the_processor_does_not_pass_while_nothing_is_done():
    reads = (time.process_time, time.thread_time, lambda: time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID))
    assert all(seconds < HOUR for seconds in in_child(lambda: [passed(read) for read in reads]))


def test_limits_and_budgets_of_the_kit_keep_the_real_clocks():
    def work():
        budget = Budget.of(600)
        with alarm(600.0) as limit:
            try:
                with limit:
                    move_ahead(HOUR)
                    signal.raise_signal(signal.SIGALRM)
            except OperationTimeoutError:
                return "timed out"
        return budget.over()

    assert in_child(work) is False


def test_moments_are_of_their_class_and_are_copied_by_pickling():
    def work():
        now = datetime.now(dt.UTC)
        again = pickle.loads(pickle.dumps(now))
        return (
            again == now,
            isinstance(now, datetime),
            isinstance(now, dt.date),
            isinstance(dt.date.today(), datetime),
        )

    assert in_child(work) == (True, True, True, False)


def test_in_a_process_that_goes_on_no_clock_is_moved():
    with pytest.raises(RuntimeError, match="cannot be moved"):
        move_ahead(HOUR)
