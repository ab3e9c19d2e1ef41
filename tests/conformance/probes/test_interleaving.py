"""One call whole at each line of another."""

import threading

import pytest

from conformance.probes import interleaving
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


def test_a_call_that_never_ends_is_told(partner, monkeypatch):
    monkeypatch.setattr(interleaving, "STUCK", 0.05)
    forever = threading.Event()

    with pytest.raises(StuckError):
        interleave(lambda: counting([]), forever.wait, 2, here, partner)
    forever.set()


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
