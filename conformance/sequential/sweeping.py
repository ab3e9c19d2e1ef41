"""Sweeps, run barely: as far as the subject's pace allows, which is told.

How far is decided before, by what one operation costs of this subject: of processor time, and of time for which it
blocks. So what is swept does not depend on who else uses the machine, nor is anything cut off in its middle; a slow
subject is swept to nearer ends. Nothing that was left out makes a requirement one that was judged less often than
wanted: other programs put all of them to the test. It is said in the report, a sentence for each dimension.
"""

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from conformance.harness.harness import Harness
from conformance.programs.extents import Extent, Sweep, chosen
from conformance.programs.oddities import oddity, value_oddity
from conformance.programs.operations import Get, HasKey, Program, Set
from conformance.programs.sweeps import sweeps_of
from conformance.run.run import Run
from conformance.sequential.bare import MOST_OF_A_PROGRAM, Divergence, divergences
from conformance.sequential.candidates import Candidates
from conformance.sequential.long_programs import Cuts, judge_long
from conformance.sequential.triage import worth_minimizing
from conformance.system.budget import OutOfTimeError

CPU_SECONDS = 0.55
"""Seconds of processor time for all sweeps."""

BLOCKED_SECONDS = 15.0
"""Seconds for which all sweeps may block, where the run has no end."""

OF_THE_TIME = 0.3
"""What part of the time that is left they may block for, where it has one."""

QUICK = 15e-6
"""Seconds of processor time that an operation takes at most of a subject that is swept to all ends: most in memory."""

TRIAL, TRIALS = 60, 3
"""How many operations tell what one costs, and how often: the least counts, for others share the processor's caches."""

FOR_CUTS = 0.25
"""How many operations the cutting of programs that go wrong may cost, for each that the sweeps have."""

NOT_SWEPT = "not swept: an operation takes too long"


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
            run.evidence.reach.append(_swept(search, sweep, extent))
    except OutOfTimeError:
        run.evidence.reach.extend(f"{sweep.dimension}: cut short, for the time was up" for sweep in sweeps[at:])
        raise


def affordable(run: Run) -> float:
    """How many operations the sweeps may have of this subject, by what one of them costs.

    Raises:
        OutOfTimeError: the time of the run is up.
    """
    pace = run.harness.memory.pace
    run.watcher.started_program()
    costs = [_processor_seconds(run.harness) for _ in range(TRIALS)]
    blocked = pace.seconds / max(pace.operations, 1)
    seconds = min(BLOCKED_SECONDS, OF_THE_TIME * run.budget.left())
    by_processor = float("inf") if min(costs) <= QUICK else CPU_SECONDS / _rounded(min(costs))
    return min(by_processor, seconds / _rounded(blocked))


def _rounded(seconds: float) -> float:
    """The next power of two: what a clock says is never twice the same, and what is swept is to be."""
    return 2.0 ** math.ceil(math.log2(max(seconds, 1e-9)))


def _processor_seconds(harness: Harness) -> float:
    """What one plain operation costs."""
    key, value = harness.material.plain_key(0), harness.material.value(0)
    program = (Set(key, value), Get(key), HasKey(key)) * (TRIAL // 3)
    began = time.process_time()
    divergences(harness, program)
    return (time.process_time() - began) / len(program)


def _swept(search: "_Search", sweep: Sweep, extent: Extent | None) -> str:
    """Run one sweep, and tell how far that was."""
    if extent is None:
        return f"{sweep.dimension}: {NOT_SWEPT}"
    left = sum(search.run_one(program) for program in extent.programs())
    further = "" if extent is sweep.extents[-1] else f" (not {sweep.extents[-1].words}: an operation takes too long)"
    most = f"; {left} of its programs left where much was wrong" if left else ""
    return f"{sweep.dimension}: {extent.words}{further}{most}"


@attrs.define
class _Search:
    """All sweeps of a run.

    Args:
        run: the run.
        candidates: what programs have shown.
        cuts: what cutting may still cost.
        seen: what has been put to a session, of those that look alike the first alone.
    """

    run: Run
    candidates: Candidates
    cuts: Cuts
    seen: Counter[tuple[object, ...]] = attrs.field(factory=Counter)

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
        """Keep what was shown, unless triage will have enough of its operation bucket without it."""
        known = Counter(candidate.finding.operation_bucket for candidate in self.candidates.kept.values())
        for candidate in shown.kept.values():
            if known[candidate.finding.operation_bucket] < worth_minimizing(candidate.finding.requirement):
                self.candidates.add(candidate)

    def _new(self, found: Sequence[Divergence]) -> Iterator[Divergence]:
        """The divergences that look like none before, by what went wrong and what is odd about it."""
        for divergence in found:
            likeness = (divergence.likeness, *_oddities(divergence))
            self.seen[likeness] += 1
            if self.seen[likeness] == 1:
                yield divergence


def _oddities(divergence: Divergence) -> tuple[str | None, str | None]:
    """What is odd about the key of the operation that went wrong, and about the value that was written last."""
    last = divergence.operation
    key = last.keys[0] if last.keys else None
    values = (operation.value for operation in reversed(divergence.program) if hasattr(operation, "value"))
    return (None if key is None else oddity(key), value_oddity(next(values, "")))
