"""When a search ends: by CPU time where nobody else is in the way, by the wall in the end, by the budget always."""

import subprocess
import sys

import pytest

from conformance.system import budget
from conformance.system.budget import LONGEST, Budget


@pytest.fixture
def clock(monkeypatch):
    """The times, to be set: by the wall, and of the processors."""
    now = {"wall": 100.0, "cpu": 7.0}
    monkeypatch.setattr("conformance.system.budget.time.monotonic", lambda: now["wall"])
    monkeypatch.setattr(budget, "cpu_seconds", lambda: now["cpu"])
    return now


@pytest.mark.parametrize(
    ("wall", "cpu", "exercised", "over"),
    [
        (0.0, 0.0, 1, False),
        (0.0, 2.1, 1, True),
        (2.1, 0.0, 1, False),
        (LONGEST * 2 + 0.1, 0.0, 1, True),
        (LONGEST * 2 + 0.1, 2.1, 0, False),
        (50.1, 0.0, 0, True),
    ],
)
def test_a_share_of_two_seconds_and_a_budget_of_fifty(clock, wall, cpu, exercised, over):
    share = Budget(150.0).share(2.0, ["LIN-1"], {"LIN-1": exercised})
    clock["wall"] += wall
    clock["cpu"] += cpu

    assert share.over() is over


def test_cpu_time_is_that_of_other_processes_too():
    before = budget.cpu_seconds()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert budget.cpu_seconds() > before
