"""What the self-test found out, as values, and how it is told."""

from collections.abc import Iterator
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.programs.outcomes import short_text
from conformance.report.verdicts import VIOLATED, Report
from spec_store.requirements import RequirementId


@attrs.frozen
class Accusation:
    """A requirement that a backend was accused of: its id, the size of the counterexample, and what happened."""

    requirement: RequirementId
    operations: int
    headline: str


LONGEST_COMPLAINT = 400
"""How many characters of a headline are printed: one of a long program has thousands. The JSON has all of it."""


def accusations(report: Report, verdict: str = VIOLATED) -> Iterator[Accusation]:
    """What a report accuses its subject of: its results of a verdict, with the shortest counterexample of each."""
    for result in report.results:
        if result.verdict == verdict:
            found = result.counterexample
            yield Accusation(result.requirement.id, found.operations if found else 0, found.headline if found else "")


@attrs.frozen
class Row:
    """What the kit made of a backend.

    Args:
        name: the backend.
        description: what is wrong with it, or odd.
        planted: the id of the requirement that its fault is to be found under, None for a correct one.
        also: ids that it may be accused of besides.
        found: what it was accused of.
        unexercised: ids of MUSTs that were not put to the test; of correct backends alone.
        seconds: CPU seconds for the whole run, other processes included.
        invalid: why it could not be judged, or "".
    """

    name: str
    description: str
    planted: RequirementId | None
    also: frozenset[RequirementId]
    found: tuple[Accusation, ...]
    unexercised: tuple[RequirementId, ...]
    seconds: float
    invalid: str = ""

    @property
    def survived(self) -> bool:
        """Whether there is a fault and the kit accuses the backend of nothing."""
        return self.planted is not None and not self.found

    @property
    def missed(self) -> bool:
        """Whether there is a fault and the kit does not accuse the backend of it."""
        return self.planted is not None and self.planted not in (one.requirement for one in self.found)

    @property
    def wrong(self) -> tuple[Accusation, ...]:
        """What the backend was accused of wrongly."""
        return tuple(one for one in self.found if one.requirement not in {self.planted, *self.also})

    @property
    def operations(self) -> int | None:
        """How many operations the counterexample of the planted fault has."""
        return next((one.operations for one in self.found if one.requirement == self.planted), None)

    @property
    def passed(self) -> bool:
        """Whether the kit found just what there is."""
        return not (self.missed or self.wrong or self.unexercised or self.invalid)

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "name": self.name,
            "description": self.description,
            "requirement": self.planted or None,
            "also": sorted(self.also),
            "found": [attrs.asdict(one) for one in self.found],
            "wrong": [one.requirement for one in self.wrong],
            "unexercised": list(self.unexercised),
            "operations": self.operations,
            "seconds": round(self.seconds, 3),
            "invalid": self.invalid,
            "passed": self.passed,
        }


@attrs.frozen
class SelftestReport:
    """What the kit made of every backend: `rows` of those with a fault, and of the `correct` ones."""

    seed: int
    rows: tuple[Row, ...]
    correct: tuple[Row, ...]

    @property
    def false_alarms(self) -> tuple[Row, ...]:
        """The correct backends that were accused, or not judged in full."""
        return tuple(row for row in self.correct if not row.passed)

    @property
    def passed(self) -> bool:
        """Whether every fault was found under its requirement, and nobody accused wrongly; not if nothing was run."""
        every = (*self.rows, *self.correct)
        return bool(every) and all(row.passed for row in every)

    @property
    def summary(self) -> str:
        """The outcome in a line."""
        found = sum(not row.missed for row in self.rows)
        wrong = sum(bool(row.wrong) for row in self.rows)
        seconds = sum(row.seconds for row in (*self.rows, *self.correct))
        return (
            f"{'passed' if self.passed else 'FAILED'}: {found} of {len(self.rows)} faults found under their "
            f"requirement, {wrong} accused of more, {len(self.false_alarms)} of {len(self.correct)} correct backends "
            f"misjudged; {seconds:.0f} CPU seconds"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, format 1."""
        return {
            "format": 1,
            "seed": self.seed,
            "passed": self.passed,
            "summary": self.summary,
            "faults": [row.to_json() for row in self.rows],
            "correct": [row.to_json() for row in self.correct],
        }


def render(report: SelftestReport, console: Console) -> None:
    """Print the kill matrix, what went wrong, and the outcome in the last line."""
    table = Table("fault", "planted", "found", "operations", "CPU s", box=None, pad_edge=False)
    for row in (*report.rows, *report.correct):
        style = "" if row.passed else "bold red"
        found = ", ".join(one.requirement for one in row.found) or ("nothing" if row.planted else "")
        size = "" if row.operations is None else str(row.operations)
        table.add_row(row.name, row.planted or "(correct)", found, size, f"{row.seconds:.2f}", style=style)
    console.print(table)
    for row in (*report.rows, *report.correct):
        for line in _complaints(row):
            console.print(Text(f"{row.name}: {line}", style="red"), soft_wrap=True)
    console.print(Text(report.summary, style="bold green" if report.passed else "bold red"), soft_wrap=True)


def _complaints(row: Row) -> Iterator[str]:
    if row.invalid:
        yield f"could not be judged: {row.invalid}"
    if row.missed:
        yield f"{row.description} Not found under {row.planted}."
    for one in row.wrong:
        yield f"accused of {one.requirement}: {short_text(one.headline, LONGEST_COMPLAINT)}"
    if row.unexercised:
        yield f"never put to the test: {', '.join(row.unexercised)}"
