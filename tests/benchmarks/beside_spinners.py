"""The same seed, the same verdict: on a machine that is otherwise quiet, and beside processes that only spin.

Run: python tests/benchmarks/beside_spinners.py [--spinners N] [--seed N] NAME ...
NAME is a planted fault, a correct backend or an odd one of the self-test (MovesUnlocked, FileStore, ...).
Prints the seconds of both runs and each row of the two reports that differs; rows that differ by no more than how often
a requirement was put to the test, or by what was cut short for want of time, are the same.
Ends with status 1 if a verdict differs.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS, ODD, Fault, OddOne
from conformance.faults.planting import LIMIT
from conformance.faults.selftest import CORRECT, EXAMPLES
from conformance.report.verdicts import Report
from conformance.run.options import Options

SPIN = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Until its parent is gone, however that ended."""


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
    every: tuple[Fault | OddOne, ...] = (*FAULTS, *CORRECT, *ODD)
    one = next(one for one in every if one.name == name)
    limit = one.limit if isinstance(one, Fault) else LIMIT
    if isinstance(one, Fault):
        one.reset()
    return run_campaign(one.subject, Options(EXAMPLES, seed, limit=limit), origin=one.origin)


def differences(quiet: Report, busy: Report) -> Iterator[str]:
    """The rows whose verdict differs, in words."""
    for one, other in zip(quiet.results, busy.results, strict=True):
        if one.verdict != other.verdict:
            shown = other.counterexample or one.counterexample
            why = shown.headline if shown is not None else other.reason or one.reason
            yield f"{one.requirement.id}: {one.verdict} when quiet, {other.verdict} when busy ({why})"


def main() -> int:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--spinners", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("names", nargs="+", metavar="NAME")
    given = parser.parse_args()
    differ = 0
    for name in given.names:
        quiet = report_of(name, given.seed)
        with spinners(given.spinners):
            busy = report_of(name, given.seed)
        found = list(differences(quiet, busy))
        differ += bool(found)
        print(f"{name:30} {quiet.seconds:6.1f} s quiet, {busy.seconds:6.1f} s busy: ", end="")
        print("the same" if not found else "DIFFERENT", "violated:", ", ".join(busy.violated) or "nothing", flush=True)
        for line in found:
            print(f"    {line}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
