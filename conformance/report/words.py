"""Verdicts in plain words, for every rendering."""

from collections.abc import Sequence

from conformance.report.verdicts import (
    CONFORMANT,
    INCOMPLETE,
    INVALID,
    NONCONFORMANT,
    NOT_EXERCISED,
    PARTIAL,
    UNDECIDED,
    VIOLATED,
    Report,
    Result,
)
from spec_store.requirements import RequirementId


def happened(result: Result) -> str:
    """What happened to a requirement, in one line; "" if it passed."""
    if result.counterexample is None:
        return result.reason
    more = f" (and {len(result.further)} more)" if result.further else ""
    flaky = result.counterexample.shown < result.counterexample.tried
    seen = f" [{result.counterexample.shown} of {result.counterexample.tried} tries]" if flaky else ""
    return " ".join(result.counterexample.headline.split()) + seen + more


def concluded(report: Report) -> str:
    """The report's verdict in one sentence."""
    return f"{report.subject} is {_WORDS[report.verdict]}{_because(report)}"


_WORDS = {
    CONFORMANT: "conformant",
    PARTIAL: "partly conformant",
    INCOMPLETE: "not fully judged",
    NONCONFORMANT: "not conformant",
    INVALID: "not judged",
}


def _because(report: Report) -> str:
    if report.invalid:
        return f": {report.invalid}"
    must = [result for result in report.results if result.requirement.level == "MUST"]
    violated = [result.requirement.id for result in report.results if result.verdict == VIOLATED]
    open_ = [result.requirement.id for result in must if result.verdict in (NOT_EXERCISED, UNDECIDED)]
    parts = []
    if violated:
        parts.append(f"{_count(violated)} violated: {', '.join(violated)}")
    if open_:
        parts.append(f"{_count(open_)} never put to the test: {', '.join(open_)}")
    if parts:
        return ": " + "; ".join(parts)
    if report.verdict == INCOMPLETE:
        return ": nothing was put to the test"
    passed = sum(result.verdict == "passed" for result in report.results)
    return f": {passed} requirements were put to the test and hold"


def _count(ids: Sequence[RequirementId]) -> str:
    return "1 requirement is" if len(ids) == 1 else f"{len(ids)} requirements are"
