"""Judging again what programs could not judge for what else is violated, with that held out.

A program in which something has gone wrong is no good witness of what came after: the session takes what it finds for
the truth and goes on, but a store in a wrong state may do anything. So a requirement is judged where it was put to the
test in a program that nothing has spoiled. Of one that never was, the first row that applies:

    the requirement                                              what becomes of it
    -----------------------------------------------------------  ---------------------------------------------------
    is about an operation that violates another, and never held  masked by that: without the operation there is
                                                                 nothing to judge
    is contradicted, in programs without what violates others    violated, after triage
    is put to the test in these, and holds                       it has passed
    is put to the test in none of these, and never was           as it was before: masked, or not exercised

Only operations that a program can do without are held out: where `get` or `set` is faulty, no program is left. What
lists the id wrongly (LIST-4), or returns the wrong truth value of a removal (REMOVE-4), spoils nothing.

Example: a backend's `list_keys` loses a key each time, which is GET-3. A session lists after each write, so that in all
programs some state is wrong. Run again without `list_keys`, they tell whether `move` leaves other keys alone (MOVE-5).
"""

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from conformance.harness.interface import PREFIXES
from conformance.programs.operations import Get, Program
from conformance.report.evidence import Mask
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.findings import Violation
from conformance.sequential.search import run_program, run_random
from conformance.sequential.triage import triage, untold
from conformance.system.budget import OutOfTimeError
from spec_store.requirements import RequirementId

AVOIDABLE = {prefix: name for name, prefix in PREFIXES.items() if name not in ("get", "set")}
"""Whose requirements begin so; without any of these a program is still one."""

HARMLESS: frozenset[RequirementId] = frozenset({"LIST-4", "REMOVE-4"})

CREDITED: tuple[RequirementId, ...] = (
    *("KEY-4", "KEY-5", "KEY-6", "GET-1", "GET-2", "GET-3", "SET-1", "SET-2", "SET-4", "SET-6"),
    *("MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4", "MOVE-5", "REMOVE-1", "REMOVE-2", "REMOVE-3", "HAS-1"),
    *("LIST-1", "LIST-2", "LIST-3", "ID-1", "ID-10", "ADD-1", "UPDATE-1", "UPSERT-1", "ALL-1"),
)
"""What the programs of any subject put to the test."""

PROGRAMS = 300
"""How many directed programs it may take, of those that are left some operations."""

EXAMPLES = 20
"""How many random ones."""


def judge_again(
    run: Run, programs: Iterable[Program], first: Candidates, violations: Sequence[Violation], *, shared: bool
) -> None:
    """Judge what no program could judge, and enter what comes of it into the evidence.

    Args:
        run: the run.
        programs: its directed programs.
        first: what they have shown, all operations performed.
        violations: what has become of that.
        shared: whether two stores of the subject share their keys (ISO-1).
    """
    evidence = run.evidence
    violated = {failure.requirement for failure in evidence.failures}
    left = [name for name in CREDITED if evidence.wants(name) and not first.clean[name] and name not in violated]
    by_method = _accused(violations)
    wanted = [name for name in left if method_of(name) not in by_method]
    for name in left:
        method = method_of(name)
        if method in by_method and not evidence.exercised[name]:
            why = f"{method} went wrong wherever it was put to the test"
            evidence.masked.setdefault(name, Mask(by_method[method], why))
    if not wanted or not by_method:
        return
    held_out = attrs.evolve(run.harness, avoid=run.harness.avoid | frozenset(by_method))
    options = attrs.evolve(run.options, examples=min(EXAMPLES, run.options.examples))
    again = Candidates()
    within = attrs.evolve(run, harness=held_out, options=options)
    with contextlib.suppress(OutOfTimeError):  # what has been found by then is told
        for program in _without(programs, frozenset(by_method)):
            run_program(within, program, again)
        run_random(within, again)
    _hand_in(within, wanted, again, shared=shared)


def method_of(name: RequirementId) -> str:
    """The method that a requirement is about, if a program can do without; or ""."""
    return AVOIDABLE.get(name.partition("-")[0], "")


def _accused(violations: Sequence[Violation]) -> dict[str, RequirementId]:
    """The methods that violate something which may spoil programs, with the first requirement of each."""
    found: dict[str, RequirementId] = {}
    for violation in sorted(violations, key=lambda one: one.requirement):
        if violation.requirement in HARMLESS:
            continue
        if method := method_of(violation.requirement) or _reading(violation):
            found.setdefault(method, violation.requirement)
    return found


def _reading(violation: Violation) -> str:
    """The operation that changes what it should only read, if that is what is violated, and none of get; or ""."""
    if violation.requirement != "GET-3":
        return ""
    reads = [operation for operation in (*violation.setup, violation.finding.cause) if not operation.writes]
    return next((read.name for read in reads if not isinstance(read, Get) and read.name in AVOIDABLE.values()), "")


def _without(programs: Iterable[Program], methods: frozenset[str]) -> Sequence[Program]:
    """The first programs that are left some operations without some methods, evenly from all."""
    left = [program for program in programs if any(operation.name not in methods for operation in program)]
    return left[:: 1 + len(left) // PROGRAMS]


def _hand_in(run: Run, wanted: Sequence[RequirementId], again: Candidates, *, shared: bool) -> None:
    """Enter what the programs have shown of what is wanted; all else is known already."""
    evidence = run.evidence
    kept = {bucket: one for bucket, one in again.kept.items() if one.finding.requirement in wanted}
    found = attrs.evolve(again, kept=kept, suspected=Counter())
    try:
        triage(run, found, stores_are_shared=shared)
    except OutOfTimeError:
        evidence.failures.extend(untold(run, found))
    for name in wanted:
        evidence.exercised[name] += again.exercised[name]
        if again.exercised[name]:
            evidence.masked.pop(name, None)
