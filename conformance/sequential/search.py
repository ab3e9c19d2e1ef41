"""Looking for findings: directed and random programs through sessions, and the candidates that they leave."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from conformance.harness.harness import Harness
from conformance.programs.operations import Program, SetMany, keys_in
from conformance.programs.pieces import Batch
from conformance.report.reach import TOO_SLOW, Reach
from conformance.run.run import Run
from conformance.sequential.bare import divergences, is_news
from conformance.sequential.candidates import Candidates
from conformance.sequential.findings import Finding
from conformance.sequential.machine import StoreMachine
from conformance.sequential.observing import ALWAYS, AT_THE_END, Observing
from conformance.sequential.session import Session
from conformance.system.budget import OutOfTimeError
from spec_store import Key
from spec_store.requirements import REQUIREMENTS, RequirementId

PROGRAM_CLASSES = frozenset({"core", "identity", "extended", "durable"})
"""The classes that programs put to the test. It is no matter of claims: surface, asked of all, has checks alone."""

MOST_PIECES = 6
"""How many pieces of a batch are run alone at most, where something is wrong in it."""

MOST_OF_A_BATCH, OF_SOME_TRAITS, OF_A_LIKENESS = 12, 3, 12
"""After how many divergences the rest of a batch is left; how many batches with the same ones are put to a session, and
how many with any that look alike: triage makes counterexamples of fewer."""

TRANSFORMED = "keys and values that code takes for others, or changes"

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


def run_batches(run: Run, batches: Sequence[Batch], candidates: Candidates) -> None:
    """Run batches, until the time is up, and tell how far that was.

    Raises:
        OutOfTimeError: the time is up.
    """
    done = 0
    try:
        for done, batch in enumerate(batches):
            run.tell("transformations", done, len(batches), len(candidates.kept))
            run_batch(run, batch, candidates)
        done = len(batches)
    finally:
        why = "" if done == len(batches) else TOO_SLOW
        run.evidence.reached.append(Reach(TRANSFORMED, done, len(batches), "programs", why))


def run_batch(run: Run, batch: Batch, candidates: Candidates) -> None:
    """Run a batch in one store; where that shows something, each piece that is concerned in a store of its own.

    What no piece shows alone is kept as the whole batch has shown it.
    """
    run.watcher.started_program()
    found = divergences(run.harness, batch.read_whole, MOST_OF_A_BATCH)
    news = (one for one in found if is_news(one, candidates))
    # A list, for each of them is to be counted.
    worth = [
        one
        for one in news
        if candidates.is_worth_judging(("batch", *one.traits), OF_SOME_TRAITS)
        and candidates.is_worth_judging(("batch", *one.likeness), OF_A_LIKENESS)
    ]
    if not worth:
        return
    session = Session(run.harness, AT_THE_END, suspected=candidates.suspected)
    try:
        session.run(batch.program)
    finally:
        worth_pieces = candidates.worth_pieces(session.findings)
        alone = () if session.over else batch.concerned(keys_of(worth_pieces), MOST_PIECES)
        shown = [program for program in alone if _shows(run, program, candidates)]
        # What else the batch has shown came of keys that got in one another's way. And where pieces have been run for
        # all of it often enough, to read this one after each of its writes costs a hundred of them, and adds nothing.
        if shown or not (worth_pieces or session.over or candidates.has_news(session.findings)):
            candidates.count(session)
        else:
            candidates.take(run.harness, session)


def _shows(run: Run, program: Program, candidates: Candidates) -> bool:
    """Whether a program shows anything that is wrong, which is kept then."""
    before = candidates.frequency.total()
    run_program(run, program, candidates)
    return candidates.frequency.total() > before


def keys_of(findings: Sequence[Finding]) -> frozenset[Key]:
    """The keys that findings are about: the one concerned, or else all that the operation names."""
    return frozenset(
        key
        for finding in findings
        for key in ((finding.key,) if finding.key is not None else keys_in((finding.cause, finding.observation)))
    )


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
