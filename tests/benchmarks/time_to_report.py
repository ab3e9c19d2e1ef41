"""From start to the complete report, with minimal scripts: one pass of this kit against Hypothesis' own shrinking.

Run: python tests/benchmarks/time_to_report.py [memory|files ...]

Hypothesis' side runs the same state machine, failing at the first finding of a step, with report_multiple_bugs on,
as an author would who has only `run_state_machine_as_test`; each finding's requirement is an error class of its
own, so that several can be told apart. Both in CPU time, in one process.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from great_expectations.data_context.store import InMemoryStoreBackend, TupleFilesystemStoreBackend
from hypothesis import HealthCheck, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conformance.campaign import run_campaign
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.sequential.findings import Finding
from conformance.sequential.machine import StoreMachine, machine_of
from conformance.subject.subject import Subject
from conformance.system.temporary import temporary_parent


@contextlib.contextmanager
def directory() -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=temporary_parent()) as outer:
        yield str(Path(outer, "store"))


SUBJECTS = {
    "memory": Subject(open=lambda place, **options: InMemoryStoreBackend(**options), name="GX memory"),
    "files": Subject(
        open=lambda place, **options: TupleFilesystemStoreBackend(place, **options), place=directory, name="GX files"
    ),
}


def one_pass(subject: Subject) -> tuple[float, tuple[str, ...]]:
    """CPU seconds and what was found by one campaign, every check included."""
    start = time.process_time()
    report = run_campaign(subject, Options(seed=1))
    return time.process_time() - start, report.violated


def native(subject: Subject) -> tuple[float, set[str]]:
    """CPU seconds and what Hypothesis reports, shrinking the machine's steps itself."""
    errors: dict[str, type[AssertionError]] = {}
    machine = machine_of(subject)

    def fail(self: StoreMachine, finding: Finding) -> None:
        raise errors.setdefault(finding.requirement, type(finding.requirement, (AssertionError,), {}))

    machine.on_finding = fail  # type: ignore[method-assign]
    start = time.process_time()
    found: set[str] = set()
    try:
        run_state_machine_as_test(
            seed(1)(machine),
            settings=settings(
                max_examples=DEFAULT_EXAMPLES,
                stateful_step_count=30,
                deadline=None,
                database=None,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except BaseExceptionGroup as group:
        found = {type(error).__name__ for error in group.exceptions}
    except AssertionError as error:
        found = {type(error).__name__}
    return time.process_time() - start, found


def main() -> None:
    for name in sys.argv[1:] or SUBJECTS:
        ours, violated = one_pass(SUBJECTS[name])
        print(f"{name}: one pass {ours:.1f} CPU s, {len(violated)} requirements: {' '.join(violated)}", flush=True)
        theirs, found = native(SUBJECTS[name])
        print(f"{name}: Hypothesis {theirs:.1f} CPU s, {len(found)} requirements: {' '.join(sorted(found))}")
        print(f"{name}: {theirs / ours:.0f} times", flush=True)


if __name__ == "__main__":
    main()
