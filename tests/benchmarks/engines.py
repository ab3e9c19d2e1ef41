"""What an operation takes on each engine: our backends, a bare client that does the same, and Great Expectations' own.

Run: python tests/benchmarks/engines.py [ENGINE ...] [--keys 10,10000,1000000] [--seconds 2] [--gx112 PYTHON]
The clients take turns on a store of so many keys; a listing always finds ten of them. A ratio is the median of what
the rounds say, times are medians of calls. Files and SQLite are in memory (/dev/shm, where there is one), so that what
is measured is code and not a disk. On S3 there are ten thousand keys at most, unless engines are named.
PYTHON, or else the variable GX_1_12, is that of an environment with Great Expectations 1.12, boto3, obstore and
SQLAlchemy; without one, the comparisons with the backends that only this release has are left out.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.benchmarks.places import PLACES, Absent, beside_gx_1_12
from tests.benchmarks.side_by_side import Figures, Layout, compare, ratio

S3_KEYS = 10_000
"""How many keys there are on S3 at most, where nobody asks for more: to fill it takes long."""


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What an operation takes on each engine.")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"all by default: {', '.join(PLACES)}")
    parser.add_argument("--keys", default="10,10000,1000000", help="how many keys the stores have")
    parser.add_argument("--seconds", type=float, default=2.0, help="about how long an operation is measured")
    parser.add_argument("--gx112", default=os.environ.get("GX_1_12", ""), help="Python with that release")
    arguments = parser.parse_args()
    if unknown := set(arguments.engines) - set(PLACES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    return arguments


def sizes(engine: str, arguments: argparse.Namespace) -> list[int]:
    """How many keys an engine is measured with."""
    asked = [int(number) for number in arguments.keys.split(",")]
    if not engine.startswith("s3") or arguments.engines:
        return asked
    return [number for number in asked if number <= S3_KEYS]


def measured(engine: str, number: int, arguments: argparse.Namespace) -> Figures | None:
    """The figures of an engine with so many keys; None, with the reason printed, if it is not there."""
    layout = Layout(number)
    try:
        if engine.endswith("gx-1.12"):
            return beside_gx_1_12(engine, layout, arguments.seconds, arguments.gx112)
        with PLACES[engine](layout) as clients:
            return compare(clients, layout, arguments.seconds)
    except (pytest.skip.Exception, Absent) as reason:
        print(f"{engine} is left out: {reason}", file=sys.stderr)
        return None


def shown(figure: float) -> str:
    """A figure to three digits, or to its last digit before the point."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:#.3g}"


def add_rows(table: Table, engine: str, number: int, figures: Figures) -> None:
    """A line for each operation."""
    for operation, found in figures.items():
        times = [shown(statistics.median(found[name])) if name in found else "" for name in ("ours", "bare", "gx")]
        ratios = [ratio(found, "ours", other) for other in ("bare", "gx")]
        table.add_row(engine, f"{number:,}", operation, *times, *["" if one is None else shown(one) for one in ratios])
    table.add_section()


def growth(engine: str, listings: dict[int, float]) -> str:
    """How much longer a listing of ten keys takes in the largest store than in the smallest."""
    small, large = min(listings), max(listings)
    times = listings[large] / listings[small]
    return f"{engine}: to list ten of {large:,} takes {times:.1f} times as long as of {small:,}"


def main() -> None:
    arguments = parsed()
    columns = ("engine", "keys", "operation", "ours, us", "bare, us", "GX, us", "ours / bare", "ours / GX")
    table = Table(title="Medians of calls", title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in ("engine", "operation") else "right")
    lines = []
    for engine in arguments.engines or PLACES:
        listings = {}
        for number in sizes(engine, arguments):
            print(f"{engine}, {number:,} keys", file=sys.stderr)
            if figures := measured(engine, number, arguments):
                add_rows(table, engine, number, figures)
                listings[number] = statistics.median(figures["list"]["ours"])
        if len(listings) > 1:
            lines.append(growth(engine, listings))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    print(*lines, f"on {os.cpu_count()} cores, {Path(sys.executable).name}", sep="\n")


if __name__ == "__main__":
    main()
