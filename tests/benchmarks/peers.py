"""Ten planted faults beside zarr's own store tests: which suite kills which, and in how many CPU seconds.

Run: python -m tests.benchmarks.peers [FAULT ...] [--budget 20] [--seed N ...]
It needs zarr and pytest-asyncio, which are none of the project's dependencies: pip install zarr pytest-asyncio
It prints a table in Markdown, and takes some ten CPU minutes for all at three seeds. It ends with status 1 if a suite
finds fault with the control, the core without a fault: then no kill of its can be believed.

| suite          | what is run                                                                                     |
|----------------|-------------------------------------------------------------------------------------------------|
| StoreTests     | a subclass of `zarr.testing.store.StoreTests`, by pytest; it draws nothing, so it is run once    |
| machine        | `zarr.testing.stateful.ZarrStoreStateMachine`, as zarr's tests run it: 100 programs by default   |
| machine, whole | where these find nothing, it goes on until the budget is used up                                 |
| conformance    | `conformance.check` at its default settings                                                      |

Each run is a process of its own, and all have the same budget: so many CPU seconds, looked at every tenth of a second,
after which the process is told to end (SIGXCPU). RLIMIT_CPU would do the same, but it counts whole ticks of the clock,
and two threads that take turns, as zarr's do, got twice their budget of it. What zarr's suites have seen to fail by the
end counts as killed, though it is still being shrunk. CPU seconds are those of the process from its start, imports
included, by getrusage; where there are several seeds, on average. The example database of Hypothesis is off, or one
seed would profit by another.

A kill is any complaint: a test that fails, a program that fails, a requirement that is violated. That says nothing of
how good the complaint is, nor are the interfaces the same: this project's says more of aliasing than zarr's, whose own
store in memory keeps the caller's buffer, and zarr's says things of ranges of bytes that nothing here is about. Three
faults are out of the machine's reach on any budget: it lists no path but the root, draws values of up to 100 bytes, and
changes no buffer.
"""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import attrs

from tests.benchmarks.peer_faults import CONTROL, FAULTS

NEEDED = ("zarr", "pytest_asyncio")
DEFAULT_BUDGET = 20
DEFAULT_SEEDS = (1, 2, 3)
GRACE = 60
"""Seconds by the wall after the budget in which a process may tell what it has seen."""


@attrs.frozen
class Suite:
    """What is run on a fault.

    Args:
        stages: what is told of it apart in the table, one after the other in a process; each begins where one before
            it has ended without a complaint.
        command: the module and its arguments, but for the fault and the seed.
        draws: whether what it does depends on a seed.
    """

    stages: tuple[str, ...]
    command: tuple[str, ...]
    draws: bool = True


SUITES = (
    Suite(("StoreTests",), ("tests.benchmarks.peer_zarr", "store-tests"), draws=False),
    Suite(("machine", "machine, whole"), ("tests.benchmarks.peer_zarr", "state-machine")),
    Suite(("conformance",), ("tests.benchmarks.peer_conformance",)),
)
COLUMNS = tuple(stage for suite in SUITES for stage in suite.stages)


@attrs.frozen
class Trial:
    """What one stage of a suite did at one seed.

    Args:
        complaints: what it had to say against the store; nothing where the fault has survived.
        cpu: CPU seconds of the process until its end.
    """

    complaints: tuple[str, ...]
    cpu: float


Found: TypeAlias = dict[str, dict[str, tuple[Trial, ...]]]
"""Of each fault and column, the trials at all seeds."""


def children_cpu() -> float:
    """CPU seconds of all processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def spent_by(pid: int) -> float:
    """CPU seconds of a process that may have just ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")


def told_by(process: "subprocess.Popen[str]", budget: float) -> tuple[str, str]:
    """What a process prints until it ends, or is ended."""
    while spent_by(process.pid) < budget:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=0.1)
    process.send_signal(signal.SIGXCPU)
    try:
        return process.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()


def tried(suite: Suite, fault: str, seed: int, budget: float) -> tuple[Trial, ...]:
    """Run a suite in a process of its own: a trial of each stage."""
    command = [*suite.command, fault, *([str(seed)] if suite.draws else [])]
    before = children_cpu()
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", *command], stdout=pipe, stderr=pipe, text=True) as process:
        output, errors = told_by(process, budget)
    cpu = children_cpu() - before
    if process.returncode == -signal.SIGXCPU:  # it had nothing to tell yet
        return (Trial((), cpu),) * len(suite.stages)
    if process.returncode != 0 or not output:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors}")
    found = json.loads(output)
    if found["error"]:
        raise SystemExit(f"{' '.join(command)} came to no verdict: {found['error']}")
    *done, last = found["stages"]
    trials = [*(Trial(tuple(one["complaints"]), one["cpu"]) for one in done), Trial(tuple(last["complaints"]), cpu)]
    return (*trials, *[trials[-1]] * (len(suite.stages) - len(trials)))


def cells_of(trials: Sequence[Trial]) -> tuple[str, str, str]:
    """What a row says of one suite: how often it killed, by what, and the CPU seconds of a run."""
    complaints = dict.fromkeys(one for trial in trials for one in trial.complaints)
    return kills_of(trials), shortened(complaints), f"{statistics.mean(trial.cpu for trial in trials):.1f}"


def kills_of(trials: Sequence[Trial]) -> str:
    return f"{sum(bool(trial.complaints) for trial in trials)} of {len(trials)}"


def shortened(complaints: Iterable[str]) -> str:
    """The first three of what was complained of."""
    first, rest = (every := list(complaints))[:3], len(every[3:])
    return ", ".join(first) + (f" and {rest} more" if rest else "")


def cells_of_all(trials: Sequence[Trial]) -> tuple[str, str, str]:
    """What the last row says of one suite: kills and CPU seconds in all."""
    return kills_of(trials), "", f"{sum(trial.cpu for trial in trials):.0f} in all"


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def measure(faults: Sequence[str], seeds: Sequence[int], budget: float) -> Found:
    """Of each fault what each stage of each suite did at each seed; what is being run is said on stderr."""
    found: Found = {}
    for fault in faults:
        print(fault, file=sys.stderr, flush=True)
        found[fault] = {}
        for suite in SUITES:
            trials = [tried(suite, fault, seed, budget) for seed in (seeds if suite.draws else seeds[:1])]
            found[fault] |= zip(suite.stages, zip(*trials, strict=True), strict=True)
    return found


def table_of(found: Found) -> Iterable[str]:
    """The lines of the table."""
    yield line(["fault", *(cell for column in COLUMNS for cell in (f"{column}: killed", "by", "CPU s"))])
    yield line(["---", *(cell for _ in COLUMNS for cell in ("---", "---", "---:"))])
    for fault, trials in found.items():
        yield line([fault, *(cell for column in COLUMNS for cell in cells_of(trials[column]))])
    faulty = [trials for fault, trials in found.items() if fault != CONTROL]
    totals = {column: [one for trials in faulty for one in trials[column]] for column in COLUMNS}
    yield line([f"all {len(faulty)}", *(cell for column in COLUMNS for cell in cells_of_all(totals[column]))])


def about(seeds: Sequence[int], budget: float) -> str:
    """What was run, in a sentence."""
    names = ("zarr", "hypothesis", "pytest", "spec-store")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    chosen = ", ".join(map(str, seeds))
    return f"Seeds {chosen}; {budget:g} CPU s a run; {versions}, Python {platform.python_version()}."


def main() -> None:
    parser = argparse.ArgumentParser(description="Ten planted faults beside zarr's own store tests.")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"all by default: {', '.join(FAULTS)}")
    parser.add_argument("--budget", type=float, default=DEFAULT_BUDGET, help="CPU seconds of each run")
    parser.add_argument("--seed", type=int, nargs="+", default=DEFAULT_SEEDS, help="of what is drawn at random")
    arguments = parser.parse_args()
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        print(f"peers needs {' and '.join(missing)}: pip install zarr pytest-asyncio", file=sys.stderr)
        sys.exit(2)
    if unknown := set(arguments.faults) - set(FAULTS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    found = measure([CONTROL, *(arguments.faults or FAULTS)], arguments.seed, arguments.budget)
    print(*table_of(found), "", about(arguments.seed, arguments.budget), sep="\n")
    accused = [column for column, trials in found[CONTROL].items() if any(one.complaints for one in trials)]
    if accused:
        raise SystemExit(f"The control is accused, so that no kill is to be believed: {', '.join(accused)}")
    print("The control passed each suite.")


if __name__ == "__main__":
    main()
