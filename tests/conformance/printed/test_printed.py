"""Scripts that version 0.1 printed run with this kit, and show what they showed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import scripting
from conformance.probes.syscalls import available

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCRIPTS = {
    "threads_under_load": "ADD-2",
    "processes_under_load": "ADD-2",
    "pair_of_processes": "LIN-2",
    "opening_of_processes": "ID-9",
    "crash": "CRASH-1",
}
HALTING = {"pair_of_processes", "opening_of_processes", "crash"}

NAMES = {
    *("EXPLAINED", "NETWORK", "UNDECIDED"),
    *("Add", "Claims", "Continue", "Cut", "Gate", "Get", "HasKey", "Kill", "ListKeys", "Move", "Power", "Record"),
    *("Refuse", "RemoveKey", "Seen", "Set", "Accesses", "WorthATry"),
    *("killed_at", "pauses", "pausing", "received", "recorded", "sent", "supervised", "timeline", "verdict"),
}
"""What printed scripts may import; a name may be added, and none taken away."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_was_printed_by_version_0_1_still_shows_the_fault(name, tmp_path):
    if name in HALTING and available():
        pytest.skip(available())
    (tmp_path / "script.py").write_text(HERE.joinpath(f"{name}.txt").read_text("utf-8"), "utf-8")

    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"{SCRIPTS[name]} is violated: "), done.stderr


def test_every_script_that_is_kept_is_run():
    assert {path.stem for path in HERE.glob("*.txt")} == SCRIPTS.keys()


def test_the_names_for_printed_scripts_are_kept():
    assert set(scripting.__all__) == NAMES
    assert all(hasattr(scripting, name) for name in NAMES)
