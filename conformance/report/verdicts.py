"""A report is a value: one result a requirement, and what they come to."""

from typing import Any

import attrs

from conformance.report.reach import Reach
from conformance.report.speed import Measured
from spec_store.requirements import SPEC_VERSION, Requirement, RequirementId, SpecVersion, requirement

PASSED = "passed"
VIOLATED = "violated"
UNDECIDED = "undecided"
MASKED = "masked"
NOT_EXERCISED = "not exercised"
NOT_CLAIMED = "not claimed"
WORKS_NOT_CLAIMED = "works but not claimed"
DEVIATION = "deviation"

CONFORMANT = "conformant"
PARTIAL = "partial"
INCOMPLETE = "incomplete"
NONCONFORMANT = "nonconformant"
INVALID = "invalid"


@attrs.frozen
class Counterexample:
    """The shortest program that shows a violation.

    Args:
        operations: how many operations it has, the one that shows it included.
        message: requirement, program, what was expected and what came, for a reader who knows nothing of the kit.
        script: a whole Python script that shows it, and ends with a status other than 0 while the fault is there.
        headline: what happened, in one sentence.
        shown: how many of `tried` replays showed it.
        tried: how many replays there were.
    """

    operations: int
    message: str
    script: str
    headline: str
    shown: int = 1
    tried: int = 1

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> "Counterexample | None":
        return None if data is None else cls(**data)


@attrs.frozen
class Result:
    """What a campaign found out about one requirement.

    Args:
        requirement: the requirement.
        verdict: one of the verdicts above.
        exercised: how often it was put to the test.
        counterexample: the shortest one, if it is violated (or a deviation); what was seen, if it is undecided.
        further: counterexamples of other shapes.
        reason: why it was not exercised, is masked, not claimed, or a deviation; in a sentence, or "".
        cut_short: how much less often than wanted it was put to the test, for want of time; in words, or "".
    """

    requirement: Requirement
    verdict: str
    exercised: int = 0
    counterexample: Counterexample | None = None
    further: tuple[Counterexample, ...] = ()
    reason: str = ""
    cut_short: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.requirement.id,
            "class": self.requirement.class_,
            "level": self.requirement.level,
            "verdict": self.verdict,
            "exercised": self.exercised,
            "counterexample": None if self.counterexample is None else self.counterexample.to_json(),
            "further": [one.to_json() for one in self.further],
            "reason": self.reason,
            "cut_short": self.cut_short,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Result":
        return cls(
            requirement(data["id"]),
            data["verdict"],
            data["exercised"],
            Counterexample.from_json(data["counterexample"]),
            tuple(Counterexample(**one) for one in data["further"]),
            data["reason"],
            data.get("cut_short", ""),
        )


@attrs.frozen
class Report:
    """What a campaign found out about a subject.

    Args:
        subject: the subject's name.
        seed: the seed of the random programs.
        seconds: by the wall, since the command began, or the call of `check`.
        results: one a requirement judged, in the order of the specification.
        invalid: why the subject could not be judged at all, or "".
        notes: what a reader should know besides: interrupted, output swallowed, classes left out.
        interrupted: whether the run was interrupted; it is never conformant then.
        reached: how far it went into what it goes through from one end to the other.
        spec: the version of the specification that it was judged by.
        measured: how fast the subject is; None where that was not measured.
    """

    subject: str
    seed: int
    seconds: float
    results: tuple[Result, ...] = ()
    invalid: str = ""
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    reached: tuple[Reach, ...] = ()
    spec: SpecVersion = SPEC_VERSION
    measured: Measured | None = None

    @property
    def verdict(self) -> str:
        """invalid, nonconformant, incomplete, partial or conformant, the first that applies."""
        if self.invalid:
            return INVALID
        must = [result.verdict for result in self.results if result.requirement.level == "MUST"]
        every = [result.verdict for result in self.results]
        if VIOLATED in must:
            return NONCONFORMANT
        open_ = not {NOT_EXERCISED, UNDECIDED, MASKED}.isdisjoint(must) or self.interrupted
        if open_ or not {PASSED, DEVIATION} & set(must):
            return INCOMPLETE
        return CONFORMANT if {VIOLATED, DEVIATION, UNDECIDED}.isdisjoint(every) else PARTIAL

    @property
    def exit_status(self) -> int:
        """0 conformant (or partial), 1 a MUST is violated, was not exercised, or is open, 2 could not be judged."""
        return {CONFORMANT: 0, PARTIAL: 0, INVALID: 2}.get(self.verdict, 1)

    @property
    def violated(self) -> tuple[RequirementId, ...]:
        """The ids of the violated requirements."""
        return tuple(result.requirement.id for result in self.results if result.verdict == VIOLATED)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, format 1."""
        return {
            "format": 1,
            "spec": self.spec,
            "verdict": self.verdict,
            "subject": self.subject,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "invalid": self.invalid,
            "notes": list(self.notes),
            "interrupted": self.interrupted,
            "reached": [reach.to_json() for reach in self.reached],
            "measured": None if self.measured is None else self.measured.to_json(),
            "requirements": [result.to_json() for result in self.results],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Report":
        """The report that `to_json` gave these values of."""
        return cls(
            data["subject"],
            data["seed"],
            data["seconds"],
            tuple(Result.from_json(one) for one in data["requirements"]),
            data["invalid"],
            tuple(data["notes"]),
            data["interrupted"],
            tuple(map(Reach.from_json, data.get("reached", ()))),
            data["spec"],
            Measured.from_json(data.get("measured")),
        )
