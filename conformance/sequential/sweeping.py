"""Sweeps, run barely: as far as the subject's pace allows, which is told.

How far is decided before, by what one operation costs of this subject: of processor time, and of time for which it
blocks. So what is swept does not depend on who else uses the machine, nor is anything cut off in its middle; a slow
subject is swept to nearer ends. Nothing that was left out makes a requirement one that was judged less often than
wanted: other programs put all of them to the test. It is said in the report, a sentence for each dimension.
"""

import math
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.programs.extents import Extent, Sweep, chosen
from conformance.programs.operations import Get, HasKey, Program, Set
from conformance.programs.sweeps import sweeps_of
from conformance.report.reach import TOO_SLOW, Reach
from conformance.run.run import Run
from conformance.sequential.bare import MOST_OF_A_PROGRAM, divergences, is_news
from conformance.sequential.candidates import Candidates
from conformance.sequential.divergence import Divergence
from conformance.sequential.findings import OperationBucket
from conformance.sequential.long_programs import Cuts, judge_long
from conformance.sequential.triage import worth_minimizing
from conformance.subject.subject import Subject
from conformance.system.budget import OutOfTimeError
from spec_store import InMemoryStoreBackend

REFERENCE = Subject(lambda place, **options: InMemoryStoreBackend(**options), name="the reference")
"""What the processor time of an operation is compared with: on a busy machine both take longer, and as much so."""

AS_QUICK, ALL_THERE_IS = 2.2, 200_000
"""A subject that takes at most so many times as much processor time an operation as the reference sweeps all there is:
it keeps its values in memory, and is through in half a second."""

NEXT, STEPS = 33_000, 3
"""How many operations one has that takes up to `STEPS` times as much as that; for each further `STEPS` times a third.

Files are of the first such class, in which nothing is left out but the farthest ends, SQL and servers of the second: so
each class has some three seconds. A subject may be of one class today and of the next tomorrow: these differ by so
little that hardly a fault is found in one alone.
"""

BLOCKS, BLOCKS_TIMES = 1.5e-4, 8
"""The same of the seconds for which an operation blocks: the first class, and how many times as many the next."""

BLOCKED_SECONDS = 30.0
"""Seconds for which all sweeps may block, where the run has no end."""

OF_THE_TIME = 0.3
"""What part of the time that is left they may block for, where it has one."""

TRIAL, TRIALS = 60, 3
"""How many operations tell what one costs, and how often: the least counts, for others share the processor's caches."""

FOR_CUTS = 0.25
"""How many operations the cutting of programs that go wrong may cost, for each that the sweeps have."""

TIME_WAS_UP = "cut short, for the time was up"
NOT_SWEPT = f"not swept: {TOO_SLOW}"


def run_sweeps(run: Run, candidates: Candidates, allowance: float | None = None) -> None:
    """Run every sweep as far as so many operations allow, and tell how far that was.

    Args:
        run: the run.
        candidates: what programs have shown, to which what these show is added.
        allowance: how many operations they may have in all; None is what the subject's pace allows.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    if allowance is None:
        allowance = affordable(run)
    sweeps = sweeps_of(run.claims, run.harness.material)
    plan = chosen(sweeps, allowance)
    cuts = Cuts(FOR_CUTS * min(allowance, sum(extent.weigh() for extent in plan if extent is not None)))
    search = _Search(run, candidates, cuts)
    at = 0
    try:
        for at, (sweep, extent) in enumerate(zip(sweeps, plan, strict=True)):
            run.tell("sweeps", at, len(sweeps), len(candidates.kept))
            run.evidence.reached.append(_swept(search, sweep, extent))
    except OutOfTimeError:
        run.evidence.reached.extend(_reach(sweep, None, TIME_WAS_UP) for sweep in sweeps[at:])
        raise


def affordable(run: Run) -> float:
    """How many operations the sweeps may have of this subject, by what one of them costs.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    seconds = min(BLOCKED_SECONDS, OF_THE_TIME * run.budget.left())
    return min(affordable_by_processor(run), seconds / blocked_seconds(run))


def affordable_by_processor(run: Run) -> float:
    """The same by what one of them takes of the processor, whatever it blocks.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    run.watcher.started_program()
    reference = Harness(REFERENCE)
    costs = [(_processor_seconds(run.harness), _processor_seconds(reference)) for _ in range(TRIALS)]
    times = min(own for own, _ in costs) / max(min(its for _, its in costs), 1e-9)
    return ALL_THERE_IS if times <= AS_QUICK else NEXT * STEPS / coarsely(times / AS_QUICK, STEPS)


def blocked_seconds(run: Run) -> float:
    """For how many seconds an operation of this subject blocks, roughly."""
    pace = run.harness.memory.pace
    return coarsely(pace.seconds / max(pace.operations, 1) / BLOCKS, BLOCKS_TIMES) * BLOCKS


def coarsely(cost: float, steps: int) -> float:
    """What an operation costs, roughly: one that takes half as long again on a busy machine is to count the same.

    Args:
        cost: what it costs, as so many times of what counts as 1.
        steps: how many times as much the next class costs.
    """
    return float(steps ** max(math.ceil(math.log(max(cost, 1e-9), steps)), 0))


def _processor_seconds(harness: Harness) -> float:
    """What one plain operation costs."""
    key, value = harness.material.plain_key(0), harness.material.value(0)
    program = (Set(key, value), Get(key), HasKey(key)) * (TRIAL // 3)
    began = time.process_time()
    divergences(harness, program)
    return (time.process_time() - began) / len(program)


def _swept(search: "_Search", sweep: Sweep, extent: Extent | None) -> Reach:
    """Run one sweep, and tell how far that was."""
    if extent is None:
        return _reach(sweep, None, NOT_SWEPT)
    left = sum(search.run_one(program) for program in extent.programs())
    further = "" if extent is sweep.extents[-1] else f" (not {sweep.extents[-1].words}: {TOO_SLOW})"
    most = f"; {left} of its programs left where much was wrong" if left else ""
    return _reach(sweep, extent, f"{extent.words}{further}{most}")


def _reach(sweep: Sweep, extent: Extent | None, words: str) -> Reach:
    """How far a dimension was swept: its extents are counted, but their number tells nobody anything."""
    done = 0 if extent is None else 1 + sweep.extents.index(extent)
    return Reach(sweep.dimension, done, len(sweep.extents), "", words)


@attrs.define
class _Search:
    """All sweeps of a run.

    Args:
        run: the run.
        candidates: what programs have shown.
        cuts: what cutting may still cost.
    """

    run: Run
    candidates: Candidates
    cuts: Cuts

    def run_one(self, program: Program) -> bool:
        """Perform a program barely, judge where it diverges, and tell whether it was left before its end for that."""
        self.run.watcher.started_program()
        found = divergences(self.run.harness, program)
        for divergence in self._new(found):
            shown = Candidates(suspected=self.candidates.suspected)
            judge_long(self.run.harness, divergence, shown, self.cuts)
            self._keep(shown)
        return len(found) == MOST_OF_A_PROGRAM

    def _keep(self, shown: Candidates) -> None:
        """Keep what was shown, unless triage will have enough of its operation bucket, and as short, without it."""
        known: defaultdict[OperationBucket, list[int]] = defaultdict(list)
        for candidate in self.candidates.kept.values():
            known[candidate.finding.operation_bucket].append(candidate.finding.step)
        for candidate in shown.kept.values():
            steps = known[candidate.finding.operation_bucket]
            few = len(steps) < worth_minimizing(candidate.finding.requirement)
            if few or candidate.finding.step < min(steps):
                self.candidates.add(candidate)

    def _new(self, found: Sequence[Divergence]) -> Iterator[Divergence]:
        """The divergences that look like none before, by what went wrong and what is odd about it."""
        for divergence in found:
            if is_news(divergence, self.candidates) and self.candidates.is_worth_judging(
                ("sweep", *divergence.traits), 1
            ):
                yield divergence
