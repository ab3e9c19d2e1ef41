"""Looking for findings: directed and random programs through sessions, and the candidates that they leave."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from conformance.harness.harness import Harness
from conformance.programs.operations import Program, SetMany
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.findings import Finding
from conformance.sequential.machine import StoreMachine
from conformance.sequential.session import ALWAYS, AT_THE_END, Observing, Session
from conformance.system.budget import OutOfTimeError
from spec_store.requirements import REQUIREMENTS, RequirementId

PROGRAM_CLASSES = frozenset({"core", "identity", "extended", "durable"})
"""The classes that programs put to the test. It is no matter of claims: surface, asked of all, has checks alone."""

CHUNK = 20
MOST_STEPS = 30


def run_programs(run: Run, programs: Sequence[Program], candidates: Candidates) -> None:
    """Run directed programs, until the time is up.

    Raises:
        OutOfTimeError: the time is up; what was cut short is noted.
    """
    number = 0
    try:
        for number, program in enumerate(programs):
            run_program(run, program, candidates)
            if number % 20 == 0:
                run.tell("directed programs", number, len(programs), len(candidates.kept))
    except OutOfTimeError:
        run.cut_short("directed programs", number, len(programs), judged_by_programs(run))
        raise


def judged_by_programs(run: Run) -> list[RequirementId]:
    """The requirements that programs put to the test."""
    return [one.id for one in REQUIREMENTS if one.class_ in PROGRAM_CLASSES and run.evidence.wants(one.id)]


def run_program(run: Run, program: Program, candidates: Candidates, observing: Observing = ALWAYS) -> bool:
    """Run one program; a session that has no time to its end has found what it has found.

    Returns:
        Whether it has found anything.
    """
    harness = run.harness
    if not _fits(harness, program):
        return False
    run.watcher.started_program()
    session = Session(harness, observing, suspected=candidates.suspected)
    try:
        session.run(program)
    finally:
        candidates.take(harness, session)
    return bool(session.findings)


def _fits(harness: Harness, program: Program) -> bool:
    """Whether the many keys of a program are ones that the subject takes."""
    for operation in program:
        if isinstance(operation, SetMany):
            key, value = operation.items()[0]
            if harness.refusals.of_key(key) or harness.refusals.of_value(value):
                return False
    return True


def run_random(run: Run, candidates: Candidates) -> None:
    """Run the random programs, a chunk at a time, until there are enough or the time is up.

    Raises:
        OutOfTimeError: the time is up.
    """
    machine = partial(CollectingMachine, Collector(run.harness, candidates, run.watcher.started_program))
    examples = run.options.examples
    for number, start in enumerate(range(0, examples, CHUNK)):
        if run.budget.over():
            raise OutOfTimeError
        count = min(CHUNK, examples - start)
        try:
            drive(machine, run.options.seed * 1_000_003 + number, count)
        except Flaky:
            # What time has cut short may begin as another program did, which Hypothesis takes for a whim of ours.
            if not run.budget.over():
                raise
            raise OutOfTimeError from None
        run.tell("random programs", start + count, examples, len(candidates.kept))


@attrs.frozen
class Collector:
    """Whom the machines of one search work for.

    Args:
        harness: what they run.
        candidates: what they find.
        started: told when a program begins.
    """

    harness: Harness
    candidates: Candidates
    started: Callable[[], None]


class CollectingMachine(StoreMachine):
    """The state machine of random programs, which collects findings instead of failing.

    Every other program is read after each write, the others at the end alone: a store may be mended by being read.
    There is one class for all searches, since Hypothesis keeps for ever each that it has run.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        super().__init__()

    def own_harness(self) -> Harness:
        return self._collector.harness

    def new_session(self, harness: Harness) -> Session:
        self._collector.started()
        candidates = self._collector.candidates
        observing = ALWAYS if candidates.programs % 2 == 0 else AT_THE_END
        return Session(harness, observing, suspected=candidates.suspected)

    def on_finding(self, finding: Finding) -> None:
        pass

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            candidates = self._collector.candidates
            candidates.random += 1
            candidates.take(self._collector.harness, self.session)


def drive(machine: Callable[[], StoreMachine], number: int, examples: int) -> None:
    """Run state machines for some examples, with nothing kept and nothing printed."""
    run_state_machine_as_test(
        cast(Any, seed(number)(machine)),  # takes all that makes a machine, but by its types a class
        settings=settings(
            max_examples=examples,
            stateful_step_count=MOST_STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
