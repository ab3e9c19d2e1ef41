"""From evidence to results: one verdict a requirement."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from conformance.case_script import case_script
from conformance.cases import Case
from conformance.claims import unclaimed_reason
from conformance.directed_cases import Broken
from conformance.findings import Violation
from conformance.message import call, heading, sentence
from conformance.operations import WRITES
from conformance.options import Options
from conformance.origin import Origin
from conformance.script import program_script
from conformance.subject import Claims, Subject
from conformance.verdicts import (
    DEVIATION,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Counterexample,
    Result,
)
from spec_store.requirements import REQUIREMENTS, Requirement, RequirementId, requirement

FURTHER = 9


@attrs.frozen
class Failure:
    """A requirement that is violated, the counterexample, and whether that takes a value that is no text."""

    requirement: RequirementId
    counterexample: Counterexample
    foreign: bool = False

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of several counterexamples of a requirement the one with the lowest rank tells most."""
        return (self.counterexample.operations, self.foreign, len(self.counterexample.message))

    @classmethod
    def of_case(
        cls, case: Case, text: str, origin: Origin, shown: int = 1, tried: int = 1, values: tuple[Any, ...] = ()
    ) -> "Failure":
        """The failure of a directed check; `text` says what was expected and what came, in `shown` of `tried` runs."""
        title = case.title or case.check.__name__.replace("_", " ")
        message = f"{heading(case.requirement)}\n\n{title}:\n{text}"
        return cls(
            case.requirement,
            Counterexample(
                case.operations, message, case_script(case, origin, values), f"{title}: {text}", shown, tried
            ),
        )

    @classmethod
    def of_violation(cls, violation: Violation, origin: Origin, raising: frozenset[int]) -> "Failure":
        """The failure that a program shows; `raising` are the operations of its setup that raise."""
        return cls(
            violation.requirement,
            Counterexample(
                violation.size,
                message_of(violation),
                program_script(violation, origin, raising),
                sentence(violation),
                violation.shown,
                violation.tried,
            ),
            foreign=any(isinstance(one, WRITES) and not isinstance(one.value, str) for one in violation.setup),
        )


def message_of(violation: Violation) -> str:
    """Requirement, program, what was expected and what came."""
    lines = [heading(violation.requirement), "", "On a new, empty store:"]
    lines += [f"    {call(operation)}" for operation in (*violation.setup, violation.observation)]
    lines += ["", f"Expected: the last line {violation.expected}.", f"Came:     it {violation.came}."]
    if violation.shown < violation.tried:
        lines.append(f"Seen in {violation.shown} of {violation.tried} tries.")
    return "\n".join(lines)


@attrs.define
class Evidence:
    """What a campaign has gathered.

    Args:
        exercised: how often each requirement was put to the test.
        failures: every violation, settled.
        reasons: why a directed check of a requirement could not judge.
        probed: for requirements that are not claimed, whether each probe held.
        missing: the names of the 1.x methods that the backend lacks.
        broken: the directed checks that failed, not yet settled.
        raw: the ids under which settled violations were first seen.
        classes: the classes to judge; None is all.
        notes: what a reader of the report should know besides.
    """

    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    failures: list[Failure] = attrs.field(factory=list)
    reasons: dict[RequirementId, str] = attrs.field(factory=dict)
    probed: dict[RequirementId, list[bool]] = attrs.field(factory=dict)
    missing: frozenset[str] = frozenset()
    broken: list[tuple[Case, Broken]] = attrs.field(factory=list)
    raw: frozenset[RequirementId] = frozenset()
    classes: frozenset[str] | None = None
    notes: list[str] = attrs.field(factory=list)

    def wants(self, name: RequirementId) -> bool:
        """Whether a requirement is to be judged, by its id."""
        return self.classes is None or requirement(name).class_ in self.classes


def results(
    evidence: Evidence, subject: Subject, options: Options, deviations: Mapping[str, str], interrupted: bool
) -> tuple[Result, ...]:
    """One result for each requirement of the classes judged, in the order of the catalogue."""
    chosen = [one for one in REQUIREMENTS if options.classes is None or one.class_ in options.classes]
    return tuple(_result(one, evidence, subject.claims, deviations, interrupted) for one in chosen)


def _result(
    one: Requirement, evidence: Evidence, claims: Claims, deviations: Mapping[str, str], interrupted: bool
) -> Result:
    count = evidence.exercised[one.id]
    failures = [failure for failure in evidence.failures if failure.requirement == one.id]
    found = [failure.counterexample for failure in sorted(failures, key=lambda failure: failure.rank)]
    if found:
        verdict = DEVIATION if one.id in deviations else VIOLATED
        further = tuple(found[1 : 1 + FURTHER])
        return Result(one, verdict, max(count, 1), found[0], further, deviations.get(one.id, ""))
    unclaimed = unclaimed_reason(one, claims, evidence.missing)
    if unclaimed is not None:
        probes = evidence.probed.get(one.id, [])
        verdict = WORKS_NOT_CLAIMED if probes and all(probes) else NOT_CLAIMED
        return Result(one, verdict, len(probes), reason=unclaimed)
    if not count:
        reason = evidence.reasons.get(one.id, "no operation of this run put it to the test")
        return Result(one, NOT_EXERCISED, 0, reason="the run was interrupted before" if interrupted else reason)
    return Result(one, PASSED, count, reason="")
