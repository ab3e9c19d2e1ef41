"""Looking for findings: directed and random programs through sessions, and the candidates that they leave."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conformance.findings import Finding, Signature
from conformance.harness.harness import Bench
from conformance.machine import StoreMachine
from conformance.programs.operations import Program, SetMany
from conformance.replay import judged
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.session import Session
from spec_store.requirements import RequirementId

CHUNK = 20
STEPS = 30
CHRONIC = 0.25
RERUNS = 50
"""How many programs with findings, run unwatched, are worth running again watched."""


@attrs.frozen
class Candidate:
    """A finding and a program that showed it."""

    program: Program
    finding: Finding
    watchful: bool


@attrs.define
class Catch:
    """The candidates of a campaign: for each signature, the one with the shortest program."""

    candidates: dict[Signature, Candidate] = attrs.field(factory=dict)
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    frequency: Counter[tuple[RequirementId, str]] = attrs.field(factory=Counter)
    programs: int = 0
    reruns: int = 0
    steps: int = 0

    def add(self, program: Program, finding: Finding, *, watchful: bool) -> None:
        """Keep a finding if its signature is new or its program is the shortest so far."""
        known = self.candidates.get(finding.signature)
        if known is None or finding.step < known.finding.step:
            self.candidates[finding.signature] = Candidate(program, finding, watchful)

    def take(self, bench: Bench, session: Session) -> None:
        """Take over what a finished session found. Findings of an unwatched one are looked for again, watched."""
        self.programs += 1
        self.steps += len(session.program)
        if not session.findings:
            return
        program = tuple(session.program)
        found, watchful = tuple(session.findings), session.watchful
        hung = any(finding.symptom == "hung" for finding in found)
        if not watchful and not hung and self.reruns < RERUNS:
            self.reruns += 1
            again = judged(bench, program, watchful=True)
            found, watchful = (again, True) if again else (found, False)
        self.frequency.update({(finding.requirement, finding.symptom) for finding in found})
        for finding in found:
            self.add(program, finding, watchful=watchful)
        for finding in found:
            if finding.symptom == "hung":
                bench.hung(finding.observation.name)

    def chronic(self, candidate: Candidate) -> bool:
        """Whether findings like this one turn up in so many programs that they hide others."""
        finding = candidate.finding
        return self.frequency[finding.requirement, finding.symptom] > self.programs * CHRONIC


def run_programs(bench: Bench, programs: Sequence[Program], catch: Catch, watcher: Watcher, deadline: float) -> None:
    """Run directed programs, until the time is up."""
    for number, program in enumerate(programs):
        if time.monotonic() > deadline:
            return
        if not _fits(bench, program):
            continue
        watcher.started_program()
        session = Session(bench, exercised=catch.exercised)
        session.run(program)
        catch.take(bench, session)
        if number % 20 == 0:
            watcher.progress(Progress("directed programs", number, len(programs), len(catch.candidates)))


def _fits(bench: Bench, program: Program) -> bool:
    """Whether the many keys of a program are ones that the subject takes."""
    for operation in program:
        if isinstance(operation, SetMany):
            key, value = operation.items()[0]
            if bench.refusals.of_key(key) or bench.refusals.of_value(value):
                return False
    return True


def run_random(bench: Bench, catch: Catch, options: Options, watcher: Watcher, deadline: float) -> None:
    """Run the random programs, a chunk at a time, until there are enough or the time is up."""
    machine = collecting_machine(bench, catch, watcher.started_program)
    for number, start in enumerate(range(0, options.examples, CHUNK)):
        if time.monotonic() > deadline:
            return
        count = min(CHUNK, options.examples - start)
        drive(machine, options.seed * 1_000_003 + number, count)
        watcher.progress(Progress("random programs", start + count, options.examples, len(catch.candidates)))


def collecting_machine(bench: Bench, catch: Catch, started: Callable[[], None]) -> type[StoreMachine]:
    """The state machine of random programs, which collects findings instead of failing; every other one watchful."""

    class Collecting(StoreMachine):
        def new_session(self, bench: Bench) -> Session:
            started()
            return Session(bench, watchful=catch.programs % 2 == 0, exercised=catch.exercised)

        def on_finding(self, finding: Finding) -> None:
            pass

        def teardown(self) -> None:
            super().teardown()
            catch.take(bench, self.session)

    Collecting.subject = bench.subject
    Collecting.bench = bench
    return Collecting


def drive(machine: type[StoreMachine], number: int, examples: int) -> None:
    """Run a state machine for some examples, with nothing kept and nothing printed."""
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
