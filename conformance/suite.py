"""The pytest face: a class to inherit from, one test a requirement, all from one campaign a class."""

import hashlib
import os
import random
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from conformance.campaign import run_campaign
from conformance.report.verdicts import (
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Report,
    Result,
)
from conformance.report.words import happened
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.subject.subject import Subject
from conformance.subject.target import find_origin
from spec_store.requirements import REQUIREMENTS, SPEC_VERSION, RequirementId, SpecVersion, belongs_to, requirement

REPORT = pytest.StashKey[Report]()
SEEDS = pytest.StashKey[dict[str, int]]()


class StoreBackendSuite:
    """Inherit in a test class of your own and say what to judge.

    Set `subject` to a Subject, or have a fixture of that name, of any scope. One campaign is run for the class, by the
    first of its tests. Under pytest-xdist it is run once in each worker that gets one of them, with one seed for all;
    `--dist loadscope` keeps a class in one worker.

    Attributes:
        subject: what to judge.
        deviations: requirement ids that are knowingly not met, each with the reason; strict: one that is met fails.
        examples: how many random programs to run.
        classes: the classes of requirements to judge; None is all that apply.
        budget: seconds to be done in, about; None is as long as it takes.
        spec: the version of the specification to judge by; what came later is skipped.
        wait: seconds to wait between what is written and what is read, once.
    """

    deviations: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[int | None] = None
    classes: ClassVar[Sequence[str] | None] = None
    budget: ClassVar[float | None] = None
    spec: ClassVar[SpecVersion] = SPEC_VERSION
    wait: ClassVar[float] = 0.0

    @pytest.mark.parametrize("requirement", [one.id for one in REQUIREMENTS])
    def test_requirement(self, requirement: RequirementId, request: pytest.FixtureRequest) -> None:
        report = _report(type(self), request)
        if report.invalid:
            pytest.fail(report.invalid, pytrace=False)
        result = next((one for one in report.results if one.requirement.id == requirement), None)
        if result is None:
            pytest.skip(_left_out(requirement, report))
        _judge(result, type(self).deviations, report.seed)


def _left_out(id: RequirementId, report: Report) -> str:
    """Why a report has no result for a requirement."""
    if belongs_to(requirement(id), report.spec):
        return "its class is left out by this suite"
    return f"version {report.spec} of the specification, by which this suite judges, does not have it"


def _judge(result: Result, deviations: Mapping[str, str], seed: int) -> None:
    one = result.requirement
    if result.verdict == VIOLATED and result.counterexample is not None:
        found = result.counterexample
        more = "".join(f"\nalso: {other.headline}" for other in result.further)
        again = f"\n(seed {seed}; the same again with --hypothesis-seed={seed})"
        pytest.fail(f"{found.message}{more}{again}\n\nA script that shows it:\n\n{found.script}", pytrace=False)
    if result.verdict == DEVIATION:
        pytest.xfail(result.reason)
    if one.id in deviations and result.verdict == PASSED:
        pytest.fail(f"{one.id} is listed as a deviation ({deviations[one.id]}), but holds: take it off", pytrace=False)
    if result.verdict in (NOT_EXERCISED, UNDECIDED, MASKED):
        message = f"{one.id} was {result.verdict}: {happened(result)}"
        if result.counterexample is not None:
            message = f"{message}\n\n{result.counterexample.message}"
        if one.level == "MUST":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    if result.verdict in (NOT_CLAIMED, WORKS_NOT_CLAIMED):
        pytest.skip(f"{result.verdict}: {result.reason}")


def _report(suite: type[StoreBackendSuite], request: pytest.FixtureRequest) -> Report:
    """The report of the suite's campaign, which the first test to ask runs."""
    scope: Any = request.node.getparent(pytest.Class) or request.node
    if REPORT not in scope.stash:
        subject = getattr(suite, "subject", None)
        if not isinstance(subject, Subject):
            subject = request.getfixturevalue("subject")
        unknown = [name for name in suite.deviations if name not in {one.id for one in REQUIREMENTS}]
        if unknown:
            pytest.fail(f"deviations name no requirement: {', '.join(unknown)}", pytrace=False)
        seed = seed_of(request.config)
        request.config.stash.setdefault(SEEDS, {})[suite.__name__] = seed
        examples = suite.examples if suite.examples is not None else DEFAULT_EXAMPLES
        classes = None if suite.classes is None else tuple(suite.classes)
        options = Options(examples, seed, classes, suite.budget, spec=suite.spec, wait=suite.wait)
        report = run_campaign(subject, options, origin=find_origin(subject), deviations=suite.deviations)
        if report.interrupted:
            raise KeyboardInterrupt
        scope.stash[REPORT] = report
    report_: Report = scope.stash[REPORT]
    return report_


def seed_of(config: pytest.Config) -> int:
    """The seed of a test run: Hypothesis' own option, else one for all workers of a run, else one at random."""
    given = config.getoption("--hypothesis-seed", None)
    if given not in (None, "random"):
        return int(given)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run:
        return int(hashlib.sha256(run.encode()).hexdigest()[:8], 16)
    if os.environ.get("CI"):
        return 0
    return random.SystemRandom().randrange(2**32)
