"""When a search ends: by CPU time and served time, whoever else is in the way; by the user's budget always."""

import subprocess
import sys

import pytest

from conformance.system import budget, starvation
from conformance.system.budget import LONGEST, Budget
from conformance.system.starvation import Reading


@pytest.fixture
def clock(monkeypatch):
    """The times, to be set: by the wall, of the processors, and of waiting for a processor."""
    now = {"wall": 100.0, "cpu": 7.0, "starved": 3.0}
    monkeypatch.setattr("conformance.system.budget.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(budget, "cpu_seconds", lambda: now["cpu"])
    monkeypatch.setattr(starvation, "starved_seconds", lambda: now["starved"])
    return now


def pass_time(clock, **seconds):
    for name, value in seconds.items():
        clock[name] += value


LATE = LONGEST * 2 + 0.1


@pytest.mark.parametrize(
    ("wall", "cpu", "starved", "exercised", "over"),
    [
        (0.0, 0.0, 0.0, 1, False),
        (2.1, 2.1, 0.0, 1, True),
        (2.1, 0.0, 0.0, 1, False),
        (LATE, 0.0, 0.0, 1, True),
        (LATE, 0.5, LATE - 0.5, 1, False),
        (LATE, 2.1, 0.0, 0, False),
        (50.1, 0.0, 50.0, 0, True),
    ],
)
def test_a_share_of_two_seconds_and_a_budget_of_fifty(clock, wall, cpu, starved, exercised, over):
    share = Budget(150.0).share(2.0, ["LIN-1"], {"LIN-1": exercised})
    pass_time(clock, wall=wall, cpu=cpu, starved=starved)

    assert share.over() is over


def test_what_the_kit_gives_itself_does_not_end_because_the_machine_is_busy(clock):
    part = Budget().within(2.0)
    pass_time(clock, wall=20.0, starved=19.0)
    assert not part.over()
    pass_time(clock, wall=2.0)
    assert part.over()


def test_the_clocks_of_processes_are_not_read_again_before_an_allowance_could_be_over(clock, monkeypatch):
    part = Budget().within(2.0)
    pass_time(clock, wall=20.0, starved=19.0)
    assert not part.over()
    monkeypatch.setattr(Reading, "since", lambda _self: pytest.fail("one second of it was left"))
    pass_time(clock, wall=0.9)
    assert not part.over()


def test_a_part_ends_with_the_users_budget_by_the_wall(clock):
    part = Budget.of(1.0).within(2.0)
    pass_time(clock, wall=1.1, starved=1.0)
    assert part.over()


def test_a_budget_without_an_end_gets_one_for_what_is_done_at_the_end(clock):
    last = Budget().prolonged(1.0, 60.0)
    pass_time(clock, wall=400.0, starved=341.0)
    assert not last.over()
    pass_time(clock, wall=2.0)
    assert last.over()


def test_what_must_be_done_at_the_end_is_given_its_time_though_the_budget_is_over(clock):
    last = Budget.of(0.0).prolonged(2.0, 60.0)
    pass_time(clock, wall=20.0, starved=19.0)
    assert not last.over()
    pass_time(clock, wall=2.0)
    assert last.over()


def test_a_budget_with_time_left_is_not_cut_by_what_it_lasts_at_least(clock):
    last = Budget.of(50.0).prolonged(2.0, 60.0)
    pass_time(clock, wall=40.0)
    assert not last.over()


def test_cpu_time_is_that_of_other_processes_too():
    before = budget.cpu_seconds()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert budget.cpu_seconds() > before
