"""One report, four renderings."""

import io
import json
from xml.etree import ElementTree as ET

import attrs
import pytest
from rich.console import Console

from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.terminal import print_report
from conformance.report.verdicts import (
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Counterexample,
    Report,
    Result,
)
from conformance.report.words import concluded
from spec_store.requirements import requirement

SHOWN = Counterexample(2, "MOVE-3 (MUST): text\n\nexpected <b>\x00\ud800", "print('script')\n", "moved & lost", 3, 10)
RESULTS = (
    Result(requirement("GET-1"), PASSED, 10),
    Result(requirement("MOVE-3"), VIOLATED, 2, SHOWN, (SHOWN,)),
    Result(requirement("SET-5"), DEVIATION, 1, SHOWN, reason="by design"),
    Result(requirement("ID-9"), NOT_CLAIMED, reason="no threads"),
    Result(requirement("REOPEN-1"), WORKS_NOT_CLAIMED, 3, reason="durable is not claimed"),
    Result(requirement("LIST-1"), NOT_EXERCISED, reason="nothing was listed"),
)
REPORT = Report("Mine <x>", 7, 1.25, RESULTS, notes=("a note",))


def printed(report, width=80, **options):
    out = io.StringIO()
    print_report(report, Console(file=out, width=width), **options)
    return out.getvalue()


def test_json_comes_back_as_the_same_report():
    assert Report.from_json(json.loads(json.dumps(REPORT.to_json()))) == REPORT


def test_json_has_the_fixed_fields():
    data = REPORT.to_json()
    assert {"format", "spec", "verdict", "subject", "seed", "seconds", "requirements"} <= set(data)
    one = data["requirements"][1]
    assert {"id", "class", "level", "verdict", "exercised", "counterexample"} <= set(one)
    assert {"operations", "message", "script"} <= set(one["counterexample"])


def test_the_version_of_the_specification_is_told_in_each_rendering():
    report = attrs.evolve(REPORT, spec="1.0")
    assert report.to_json()["spec"] == "1.0"
    assert Report.from_json(report.to_json()).spec == "1.0"
    assert ", specification 1.0" in printed(report)
    assert ", specification 1.0<" in html(report)
    assert {one.get("name"): one.get("value") for one in ET.fromstring(junit(report)).iter("property")}["spec"] == "1.0"


@pytest.mark.parametrize(
    ("results", "verdict", "status"),
    [
        (RESULTS[:1], "conformant", 0),
        (RESULTS, "nonconformant", 1),
        ((RESULTS[0], RESULTS[2]), "partial", 0),
        ((RESULTS[0], RESULTS[5]), "incomplete", 1),
        ((RESULTS[0], RESULTS[3], RESULTS[4]), "conformant", 0),
        ((), "incomplete", 1),
        (RESULTS[3:5], "incomplete", 1),
        (
            (RESULTS[0], Result(requirement("MOVE-2"), MASKED, 3, reason="masked by MOVE-1: no move returns")),
            "incomplete",
            1,
        ),
        ((RESULTS[0], Result(requirement("MOVE-2"), UNDECIDED, 3, SHOWN)), "incomplete", 1),
        ((RESULTS[0], Result(requirement("SET-5"), UNDECIDED, 3, SHOWN)), "partial", 0),
        ((Result(requirement("GET-1"), PASSED, 2, cut_short="2 of 90 programs were run"),), "conformant", 0),
    ],
)
def test_the_verdict_is_the_gravest_that_applies_and_nothing_exercised_is_never_green(results, verdict, status):
    report = Report("x", 0, 0.0, results)
    assert (report.verdict, report.exit_status) == (verdict, status)


def test_the_sentence_says_what_qualifies_a_pass():
    results = (
        Result(requirement("GET-1"), PASSED, 10, cut_short="2 of 90 programs were run"),
        Result(requirement("MOVE-2"), MASKED, 3, reason="masked by MOVE-1: no move returns"),
        Result(requirement("MOVE-3"), UNDECIDED, 3, SHOWN),
    )
    text = concluded(Report("x", 0, 0.0, results))
    assert "masked by another violation: MOVE-2" in text
    assert "undecided, seen to fail and not again: MOVE-3" in text
    assert "cut short: GET-1" in text
    assert "cut short: 2 of 90 programs were run" in printed(Report("x", 0, 0.0, results), 200)


def test_what_was_seen_of_an_undecided_requirement_is_told_in_full():
    text = printed(Report("x", 0, 0.0, (Result(requirement("MOVE-3"), UNDECIDED, 3, SHOWN),)))
    assert "expected <b>" in text
    assert "print('script')" in text


def test_an_invalid_report_has_status_2():
    report = Report("x", 0, 0.0, RESULTS[:1], invalid="no server")
    assert (report.verdict, report.exit_status, concluded(report)) == ("invalid", 2, "x is not judged: no server")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_shows_a_line_a_requirement_within_its_width(width):
    text = printed(REPORT, width)
    table = text.split("MOVE-3 (MUST)")[0]
    assert all(len(line) <= width for line in table.splitlines())
    for result in RESULTS:
        (line,) = (line for line in table.splitlines() if line.strip().startswith(result.requirement.id))
        assert result.verdict[:10] in line
    assert " 10 " in table


def test_the_terminal_tells_violations_in_full_with_the_script_and_the_verdict_in_words():
    text = printed(REPORT, again="conformance run my:Backend --seed 7")
    assert "expected <b>" in text
    assert "print('script')" in text
    assert "Mine <x> is not conformant: 1 requirement is violated: MOVE-3" in text
    assert "the same again: conformance run my:Backend --seed 7" in text
    assert "note: a note" in text


def test_the_terminal_names_a_script_that_was_written_instead():
    text = printed(REPORT, scripts={"MOVE-3": "found/MOVE-3.py", "SET-5": "found/SET-5.py"})
    assert "script: found/MOVE-3.py" in text
    assert "print('script')" not in text


def test_junit_counts_failures_errors_and_skips():
    suite = ET.fromstring(junit(REPORT))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "1",
        "errors": "1",
        "skipped": "3",
    }
    failure = suite.find("testcase[@name='MOVE-3']/failure")
    assert failure is not None
    assert "print('script')" in (failure.text or "")
    assert suite.find("testcase[@name='LIST-1']/error") is not None


def test_junit_of_an_invalid_report_has_an_error():
    suite = ET.fromstring(junit(Report("x", 0, 0.0, invalid="no server")))
    assert suite.get("errors") == "1"


def test_html_is_one_page_with_everything_escaped():
    page = html(REPORT)
    assert "Mine &lt;x&gt;" in page
    assert "expected &lt;b&gt;" in page
    assert "<x>" not in page
    assert "src=" not in page
    for result in RESULTS:
        assert result.requirement.id in page
