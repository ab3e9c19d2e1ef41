"""How often a worker saves the report so far: seldom, until it may be killed any moment."""

import json

import pytest

from conformance.report.verdicts import Report
from conformance.workers.worker import Saver


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def saved_at(saver, clock, times):
    """At which of some times a report is made, which takes a tenth of a second."""
    made = []

    def report():
        made.append(clock[0])
        clock[0] += 0.1
        return Report("subject", 1, 0.0)

    for time in times:
        clock[0] = max(clock[0], time)
        saver.save(report)
    return made


def test_savings_take_a_small_share_of_the_time(tmp_path, clock):
    assert saved_at(Saver(tmp_path / "saved.json"), clock, range(12)) == [0, 6]
    assert json.loads((tmp_path / "saved.json").read_text())["report"]["subject"] == "subject"


def test_what_is_shown_towards_the_end_of_the_time_is_saved_soon(tmp_path, clock):
    saver = Saver(tmp_path / "saved.json", late=15.0)

    made = saved_at(saver, clock, (0, 1, 2, 6, 14.0, 15.0, 15.2, 15.4, 15.6, 16.0))

    assert [one for one in made if one < 15.0] == [0, 6, 14.0]
    assert [one for one in made if one >= 15.0] == [15.0, 15.4, 16.0]
