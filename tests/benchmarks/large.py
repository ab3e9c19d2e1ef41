"""A large store of an engine: how fast it is filled and read, what a listing takes, and that nothing else grows.

Run: python -m tests.benchmarks.large ENGINE [--keys 1000000] [--directory DIRECTORY]
Files and SQLite are in DIRECTORY, the one for temporary files by default, which must have room: a file takes 4 KiB.
All that is stored is removed at the end, also when the run is interrupted.

The store is filled by `set`, by one thread. Then a process that was spawned opens it, reads one value, and lists all
keys; another one reads all values. Their memory is `VmHWM` of Linux, the most that was ever resident, which begins anew
with a program (`ru_maxrss` does not), less what it was before; `tracemalloc` is off, for it takes memory itself. When a
tenth is stored, and when all is and was read, this process counts what must not grow: its descriptors, sockets and
threads, temporary files, and what the place has besides values. With status 1 something did, or a number is wrong.
"""

import argparse
import itertools
import multiprocessing
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from spec_store.backends._engine import Engine
from tests.benchmarks.large_places import PLACES, Counts, Opening, Place
from tests.benchmarks.side_by_side import VALUE, Layout

SAMPLES = 10
"""How often each key of the sample is read and written again, and ten keys are listed for each."""

MIB = 1 << 20
PARTS = 10


@attrs.frozen
class Report:
    """What a run says.

    Args:
        lines: the figures.
        wrong: what is not as it should be.
    """

    lines: list[str]
    wrong: list[str]


def measured(engine: str, number: int, directory: Path) -> Report:
    """Fill a store in an empty directory, measure it, and remove it.

    Args:
        engine: one of `PLACES`.
        number: of keys.
        directory: for files; what is in there is the caller's to remove.
    """
    layout = Layout(number)
    before = tempfile.tempdir
    tempfile.tempdir = str(directory / "temporary")
    (directory / "temporary").mkdir()
    try:
        with PLACES[engine](directory) as place, place.opened() as store:
            return _report(place, store, layout)
    finally:
        tempfile.tempdir = before


def _report(place: Place, store: Engine, layout: Layout) -> Report:
    seconds, small = _filled(place, store, layout)
    number, rates = layout.number, [layout.number / PARTS / part for part in seconds]
    lines = [
        f"set: {number / sum(seconds):,.0f} a second (the first tenth {rates[0]:,.0f}, the last {rates[-1]:,.0f})",
        f"set again: {_percentiles(layout, lambda key: store.set(key, VALUE))}",
        f"get: {_percentiles(layout, store.get)}",
        f"list of ten: {_percentiles(layout, lambda _key: store.list_keys(layout.prefix))}",
    ]
    ten = store.list_keys(layout.prefix)
    wrong = [] if sorted(ten) == layout.needles() else [f"list of ten: {ten}"]
    large = _growing(place)  # before other processes are spawned, for whose end Python keeps a descriptor
    for what in ("list_keys", "get_all"):
        took, peak, count = _in_another_process(place.opened, what, layout)
        lines.append(
            f"{what}: {count:,} in {took:.2f} s, {peak / MIB:,.0f} MiB at most, {peak / number:,.0f} bytes a key"
        )
        wrong += [f"{what}: {count:,}, not {number:,}"] if count != number else []
    counted = place.counted()
    lines.append(f"counted by the engine: {', '.join(f'{count:,} {what}' for what, count in counted.items())}")
    wrong += [f"{what}: {count:,}, not {number:,}" for what, count in counted.items() if count != number]
    lines.append(f"with a tenth: {_told(small)}; with all: {_told(large)}")
    wrong += [f"{what} grew from {small[what]} to {count}" for what, count in large.items() if count > small[what]]
    return Report(lines, wrong)


def _filled(place: Place, store: Engine, layout: Layout) -> tuple[list[float], Counts]:
    """The seconds of each tenth, and what there was besides values after the first one."""
    keys = layout.every()
    ends = [layout.number * part // PARTS for part in range(PARTS + 1)]
    seconds: list[float] = []
    small: Counts = {}
    for begin, end in itertools.pairwise(ends):
        start = time.perf_counter()
        for key in itertools.islice(keys, end - begin):
            store.set(key, VALUE)
        seconds.append(time.perf_counter() - start)
        small = small or _growing(place)
    return seconds, small


def _percentiles(layout: Layout, call: Callable[[Any], object]) -> str:
    """The microseconds of a call that half, and 99 of a hundred, stay below."""
    times = []
    for key in layout.sample() * SAMPLES:
        start = time.perf_counter()
        call(key)
        times.append(1e6 * (time.perf_counter() - start))
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:,.0f} us, p99 {cuts[98]:,.0f} us"


def _growing(place: Place) -> Counts:
    """What must not grow with a store."""
    others = place.others()  # for which a connection may be opened
    opened = list(_links(Path("/proc/self/fd")))
    return {
        "descriptors": len(opened),
        "sockets": sum(link.startswith("socket:") for link in opened),
        "threads": threading.active_count(),
        "temporary files": len(list(Path(tempfile.gettempdir()).iterdir())),
        "other files or keys": others,
    }


def _links(directory: Path) -> Iterator[str]:
    for path in list(directory.iterdir()):
        try:
            yield str(path.readlink())
        except FileNotFoundError:  # that of the listing itself
            continue


def _told(counts: Counts) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def _in_another_process(opened: Opening, what: str, layout: Layout) -> tuple[float, int, int]:
    """What a call takes in a process of its own: seconds, bytes of memory, and how many it gave."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_taken, (opened, what, layout.needles()[0]))


def _taken(opened: Opening, what: str, key: tuple[str, ...]) -> tuple[float, int, int]:
    with opened() as store:
        store.get(key)
        before, start = _most_resident(), time.perf_counter()
        found = getattr(store, what)()
        return time.perf_counter() - start, _most_resident() - before, len(found)


def _most_resident() -> int:
    """The most bytes that this process ever had in memory."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise OSError("the system does not tell the memory of a process")


def main() -> None:
    parser = argparse.ArgumentParser(description="What a large store of an engine takes.")
    parser.add_argument("engine", choices=PLACES)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--directory", help="for files and SQLite")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is stored is removed
    with tempfile.TemporaryDirectory(prefix="spec-store-large-", dir=arguments.directory) as directory:
        start = time.perf_counter()
        report = measured(arguments.engine, arguments.keys, Path(directory))
        size = len(VALUE.encode())
        print(f"{arguments.engine}, {arguments.keys:,} keys with values of {size} bytes, {os.cpu_count()} cores")
        print(*report.lines, *(f"WRONG: {one}" for one in report.wrong), sep="\n")
        print(f"{time.perf_counter() - start:.0f} s in all")
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
