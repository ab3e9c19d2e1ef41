"""Crashes, refused calls and other processes: found, told, and shown again by the script."""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conformance import Claims, Subject
from conformance.campaign import run_campaign
from conformance.crash import search
from conformance.faults.planted import core_keys, crashing_stores, served, unsynced
from conformance.faults.planting import faults_in, origin_of, subject_of
from conformance.probes.syscalls import available
from conformance.run.options import Options
from conformance.run.progress import Watcher
from spec_store import InMemoryStoreBackend, StoreBackendError
from spec_store.requirements import requirement
from tests.conformance.slow_store import RemovesAndRests
from tests.sampling import sampled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(available()), reason=available() or "it works"),
    pytest.mark.usefixtures("short_programs_of_module"),
]

CRASH_SAFE = Claims(durable=True, crash_safe=True, durability="power")
PROCESSES = Claims(durable=True, processes=True)


@functools.cache
def report_of(cls, claims, classes, examples=0):
    options = Options(examples=examples, seed=0, classes=classes)
    return run_campaign(subject_of(cls, claims), options, origin=origin_of(cls))


def counterexample_of(cls, claims, classes, requirement, examples=0):
    results = report_of(cls, claims, classes, examples).results
    return next(one.counterexample for one in results if one.requirement.id == requirement)


def fault_named(name):
    return getattr(crashing_stores, name, None) or getattr(unsynced, name)


def claims_of(name):
    """What a fault is planted beside: with the claims of all, each of them would be judged without power too."""
    planted = (*faults_in(crashing_stores), *faults_in(unsynced))
    return next(fault.subject.claims for fault in planted if fault.name == name)


def children_left():
    """The numbers of the processes that this one has started, those that have ended and are not reaped included."""
    return {number for file in Path("/proc/self/task").glob("*/children") for number in file.read_text().split()}


def run(script, directory):
    (directory / "script.py").write_text(script, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(
        [sys.executable, "script.py"], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


CRASHES = {
    "WritesInPlace": ("CRASH-1", "the process is killed before write("),
    "MovesByCopying": ("CRASH-2", "the process is killed before"),
    "LeavesItsTemporaryFiles": ("CRASH-3", "+new"),
    "SwallowsErrors": ("FAULT-1", "refuses"),
    "SyncsNoFile": ("POWER-1", "power is lost before"),
    "LeaksItsFile": ("FAULT-1", "file handles are left open"),
    "AnswersBeforeItHasWritten": ("CRASH-1", "the process is killed when its last operation has returned"),
    "AppendsBehindATornRecord": ("CRASH-3", "and another reader then sees"),
    "SyncsNoUpdate": ("POWER-1", "power is lost before"),
    "SyncsNoMove": ("POWER-1", "power is lost when the last operation has returned"),
    "SyncsNoRemoval": ("POWER-1", "power is lost when the last operation has returned"),
}


ALIKE = ("SyncsNoUpdate", "SyncsNoMove", "SyncsNoRemoval")
"""Those that are told as another is, of other operations."""


def exhaustive(*values, unless):
    """Arguments of a test, which is for each run under this condition only."""
    return pytest.param(*values, marks=[] if unless else [pytest.mark.exhaustive])


@pytest.mark.parametrize("name", [exhaustive(name, unless=name not in ALIKE) for name in CRASHES])
def test_a_crash_is_told_with_its_moment_and_the_files_there(name):
    requirement, words = CRASHES[name]
    found = counterexample_of(fault_named(name), claims_of(name), ("crash-safe",), requirement)

    assert words in found.message
    assert "The files there at that moment:" in found.message


DRAWN = {
    "WritesBelowOthersInPlace": ("CRASH-1", "operations drawn at random: the process is killed before write("),
    "SwallowsAMissingPermission": ("FAULT-1", "EACCES"),
}

SEEN_AT_TIMES = {("AnswersBeforeItHasWritten", "CRASH-2")}
"""What depends on how far a thread of the subject has come."""

FAULTS = tuple(
    exhaustive(fault, one, unless=fault.name not in ALIKE and one == CRASHES.get(fault.name, ("",))[0])
    for fault in (*faults_in(crashing_stores), *faults_in(unsynced))
    for one in (fault.requirement, *([] if fault.name in DRAWN else sorted(fault.also)))
    if fault.subject.claims.crash_safe
    if requirement(one).class_ == "crash-safe" and (fault.name, one) not in SEEN_AT_TIMES
)
"""Each that a campaign finds; in each run those of which `test_a_crash_is_told` has the report already."""


@pytest.mark.parametrize(("fault", "requirement"), FAULTS, ids=lambda one: getattr(one, "name", one))
def test_the_script_of_a_crash_fails_while_the_fault_is_there_and_not_without(fault, requirement, tmp_path):
    cls, examples = fault_named(fault.name), 12 if fault.name in DRAWN else 0
    found = counterexample_of(cls, fault.subject.claims, ("crash-safe",), requirement, examples)

    correct = "conformance.faults.planted.crashing_stores"
    mended = found.script.replace(f"{cls.__module__}.{fault.name}", f"{correct}.SweptStore")
    failed = run(found.script, tmp_path)
    held = run(mended.replace(f"import {cls.__module__}", f"import {correct}"), tmp_path)

    assert (failed.returncode, held.returncode) == (1, 0), failed.stderr + held.stderr
    assert f"{requirement} is violated" in failed.stderr


@pytest.mark.parametrize(
    ("name", "requirement", "class_"),
    [("RemovesAndMovesApart", "LIN-2", "concurrent"), ("RenamesItsIdIntoPlace", "ID-9", "identity")],
)
def test_a_race_of_processes_is_told_and_its_script_fails(name, requirement, class_, tmp_path):
    found = counterexample_of(getattr(crashing_stores, name), PROCESSES, (class_,), requirement)

    assert "process 1 is stopped before" in found.message
    failed = run(found.script, tmp_path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert f"{requirement} is violated" in failed.stderr


SERVED = {
    "RemovesAndThenSends": ("CRASH-2", "the process is killed before sendto(to the server,"),
    "KeepsADeadConnection": ("FAULT-1", "the connection is cut before sendto(to the server,"),
    "MovesInTwoMessages": ("LIN-2", "process 1 is stopped before sendto(to the server,"),
    "AsksForAnIdFirst": ("ID-9", "process 1 is stopped before sendto(to the server,"),
}
BY_CRASH = ("CRASH-2", "FAULT-1")
"""What takes a crash or a refusal; the others take two processes, and are told as those of files above."""


@pytest.mark.parametrize(
    "name", [exhaustive(name, unless=SERVED[name][0] in ("CRASH-2", "FAULT-1")) for name in SERVED]
)
def test_what_is_on_a_server_is_judged_at_each_message_to_it(name, tmp_path):
    requirement, words = SERVED[name]
    crash_safe = requirement in BY_CRASH
    claims = Claims(durable=True, processes=not crash_safe, crash_safe=crash_safe)
    classes = ("crash-safe",) if crash_safe else ("identity",) if requirement == "ID-9" else ("concurrent",)
    found = counterexample_of(getattr(served, name), claims, classes, requirement)

    failed, held = run(found.script, tmp_path), run(found.script.replace(name, "ServedStore"), tmp_path)

    assert words in found.message
    assert "that send a message to a server" in found.message + found.script
    assert failed.returncode == 1, failed.stderr
    assert f"{requirement} is violated" in failed.stderr
    assert held.returncode == 0 or "there are fewer system calls" in held.stderr, held.stderr


@pytest.fixture
def no_halting(monkeypatch):
    monkeypatch.setattr(search, "available", lambda: "a sandbox refuses it")


def test_where_no_process_can_be_halted_it_is_killed_at_random(no_halting):
    subject = subject_of(crashing_stores.SweptStore, CRASH_SAFE)
    report = run_campaign(subject, Options(examples=0, seed=0, classes=("crash-safe",)))

    verdicts = {one.requirement.id: (one.verdict, one.reason) for one in report.results}
    why = "no process can be stopped at its system calls here: a sandbox refuses it"
    assert verdicts == {
        **dict.fromkeys(("CRASH-1", "CRASH-2", "CRASH-3"), ("passed", "")),
        **dict.fromkeys(("FAULT-1", "POWER-1"), ("not exercised", why)),
    }
    assert report.verdict == "incomplete"
    assert report.notes == (f"{why}; crashes are judged by a few kills at random moments alone",)


def test_what_a_kill_at_a_random_moment_shows_is_told_and_its_script_fails(no_halting, tmp_path):
    claims = Claims(durable=True, crash_safe=True)
    found = counterexample_of(RemovesAndRests, claims, ("crash-safe",), "CRASH-1")

    correct = found.script.replace("RemovesAndRests", "SweptStore").replace("range(5000)", "range(20)")
    failed, held = run(found.script, tmp_path), run(correct, tmp_path)

    assert "the process is killed at a random moment" in found.message
    assert (failed.returncode, held.returncode) == (1, 0), failed.stderr + held.stderr


@pytest.mark.parametrize("name", DRAWN)
def test_programs_of_the_generator_are_stopped_too_and_a_crash_is_told_by_a_short_one(name, monkeypatch):
    requirement, words = DRAWN[name]
    monkeypatch.setattr(search, "scenarios", lambda harness: ())
    subject = subject_of(fault_named(name), CRASH_SAFE)
    report = run_campaign(subject, Options(examples=12, seed=0, classes=("crash-safe",)))

    assert requirement in report.violated
    assert set(report.violated) <= {"CRASH-1", "FAULT-1"}  # who writes in place is in trouble with both
    result = next(one for one in report.results if one.requirement.id == requirement)
    told = [one for one in (result.counterexample, *result.further) if one]
    assert any(words in one.headline for one in told)
    assert min(one.operations for one in told) <= 2


class SweptAndBlocked(crashing_stores.SweptStore):
    """A key is in the way of a longer one, with or without a crash."""

    def _set(self, key, value, **kwargs):
        if any(key[: len(other)] == other != key for other in self.list_keys()):
            raise StoreBackendError("another key is in the way")
        super()._set(key, value)


class SweptAndFolded(crashing_stores.SweptStore, core_keys.FilesFoldCase):
    """Keys that differ in case share a file, with or without a crash."""


@pytest.mark.parametrize("cls", sampled([SweptAndFolded, SweptAndBlocked], 2))
def test_what_goes_wrong_without_a_crash_is_not_put_down_to_one(cls):
    report = run_campaign(
        subject_of(cls, Claims(durable=True, crash_safe=True)), Options(examples=12, seed=1, classes=("crash-safe",))
    )

    found = [one.counterexample.message for one in report.results if one.counterexample]
    assert (report.verdict, found) == ("conformant", [])


IN_STEPS = Claims(durable=True, crash_safe=True, atomic_move=False)


def test_a_move_in_steps_is_not_blamed_for_them_where_it_claims_to_be_one():
    subject = subject_of(crashing_stores.MovesByCopying, IN_STEPS)
    report = run_campaign(subject, Options(examples=12, seed=0, classes=("crash-safe",)))

    found = [one.counterexample.message for one in report.results if one.counterexample]
    assert (report.verdict, found) == ("conformant", [])


class MovesByRemovingFirst(crashing_stores.SweptStore):
    """A value that is moved is at neither key for a moment."""

    def _move(self, source_key, dest_key, **kwargs):
        value = self._get(source_key)
        self._drop(source_key)
        self._set(dest_key, value)


def test_a_move_in_steps_is_blamed_for_a_value_at_neither_key_by_a_script_that_allows_both(tmp_path):
    found = counterexample_of(MovesByRemovingFirst, IN_STEPS, ("crash-safe",), "CRASH-2")

    mended = found.script.replace("tests.conformance.crash.test_crash.MovesByRemovingFirst", "MovesByCopying")
    correct = "from conformance.faults.planted.crashing_stores import MovesByCopying"
    mended = mended.replace("import tests.conformance.crash.test_crash", correct)
    failed, held = run(found.script, tmp_path), run(mended, tmp_path)

    assert (failed.returncode, held.returncode) == (1, 0), failed.stderr + held.stderr
    assert "CRASH-2 is violated" in failed.stderr


def test_nothing_counts_as_in_flight_while_processes_are_killed():
    events: list[str] = []
    watcher = Watcher(
        progress=lambda now: events.append(now.stage),
        started_program=lambda: events.append("program"),
        started_operation=lambda operation: events.append(operation.name),
    )
    subject = subject_of(crashing_stores.SweptStore, Claims(durable=True, crash_safe=True))
    run_campaign(subject, Options(examples=3, seed=0, classes=("crash-safe",)), watcher=watcher)

    stages = [number for number, event in enumerate(events) if event == "crashes"]
    assert len(stages) > 10
    assert {events[number - 1] for number in stages} == {"program"}


def test_it_is_told_when_nothing_was_seen_that_a_process_could_be_stopped_at():
    claims = Claims(crash_safe=True, processes=True)
    subject = Subject(lambda place, **options: InMemoryStoreBackend(**options), claims=claims)
    report = run_campaign(subject, Options(examples=0, seed=0, classes=("crash-safe",)))

    assert report.verdict == "incomplete"
    reason = next(one.reason for one in report.results if one.requirement.id == "CRASH-1")
    assert reason.startswith("no operation of a forked process changed a file below the place, or sent a message")


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    children = children_left()
    report_of.__wrapped__(crashing_stores.WritesInPlace, claims_of("WritesInPlace"), ("crash-safe",))

    assert list(tmp_path.iterdir()) == []
    assert children_left() <= children
