"""An operation that ends the process, or that only the end of the process ends: found out from outside.

The supervisor of a run knows the program in flight. Here it becomes a violation, minimized by replays in forked
children where the system can fork.
"""

import os
import select
import signal

from conformance.checks.case import Case
from conformance.checks.counterexample import case_failure
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.material import material
from conformance.programs.minimize import minimize
from conformance.programs.operations import WRITES, Operation, Program, Reopen
from conformance.programs.outcomes import Died
from conformance.report.evidence import Evidence, Failure
from conformance.report.results import results
from conformance.report.verdicts import Report
from conformance.run.options import Options
from conformance.sequential.counterexample import violation_failure
from conformance.sequential.expectations import Anything
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.oracle import requirement_for
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import Budget
from conformance.system.limits import TimeLimit
from spec_store import InMemoryStoreBackend

REPLAYS = 60
SECONDS = 20.0


def died(program: Program, text: str, subject: Subject, options: Options, origin: Origin | None = None) -> Report:
    """A report with the one violation that the last operation of `program` ended the process, or never ended.

    Args:
        program: the operations up to the one in flight, the first on a new store.
        text: how it ended, for a reader: "exit status 3", "signal 11", "it did not return within 10 s".
        subject: the subject; it is opened in forked children only.
        options: of the run.
        origin: how a script opens the subject.
    """
    name = program[-1].name
    if hasattr(os, "fork"):
        effort = Budget.of(SECONDS).effort(REPLAYS)
        seconds = max(0.5, min(options.limit, 2.0))

        def still(candidate: Program) -> bool:
            return candidate[-1].name == name and deadly(candidate, subject, seconds)

        if still(program):
            program = minimize(program, still, material(subject.claims), effort)
    violation = _violation(program, text)
    return _report(violation_failure(violation, origin or UNKNOWN, frozenset()), subject, options)


def _report(failure: Failure, subject: Subject, options: Options) -> Report:
    evidence = Evidence(failures=[failure], classes=None if options.classes is None else frozenset(options.classes))
    return Report(subject.title, options.seed, 0.0, results(evidence, subject.claims, {}, interrupted=False))


def _violation(program: Program, text: str) -> Violation:
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program[:-1]:
        if operation.writes and not isinstance(operation, Reopen):
            perform(operation, reference)
    last = program[-1]
    requirement = "REOPEN-1" if isinstance(last, Reopen) else requirement_for(last, reference)
    key = last.key if isinstance(last, WRITES) else None
    finding = Finding(requirement, "died", len(program), last, last, Anything(), Died(text), key)
    return Violation(requirement, program[:-1], last, Anything(), Died(text), finding)


def deadly(program: Program, subject: Subject, seconds: float) -> bool:
    """Whether a forked child does not live through a program, its last operation at least begun.

    Args:
        program: what the child performs on a new store.
        subject: what it opens.
        seconds: how long one operation may take before the child is killed and the answer is True.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _live(program, subject, writer)
    os.close(writer)
    try:
        begun = _follow(reader, child, seconds)
    finally:
        os.close(reader)
        os.waitpid(child, 0)
    return begun == len(program)


def _follow(reader: int, child: int, seconds: float) -> int:
    """How many operations the child began, or -1 if it lived through all of them."""
    begun = 0
    while True:
        ready, _, _ = select.select([reader], [], [], seconds)
        if not ready:
            os.kill(child, signal.SIGKILL)
            return begun
        said = os.read(reader, 4096)
        if not said:
            return begun
        if b"!" in said:
            return -1
        begun += said.count(b".")


def _live(program: Program, subject: Subject, writer: int) -> None:
    """The child: say "." before each operation and "!" at the end, and leave."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(null, descriptor)
        harness = Harness(subject, TimeLimit())
        store = harness.open()
        backend = store.backend
        operation: Operation
        for operation in program:
            os.write(writer, b".")
            backend = store.reopen() if isinstance(operation, Reopen) else backend
            if not isinstance(operation, Reopen):
                perform(operation, backend)
        os.write(writer, b"!")
        store.close()
    finally:
        os._exit(0)


def died_in_case(case: Case, text: str, subject: Subject, options: Options, origin: Origin | None = None) -> Report:
    """A report with the one violation that a directed check ended the process, or never ended; arguments as `died`."""
    told = f"expected that the process lives, came: the check ended it ({text})"
    return _report(case_failure(case, told, origin or UNKNOWN), subject, options)
