"""Running the kit on backends whose one fault is known, and on correct ones that must not be accused."""

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS, ODD
from conformance.faults.matrix import Row, SelftestReport, accusations
from conformance.faults.planted.crashing_stores import SweptStore
from conformance.faults.planted.mapped import MappedStore
from conformance.faults.planted.racing import LockedStore
from conformance.faults.planted.served import ServedStore
from conformance.faults.planting import LIMIT, Fault, OddOne, origin_of, subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.report.verdicts import MASKED, NOT_EXERCISED, UNDECIDED, Report, Result
from conformance.run.options import Options
from conformance.run.progress import Progress
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import cpu_seconds
from conformance.workers.pool import mapping
from spec_store import InMemoryStoreBackend
from spec_store.requirements import RequirementId

EXAMPLES = 10
"""How many random programs each backend gets; the directed ones, which all get, are about a thousand."""

DURABLE = Claims(durable=True)
THREADS = Claims(durable=True, threads=True)


def _reference(place: None, **options: Any) -> InMemoryStoreBackend:
    return InMemoryStoreBackend(**options)


CORRECT: tuple[OddOne, ...] = (
    OddOne(
        "InMemoryStoreBackend",
        Subject(_reference, claims=Claims(threads=True), name="InMemoryStoreBackend"),
        "The reference.",
    ),
    OddOne("LockedStore", subject_of(LockedStore, THREADS), "What races are planted in, over a dict."),
    OddOne(
        "SweptStore",
        subject_of(SweptStore, Claims(durable=True, processes=True, crash_safe=True, durability="power")),
        "What crashes are planted in, over files.",
        origin_of(SweptStore),
    ),
    OddOne(
        "ServedStore",
        subject_of(ServedStore, Claims(durable=True, processes=True, crash_safe=True)),
        "What is wrong between a store and its server is planted in this.",
        origin_of(ServedStore),
    ),
    OddOne(
        "MappedStore",
        subject_of(MappedStore, Claims(durable=True, threads=True, processes=True)),
        "What races of processes are planted in, over mapped memory.",
        origin_of(MappedStore),
    ),
    OddOne("DictStore", subject_of(DictStore, DURABLE), "What faults are planted in, over a dict."),
    OddOne(
        "FileStore", subject_of(FileStore, THREADS), "What faults are planted in, over files.", origin_of(FileStore)
    ),
)
"""The correct backends beside the odd ones."""


def selftest(
    *,
    seed: int = 0,
    examples: int | None = None,
    only: Collection[str] | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
    jobs: int = 1,
) -> SelftestReport:
    """Run the kit on every backend of the catalogue.

    Args:
        seed: of the random programs.
        examples: how many random programs each backend gets; None is `EXAMPLES`.
        only: names of backends, or ids of requirements whose faults are wanted; None is all.
        progress: told before each backend; `violated` counts those that were misjudged so far.
        jobs: how many processes to use; the rows are the same, but for their seconds.

    Raises:
        ValueError: `only` has a name that neither a backend nor a requirement with a fault has.
        ChildProcessError: one of the processes was ended.
        KeyboardInterrupt: it was interrupted; nothing is left of it.
    """
    faults, correct = _chosen(only)
    every: tuple[Fault | OddOne, ...] = (*faults, *correct)
    names = [one.name for one in every]
    count = EXAMPLES if examples is None else examples
    rows: list[Row] = []
    with mapping(jobs) as shared_out:
        coming = shared_out(functools.partial(_judged_by_name, seed=seed, examples=count), names)
        for number, name in enumerate(names):
            bad = sum(not row.passed for row in rows)
            progress(Progress(f"self-test: {name}", number, len(names), bad))
            rows.append(next(coming))
    return SelftestReport(seed, tuple(rows[: len(faults)]), tuple(rows[len(faults) :]))


def _judged_by_name(name: str, *, seed: int, examples: int) -> Row:
    every: tuple[Fault | OddOne, ...] = (*FAULTS, *CORRECT, *ODD)
    return judged(next(one for one in every if one.name == name), seed, examples)


def _chosen(only: Collection[str] | None) -> tuple[Sequence[Fault], Sequence[OddOne]]:
    correct = (*CORRECT, *ODD)
    if only is None:
        return FAULTS, correct
    unknown = set(only) - {name for fault in FAULTS for name in (fault.name, fault.requirement)}
    unknown -= {one.name for one in correct}
    if unknown:
        raise ValueError(f"no backend and no requirement with a fault is called {', '.join(sorted(unknown))}")
    faults = [fault for fault in FAULTS if not {fault.name, fault.requirement}.isdisjoint(only)]
    return faults, [one for one in correct if one.name in only]


def judged(one: Fault | OddOne, seed: int, examples: int) -> Row:
    """What the kit makes of one backend."""
    is_fault = isinstance(one, Fault)
    limit = one.limit if isinstance(one, Fault) else LIMIT
    if isinstance(one, Fault):
        one.reset()
    before = cpu_seconds()
    report = _report(one, Options(examples, seed, limit=limit))
    return Row(
        one.name,
        one.description,
        one.requirement if isinstance(one, Fault) else None,
        one.also if isinstance(one, Fault) else frozenset(),
        tuple(accusations(report)),
        () if is_fault else tuple(_unexercised(report.results)),
        cpu_seconds() - before,
        report.invalid,
    )


def _report(one: Fault | OddOne, options: Options) -> Report:
    try:
        report = run_campaign(one.subject, options, origin=one.origin)
    except Exception as error:  # a row of its own, so that the others are seen as well
        failed = f"the kit itself failed: {type(error).__name__}: {error}"
        return Report(one.name, options.seed, 0.0, invalid=failed)
    if report.interrupted:
        raise KeyboardInterrupt
    return report


def _unexercised(results: Sequence[Result]) -> Iterator[RequirementId]:
    for result in results:
        if result.verdict in (NOT_EXERCISED, UNDECIDED, MASKED) and result.requirement.level == "MUST":
            yield result.requirement.id
