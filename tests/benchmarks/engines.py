"""What an operation takes on each engine: our backends, a bare client that does the same, and Great Expectations' own.

Run: python -m tests.benchmarks.engines [ENGINE ...] [--keys 100,10000,1000000] [--seconds 1] [--markdown]
     [--gx112 PYTHON]
The clients take turns on stores of so many keys, each on its own; "list" finds ten of them by a prefix, and "open" is
to open a store, read a value and close it. A ratio is the median of what the rounds say, times are medians of calls.
CPU is that of this process, which a busy machine hardly changes. Files and SQLite are in memory (/dev/shm, where there
is one), so that what is measured is code and not a disk. On S3 there are a thousand keys at most, unless --s3-keys says
otherwise. With --markdown there are tables of ratios alone, in CPU and by the wall, those of CPU above 1.5 in bold.
PYTHON, or else the variable GX_1_12, is that of an environment with Great Expectations 1.12, boto3, obstore and
SQLAlchemy; without one, the comparisons with the backends that only this release has are left out.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version

import attrs
import pytest
from rich.console import Console
from rich.table import Table

from tests.benchmarks.places import PLACES, Absent, beside_gx_1_12
from tests.benchmarks.side_by_side import OPERATIONS, Clock, Figures, Layout, compare, median, ratio

LIMIT = 1.5
"""How many times the CPU of a bare client an operation may take."""

LIBRARIES = ("psycopg", "PyMySQL", "redis", "obstore", "great-expectations")


@attrs.frozen
class Measured:
    """The figures of an engine with so many keys."""

    engine: str
    number: int
    figures: Figures


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What an operation takes on each engine.")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"all by default: {', '.join(PLACES)}")
    parser.add_argument("--keys", default="100,10000,1000000", help="how many keys the stores have")
    parser.add_argument("--s3-keys", type=int, default=1000, help="and on S3 at most, for to fill it takes long")
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long an operation is measured")
    parser.add_argument("--operations", default=",".join(OPERATIONS), help="which of them, all by default")
    parser.add_argument("--markdown", action="store_true", help="tables of ratios for the README")
    parser.add_argument("--gx112", default=os.environ.get("GX_1_12", ""), help="Python with that release")
    arguments = parser.parse_args()
    if unknown := set(arguments.engines) - set(PLACES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    return arguments


def sizes(engine: str, arguments: argparse.Namespace) -> list[int]:
    """How many keys an engine is measured with."""
    asked = [int(number) for number in arguments.keys.split(",")]
    return sorted({min(number, arguments.s3_keys) for number in asked}) if engine.startswith("s3") else asked


def measured(engine: str, number: int, arguments: argparse.Namespace) -> Iterator[Measured]:
    """The figures of an engine with so many keys; nothing, with the reason printed, if it is not there."""
    layout = Layout(number)
    print(f"{engine}, {number:,} keys", file=sys.stderr)
    try:
        if engine.endswith("gx-1.12"):
            yield Measured(engine, number, beside_gx_1_12(engine, layout, arguments.seconds, arguments.gx112))
            return
        with PLACES[engine](layout) as sides:
            yield Measured(
                engine, number, compare(sides, layout, arguments.seconds, tuple(arguments.operations.split(",")))
            )
    except (pytest.skip.Exception, Absent) as reason:
        print(f"{engine} is left out: {reason}", file=sys.stderr)


def shown(figure: float | None) -> str:
    """A figure to three digits, or to its last digit before the point."""
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:#.3g}"


def print_times(every: list[Measured]) -> None:
    """A line for each engine and operation, with the microseconds of each client in CPU and by the wall."""
    table = Table(title="Medians of calls, in microseconds: CPU / wall", title_justify="left")
    names = {"ours": "ours", "bare": "bare", "gx": "GX"}
    clocks: tuple[Clock, ...] = ("CPU", "wall")
    ratios = [(clock, other) for other in ("bare", "gx") for clock in clocks]
    for column in (
        "engine",
        "keys",
        "operation",
        *names.values(),
        *(f"/ {names[to]}, {clock}" for clock, to in ratios),
    ):
        table.add_column(column, justify="left" if column in ("engine", "operation") else "right")
    for one in every:
        for operation, found in one.figures.items():
            times = [
                f"{shown(median(found[name], 'CPU'))} / {shown(median(found[name], 'wall'))}" if name in found else ""
                for name in names
            ]
            last = [shown(ratio(found, "ours", other, clock)) for clock, other in ratios]
            table.add_row(one.engine, f"{one.number:,}", operation, *times, *last)
        table.add_section()
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def markdown(every: list[Measured], clock: Clock) -> Iterator[str]:
    """The lines of a table of ratios: an engine in a line for each client that it is compared with."""
    yield f"| {clock} | keys | {' | '.join(OPERATIONS)} |"
    yield f"|---|--:|{'--:|' * len(OPERATIONS)}"
    for one in every:
        for other, words in (("bare", ""), ("gx", " / GX")):
            if not any(other in found for found in one.figures.values()):
                continue
            cells = [_cell(ratio(one.figures.get(name, {}), "ours", other, clock), clock) for name in OPERATIONS]
            label = one.engine.replace("-gx-1.12", "") + words + (" 1.12" if one.engine.endswith("gx-1.12") else "")
            yield f"| {label} | {one.number:,} | {' | '.join(cells)} |"


def _cell(found: float | None, clock: Clock) -> str:
    if found is None:
        return ""
    text = f"{found:.2f}" if found < 10 else f"{found:.0f}"
    return f"**{text}**" if clock == "CPU" and float(text) > LIMIT else text


def growth(every: list[Measured]) -> Iterator[str]:
    """How much longer a listing of ten keys takes in the largest store than in the smallest, for each engine."""
    for engine in dict.fromkeys(one.engine for one in every):
        those = [one for one in every if one.engine == engine and "list" in one.figures]
        listings = {one.number: median(one.figures["list"]["ours"], "wall") for one in those}
        if len(listings) > 1:
            small, large = min(listings), max(listings)
            times = listings[large] / listings[small]
            yield f"{engine}: to list ten of {large:,} takes {times:.1f} times as long as of {small:,}"


def surroundings() -> str:
    """The machine, and the versions of what is compared."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {libraries}"


def main() -> None:
    arguments = parsed()
    every = [
        one
        for engine in arguments.engines or PLACES
        for number in sizes(engine, arguments)
        for one in measured(engine, number, arguments)
    ]
    if arguments.markdown:
        print(*markdown(every, "CPU"), "", *markdown(every, "wall"), "", sep="\n")
    else:
        print_times(every)
    print(*growth(every), surroundings(), sep="\n")


if __name__ == "__main__":
    main()
