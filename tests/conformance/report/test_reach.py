"""How far a run went is told by every rendering, and survives being saved and merged."""

import io
import json

import attrs
import pytest
from rich.console import Console

from conformance.campaign import check
from conformance.report.html import html
from conformance.report.merging import merged
from conformance.report.reach import Reach
from conformance.report.terminal import print_report
from conformance.report.verdicts import Report
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend

WHOLE = Reach("every corner", 4, 4, "corners")
PART = Reach("every corner", 1, 4, "corners", "for want of time")


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (WHOLE, "every corner, 4 corners"),
        (PART, "every corner, 1 of 4 corners (25%): for want of time"),
        (attrs.evolve(PART, why=""), "every corner, 1 of 4 corners (25%)"),
    ],
)
def test_how_far_is_told_in_words(reach, words):
    assert str(reach) == words
    assert reach.is_whole is (reach is WHOLE)


def test_every_rendering_tells_how_far():
    report = Report("it", 1, 0.5, reached=(PART,))
    out = io.StringIO()
    print_report(report, Console(file=out, width=120))
    assert f"explored: {PART}" in out.getvalue()
    assert f"Explored: {PART}" in html(report)
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_a_report_saved_before_there_was_any_such_thing_is_read():
    data = Report("it", 1, 0.5).to_json()
    del data["reached"]
    assert Report.from_json(data).reached == ()


def test_of_several_reports_the_farthest_counts():
    other = Reach("every side", 2, 3, "sides")
    one, two = (Report("it", 1, 0.5, reached=reached) for reached in ((PART, other), (WHOLE,)))
    assert set(merged([one, two]).reached) == set(merged([two, one]).reached) == {WHOLE, other}


def test_a_run_tells_how_far_it_went_into_the_small_world():
    report = check(
        Subject(open=lambda _place, **options: InMemoryStoreBackend(**options)), examples=1, classes=["core"]
    )
    assert str(report.reached[0]) == "every transition of the 3-key store, 30 families"
