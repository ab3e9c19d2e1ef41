"""Crashes, refused calls and other processes: found, told, and shown again by the script."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import Claims, Subject
from conformance.campaign import run_campaign
from conformance.faults import crashing_stores
from conformance.faults.planting import origin_of, subject_of
from conformance.options import Options
from conformance.probes.syscalls import available
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import files_left

pytestmark = pytest.mark.skipif(bool(available()), reason=available() or "it works")

CRASH_SAFE = Claims(durable=True, crash_safe=True, durability="power")
PROCESSES = Claims(durable=True, processes=True)


def counterexample_of(cls, claims, classes, requirement):
    options = Options(examples=0, seed=0, classes=classes)
    report = run_campaign(subject_of(cls, claims), options, origin=origin_of(cls))
    return next(one.counterexample for one in report.results if one.requirement.id == requirement)


def children_left():
    """The numbers of the processes that this one has started, those that have ended and are not reaped included."""
    return {number for file in Path("/proc/self/task").glob("*/children") for number in file.read_text().split()}


def run(script, directory):
    (directory / "script.py").write_text(script, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "script.py"], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


CRASHES = {
    "WritesInPlace": ("CRASH-1", "the process is killed before write("),
    "MovesByCopying": ("CRASH-2", "the process is killed before"),
    "LeavesItsTemporaryFiles": ("CRASH-3", "+new"),
    "SwallowsErrors": ("FAULT-1", "refuses"),
    "SyncsNoFile": ("POWER-1", "power is lost before"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_is_told_with_its_moment_and_the_files_there(name):
    requirement, words = CRASHES[name]
    found = counterexample_of(getattr(crashing_stores, name), CRASH_SAFE, ("crash-safe",), requirement)

    assert words in found.message
    assert "The files there at that moment:" in found.message


@pytest.mark.parametrize("name", ["WritesInPlace", "MovesByCopying", "LeavesItsTemporaryFiles", "SyncsNoFile"])
def test_the_script_of_a_crash_fails_while_the_fault_is_there_and_not_without(name, tmp_path):
    requirement, _ = CRASHES[name]
    found = counterexample_of(getattr(crashing_stores, name), CRASH_SAFE, ("crash-safe",), requirement)

    failed, held = run(found.script, tmp_path), run(found.script.replace(name, "SweptStore"), tmp_path)

    assert (failed.returncode, held.returncode) == (1, 0), failed.stderr + held.stderr
    assert f"{requirement} is violated" in failed.stderr


@pytest.mark.parametrize(
    ("name", "requirement"), [("RemovesAndMovesApart", "LIN-2"), ("RenamesItsIdIntoPlace", "ID-9")]
)
def test_a_race_of_processes_is_told_and_its_script_fails(name, requirement, tmp_path):
    classes = ("concurrent", "identity")
    found = counterexample_of(getattr(crashing_stores, name), PROCESSES, classes, requirement)

    assert "process 1 is stopped before" in found.message
    failed = run(found.script, tmp_path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert f"{requirement} is violated" in failed.stderr


def test_a_place_that_is_no_directory_is_told():
    claims = Claims(crash_safe=True, processes=True)
    subject = Subject(lambda place, **options: InMemoryStoreBackend(**options), claims=claims)
    report = run_campaign(subject, Options(examples=0, seed=0, classes=("crash-safe",)))

    assert report.verdict == "incomplete"
    assert "no directory" in next(one.reason for one in report.results if one.requirement.id == "CRASH-1")


def test_nothing_is_left_behind():
    before, children = files_left(), children_left()
    counterexample_of(crashing_stores.WritesInPlace, CRASH_SAFE, ("crash-safe",), "CRASH-1")

    assert files_left() == before
    assert children_left() <= children
