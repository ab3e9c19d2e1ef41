"""The whole verdict on stores over real libraries, with all that they claim: what is violated, and what that takes.

Run: python tests/benchmarks/libraries.py [LIBRARY ...] [--seed 1]
Each is judged by a `conformance run` of its own; CPU seconds are those of all its processes.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from tests.libraries.subjects import EVERY

CLAIMED = ("durable", "threads", "processes", "crash_safe", "openings")


@attrs.frozen
class Verdict:
    """What a run came to.

    Args:
        verdict: its verdict, in a word.
        violated: the ids of what is violated.
        cpu: CPU seconds.
        wall: seconds by the wall.
    """

    verdict: str
    violated: tuple[str, ...]
    cpu: float
    wall: float


def children_cpu() -> float:
    """CPU seconds of all processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def judged(name: str, seed: int) -> Verdict:
    """Run the kit on one."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        command = ["run", f"tests.libraries.subjects:{name}", "--seed", str(seed), "--json", str(report)]
        cpu, begin = children_cpu(), time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "conformance", *command], capture_output=True, text=True, check=False
        )
        spent = children_cpu() - cpu, time.monotonic() - begin
        if not report.exists():
            raise SystemExit(f"{name}: the kit gave no report:\n{done.stderr}")
        found = json.loads(report.read_text(encoding="utf-8"))
    violated = tuple(one["id"] for one in found["requirements"] if one["verdict"] == "violated")
    return Verdict(found["invalid"] or found["verdict"], violated, *spent)


def version_of(name: str) -> str:
    """Of a library; of Python, for what is part of it."""
    return platform.python_version() if name in sys.stdlib_module_names else importlib.metadata.version(name)


def claims_of(name: str) -> str:
    """What it claims beside the core, in words."""
    claims = EVERY[name].claims
    return ", ".join(one for one in CLAIMED if getattr(claims, one))


def main() -> None:
    """Judge those that are installed, and print the table."""
    parser = argparse.ArgumentParser(description="The kit on stores over real libraries.")
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY", help=f"all by default: {', '.join(EVERY)}")
    parser.add_argument("--seed", type=int, default=1, help="of the random programs")
    arguments = parser.parse_args()
    if unknown := set(arguments.libraries) - set(EVERY):
        parser.error(f"no such library: {', '.join(sorted(unknown))}")
    table = Table("library", "version", "claims", "verdict", "violated", "CPU s", "wall s")
    for name in arguments.libraries or EVERY:
        if importlib.util.find_spec(name) is None:
            print(f"{name} is left out: it is not installed", file=sys.stderr)
            continue
        came = judged(name, arguments.seed)
        figures = f"{came.cpu:.1f}", f"{came.wall:.1f}"
        table.add_row(name, version_of(name), claims_of(name), came.verdict, " ".join(came.violated), *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
