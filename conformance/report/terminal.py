"""A report for people at a terminal: a table, what is violated in full, and the verdict."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import indent

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from conformance.report.verdicts import (
    CONFORMANT,
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Report,
    Result,
)
from conformance.report.words import concluded, happened
from spec_store.catalogue.errata import errata_of
from spec_store.requirements import Requirement

ALSO = 5
"""How many further counterexamples are named; --json and --scripts have them all."""

SHORT = 30
"""How many lines a script may have to be printed."""

_STYLES = {
    PASSED: "green",
    VIOLATED: "bold red",
    UNDECIDED: "yellow",
    MASKED: "yellow",
    NOT_EXERCISED: "yellow",
    NOT_CLAIMED: "dim",
    WORKS_NOT_CLAIMED: "cyan",
    DEVIATION: "magenta",
}


def print_report(report: Report, console: Console, again: str = "", scripts: Mapping[str, str] | None = None) -> None:
    """Print a report.

    Args:
        report: what to print.
        console: where to.
        again: the command that repeats the run.
        scripts: the paths of scripts that were written, by requirement; others are printed.
    """
    console.print(_table(report.results, console.width))
    for result in report.results:
        if result.verdict in (VIOLATED, DEVIATION, UNDECIDED) and result.counterexample is not None:
            _print_violation(result, console, (scripts or {}).get(result.requirement.id))
    for reach in report.reached:
        console.print(Text(f"explored: {reach}", style="dim" if reach.is_whole else "yellow"))
    if report.measured is not None:
        console.print(Text(f"measured: {report.measured}", style="dim"))
    for note in report.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    console.print()
    style = "bold green" if report.verdict == CONFORMANT else "bold red" if report.exit_status else "bold yellow"
    console.print(Text(concluded(report), style=style))
    about = f"{report.seconds:.1f} s, seed {report.seed}, specification {report.spec}"
    console.print(Text(about, style="dim"))
    if again:
        console.print(Text(f"the same again: {again}", style="dim"), soft_wrap=True)


def _table(results: Sequence[Result], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    names, verdicts, times = 19, max((len(result.verdict) for result in results), default=0), 6
    table.add_column("requirement", no_wrap=True, width=names)
    table.add_column("verdict", no_wrap=True, width=verdicts + 1)
    table.add_column("times", justify="right", no_wrap=True, width=times)
    rest = max(13, width - names - verdicts - times - 5)
    table.add_column("what happened", no_wrap=True, overflow="ellipsis", width=rest)
    for class_, group in groupby(results, key=lambda result: result.requirement.class_):
        table.add_row(Text(class_, style="bold underline"))
        for result in group:
            _add(table, result)
    return table


def _add(table: Table, result: Result) -> None:
    one = result.requirement
    level = "" if one.level == "MUST" else " (should)"
    verdict = Text(result.verdict, style=_STYLES[result.verdict])
    times = str(result.exercised) if result.exercised else "-"
    table.add_row(f"  {one.id}{level}", verdict, times, Text(happened(result)))


def _print_violation(result: Result, console: Console, path: str | None) -> None:
    found = result.counterexample
    if found is None:
        return
    console.print()
    first, _, rest = found.message.partition("\n")
    console.print(Text(first, style="bold red" if result.requirement.level == "MUST" else "bold yellow"))
    console.print(Padding(Text(rest.strip("\n")), (0, 0, 0, 2)))
    for more in result.further[:ALSO]:
        console.print(Padding(Text(f"also: {more.headline}", overflow="ellipsis", no_wrap=True), (0, 0, 0, 2)))
    if path is not None:
        console.print(Text(f"  script: {path}"), soft_wrap=True)
    elif found.script.count("\n") > SHORT:
        console.print(Padding(Text("a script that shows it: run with --scripts DIRECTORY"), (0, 0, 0, 2)))
    else:
        # not a Syntax block, which would crop long lines: the script is there to be copied
        script = Syntax("", "python", background_color="default").highlight(indent(found.script.rstrip(), "    "))
        console.print(Text("\n") + script, soft_wrap=True)


def print_requirement(requirements: Sequence[Requirement], console: Console, *, whole: bool = False) -> None:
    """Print requirements, by class.

    Args:
        requirements: in the order of the catalogue.
        console: where to.
        whole: with the reason for each, an example, and how that is put to the test.
    """
    for class_, group in groupby(requirements, key=lambda one: one.class_):
        console.print(Text(class_, style="bold underline"))
        for one in group:
            console.print(Text(f"  {one.id} ({one.level}, since {one.since})", style="bold"))
            console.print(Padding(Text(one.text), (0, 0, 0, 4)))
            if whole:
                _print_reason(one, console)


def _print_reason(one: Requirement, console: Console) -> None:
    for erratum in errata_of(one.id):
        console.print(Padding(Text(f"As {erratum.version} says more clearly: {erratum.text}"), (1, 0, 0, 4)))
    console.print(Padding(Text(f"Why: {one.why}", style="dim"), (1, 0, 1, 4)))
    example = indent(one.example, "        ")
    python = Syntax("", "python", background_color="default")
    # not wrapped: it is there to be copied
    console.print(python.highlight(example) if one.staging is None else Text(example), soft_wrap=True)
    if one.staging is not None:
        console.print(Padding(Text(f"Put to the test with: {one.staging}.", style="dim"), (1, 0, 0, 4)))
    console.print()
