"""Is every check of the kit needed? Each is taken out in turn, and the self-test must fail without it.

Run: python tests/benchmarks/broken_kit.py [--tests] [NAME ...]
With --tests the tests of the checks are run as well (half a minute each), and must fail too.
NAME is the function of a directed check, or the id of a requirement that the judge of programs then keeps quiet on.
Ends with status 1 if the loss of a check goes unnoticed.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from unittest import mock

from conformance import campaign, checks
from conformance.faults.catalogue import FAULTS
from conformance.faults.selftest import EXAMPLES, judged
from conformance.session import Session

DELETED = "SPEC_STORE_DELETED_CHECK"
IN_PROGRAMS = (
    *("GET-1", "GET-2", "GET-3", "SET-1", "SET-2", "SET-4", "KEY-5", "KEY-6", "HAS-1", "ID-10", "REOPEN-1"),
    *("LIST-1", "LIST-2", "LIST-3", "LIST-4", "MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4", "MOVE-5"),
    *("REMOVE-1", "REMOVE-2", "REMOVE-3", "REMOVE-4", "ADD-1", "UPDATE-1", "UPSERT-1", "ALL-1"),
)
"""What the judge of programs decides itself; other requirements are named from these once a program is minimal."""


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """The kit without a directed check, or without the judge's verdicts under a requirement."""
    left = tuple(case for case in checks.CASES if case.check.__name__ != name)
    report = Session._report

    def reporting(self: Session, requirement: str, *arguments: object) -> None:
        if requirement != name:
            report(self, requirement, *arguments)  # type: ignore[arg-type]

    with (
        mock.patch.object(campaign, "CASES", left),
        mock.patch.object(checks, "CASES", left),
        mock.patch.object(Session, "_report", reporting),
    ):
        yield


def unnoticed_by_selftest(name: str) -> bool:
    """Whether every fault of the requirements that lose a check is still found under its own."""
    losing = {case.requirement for case in checks.CASES if case.check.__name__ == name} or {name}
    with without(name):
        return all(judged(fault, 0, EXAMPLES).passed for fault in FAULTS if fault.requirement in losing)


def unnoticed_by_tests(name: str) -> bool:
    """Whether the tests pass without a check."""
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "tests.benchmarks.broken_kit", "tests/conformance"]
    environment = {**os.environ, DELETED: name}
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def pytest_configure() -> None:
    """As a plug-in of pytest: take the check out for the whole run."""
    if DELETED in os.environ:
        without(os.environ[DELETED]).__enter__()


def main() -> None:
    names = [name for name in sys.argv[1:] if name != "--tests"]
    functions = dict.fromkeys(case.check.__name__ for case in checks.CASES)
    unnoticed = 0
    for name in names or (*functions, *IN_PROGRAMS):
        found = {"the self-test": unnoticed_by_selftest(name)}
        if "--tests" in sys.argv:
            found["the tests"] = unnoticed_by_tests(name)
        passing = [what for what, passed in found.items() if passed]
        unnoticed += bool(passing)
        print(f"without {name}: {' and '.join(passing) or 'nothing'} still passes", flush=True)
    print(f"{unnoticed} losses unnoticed")
    sys.exit(bool(unnoticed))


if __name__ == "__main__":
    main()
