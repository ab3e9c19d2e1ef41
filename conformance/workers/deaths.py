"""An operation that ends the process, or that only the end of the process ends: found out from outside.

The supervisor of a run knows the program in flight. Here it becomes a violation, minimized by replays in forked
children where the system can fork.
"""

import os
from functools import partial
from typing import TypeAlias

from conformance.checks.case import Case
from conformance.checks.counterexample import failure_of_case
from conformance.checks.running import Failed
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import Handles
from conformance.programs.material import material
from conformance.programs.minimize import minimize
from conformance.programs.operations import OPENS, WRITES, Operation, Program, Set, SetMany
from conformance.programs.outcomes import Died, Hung, Returned
from conformance.report.evidence import Evidence, Failure
from conformance.report.results import results
from conformance.report.verdicts import Report
from conformance.run.options import Options
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.expectations import Anything
from conformance.sequential.findings import Finding, Symptom, Violation
from conformance.sequential.oracle import requirement_for, requirement_of_opening
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import Budget
from conformance.system.children import Acknowledge, Child, born, listen
from conformance.system.limits import TimeLimit
from conformance.system.starvation import Turn
from spec_store import InMemoryStoreBackend

DEATH_REPLAYS = 60
DEATH_SECONDS = 20.0
"""How many shorter programs are tried, and for how many seconds of served time."""

LEAST_DEATH_SECONDS = 1.0
"""For how many they are tried though the time of the run is up."""

Fatality: TypeAlias = Hung | Died
"""What came of an operation that a worker did not survive."""

BEGUN, GOES_ON, SURVIVED = b".", b",", b"!"
"""What the child acknowledges: before each operation, after each of many sets, and when all have returned."""


def report_of_death(
    program: Program, ending: Fatality, subject: Subject, options: Options, origin: Origin | None = None
) -> Report:
    """A report with the one violation that the last operation of `program` ended the process, or never ended.

    Args:
        program: the operations up to the one in flight, the first on a new store.
        ending: what came of that operation: the process died by itself, or did not return and had to be killed.
        subject: the subject; it is opened in forked children only.
        options: of the run.
        origin: how a script opens the subject.
    """
    name = program[-1].name
    if hasattr(os, "fork"):
        # What a run has left is handed on, so that no death begins a time of its own.
        budget = Budget.of(options.budget).prolonged(LEAST_DEATH_SECONDS, DEATH_SECONDS).within(DEATH_SECONDS)
        effort = budget.effort(DEATH_REPLAYS)
        seconds = max(0.5, min(options.limit, 2.0))

        def still(candidate: Program) -> bool:
            return candidate[-1].name == name and is_deadly(candidate, subject, seconds)

        if still(program):
            program = minimize(program, still, material(subject.claims), effort)
    violation = _violation_of(program, ending)
    return _report(failure_of_violation(violation, origin or UNKNOWN, frozenset()), subject, options)


def _report(failure: Failure, subject: Subject, options: Options) -> Report:
    evidence = Evidence(failures=[failure], classes=options.classes, spec=options.spec)
    found = results(evidence, subject.claims, {}, interrupted=False)
    return Report(subject.title, options.seed, 0.0, found, spec=options.spec)


def _violation_of(program: Program, ending: Fatality) -> Violation:
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program[:-1]:
        if operation.writes and not isinstance(operation, OPENS):
            perform(operation, reference)
    last = program[-1]
    requirement = requirement_of_opening(last) if isinstance(last, OPENS) else requirement_for(last, reference)
    key = last.key if isinstance(last, WRITES) else None
    symptom: Symptom = "hung" if isinstance(ending, Hung) else "died"
    finding = Finding(requirement, symptom, len(program), last, last, Anything(), ending, key)
    return Violation(requirement, program[:-1], last, Anything(), ending, finding)


def is_deadly(program: Program, subject: Subject, seconds: float) -> bool:
    """Whether a forked child does not live through a program, its last operation at least begun.

    Args:
        program: what the child performs on a new store.
        subject: what it opens.
        seconds: how long one operation may take before the child is killed and the answer is True.
    """
    with born(partial(_live, program, subject)) as child:
        # What a child does that has survived, stuck as it leaves the store perhaps, is nothing of the program's.
        while SURVIVED not in child.acknowledged and _goes_on(child, seconds):
            pass
        return SURVIVED not in child.acknowledged and child.acknowledged.count(BEGUN) == len(program)


def _goes_on(child: Child, seconds: float) -> bool:
    """Whether a child acknowledges something more within some served time; False too when it has ended."""
    heard, turn = len(child.acknowledged), Turn.of(child.pid, seconds)
    while rest := turn.rest():
        if listen(child, rest, lambda: len(child.acknowledged) > heard):
            return True
        if child.ended():
            break
    return False


def _live(program: Program, subject: Subject, acknowledge: Acknowledge) -> None:
    """The child."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):  # what the subject prints is told once, of the worker
        os.dup2(null, descriptor)
    store = Harness(subject, TimeLimit()).open()
    handles = Handles(store.backend)
    operation: Operation
    for operation in program:
        acknowledge(BEGUN)
        if isinstance(operation, OPENS):
            _, handles = handles.after(operation, lambda: Returned(store.reopen()))
        if isinstance(operation, SetMany):
            for key, value in operation.items():
                perform(Set(key, value), handles.current)
                acknowledge(GOES_ON)
        elif not isinstance(operation, OPENS):
            perform(operation, handles.current)
    acknowledge(SURVIVED)
    store.close()


def report_of_death_in_case(
    case: Case, ending: Fatality, subject: Subject, options: Options, origin: Origin | None = None
) -> Report:
    """A report with the one violation that a directed check ended the process, or never ended.

    The arguments are as for `report_of_death`.
    """
    if isinstance(ending, Hung):
        text = f"expected an answer, came none within {ending.seconds:g} s: it hangs, and no signal gets through"
    else:
        text = f"expected that the process lives, came: the check ended it ({ending.text})"
    return _report(failure_of_case(case, Failed(text), origin or UNKNOWN), subject, options)
