"""A report as JUnit XML, which most CI systems show: one test case a requirement."""

from xml.etree import ElementTree as ET

from conformance.report.verdicts import (
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Report,
    Result,
)
from conformance.report.words import happened


def junit(report: Report) -> str:
    """The XML text, for `conformance run --junit`, say.

    A violation is a failure; a MUST that was never exercised, is masked or undecided, an error; a SHOULD of these, what
    is not claimed and a deviation are skipped.
    """
    count = {
        "tests": len(report.results),
        "failures": sum(result.verdict == VIOLATED for result in report.results),
        "errors": sum(_is_error(result) for result in report.results) + bool(report.invalid),
        "skipped": sum(_is_skipped(result) for result in report.results),
    }
    about = {"name": report.subject, "time": f"{report.seconds:.3f}"}
    suite = ET.Element("testsuite", about | {name: str(number) for name, number in count.items()})
    properties = ET.SubElement(suite, "properties")
    for name, value in (("verdict", report.verdict), ("seed", str(report.seed)), ("spec", report.spec)):
        ET.SubElement(properties, "property", name=name, value=value)
    if report.invalid:
        case = ET.SubElement(suite, "testcase", name="subject", classname=report.subject)
        ET.SubElement(case, "error", message=_clean(report.invalid))
    for result in report.results:
        _add(suite, result, report.subject)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _is_error(result: Result) -> bool:
    unjudged = result.verdict in (NOT_EXERCISED, UNDECIDED, MASKED)
    return unjudged and result.requirement.level == "MUST"


def _is_skipped(result: Result) -> bool:
    skipped = result.verdict in (NOT_CLAIMED, WORKS_NOT_CLAIMED, "deviation", NOT_EXERCISED, UNDECIDED, MASKED)
    return skipped and not _is_error(result)


def _add(suite: ET.Element, result: Result, subject: str) -> None:
    one = result.requirement
    case = ET.SubElement(suite, "testcase", name=one.id, classname=f"{subject}.{one.class_}")
    message = _clean(happened(result) or result.verdict)
    if result.verdict == VIOLATED and result.counterexample is not None:
        failure = ET.SubElement(case, "failure", message=message)
        failure.text = _clean(f"{result.counterexample.message}\n\n{result.counterexample.script}")
    elif _is_error(result):
        ET.SubElement(case, "error", message=f"{result.verdict}: {message}")
    elif _is_skipped(result):
        ET.SubElement(case, "skipped", message=f"{result.verdict}: {message}")


def _clean(text: str) -> str:
    """Text with what XML cannot hold written as an escape."""
    return "".join(
        one
        if one in "\n\t" or (one >= " " and not "\ud800" <= one <= "\udfff" and one not in "\ufffe\uffff")
        else f"\\x{ord(one):02x}"
        for one in text
    )
