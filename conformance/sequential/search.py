"""Looking for findings: directed and random programs through sessions, and the candidates that they leave."""

import time
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conformance.harness.harness import Bench
from conformance.programs.operations import Program, SetMany
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.sequential.candidates import Catch
from conformance.sequential.findings import Finding
from conformance.sequential.machine import StoreMachine
from conformance.sequential.session import Session

CHUNK = 20
STEPS = 30


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
