"""One call whole at each line of another."""

import sys
import threading
import weakref
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conformance.probes.interleaving import Partner, StuckError, interleave


def here(name):
    return name == __file__


def counting(log):
    log.append("one")
    log.append("two")
    log.append("three")
    return "first"


@pytest.fixture
def partner():
    with Partner() as partner:
        yield partner


@pytest.mark.parametrize("at", [1, 2, 3])
def test_the_second_call_runs_before_each_line_in_turn(partner, at):
    log: list[str] = []
    met = interleave(lambda: counting(log), lambda: log.append("other"), at + 1, here, partner)

    assert log.index("other") == at - 1
    assert (met.first, met.second, met.waited, met.reached) == ("first", None, False, True)


def test_a_call_with_fewer_lines_is_run_alone(partner):
    log: list[str] = []
    met = interleave(lambda: counting(log), lambda: log.append("other"), 100, here, partner)

    assert log == ["one", "two", "three"]
    assert met.reached is False


def test_lines_of_other_files_do_not_count(partner):
    assert interleave(lambda: counting([]), lambda: None, 1, lambda name: False, partner).reached is False


def test_a_call_that_waits_for_the_first_ones_lock_runs_when_that_is_free(partner):
    lock, log = threading.Lock(), []

    def locked(name):
        with lock:
            log.append(name)
            log.append(name)

    met = interleave(lambda: locked("first"), lambda: locked("second"), 4, here, partner)

    assert log == ["first", "first", "second", "second"]
    assert met.waited is True


def test_a_call_that_never_ends_is_told():
    forever = threading.Event()
    with Partner(0.05) as partner, pytest.raises(StuckError) as told:
        interleave(lambda: counting([]), forever.wait, 2, here, partner)
    forever.set()

    assert told.value.moment.line == counting.__code__.co_firstlineno + 1


def test_a_thread_that_is_stuck_is_not_used_again_and_what_it_gives_late_is_no_answer():
    held = threading.Event()
    with Partner(0.05) as partner:
        assert partner.done(lambda: held.wait() and "late") is None
        held.set()
        assert partner.done(lambda: "its own") == ("its own",)


def test_an_endless_loop_is_stuck_by_the_cpu_time_that_it_takes():
    going = [True]

    def spin():
        while going:
            pass

    with Partner(0.05) as partner:
        assert partner.done(spin) is None
    going.clear()


def writing(path, log):
    Path(path).write_bytes(b"new")
    log.append("written")


def steps_of(call, traced=here, most=40):
    """The steps of a call, as a line below its first one, and what is called there."""
    with Partner() as partner:
        for number in range(1, most):
            step = interleave(call, lambda: None, number, traced, partner).moment
            if step is None:
                return
            yield step


def test_a_library_is_stopped_before_each_call_that_reaches_files(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    seen = []
    for number in range(1, 40):
        with Partner() as partner:
            path.write_bytes(b"old")
            met = interleave(lambda: writing(path, []), path.read_bytes, number, here, partner)
        if met.moment is None:
            break
        seen.append((met.moment.calling, met.second))

    assert ("write", b"") in seen  # it is open, and empty, and not yet written
    assert {content for _, content in seen} == {b"old", b"", b"new"}


def two_calls_in_a_line(log):
    return (log.append("one"), log.append("two"), len(log), "".join("x"))


def test_a_line_is_stopped_at_each_call_but_the_first_that_can_be_shared():
    steps = list(steps_of(lambda: two_calls_in_a_line([])))

    inside = [step for step in steps if step.line == two_calls_in_a_line.__code__.co_firstlineno + 1]
    assert [(step.event, step.calling) for step in inside] == [("line", ""), ("c_call", "append")]


def calls_a_library(key):
    return quote(key) + quote(key)


def test_a_second_call_of_a_library_in_one_line_is_a_step():
    inside = [step for step in steps_of(lambda: calls_a_library("x")) if step.calling]

    assert [(step.event, step.calling, step.occurrence) for step in inside] == [("call", "quote", 1)]


def test_the_trace_function_of_another_tool_is_put_back(partner):
    import sys

    def other(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(other)
    try:
        interleave(lambda: counting([]), lambda: None, 1, here, partner)
        assert sys.gettrace() is other
    finally:
        sys.settrace(before)


def test_what_traces_a_call_lives_until_that_has_ended(partner):
    """A finalizer may end tracing amid a call of the trace function, to which CPython 3.11 keeps no reference."""
    names: dict[str, Any] = {}
    exec(compile("def step():\n    return None\n", "traced", "exec"), names)
    told: list[bool] = []

    def first():
        tracing, profiling = weakref.ref(sys.gettrace()), weakref.ref(sys.getprofile())
        names["step"]()
        told.extend([sys.gettrace() is None, tracing() is not None, profiling() is not None])

    interleave(first, lambda: None, 1, lambda name: name == "traced", partner)

    assert told == [True, True, True]
