"""How much of the time a process was kept waiting by others: what the kernel tells, and what is made of it."""

import os
import threading
import time

import pytest

from conformance.system import starvation
from conformance.system.children import born, killed_at
from conformance.system.starvation import (
    STRETCHED,
    Reading,
    Turn,
    begin_blocking,
    blocked_clock,
    blocked_since,
    descendants,
    served,
    starved_tree,
    waited_for_cpu,
)


@pytest.mark.parametrize(
    ("wall", "starved", "expected"),
    [(10.0, 0.0, 10.0), (10.0, 4.0, 6.0), (10.0, 50.0, 10.0 / STRETCHED), (10.0, -3.0, 10.0)],
)
def test_served_time_is_the_walls_less_what_was_starved_but_never_none(wall, starved, expected):
    assert served(wall, starved) == expected


def test_served_time_is_counted_from_a_moment(monkeypatch):
    now = {"wall": 5.0, "starved": 2.0}
    monkeypatch.setattr("conformance.system.starvation.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(starvation, "starved_seconds", lambda: now["starved"])
    moment = Reading.now()
    now.update(wall=15.0, starved=9.0)
    assert moment.since() == 3.0


def test_what_starves_by_its_own_number_is_served_what_it_uses_of_all_processors(monkeypatch):
    now = {"wall": 5.0, "starved": 2.0, "ran": 1.0}
    monkeypatch.setattr("conformance.system.starvation.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(starvation, "starved_seconds", lambda: now["starved"])
    monkeypatch.setattr(starvation, "ran_seconds", lambda: now["ran"])
    monkeypatch.setattr(starvation, "processors", lambda: 2)
    moment = Reading.now()
    now.update(wall=15.0, starved=22.0, ran=19.0)  # four processes that spin on two processors, a little disturbed
    assert moment.since() == 9.0
    now.update(starved=7.0)
    assert moment.since() == 9.0
    now.update(starved=2.5)
    assert moment.since() == 9.5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_what_children_run_counts_while_they_live_and_when_they_are_reaped():
    before, alive = starvation.ran_seconds(), []

    def spin(acknowledge):
        while time.process_time() < 0.3:
            pass
        acknowledge(b"")
        time.sleep(60)

    with born(spin) as child:
        while not child.acknowledged:
            child.hear()
        alive.append(starvation.ran_seconds() - before)
    assert alive[0] >= 0.29
    assert starvation.ran_seconds() - before >= 0.29


@pytest.fixture
def processes(tmp_path, monkeypatch):
    """A /proc of the test's own, in which process 1 has two threads and a child, 7, with a child of its own, 8."""
    for pid, tasks, children in ((1, (1, 2), "7 "), (7, (7,), "8"), (8, (8,), "")):
        for task in tasks:
            directory = tmp_path / str(pid) / "task" / str(task)
            directory.mkdir(parents=True)
            (directory / "schedstat").write_text(f"5 {task}000000000 3\n")
            (directory / "children").write_text(children if task == tasks[-1] else "")
    monkeypatch.setattr(starvation, "_PROCESSES", tmp_path)


@pytest.mark.usefixtures("processes")
def test_all_threads_count_and_what_descends_from_a_process():
    assert waited_for_cpu(1) == 3.0
    assert list(descendants(1)) == [7, 8]
    assert starved_tree(1) == 18.0


def test_where_the_system_does_not_tell_nothing_was_starved(tmp_path, monkeypatch):
    monkeypatch.setattr(starvation, "_PROCESSES", tmp_path)
    assert starved_tree(1) == 0.0
    assert starvation._OwnCount().read() == 0.0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_what_a_child_was_starved_is_remembered_when_it_is_reaped(monkeypatch):
    asked: list[int] = []

    def waited(pid):
        asked.append(pid)
        return 2.5

    monkeypatch.setattr(starvation, "waited_for_cpu", waited)
    before = starvation._reaped[0]
    end = killed_at(lambda _acknowledge: time.sleep(0), 30.0)
    assert asked == [end.pid]
    assert starvation._reaped[0] == before + 2.5


def test_the_clock_of_what_blocks_stands_while_the_thread_runs_and_while_it_is_starved(monkeypatch):
    now = {"wall": 100.0, "cpu": 3.0, "starved": 2.0}
    monkeypatch.setattr("conformance.system.starvation.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr("conformance.system.starvation.time.thread_time", lambda: now["cpu"])
    monkeypatch.setattr(starvation, "main_thread_waited", lambda: now["starved"])
    began = blocked_clock()
    now.update(wall=110.0, cpu=5.0, starved=7.0)
    assert blocked_clock() - began == 3.0


@pytest.fixture
def clocks(monkeypatch):
    """By the wall, and of what is blocked, both set forward by the test; the latter counts how often it is read."""
    now = {"wall": 100.0, "blocked": 7.0, "read": 0.0}

    def blocked():
        now["read"] += 1
        return now["blocked"]

    monkeypatch.setattr("conformance.system.starvation.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(starvation, "blocked_clock", blocked)
    monkeypatch.setattr(starvation, "_last_read", starvation._LastRead())
    return now


def test_what_is_over_at_once_costs_no_reading_of_the_dear_clock(clocks):
    for _ in range(9):
        began = begin_blocking()
        clocks["wall"] += starvation.NOTICEABLE / 2
        assert blocked_since(began) == pytest.approx(starvation.NOTICEABLE / 2)
    assert clocks["read"] == 1


def test_what_takes_longer_was_blocked_for_as_long_as_the_dear_clock_says(clocks):
    began = begin_blocking()
    clocks.update(wall=110.0, blocked=10.0)
    assert blocked_since(began) == 3.0
    began = begin_blocking()  # the reading before is too old by now
    clocks.update(wall=112.0, blocked=10.5)
    assert blocked_since(began) == 0.5


def test_nothing_is_blocked_for_longer_than_has_passed_by_the_wall(clocks):
    begin_blocking()
    clocks.update(wall=100.04, blocked=7.04)
    began = begin_blocking()  # with the reading before
    clocks.update(wall=100.06, blocked=7.06)
    assert blocked_since(began) == pytest.approx(0.02)


def test_a_reading_of_another_thread_says_nothing_of_this_one(clocks):
    thread = threading.Thread(target=begin_blocking)
    thread.start()
    thread.join()
    assert clocks["read"] == 1
    begin_blocking()
    assert clocks["read"] == 2


def test_a_turn_is_over_by_what_was_served_of_it(monkeypatch):
    now = {"wall": 100.0, "starved": 0.0}
    monkeypatch.setattr("conformance.system.starvation.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(starvation, "starved_tree", lambda _pid: now["starved"])
    turn = Turn.of(7, 10.0)
    now.update(wall=104.0)
    assert turn.rest() == 6.0
    now.update(wall=120.0, starved=15.0)
    assert turn.rest() == 5.0
    now.update(wall=125.0)
    assert turn.rest() == 0.0
