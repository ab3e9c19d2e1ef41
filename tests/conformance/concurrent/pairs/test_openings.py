"""Two openings of empty storage at once: whether they agree, and what is said of those that do not."""

import itertools

import pytest

from conformance import Claims
from conformance.concurrent.pairs.interleaving import Openings, Stuck
from conformance.concurrent.pairs.openings import agree, opened_id, run_openings
from conformance.concurrent.pairs.pairs import AtLine
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.outcomes import Raised, Returned
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Subject
from conformance.system.budget import Budget

WHERE = AtLine("f.py", 7, 1, 3)
ONE, OTHER, NO = Returned("one"), Returned("other"), Raised("OSError", "no")
AGREED, DISAGREED = (ONE, ONE, ONE), (ONE, OTHER, ONE)


@pytest.mark.parametrize(
    ("outcomes", "fine"),
    [
        ((ONE, ONE, ONE), True),
        ((ONE, OTHER, ONE), False),
        ((ONE, ONE, OTHER), False),
        ((NO, ONE, ONE), False),
        ((NO, NO, NO), False),
    ],
)
def test_openings_agree_if_all_read_one_id(outcomes, fine):
    assert agree(Openings(WHERE, *outcomes)) is fine


class Scripted:
    """Gives results that were written down, and counts how many were asked for; those of a step again by themselves."""

    who = "thread"

    def __init__(self, *results, again=()):
        self.results = iter(results)
        self.again = iter(again)
        self.count = 0
        self.numbers = []

    def opening(self, number):
        self.numbers.append(number)
        return next(self.again)

    def openings(self):
        for result in self.results:
            self.count += 1
            yield result


def run_of(evidence, budget=None):
    harness = Harness(subject_of(racing.LockedStore, Claims(durable=True, threads=True)))
    return Run(harness, UNKNOWN, Options(), Watcher(), evidence, budget or Budget())


def test_the_first_openings_that_disagree_are_told_and_end_the_search():
    evidence, scripted = (
        Evidence(),
        Scripted(
            *(Openings(WHERE, *ids) for ids in (AGREED, DISAGREED, AGREED)), again=[Openings(WHERE, *DISAGREED)] * 3
        ),
    )

    run_openings(run_of(evidence), scripted, 1.0)

    assert [failure.requirement for failure in evidence.failures] == ["ID-9"]
    assert "line 7 of f.py" in evidence.failures[0].counterexample.message
    assert evidence.exercised["ID-9"] == scripted.count == 2


@pytest.mark.parametrize(
    ("again", "shown", "sure"),
    [
        ((DISAGREED, DISAGREED, DISAGREED), 4, True),
        ((AGREED, DISAGREED, AGREED), 2, True),
        ((AGREED, AGREED, AGREED), 1, False),
    ],
)
def test_openings_that_disagree_are_tried_again_at_the_same_step(again, shown, sure):
    evidence = Evidence()
    scripted = Scripted(Openings(WHERE, *DISAGREED), again=(Openings(WHERE, *ids) for ids in again))

    run_openings(run_of(evidence), scripted, 1.0)

    (failure,) = evidence.failures
    assert (failure.counterexample.shown, failure.counterexample.tried, failure.shown_again) == (shown, 4, sure)
    assert set(scripted.numbers) == {WHERE.number}


def test_a_step_that_two_openings_do_not_come_to_again_shows_nothing():
    evidence = Evidence()

    run_openings(run_of(evidence), Scripted(Openings(WHERE, *DISAGREED), again=[None] * 3), 1.0)

    assert [failure.shown_again for failure in evidence.failures] == [False]


AT_ANOTHER = AtLine("f.py", 9, 1, 4)


@pytest.mark.parametrize(
    ("rest", "where", "sure"),
    [
        ([Openings(AT_ANOTHER, *DISAGREED)], AT_ANOTHER, True),
        ([Openings(AT_ANOTHER, *AGREED)], WHERE, False),
        ([Stuck(AT_ANOTHER, "not done")], WHERE, False),
    ],
)
def test_openings_that_disagree_once_do_not_end_the_search_and_are_told_if_no_others_do(rest, where, sure):
    evidence = Evidence()
    again = [Openings(WHERE, *AGREED)] * 3 + [Openings(AT_ANOTHER, *DISAGREED)] * 3

    run_openings(run_of(evidence), Scripted(Openings(WHERE, *DISAGREED), *rest, again=again), 1.0)

    (failure,) = evidence.failures
    assert failure.shown_again is sure
    assert f"line {where.line} of f.py" in failure.counterexample.message


def test_openings_that_wait_for_one_another_are_no_violation_and_no_pass():
    evidence = Evidence()

    run_openings(run_of(evidence), Scripted(Stuck(WHERE, "not done")), 1.0)

    assert not evidence.failures
    assert not evidence.exercised["ID-9"]
    assert "not done" in evidence.reasons["ID-9"]


@pytest.mark.parametrize("evidence", [Evidence(classes=frozenset({"core"})), Evidence()])
def test_nothing_is_opened_that_is_not_wanted_or_for_which_there_is_no_time(evidence):
    scripted = Scripted(*itertools.repeat(Openings(WHERE, ONE, ONE, ONE), 3))

    run_openings(run_of(evidence, Budget(float("-inf"))), scripted, 1.0)

    assert scripted.count == 0


def test_what_opening_raises_is_an_outcome():
    def opened(place, **options):
        raise OSError("no")

    assert opened_id(Harness(Subject(opened)), None) == Raised("OSError")
