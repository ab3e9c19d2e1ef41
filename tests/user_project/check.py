"""Run this project's tests by the pytest of this interpreter, and tell whether they end as they should.

`python tests/user_project/check.py`: exit status 0 if they do, else 1 with what came instead.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SEED = 5
SUITES = ("TestReference", "TestDeviates", "TestFixture")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        faults = check(Path(directory))
    print(f"pytest {pytest.__version__}: " + ("as it should be" if not faults else "\n".join(faults)))
    sys.exit(1 if faults else 0)


def check(directory: Path) -> list[str]:
    """What is not as it should be, in words.

    Args:
        directory: an empty one, for a copy of the project: no configuration above it is in force there.
    """
    for path in HERE.iterdir():
        if path.suffix in (".py", ".ini") and path.name != Path(__file__).name:
            (directory / path.name).write_text(path.read_text("utf-8"), "utf-8")
    faults = _own(directory) + _passing(directory) + _failing(directory)
    if importlib.util.find_spec("xdist"):
        faults += _distributed(directory)
    return faults


def _run(directory: Path, *arguments: str) -> tuple[str, dict[str, int]]:
    """What pytest prints, and how many tests ended how."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--hypothesis-seed={SEED}", *arguments]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    found = {name.rstrip("s"): int(number) for number, name in re.findall(r"(\d+) (\w+)", last.split(" in ")[0])}
    return printed, {"status": done.returncode, **found}


def _differs(what: str, printed: str, wanted: bool) -> list[str]:
    return [] if wanted else [f"{what} does not end as it should:\n{printed}"]


def _own(directory: Path) -> list[str]:
    printed, ends = _run(directory, "test_own.py")
    return _differs("what is the project's own", printed, ends == {"status": 0, "passed": 4})


def _passing(directory: Path) -> list[str]:
    printed, ends = _run(directory, "-rs", "-k", "not TestFaulty", "test_stores.py")
    passed = ends.get("passed", 0) > 100 and ends.get("skipped", 0) > 20
    counts = ends["status"] == 0 and passed and ends.get("xfailed") == 1 and ends.keys().isdisjoint(("failed", "error"))
    reasons = "not claimed: durable is not claimed" in printed and "its class is left out by this suite" in printed
    faults = _differs("a correct suite", printed, counts and reasons and ends.get("warning", 0) == 0)
    return faults + _differs("the summary of the seeds", printed, _seeds(printed) == dict.fromkeys(SUITES, SEED))


def _seeds(printed: str) -> dict[str, int]:
    found = re.findall(r"^conformance: (\w+) ran with seed (\d+); again: --hypothesis-seed=\2$", printed, re.MULTILINE)
    return {name: int(seed) for name, seed in found}


def _failing(directory: Path) -> list[str]:
    printed, ends = _run(directory, "-k", "TestFaulty", "test_stores.py")
    told = _all_in(
        printed,
        ("MOVE-3 (MUST): Moving a key onto itself changes nothing.", "A script that shows it:", f"seed {SEED}"),
    )
    wanted = ends["status"] == 1 and ends.get("failed") == 1 and "Traceback" not in printed
    return _differs("a suite of a faulty backend", printed, told and wanted)


def _distributed(directory: Path) -> list[str]:
    printed, ends = _run(directory, "-n", "2", "--dist", "loadscope", "test_stores.py")
    wanted = ends["status"] == 1 and ends.get("failed") == 1 and ends.get("xfailed") == 1 and "error" not in ends
    return _differs("a run under pytest-xdist", printed, wanted)


def _all_in(text: str, parts: Sequence[str]) -> bool:
    return all(part in text for part in parts)


if __name__ == "__main__":
    main()
