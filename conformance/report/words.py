"""Verdicts in plain words, for every rendering."""

from collections.abc import Sequence

from conformance.report.verdicts import (
    CONFORMANT,
    INCOMPLETE,
    INVALID,
    MASKED,
    NONCONFORMANT,
    NOT_EXERCISED,
    PARTIAL,
    PASSED,
    UNDECIDED,
    VIOLATED,
    Report,
    Result,
)
from spec_store.requirements import RequirementId


def happened(result: Result) -> str:
    """What happened to a requirement, in one line; "" if it passed."""
    if result.counterexample is None:
        return result.reason or (f"cut short: {result.cut_short}" if result.cut_short else "")
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
    parts = [f"{_count(violated)} violated: {', '.join(violated)}"] if violated else []
    for verdict, words in _OPEN.items():
        ids = [result.requirement.id for result in must if result.verdict == verdict]
        if ids:
            parts.append(f"{_count(ids)} {words}: {', '.join(ids)}")
    short = [result.requirement.id for result in report.results if result.cut_short]
    cut = [f"{_count(short)} cut short: {', '.join(short)}"] if short else []
    if parts:
        return ": " + "; ".join(parts + cut)
    if report.verdict == INCOMPLETE:
        return ": nothing was put to the test"
    passed = sum(result.verdict == PASSED for result in report.results)
    return ": " + "; ".join([f"{passed} requirements were put to the test and hold", *cut])


_OPEN = {
    UNDECIDED: "undecided, seen to fail and not again",
    MASKED: "masked by another violation",
    NOT_EXERCISED: "never put to the test",
}
"""What a MUST may be that has neither passed nor failed, and how that follows "1 requirement is"."""


def _count(ids: Sequence[RequirementId]) -> str:
    return "1 requirement is" if len(ids) == 1 else f"{len(ids)} requirements are"
