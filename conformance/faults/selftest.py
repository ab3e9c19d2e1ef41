"""Running the kit on backends whose one fault is known, and on correct ones that must not be accused."""

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS, ODD
from conformance.faults.planted.crashing_stores import SweptStore
from conformance.faults.planted.mapped import MappedStore
from conformance.faults.planted.racing import LockedStore
from conformance.faults.planted.served import ServedStore
from conformance.faults.planting import LIMIT, Fault, OddOne, origin_of, subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.report.verdicts import NOT_EXERCISED, Report, Result
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


@attrs.frozen
class Accusation:
    """A requirement that a backend was accused of: its id, the size of the counterexample, and what happened."""

    requirement: RequirementId
    operations: int
    headline: str


@attrs.frozen
class Row:
    """What the kit made of a backend.

    Args:
        name: the backend.
        description: what is wrong with it, or odd.
        planted: the id of the requirement that its fault is to be found under, None for a correct one.
        also: ids that it may be accused of besides.
        found: what it was accused of.
        unexercised: ids of MUSTs that were not put to the test; of correct backends alone.
        seconds: CPU seconds for the whole run, other processes included.
        invalid: why it could not be judged, or "".
    """

    name: str
    description: str
    planted: RequirementId | None
    also: frozenset[RequirementId]
    found: tuple[Accusation, ...]
    unexercised: tuple[RequirementId, ...]
    seconds: float
    invalid: str = ""

    @property
    def survived(self) -> bool:
        """Whether there is a fault and the kit accuses the backend of nothing."""
        return self.planted is not None and not self.found

    @property
    def missed(self) -> bool:
        """Whether there is a fault and the kit does not accuse the backend of it."""
        return self.planted is not None and self.planted not in (one.requirement for one in self.found)

    @property
    def wrong(self) -> tuple[Accusation, ...]:
        """What the backend was accused of wrongly."""
        return tuple(one for one in self.found if one.requirement not in {self.planted, *self.also})

    @property
    def operations(self) -> int | None:
        """How many operations the counterexample of the planted fault has."""
        return next((one.operations for one in self.found if one.requirement == self.planted), None)

    @property
    def passed(self) -> bool:
        """Whether the kit found just what there is."""
        return not (self.missed or self.wrong or self.unexercised or self.invalid)

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "name": self.name,
            "description": self.description,
            "requirement": self.planted or None,
            "also": sorted(self.also),
            "found": [attrs.asdict(one) for one in self.found],
            "wrong": [one.requirement for one in self.wrong],
            "unexercised": list(self.unexercised),
            "operations": self.operations,
            "seconds": round(self.seconds, 3),
            "invalid": self.invalid,
            "passed": self.passed,
        }


@attrs.frozen
class SelftestReport:
    """What the kit made of every backend: `rows` of those with a fault, and of the `correct` ones."""

    seed: int
    rows: tuple[Row, ...]
    correct: tuple[Row, ...]

    @property
    def false_alarms(self) -> tuple[Row, ...]:
        """The correct backends that were accused, or not judged in full."""
        return tuple(row for row in self.correct if not row.passed)

    @property
    def passed(self) -> bool:
        """Whether every fault was found under its requirement, and nobody accused wrongly; not if nothing was run."""
        every = (*self.rows, *self.correct)
        return bool(every) and all(row.passed for row in every)

    @property
    def summary(self) -> str:
        """The outcome in a line."""
        found = sum(not row.missed for row in self.rows)
        wrong = sum(bool(row.wrong) for row in self.rows)
        seconds = sum(row.seconds for row in (*self.rows, *self.correct))
        return (
            f"{'passed' if self.passed else 'FAILED'}: {found} of {len(self.rows)} faults found under their "
            f"requirement, {wrong} accused of more, {len(self.false_alarms)} of {len(self.correct)} correct backends "
            f"misjudged; {seconds:.0f} CPU seconds"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, format 1."""
        return {
            "format": 1,
            "seed": self.seed,
            "passed": self.passed,
            "summary": self.summary,
            "faults": [row.to_json() for row in self.rows],
            "correct": [row.to_json() for row in self.correct],
        }


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
        tuple(_accusations(report)),
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


def _accusations(report: Report) -> Iterator[Accusation]:
    by_id = {result.requirement.id: result.counterexample for result in report.results}
    for name in report.violated:
        found = by_id[name]
        yield Accusation(name, found.operations if found else 0, found.headline if found else "")


def _unexercised(results: Sequence[Result]) -> Iterator[RequirementId]:
    for result in results:
        if result.verdict == NOT_EXERCISED and result.requirement.level == "MUST":
            yield result.requirement.id


def render(report: SelftestReport, console: Console) -> None:
    """Print the kill matrix, what went wrong, and the outcome in the last line."""
    table = Table("fault", "planted", "found", "operations", "CPU s", box=None, pad_edge=False)
    for row in (*report.rows, *report.correct):
        style = "" if row.passed else "bold red"
        found = ", ".join(one.requirement for one in row.found) or ("nothing" if row.planted else "")
        size = "" if row.operations is None else str(row.operations)
        table.add_row(row.name, row.planted or "(correct)", found, size, f"{row.seconds:.2f}", style=style)
    console.print(table)
    for row in (*report.rows, *report.correct):
        for line in _complaints(row):
            console.print(Text(f"{row.name}: {line}", style="red"), soft_wrap=True)
    console.print(Text(report.summary, style="bold green" if report.passed else "bold red"), soft_wrap=True)


def _complaints(row: Row) -> Iterator[str]:
    if row.invalid:
        yield f"could not be judged: {row.invalid}"
    if row.missed:
        yield f"{row.description} Not found under {row.planted}."
    for one in row.wrong:
        yield f"accused of {one.requirement}: {one.headline}"
    if row.unexercised:
        yield f"never put to the test: {', '.join(row.unexercised)}"
