"""Running the kit on generated faults, and on generated stores that are correct but odd."""

import functools
from collections.abc import Callable, Collection

import attrs

from conformance.campaign import run_campaign
from conformance.faults.generated.correct import odd_drawn
from conformance.faults.generated.reporting import GeneratedReport, Trial
from conformance.faults.generated.rightful import rightful
from conformance.faults.generated.stores import origin_of_fault, subject_of_fault
from conformance.faults.generated.witnesses import generated
from conformance.faults.matrix import accusations
from conformance.faults.planting import LIMIT
from conformance.report.verdicts import UNDECIDED
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Subject
from conformance.system.budget import cpu_seconds
from conformance.workers.pool import mapping

CORRECT_SHARE = 5
"""For so many faults there is one store that is correct but odd."""

FAULT, ODD = "Generated", "Odd"
"""What the names of the stores begin with; their number follows."""


def try_generated(
    count: int,
    *,
    seed: int = 0,
    only: Collection[str] | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = 1,
) -> GeneratedReport:
    """Run the kit on so many generated faults, and on a fifth as many odd stores, at least one.

    Each gets as many random programs as a run has by default.

    Args:
        count: how many faults.
        seed: what they are drawn from, and the seed of the random programs.
        only: names of those that are wanted; None is all.
        progress: told before each store; `violated` counts the faults that survived so far.
        jobs: how many processes to use; the trials are the same, but for their seconds.

    Raises:
        ValueError: `only` has a name that none of them has.
        ChildProcessError: one of the processes was ended.
        KeyboardInterrupt: it was interrupted; nothing is left of it.
    """
    names = _chosen(count, only)
    trials: list[Trial] = []
    with mapping(jobs) as shared_out:
        coming = shared_out(functools.partial(trial, seed=seed), names)
        for number, name in enumerate(names):
            survived = sum(one.survived for one in trials)
            progress(Progress(f"self-test: {name}", number, len(names), survived))
            trials.append(next(coming))
    faults, correct = ([one for one in trials if bool(one.kind) is fault] for fault in (True, False))
    return GeneratedReport(seed, tuple(faults), tuple(correct))


def _chosen(count: int, only: Collection[str] | None) -> list[str]:
    odd = max(1, count // CORRECT_SHARE)
    names = [*(f"{FAULT}{number}" for number in range(count)), *(f"{ODD}{number}" for number in range(odd))]
    unknown = set(only or ()).difference(names)
    if unknown:
        raise ValueError(
            f"no generated store is called {', '.join(sorted(unknown))}; there are {names[0]} to {names[count - 1]} "
            f"and {names[count]} to {names[-1]}"
        )
    return names if only is None else [name for name in names if name in only]


def trial(name: str, *, seed: int, examples: int = DEFAULT_EXAMPLES) -> Trial:
    """What the kit makes of a generated store, by its name and the seed, with so many random programs."""
    if name.startswith(ODD):
        return trial_of_odd(seed, int(name.removeprefix(ODD)), examples)
    return trial_of_fault(seed, int(name.removeprefix(FAULT)), examples)


def trial_of_fault(seed: int, number: int, examples: int = DEFAULT_EXAMPLES) -> Trial:
    """What the kit makes of the fault of a seed and a number."""
    witnessed = generated(seed, number)
    fault = witnessed.fault
    untried = Trial(
        fault.name,
        fault.description,
        fault.kind,
        fault.effect.kind,
        tuple(map(str, witnessed.witness)),
        rightful(fault),
        witnessed.discarded,
    )
    return _judged(untried, subject_of_fault(fault), origin_of_fault(fault), Options(examples, seed, limit=LIMIT))


def trial_of_odd(seed: int, number: int, examples: int = DEFAULT_EXAMPLES) -> Trial:
    """What the kit makes of the odd store of a seed and a number."""
    odd = odd_drawn(seed, number).one
    return _judged(Trial(odd.name, odd.description), odd.subject, UNKNOWN, Options(examples, seed, limit=LIMIT))


def _judged(untried: Trial, subject: Subject, origin: Origin, options: Options) -> Trial:
    begun = cpu_seconds()
    seen: list[float] = []

    def progress(now: Progress) -> None:
        if now.violated and not seen:
            seen.append(cpu_seconds() - begun)

    try:
        report = run_campaign(subject, options, origin=origin, watcher=Watcher(progress=progress))
    except Exception as error:  # a row of its own, so that the others are seen as well
        return attrs.evolve(untried, failed=f"{type(error).__name__}: {error}")
    if report.interrupted:
        raise KeyboardInterrupt
    seconds = cpu_seconds() - begun
    return attrs.evolve(
        untried,
        found=tuple(accusations(report)),
        undecided=tuple(one.requirement for one in accusations(report, UNDECIDED)),
        first=min(seen[0] if seen else seconds, seconds),
        seconds=seconds,
        invalid=report.invalid,
    )
