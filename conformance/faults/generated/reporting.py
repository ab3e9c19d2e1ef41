"""What the kit made of generated faults, as values, and how it is told.

A fault is killed under a right requirement if one of those that it was accused of is rightful (`rightful`), and under
a wrong one if there are accusations but none of these is. What was seen to fail and not again is undecided: no pass,
and no kill. How soon a fault was found is the CPU time until the kit first had anything against the store, long before
the run is over.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.faults.generated.fault import KINDS
from conformance.faults.matrix import Accusation
from spec_store.requirements import RequirementId

WITHIN = (0.1, 1.0, 10.0, 60.0)
"""CPU seconds within which the share of faults that were found is told."""

WIDTH = 110
"""The fewest characters of a line in which a table is printed, though the terminal has less, so that no cell is cut."""


@attrs.frozen
class Trial:
    """What the kit made of a generated store.

    Args:
        name: its name, which has its number.
        description: what is wrong with it, or odd.
        kind, effect: of its trigger, and what it does; "" of an odd one.
        witness: the program that shows the fault, a step an entry; () of an odd one.
        rightful: the ids of the requirements that it may be reported under.
        discarded: how many faults were drawn before it that could not be observed.
        found: what it was accused of.
        undecided: ids of requirements that were seen to fail, and not again.
        first: CPU seconds until the kit first had anything against it.
        seconds: CPU seconds for the whole run.
        invalid: why it was refused as no store, or "".
        failed: how the kit itself failed at it, or "".
    """

    name: str
    description: str
    kind: str = ""
    effect: str = ""
    witness: tuple[str, ...] = ()
    rightful: frozenset[RequirementId] = frozenset()
    discarded: int = 0
    found: tuple[Accusation, ...] = ()
    undecided: tuple[RequirementId, ...] = ()
    first: float = 0.0
    seconds: float = 0.0
    invalid: str = ""
    failed: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was accused of anything, or refused as no store."""
        return bool(self.found or self.invalid)

    @property
    def survived(self) -> bool:
        """Whether it is a fault, and was accused of nothing."""
        return bool(self.kind) and not self.killed and not self.failed

    @property
    def right(self) -> bool:
        """Whether it was accused of something rightful."""
        return any(one.requirement in self.rightful for one in self.found)

    @property
    def wrong(self) -> tuple[Accusation, ...]:
        """What it was accused of wrongly."""
        return tuple(one for one in self.found if one.requirement not in self.rightful)

    def to_json(self) -> dict[str, Any]:
        """The trial as JSON values."""
        return {
            **attrs.asdict(self),
            "rightful": sorted(self.rightful),
            "wrong": [one.requirement for one in self.wrong],
            "survived": self.survived,
            "first": round(self.first, 3),
            "seconds": round(self.seconds, 3),
        }


@attrs.frozen
class GeneratedReport:
    """What the kit made of the faults of a seed, and of the odd ones (`correct`)."""

    seed: int
    faults: tuple[Trial, ...]
    correct: tuple[Trial, ...]

    @property
    def failures(self) -> tuple[Trial, ...]:
        """The stores at which the kit itself failed."""
        return tuple(trial for trial in (*self.faults, *self.correct) if trial.failed)

    @property
    def false_alarms(self) -> tuple[Trial, ...]:
        """The odd ones that were accused, seen to fail, or refused as no store."""
        return tuple(trial for trial in self.correct if trial.found or trial.undecided or trial.invalid)

    @property
    def survivors(self) -> tuple[Trial, ...]:
        """The faults that were accused of nothing."""
        return tuple(trial for trial in self.faults if trial.survived)

    @property
    def rate(self) -> float:
        """The share of the faults that were killed, from 0 to 1; 1 of none."""
        return sum(trial.killed for trial in self.faults) / len(self.faults) if self.faults else 1.0

    @property
    def summary(self) -> str:
        """The outcome in a line."""
        discarded = sum(trial.discarded for trial in self.faults)
        right, wrong = sum(one.right for one in self.faults), sum(bool(one.wrong) for one in self.faults)
        seconds = sum(trial.seconds for trial in (*self.faults, *self.correct))
        killed = sum(trial.killed for trial in self.faults)
        return (
            f"{killed} of {len(self.faults)} generated faults killed ({100 * self.rate:.0f} %), {right} under a right "
            f"requirement, {wrong} accused wrongly as well or alone; {len(self.false_alarms)} of {len(self.correct)} "
            f"odd stores accused; {discarded} faults drawn that nothing shows; {seconds:.0f} CPU seconds, "
            f"seed {self.seed}"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, format 1."""
        return {
            "format": 1,
            "seed": self.seed,
            "rate": round(self.rate, 4),
            "summary": self.summary,
            "faults": [trial.to_json() for trial in self.faults],
            "correct": [trial.to_json() for trial in self.correct],
        }


def render_generated(report: GeneratedReport, console: Console) -> None:
    """Print the kill rates by trigger and effect, how soon, what survived or was named wrongly, and the outcome."""
    effects = sorted({trial.effect for trial in report.faults})
    kinds = [kind for kind in KINDS if any(trial.kind == kind for trial in report.faults)]
    tables = (
        _grid(report.faults, kinds, effects),
        _rates("trigger", report.faults, kinds, lambda trial: trial.kind),
        _rates("effect", report.faults, effects, lambda trial: trial.effect),
    )
    console.width = max(console.width, WIDTH)
    for table in tables:
        console.print(table)
        console.print()
    for line in _complaints(report):
        console.print(Text(line), soft_wrap=True)
    console.print(Text(report.summary, style="bold"), soft_wrap=True)


def _grid(faults: Sequence[Trial], kinds: Sequence[str], effects: Sequence[str]) -> Table:
    table = Table("killed of", *effects, box=None, pad_edge=False)
    for kind in kinds:
        cells = ([one for one in faults if (one.kind, one.effect) == (kind, effect)] for effect in effects)
        table.add_row(kind, *(f"{sum(one.killed for one in cell)}/{len(cell)}" if cell else "" for cell in cells))
    return table


def _rates(title: str, faults: Sequence[Trial], names: Sequence[str], of: Callable[[Trial], str]) -> Table:
    within = (f"{seconds:g} s" for seconds in WITHIN)
    table = Table(title, "faults", "right", "wrong alone", "survived", *within, box=None, pad_edge=False)
    for name in names:
        table.add_row(name, *_rate([trial for trial in faults if of(trial) == name]))
    if len(names) > 1:
        table.add_row("all", *_rate(faults), style="bold")
    return table


def _rate(trials: Sequence[Trial]) -> Iterator[str]:
    right, killed = sum(trial.right for trial in trials), sum(trial.killed for trial in trials)
    yield from map(str, (len(trials), right, killed - right, len(trials) - killed))
    for seconds in WITHIN:
        soon = sum(trial.killed and trial.first <= seconds for trial in trials)
        yield f"{100 * soon / len(trials):.0f} %" if trials else ""


def _complaints(report: GeneratedReport) -> Iterator[str]:
    for trial in sorted(report.survivors, key=lambda one: (list(KINDS).index(one.kind), one.effect)):
        seen = f" (undecided: {', '.join(trial.undecided)})" if trial.undecided else ""
        sort, witness = f"{trial.kind}, {trial.effect}", "; ".join(trial.witness)
        yield f"{trial.name} ({sort}) survived{seen}. {trial.description} Shown by: {witness}"
    for trial in report.faults:
        if trial.wrong:
            named = ", ".join(one.requirement for one in trial.wrong)
            besides = "besides a right one" if trial.right else f"in place of {', '.join(sorted(trial.rightful))}"
            yield f"{trial.name} accused wrongly of {named}, {besides}. {trial.description}"
    for trial in report.false_alarms:
        for one in trial.found:
            yield f"{trial.name}, correct, accused of {one.requirement}: {one.headline}. {trial.description}"
        if trial.invalid:
            yield f"{trial.name}, correct, refused: {trial.invalid}. {trial.description}"
        if trial.undecided:
            yield f"{trial.name}, correct, left undecided: {', '.join(trial.undecided)}. {trial.description}"
    for trial in report.failures:
        yield f"{trial.name}: the kit itself failed: {trial.failed}. {trial.description}"
