import attrs
import pytest

from conformance.report.merging import merged
from conformance.report.verdicts import NOT_EXERCISED, PASSED, VIOLATED, Counterexample, Report, Result
from spec_store.requirements import requirement

GET = requirement("GET-1")


def report(*results, seconds=1.0, notes=()):
    return Report("x", 1, seconds, results, notes=notes)


def shown(operations):
    return Counterexample(operations, f"of {operations}", "", "")


def test_counts_and_seconds_are_added():
    whole = merged([report(Result(GET, PASSED, 3)), report(Result(GET, PASSED, 4), seconds=2.0)])
    assert (whole.results[0].exercised, whole.seconds) == (7, 3.0)


@pytest.mark.parametrize("order", [1, -1])
def test_a_violation_outweighs_a_pass_and_the_shortest_counterexample_comes_first(order):
    reports = [
        report(Result(GET, VIOLATED, 1, shown(3))),
        report(Result(GET, PASSED, 1)),
        report(Result(GET, VIOLATED, 1, shown(2))),
    ][::order]
    (result,) = merged(reports).results
    assert result.verdict == VIOLATED
    assert (result.counterexample, *result.further) == (shown(2), shown(3))


def test_what_one_run_exercised_counts_as_exercised():
    (result,) = merged([report(Result(GET, NOT_EXERCISED, reason="died")), report(Result(GET, PASSED, 1))]).results
    assert (result.verdict, result.reason) == (PASSED, "")


def test_a_note_of_several_runs_stands_once():
    whole = merged([report(notes=("a",)), attrs.evolve(report(), notes=("a", "b"))])
    assert whole.notes == ("a", "b")
