"""From a finding to the requirement that its fault is about, with the shortest program that shows it.

A session names a requirement by provenance: whoever last decided the state. That may be a consequence of another fault,
and says nothing of keys. So the program is made smaller and plainer, one respect at a time; where the fault stays, that
respect did not matter, and what cannot be taken out is what the fault is about. Steps 1 to 7 (`PIPELINE`) each turn an
`Exhibit` into an exhibit, or drop it and say for what (`Dropped`), for `triage` accounts for all that was seen. Steps 8
to 10 turn the last one into a violation:

    1  shorten              fewest operations, plainest keys and values that show a finding in the same fault bucket
    2  come_first           drop it, if something else goes wrong first: it is a consequence of that
    3  unmask               drop it, if a plainer program shows a fault that has been reported already
    4  generalize           plainer variants, whatever requirement they make it violate
    5  strip                remove the session's own reads, except those that the fault needs
    6  drop_if_lost_before  drop it, if the operation only met with a value that was lost before
    7  blame_last_write     blame the last write, where the session has read at the end alone
    8  name                 the requirement, by the table in `naming`, from the facts in `experiments`
    9  experiment           what the table cannot tell apart, by one more program (in `experiments`)
    10 confirm              how often it shows in a few replays

Example: a backend for which ("A",) and ("a",) are one place. A random program of 30 operations ends with a get of
("a",) that gives "7", by provenance after `AddOrUpdate(("A",), "7")`: UPSERT-1. Shortened (1): `Set(("a",), "1")`,
`AddOrUpdate(("A",), "2")`, and it comes first (2). Nothing is ignored (3). Generalized (4): with `set` in place of
`add_or_update` the state is as wrong, now by SET-2; with ("b",) in place of ("A",) it is not, so that stays. Stripped
(5): set, set, get show it with no reading in between. The observation is a get, so nothing was lost before it (6), and
the session has read after each write, so the cause is known (7). Named (8): an odd key is left, beside another: KEY-4.
Nothing is to be tried (9), and 4 of 4 replays show it (10).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from conformance.harness.harness import Harness
from conformance.programs.minimize import Test
from conformance.programs.operations import (
    Add,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Switch,
    Update,
    keys_in,
)
from conformance.programs.outcomes import Outcome
from conformance.sequential.expectations import Anything, Raises
from conformance.sequential.experiments import experiment, facts_of
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.generalizing import plainer_programs
from conformance.sequential.laboratory import Dropped, Exhibit, Laboratory
from conformance.sequential.naming import name, reference_after, writes_to_stored
from conformance.sequential.observing import ALWAYS, Observing
from conformance.sequential.oracle import requirement_by_provenance
from conformance.system.budget import Effort
from spec_store.requirements import RequirementId

CONFIRMATIONS = 3
"""How often a counterexample is replayed at the end."""

LEAST_TO_GENERALIZE = 60
"""How many replays are left for plainer variants in any case: what a long program costs to shorten may be all there is,
and the requirement depends on them."""


PipelineStep: TypeAlias = Callable[[Laboratory, Exhibit], Exhibit | Dropped]


def attribute(
    harness: Harness, program: Program, finding: Finding, observing: Observing, effort: Effort
) -> Violation | Dropped:
    """A minimal program whose first finding is like `finding`, with the requirement that it is about.

    Args:
        harness: the subject.
        program: a program that has shown it.
        finding: the finding.
        observing: how the session that saw it looked at the store.
        effort: how many replays it may cost.

    Returns:
        Why it is none of its own, if no program shows the finding as the first thing wrong.
    """
    laboratory = Laboratory(harness, observing, effort)
    exhibit = Exhibit(program, finding)
    for step in PIPELINE:
        left = step(laboratory, exhibit)
        if isinstance(left, Dropped):
            return left
        exhibit = left
    if exhibit.actual is None:
        return Dropped(exhibit.program)
    requirement = experiment(laboratory, exhibit, name(facts_of(laboratory, exhibit)))
    return confirm(laboratory, exhibit, exhibit.actual, requirement)


# 1


def shorten(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit:
    """The fewest operations with a finding in the same bucket, wherever it comes among others."""
    bucket = exhibit.finding.fault_bucket

    def shows(candidate: Program) -> bool:
        return any(finding.fault_bucket == bucket for finding in laboratory.findings(candidate))

    # What came after the finding is not needed, unless only the reading at the end has seen it.
    until = exhibit.program[: exhibit.finding.step]
    program = until if shows(until) else exhibit.program
    return Exhibit(laboratory.minimal(program, shows), exhibit.finding)


# 2


def come_first(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit | Dropped:
    """The finding as the minimal program shows it; dropped if another comes first, which is then told itself."""
    first = laboratory.first(exhibit.program, exhibit.finding)
    # With the program minimal, what goes wrong before the finding cannot be left out: it is the cause.
    if first is None:
        return Dropped(exhibit.program)
    if first.fault_bucket == exhibit.finding.fault_bucket or is_other_view(first, exhibit.finding):
        return Exhibit(exhibit.program, first)
    return Dropped(exhibit.program, first)


def is_other_view(first: Finding, finding: Finding) -> bool:
    """Whether two findings are one wrong state, seen in two ways: the same kind of operation has left it."""
    return first.about_state and finding.about_state and first.cause.name == finding.cause.name


# 3


def unmask(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit | Dropped:
    """The exhibit; dropped if a plainer program shows something like it that has been reported and is ignored now."""
    ignoring = laboratory.observing.ignoring
    if not ignoring:
        return exhibit
    # What is ignored does not come first in any program, so that here it is to be seen again.
    everything = attrs.evolve(laboratory.observing, ignoring=frozenset())
    for candidate in plainer_programs(exhibit.program, laboratory.harness.material):
        if candidate == exhibit.program:
            continue
        first = laboratory.first(candidate, exhibit.finding, everything)
        if first is None or first.symptom_bucket not in ignoring:
            continue
        if is_same_fault(first, exhibit.finding, shorter=len(candidate) < len(exhibit.program)):
            return Dropped(candidate, first)
    return exhibit


def is_same_fault(plainer: Finding, finding: Finding, *, shorter: bool) -> bool:
    """Whether the finding of a plainer program is taken for the same fault, whatever its requirement is.

    Args:
        plainer: the first finding of the plainer program.
        finding: the finding of the program itself.
        shorter: whether the plainer program lacks an operation; then something else may have gone wrong.
    """
    if (finding.symptom, plainer.symptom) == ("blocked", "raised") and plainer.requirement != "KEY-6":
        # What was blocked by a key that is gone is now seen to fail without any such key.
        return plainer.cause.name == finding.cause.name
    if must_refuse(plainer) is not must_refuse(finding) or (plainer.requirement == "LIST-4") is not (
        finding.requirement == "LIST-4"
    ):
        return False
    states = plainer.about_state and finding.about_state
    if plainer.symptom != finding.symptom and not states:
        return False
    if not shorter or (states and not plainer.cause.writes):
        return True
    if states and is_same_sight(plainer, finding):
        return True  # the operation that is gone has decided nothing
    if isinstance(finding.cause, Switch) and states:  # what one backend alone does is no matter of another one
        return plainer.key == finding.key
    return plainer.cause.name == finding.cause.name and plainer.own == finding.own


def is_same_sight(one: Finding, other: Finding) -> bool:
    """Whether two findings are of the same state of the same key, seen in the same way."""
    return (one.key, one.observation, one.expected, one.actual) == (
        other.key,
        other.observation,
        other.expected,
        other.actual,
    )


def must_refuse(finding: Finding) -> bool:
    """Whether a write had to be refused, and was so wrongly: that says nothing of one that had to succeed."""
    return finding.symptom == "raised" and finding.cause.writes and isinstance(finding.expected, Raises)


# 4


def generalize(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit:
    """The exhibit with everything replaced that the fault does not need, whatever requirement it is then about."""
    laboratory = attrs.evolve(laboratory, effort=laboratory.effort.with_least(LEAST_TO_GENERALIZE))
    plainer: Exhibit | None = exhibit
    while plainer is not None:
        exhibit = plainer
        plainer = _plainer(laboratory, exhibit)
    return exhibit


def _plainer(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit | None:
    """The first plainer variant that shows the same fault, minimized again; None if there is none any more."""
    program, finding = exhibit.program, exhibit.finding
    for candidate in plainer_programs(program, laboratory.harness.material):
        if candidate == program or not laboratory.effort.spend():
            continue
        first = laboratory.first(candidate, finding)
        if first is None or not is_same_fault(first, finding, shorter=len(candidate) < len(program)):
            continue
        # A plainer key or operation may make others needless that the fault needed before.
        minimal = laboratory.minimal(candidate, _showing(laboratory, first))
        return Exhibit(minimal, laboratory.first(minimal, first) or first)
    return None


def _showing(laboratory: Laboratory, finding: Finding) -> Test:
    """Whether a program shows a finding in the same bucket, and nothing before it."""

    def shows(candidate: Program) -> bool:
        first = laboratory.first(candidate, finding)
        return first is not None and first.fault_bucket == finding.fault_bucket

    return shows


# 5


def strip(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit | Dropped:
    """The operations after which the observation alone shows it, with no reading but what the fault needs."""
    until = exhibit.program[: exhibit.finding.step]
    setup = until[:-1] if until and until[-1] == exhibit.finding.observation else until
    actual = exhibit.contradicts(laboratory, setup)
    if actual is None:
        # It needs some of the reading that the session did in between: all of it, and then what can be left out.
        setup = _with_reads(setup, exhibit.finding)
        if exhibit.contradicts(laboratory, setup) is None:
            return Dropped(exhibit.program)
        setup = laboratory.minimal(setup, _without_some_reads(laboratory, exhibit, setup))
        actual = exhibit.contradicts(laboratory, setup)
    if actual is None:
        return Dropped(setup)
    # The last reads first: what they would show has been read by then, or is the observation's to show.
    for read in [operation for operation in reversed(setup) if not operation.writes]:
        shorter = tuple(operation for operation in setup if operation is not read)
        if exhibit.contradicts(laboratory, shorter) is not None:
            setup = shorter
    return Exhibit(setup, exhibit.finding, actual)


def _with_reads(program: Program, finding: Finding) -> Program:
    """The program with every read that a session makes between its writes."""
    keys = (*keys_in(program), *((finding.key,) if finding.key is not None else ()))
    reads: Program = (*(Get(key) for key in keys), ListKeys(), *(HasKey(key) for key in keys))
    expanded: list[Operation] = []
    for operation in program:
        expanded.append(operation)
        if operation.writes:
            expanded += reads
    return tuple(expanded)


def _without_some_reads(laboratory: Laboratory, exhibit: Exhibit, program: Program) -> Test:
    """Whether a program is this one but for some of its reads, and still shows it: its writes are minimal already."""
    writes = _writes_in(program)

    def shows(candidate: Program) -> bool:
        return _writes_in(candidate) == writes and exhibit.contradicts(laboratory, candidate) is not None

    return shows


def _writes_in(program: Program) -> Program:
    return tuple(operation for operation in program if operation.writes)


# 6


def drop_if_lost_before(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit | Dropped:
    """The exhibit; dropped if the value was lost before the operation on it, which did as it must without it."""
    observation = exhibit.finding.observation
    if not isinstance(observation, Add | Update | Move | RemoveKey):
        return exhibit
    # These alone fail rightly on a key that is absent; whoever lost it has a finding of its own.
    key = observation.keys[0]
    if not reference_after(exhibit.program).has_key(key):
        return exhibit
    if laboratory.contradiction(exhibit.program, Get(key), Anything()) is None:
        return exhibit
    return Dropped(exhibit.program, laboratory.first(exhibit.program, exhibit.finding, ALWAYS))


# 7


def blame_last_write(laboratory: Laboratory, exhibit: Exhibit) -> Exhibit:
    """The exhibit, its cause the last write, if it was seen at the end alone.

    The session could then go by provenance only. But a minimal program ends with what did it.
    """
    finding, program = exhibit.finding, exhibit.program
    if laboratory.observing.after_each_write or not finding.about_state or finding.key is None:
        return exhibit
    if not program or not program[-1].writes:
        return exhibit
    last = program[-1]
    was_stored = writes_to_stored(last, reference_after(program[:-1]))
    requirement = requirement_by_provenance(
        last, finding.key, finding.symptom, was_refused=False, was_stored=was_stored
    )
    return attrs.evolve(exhibit, finding=attrs.evolve(finding, cause=last, requirement=requirement))


PIPELINE: Sequence[PipelineStep] = (
    *(shorten, come_first, unmask, generalize, strip),
    *(drop_if_lost_before, blame_last_write),
)
"""The steps that make an exhibit of an exhibit, or drop it."""


# 10


def confirm(laboratory: Laboratory, exhibit: Exhibit, actual: Outcome, requirement: RequirementId) -> Violation:
    """The violation, with the number of times that replaying it shows it: once so far."""
    again = [exhibit.contradicts(laboratory, exhibit.program) for _ in range(CONFIRMATIONS)]
    shown = 1 + sum(outcome is not None for outcome in again)
    finding = exhibit.finding
    return Violation(
        requirement, exhibit.program, finding.observation, finding.expected, actual, finding, shown, 1 + CONFIRMATIONS
    )
