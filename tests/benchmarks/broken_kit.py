"""Is every check of the kit needed? Each is taken out in turn, and the self-test must fail without it.

Run: python tests/benchmarks/broken_kit.py [--tests] [NAME ...]
With --tests the tests of the checks are run as well (half a minute each), and must fail too.
NAME is the function of a directed check, the id of a requirement that the judge of programs then keeps quiet on, or
a search for races or crashes.
Ends with status 1 if the loss of a check goes unnoticed.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from unittest import mock

import pytest

from conformance import campaign
from conformance.checks import catalogue
from conformance.checks import search as checks_search
from conformance.crash import search as crash_search
from conformance.faults.catalogue import FAULTS
from conformance.faults.selftest import EXAMPLES, judged
from conformance.sequential.findings import Finding
from conformance.sequential.session import Session

DELETED = "SPEC_STORE_DELETED_CHECK"
IN_PROGRAMS = (
    *("GET-1", "GET-2", "GET-3", "SET-1", "SET-2", "SET-4", "KEY-5", "KEY-6", "HAS-1", "ID-10", "REOPEN-1"),
    *("LIST-1", "LIST-2", "LIST-3", "LIST-4", "MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4", "MOVE-5"),
    *("REMOVE-1", "REMOVE-2", "REMOVE-3", "REMOVE-4", "ADD-1", "UPDATE-1", "UPSERT-1", "ALL-1"),
)
"""What the judge of programs decides itself; other requirements are named from these once a program is minimal."""

RACES = frozenset({"LIN-1", "LIN-2", "LIN-3", "LIN-4", "ADD-2", "ID-9"})
SEARCHES: dict[str, tuple[object, frozenset[str]]] = {
    "run_thread_pairs": (campaign, RACES),
    "run_process_pairs": (campaign, RACES),
    "run_load": (campaign, RACES),
    "run_crashes": (campaign, frozenset({"CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1", "POWER-1"})),
    "inject_kills": (crash_search, frozenset({"CRASH-1", "CRASH-2"})),
    "inject_repeated_kills": (crash_search, frozenset({"CRASH-3"})),
    "inject_refusals": (crash_search, frozenset({"FAULT-1"})),
    "inject_power_losses": (crash_search, frozenset({"POWER-1"})),
    "draw_scenarios": (crash_search, frozenset({"CRASH-1"})),
}
"""Where a search is called, and the requirements for which it looks."""


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """The kit without a directed check, without the judge's verdicts under a requirement, or without a search."""
    left = tuple(case for case in catalogue.CASES if case.check.__name__ != name)
    report = Session._report

    def reporting(self: Session, finding: Finding) -> None:
        if finding.requirement != name:
            report(self, finding)

    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(checks_search, "CASES", left))
        patches.enter_context(mock.patch.object(catalogue, "CASES", left))
        patches.enter_context(mock.patch.object(Session, "_report", reporting))
        if name in SEARCHES:
            patches.enter_context(mock.patch.object(SEARCHES[name][0], name, return_value=()))
        yield


def unnoticed_by_selftest(name: str) -> bool:
    """Whether every fault of the requirements that lose a check is still found under its own."""
    losing: set[str] = {case.requirement for case in catalogue.CASES if case.check.__name__ == name}
    losing |= SEARCHES[name][1] if name in SEARCHES else losing or {name}
    with without(name):
        return all(judged(fault, 0, EXAMPLES).passed for fault in FAULTS if fault.requirement in losing)


def unnoticed_by_tests(name: str) -> bool:
    """Whether the tests pass without a check."""
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "tests.benchmarks.broken_kit", "tests/conformance"]
    environment = {**os.environ, DELETED: name}
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def pytest_configure(config: pytest.Config) -> None:
    """As a plug-in of pytest: take the check out for the whole run."""
    if DELETED in os.environ:
        taken_out = contextlib.ExitStack()  # kept until then: what nobody refers to is put back at once
        taken_out.enter_context(without(os.environ[DELETED]))
        config.add_cleanup(taken_out.close)


def main() -> None:
    names = [name for name in sys.argv[1:] if name != "--tests"]
    functions = dict.fromkeys(case.check.__name__ for case in catalogue.CASES)
    unnoticed = 0
    for name in names or (*functions, *IN_PROGRAMS, *SEARCHES):
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
