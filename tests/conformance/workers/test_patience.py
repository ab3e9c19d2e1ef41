"""How long a worker is waited for, by clocks that the tests set."""

from types import SimpleNamespace

import attrs
import pytest

from conformance.programs.operations import Get, SetMany
from conformance.run.options import Options
from conformance.workers import patience
from conformance.workers.journal import InFlight, Journal
from conformance.workers.patience import (
    CASE_GRACE,
    GRACE,
    IMPORTING,
    LAST_WORDS,
    LEAST_LEFT,
    LEAST_OVERTIME,
    Deadline,
    Patience,
    Quiet,
    seconds_allowed,
)

LIMIT = 10.0
OPERATION = InFlight((Get(("a",)),))


@pytest.fixture
def clock(monkeypatch):
    """The time by the wall, and for how long the worker was starved."""
    now = {"wall": 50.0, "starved": 4.0}
    monkeypatch.setattr("conformance.workers.patience.time", SimpleNamespace(monotonic=lambda: now["wall"]))
    monkeypatch.setattr(patience, "starved_tree", lambda _pid: now["starved"])
    return now


def test_a_worker_is_quiet_from_its_last_word_on():
    quiet = Quiet()
    assert quiet.look("one", 10.0, 0.0) == 0.0
    assert quiet.look("one", 13.0, 0.0) == 3.0
    assert quiet.look("two", 14.0, 0.0) == 0.0
    assert quiet.look("two", 16.0, 0.0) == 2.0


def test_a_worker_that_is_kept_from_running_is_not_quiet():
    quiet = Quiet()
    quiet.look("one", 10.0, 100.0)
    assert quiet.look("one", 20.0, 109.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("flight", "seconds"),
    [
        (OPERATION, LIMIT + GRACE),
        (InFlight(case="KEY-1"), LIMIT + CASE_GRACE),
        (InFlight(), LIMIT + CASE_GRACE),
        (InFlight(beginning="importing"), IMPORTING),
        (InFlight(beginning="opening"), 3 * LIMIT + GRACE),
        (attrs.evolve(OPERATION, beginning="opening"), LIMIT + GRACE),
    ],
)
def test_how_long_it_may_be_quiet_depends_on_what_is_in_flight(flight, seconds):
    assert seconds_allowed(flight, LIMIT) == seconds


@pytest.fixture
def journal(tmp_path):
    return Journal.at(tmp_path / "journal")


@pytest.fixture
def waiting(tmp_path, journal, clock):
    return Patience(1, tmp_path / "journal", LIMIT)


def test_a_worker_that_sets_many_values_slowly_is_not_stuck(waiting, journal, clock):
    journal.start_operation(SetMany(("m",), 1100))
    for number in range(40):
        journal.start_step(number)
        assert waiting.look() is None
        clock["wall"] += LIMIT - 1
        assert waiting.look() is None


def test_a_worker_is_stuck_at_an_operation_that_has_had_its_time_and_that_is_what_is_waited_for(
    waiting, journal, clock
):
    journal.start_operation(Get(("a",)))
    waiting.look()
    clock["wall"] += LIMIT
    assert waiting.look() is None
    assert "a" in waiting.waiting_for()
    clock["wall"] += GRACE + 1
    assert waiting.look() == OPERATION


def test_a_starved_worker_is_not_stuck(waiting, journal, clock):
    journal.start_operation(Get(("a",)))
    waiting.look()
    clock["wall"] += 100.0
    clock["starved"] += 95.0
    assert waiting.look() is None


def test_without_a_limit_nobody_is_stuck(waiting, journal, clock):
    waiting.limit = 0.0
    journal.start_operation(Get(("a",)))
    waiting.look()
    clock["wall"] += 10_000.0
    assert waiting.look() is None


def test_the_next_worker_has_what_is_left_of_the_time(clock):
    options = Options(budget=60.0)
    deadline = Deadline.of(options)
    clock["wall"] += 45.0
    assert deadline.left_of(options).budget == 15.0
    assert not deadline.over()
    clock["wall"] += 16.0
    assert deadline.over()
    assert not deadline.overdue()
    assert deadline.left_of(options).budget == LEAST_LEFT
    clock["wall"] += 6.0
    assert deadline.overdue()
    assert deadline.passed() == 67.0


def test_a_short_run_has_some_seconds_for_its_end_too(clock):
    deadline = Deadline.of(Options(budget=1.0))
    clock["wall"] += 1.0 + LEAST_OVERTIME - 0.1
    assert not deadline.overdue()


def test_a_run_without_a_budget_is_never_over(clock):
    options = Options()
    deadline = Deadline.of(options)
    clock["wall"] += 1e9
    assert (deadline.over(), deadline.overdue(), deadline.left_of(options)) == (False, False, options)


@pytest.mark.parametrize(("budget", "most"), [(20.0, 24.0), (30.0, 36.0), (60.0, 72.0), (600.0, 720.0)])
def test_what_has_to_be_asked_for_its_report_has_a_fifth_of_the_time_more_at_most(clock, budget, most):
    deadline = Deadline.of(Options(budget=budget))
    clock["wall"] += most - deadline.last_words() + 0.01
    assert deadline.overdue()


def test_an_interrupted_run_without_a_budget_has_its_last_words(clock):
    assert Deadline.of(Options()).last_words() == LAST_WORDS
