"""The same seed, the same verdict: on a machine that is otherwise quiet, and beside processes that only spin.

Run: python tests/benchmarks/beside_spinners.py [--spinners N] [--jobs N] [--seed N] [--piece I/N] [NAME ...]
NAME is a planted fault, a correct backend or an odd one of the self-test (MovesUnlocked, FileStore, ...); by default
a fixed spread of the planted faults over all rooms, those that were once judged wrongly for want of time, and all that
is correct. `--piece 2/5` takes the second of five parts of them.
Prints the seconds of both runs and each row of the two reports that differs; rows that differ by no more than how often
a requirement was put to the test, or by what was cut short for want of time, are the same.
Ends with status 1 if a verdict differs. Each run is in a process of its own; of several at once (`--jobs`), each is one
more process that keeps the others from running.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS, ODD, Fault, OddOne
from conformance.faults.planting import LIMIT
from conformance.faults.selftest import CORRECT, EXAMPLES
from conformance.report.verdicts import NOT_EXERCISED, Report, Result
from conformance.run.options import Options
from conformance.run.run import TOO_LATE

SPIN = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Until its parent is gone, however that ended."""

EVERY: tuple[Fault | OddOne, ...] = (*FAULTS, *CORRECT, *ODD)

ONCE_WRONG = ("MovesUnlocked", "SyncsNoDirectory", "SelfMoveHangs", "FilesFoldCase")
"""Faults whose verdict has depended on the load of the machine."""

STEP = 8
"""Every which planted fault belongs to the spread."""


def spread() -> tuple[str, ...]:
    """The names that are compared by default."""
    faults = [fault.name for fault in FAULTS[::STEP]]
    return tuple(dict.fromkeys((*ONCE_WRONG, *faults, *(one.name for one in (*CORRECT, *ODD)))))


def piece(names: Sequence[str], which: str) -> Sequence[str]:
    """One part of the names, "2/5" the second of five; each part is spread over all of them."""
    number, of = map(int, which.split("/"))
    return names[number - 1 :: of]


@contextmanager
def spinners(count: int) -> Iterator[None]:
    """So many processes that take all the CPU time that they get."""
    with ExitStack() as stack:
        for _ in range(count):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", SPIN]))
            stack.callback(process.kill)
        yield


def report_of(name: str, seed: int) -> Report:
    """What the kit makes of one backend of the self-test."""
    one = next(one for one in EVERY if one.name == name)
    limit = one.limit if isinstance(one, Fault) else LIMIT
    if isinstance(one, Fault):
        one.reset()
    return run_campaign(one.subject, Options(EXAMPLES, seed, limit=limit), origin=one.origin)


def reports_of(names: Sequence[str], seed: int, jobs: int) -> Iterator[Report]:
    """The reports of some, in their order, each as soon as it is there, of so many at once."""

    def report(name: str) -> Report:
        command = [sys.executable, __file__, "--seed", str(seed), "--report", name]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return Report.from_json(json.loads(printed.splitlines()[-1]))

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(report, names)


def is_cut_short(row: Result) -> bool:
    """Whether a requirement was not put to the test because there was no time for it."""
    return row.verdict == NOT_EXERCISED and row.reason.startswith(TOO_LATE)


def differences(quiet: Report, busy: Report) -> Iterator[str]:
    """The rows whose verdict differs, in words."""
    for one, other in zip(quiet.results, busy.results, strict=True):
        if one.verdict != other.verdict and not is_cut_short(one) and not is_cut_short(other):
            shown = other.counterexample or one.counterexample
            why = shown.headline if shown is not None else other.reason or one.reason
            yield f"{one.requirement.id}: {one.verdict} when quiet, {other.verdict} when busy ({why})"


def tell(name: str, quiet: Report, busy: Report) -> bool:
    """Print what has come of one backend; whether a verdict differs."""
    found = list(differences(quiet, busy))
    print(f"{name:30} {quiet.seconds:6.1f} s quiet, {busy.seconds:6.1f} s busy: ", end="")
    print("the same" if not found else "DIFFERENT", "violated:", ", ".join(busy.violated) or "nothing", flush=True)
    for line in found:
        print(f"    {line}", flush=True)
    return bool(found)


def main() -> int:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--spinners", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--piece", default="1/1")
    parser.add_argument("--report", help="print the report of this one alone, as JSON")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    if given.report:
        print(json.dumps(report_of(given.report, given.seed).to_json()))
        return 0
    names = piece(given.names or spread(), given.piece)
    quiet = list(reports_of(names, given.seed, 1))
    with spinners(given.spinners):
        every = zip(names, quiet, reports_of(names, given.seed, given.jobs), strict=True)
        return 1 if sum(tell(*each) for each in every) else 0


if __name__ == "__main__":
    sys.exit(main())
