"""How fast a subject is, in words, and through every rendering."""

import io
import json

import attrs
import pytest
from rich.console import Console

from conformance.report.html import html
from conformance.report.merging import merged
from conformance.report.speed import Measured, Speed
from conformance.report.terminal import print_report
from conformance.report.verdicts import Report

SPEEDS = (Speed("set", 0.00002, 0.000021), Speed("list_keys", 0.001, 0.0514))


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (
            Measured(SPEEDS, 10, 500),
            "set 50,000 times a second, list_keys 1,000; list_keys takes 51 times as long with 500 keys as with 10",
        ),
        (Measured(SPEEDS[:1], 10, 500), "set 50,000 times a second; with 500 keys each takes about as long as with 10"),
        (Measured((Speed("set", 0.25),), 10, 500), "set 4 times a second"),
    ],
)
def test_what_was_measured_is_told_in_words(measured, words):
    assert str(measured) == words


def test_every_rendering_tells_what_was_measured():
    report = Report("it", 1, 0.5, measured=Measured(SPEEDS, 10, 500))
    out = io.StringIO()
    print_report(report, Console(file=out, width=200))
    assert f"measured: {report.measured}" in out.getvalue()
    assert f"Measured: {report.measured}" in html(report)
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    assert merged([attrs.evolve(report, measured=None), report]).measured == report.measured


def test_a_report_saved_before_it_was_measured_is_read():
    data = Report("it", 1, 0.5).to_json()
    del data["measured"]
    assert Report.from_json(data).measured is None
