"""What a whole verdict with every claim costs on each engine, at default settings, stage by stage.

Run: python -m tests.benchmarks.whole_verdict [ENGINE ...] [--seed 1] [--in-memory]
With --in-memory databases are on servers of their own, whose files are in memory: what is waited for the disk, some
milliseconds a write, is most of the time where that is slow, and none of the kit's. Served seconds are what a quiet
machine would take by the wall: less what others have kept this process waiting for a processor, though not what they
have kept the server waiting. CPU seconds are those of this process and its children, and apart from them those of the
server's processes.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from conformance.campaign import run_campaign
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.subject import Subject
from conformance.system.budget import cpu_seconds
from conformance.system.starvation import Reading
from tests import database_servers
from tests.spec_store.backends import subjects

ENGINES = {
    "filesystem": (subjects.filesystem, ""),
    "sqlite": (subjects.sqlite_crash_safe, ""),
    "postgresql": (subjects.postgresql, "postgres"),
    "mariadb": (subjects.mariadb, "mariadbd"),
    "redis": (subjects.redis, "redis-server"),
}
"""Each engine, and the name of its server's processes."""

IN_MEMORY = {"postgresql": database_servers.postgresql, "mariadb": database_servers.mariadb}
"""What starts a server of which the files are in memory."""


@attrs.frozen
class Costs:
    """What has been spent: in seconds, and in programs and tries."""

    served: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    server: float = 0.0
    tries: int = 0

    def __add__(self, other: "Costs") -> "Costs":
        return Costs(*(one + more for one, more in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))


@attrs.define
class Stages:
    """Watches a campaign, and puts what is spent to the stage that it is in."""

    server: str
    spent: dict[str, Costs] = attrs.field(factory=dict)
    _stage: str = "opening"
    _since: Reading = attrs.field(factory=Reading.now)
    _cpu: float = attrs.field(factory=cpu_seconds)
    _served: float = attrs.field(init=False)
    _tries: int = 0

    def __attrs_post_init__(self) -> None:
        self._served = server_seconds(self.server)

    def enter(self, stage: str) -> None:
        """The campaign begins with something else."""
        if stage == self._stage:
            return
        cpu, server = cpu_seconds(), server_seconds(self.server)
        wall = time.monotonic() - self._since.wall
        costs = Costs(self._since.since(), wall, cpu - self._cpu, server - self._served, self._tries)
        self.spent[self._stage] = self.spent.get(self._stage, Costs()) + costs
        self._stage, self._since, self._cpu, self._served, self._tries = stage, Reading.now(), cpu, server, 0

    def watcher(self) -> Watcher:
        """What the campaign tells."""

        def progress(now: Progress) -> None:
            self.enter(now.stage)

        def started() -> None:
            self._tries += 1

        return Watcher(progress=progress, started_program=started)


def server_seconds(name: str) -> float:
    """The CPU seconds that the processes with a name have used, and those of theirs that have ended."""
    return sum(map(_seconds_of, Path("/proc").glob("[0-9]*/stat"), [name] * 100_000)) if name else 0.0


def _seconds_of(stat: Path, name: str) -> float:
    try:
        head, _, rest = stat.read_text("ascii", "replace").rpartition(")")
    except OSError:  # it has ended
        return 0.0
    if head.partition("(")[2] != name:
        return 0.0
    return sum(map(int, rest.split()[11:15])) / os.sysconf("SC_CLK_TCK")


def shown(engine: str, spent: dict[str, Costs]) -> Table:
    """A table of the stages of one engine."""
    table = Table(title=engine, title_justify="left")
    for column in ("stage", "served, s", "by the wall, s", "CPU, s", "server's CPU, s", "programs and tries"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    rows: Iterable[tuple[str, Costs]] = spent.items()
    for stage, costs in (*rows, ("all", sum(spent.values(), Costs()))):
        figures = [f"{figure:.1f}" for figure in (costs.served, costs.wall, costs.cpu, costs.server)]
        table.add_row(stage, *figures, str(costs.tries))
    return table


def judge(subject: Subject, server: str, seed: int) -> tuple[str, dict[str, Costs]]:
    """The summary of a verdict, and what was spent on it."""
    stages = Stages(server)
    report = run_campaign(subject, Options(seed=seed), watcher=stages.watcher())
    stages.enter("")
    return f"{report.invalid or 'violated: ' + (' '.join(report.violated) or 'nothing')}", stages.spent


def main() -> None:
    parser = argparse.ArgumentParser(description="What a whole verdict costs on each engine.")
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"all by default: {', '.join(ENGINES)}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--in-memory", action="store_true", help="on database servers whose files are in memory")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    for engine in arguments.engines or ENGINES:
        subject, server = ENGINES[engine]
        with contextlib.ExitStack() as stack:
            if arguments.in_memory and engine in IN_MEMORY:
                database = stack.enter_context(IN_MEMORY[engine]())
                subject = subjects.in_database(database.url, subject.title)
            summary, spent = judge(subject, server, arguments.seed)
        console.print(shown(engine, spent))
        console.print(summary)


if __name__ == "__main__":
    main()
