"""Stores that live differently: one opening a process; openings, closings, clean-ups that raise. No run fails on it."""

import contextlib
import os
import subprocess
import sys
import time
from typing import Any, ClassVar

import attrs
import pytest

import conformance
from conformance import Claims, Subject
from conformance.campaign import run_campaign
from conformance.faults.planted.crashing_stores import SweptStore, WritesInPlace
from conformance.faults.stores.file_store import FileStore
from conformance.probes.syscalls import available
from conformance.run.options import Options
from conformance.subject.target import find_origin
from spec_store import StoreBackendError
from tests.sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_programs_of_module")]

HERE = os.getpid()
QUICK = Options(examples=2, seed=1, classes=("identity", "durable"))
DURABLE = Claims(durable=True)
CRASH_SAFE = Claims(durable=True, crash_safe=True)

_open: set[str] = set()


class OneByOne(SweptStore):
    """A store that knows which directories this process has open, and opens none of those, as a library of C may.

    A forked process takes over what its parent knew.
    """

    def __init__(self, directory, **options):
        if directory in _open:
            raise StoreBackendError(f"{directory} is already open in this process")
        super().__init__(directory, **options)
        _open.add(directory)
        self.token = directory

    def close(self):
        _open.discard(self.__dict__.pop("token", ""))

    __del__ = close


EVERYTHING = Claims(durable=True, threads=True, processes=True, crash_safe=True)
unsaid = Subject(OneByOne, conformance.new_directory, EVERYTHING)
said = Subject(OneByOne, conformance.new_directory, attrs.evolve(EVERYTHING, openings=1))


class TornOneByOne(OneByOne, WritesInPlace):
    """Writes in place besides."""


torn = Subject(TornOneByOne, conformance.new_directory, Claims(durable=True, crash_safe=True, openings=1))


def verdicts(report):
    return {one.requirement.id: one.verdict for one in report.results}


def test_a_second_opening_that_raises_is_told_as_that_alone_and_what_to_claim_is_said():
    report = run_campaign(unsaid, Options(examples=2, seed=1, classes=("identity", "durable")))
    assert report.violated == ("REOPEN-2",)
    assert any("claim openings=1" in note for note in report.notes)


def test_where_one_opening_is_claimed_what_takes_two_is_not_asked_and_all_else_is():
    report = run_campaign(said, Options(examples=2, seed=1, classes=("identity", "durable")))
    assert {name for name, verdict in verdicts(report).items() if verdict != "passed"} == {"REOPEN-2"}
    (reason,) = [one.reason for one in report.results if one.requirement.id == "REOPEN-2"]
    assert "openings=1 is claimed" in reason


@pytest.mark.usefixtures("short_load")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
@pytest.mark.parametrize("classes", [("concurrent",), pytest.param(None, marks=pytest.mark.exhaustive)])
def test_all_of_a_store_of_one_opening_is_judged_with_threads_processes_and_crashes(classes):
    report = run_campaign(said, Options(examples=2, seed=1, classes=classes))
    assert {name for name, verdict in verdicts(report).items() if verdict not in ("passed", "not claimed")} == set()


class RefusesWhatAnotherHasOvertaken(FileStore):
    """Numbers what it writes, and raises where another backend has gone on numbering since, as TinyDB does."""

    last: ClassVar[dict[str, int]] = {}
    wrote = False

    def _set(self, key, value, **kwargs):
        if self.wrote and self.last[self.directory] != id(self):
            raise ValueError("the number exists already")
        super()._set(key, value, **kwargs)
        self.wrote = True
        self.last[self.directory] = id(self)


def test_a_write_that_works_alone_and_is_refused_beside_another_backend_violates_reopen_2():
    subject = Subject(RefusesWhatAnotherHasOvertaken, conformance.new_directory, DURABLE)
    assert run_campaign(subject, Options(examples=0, seed=1, classes=("durable",))).violated == ("REOPEN-2",)


# Whatever raises


class Trouble:
    """Makes openings of a file store that go wrong, for one run."""

    def __init__(self, what, number):
        self.what, self.number, self.count = what, number, 0

    @contextlib.contextmanager
    def place(self):
        with conformance.new_directory() as directory:
            yield directory
        if self.what == "clean-up raises":
            raise OSError(39, "Directory not empty")

    def open(self, place, **options):
        self.count += 1
        in_child = os.getpid() != HERE
        if self.count == self.number and self.what == "one opening raises":
            raise OSError(5, "Input/output error")
        if self.count >= self.number and self.what == "all later openings raise":
            raise OSError(5, "Input/output error")
        if in_child and self.what == "a child's opening raises":
            raise OSError(5, "Input/output error")
        store: Any = SweptStore(place, **options)
        if self.what == "closing raises":
            store.close = self.fail
        if self.what == "closing hangs" and self.count >= self.number:
            store.close = lambda: time.sleep(60)
        return store

    def fail(self):
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("number", sampled([2, 4, 7, 10], 2))
@pytest.mark.parametrize("what", ["one opening raises", "all later openings raise"])
def test_an_opening_that_raises_ends_in_a_report_that_does_not_say_conformant(what, number):
    trouble = Trouble(what, number)
    report = run_campaign(Subject(trouble.open, trouble.place, DURABLE), QUICK)
    assert report.verdict != "conformant"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
@pytest.mark.parametrize(
    "number", [4, 5, 43]
)  # of those that find out what it is, the second and the last; a later one
@pytest.mark.parametrize("what", ["all later openings raise", "one opening raises"])
def test_so_does_one_that_raises_while_crashes_are_tried(what, number):
    trouble = Trouble(what, number)
    report = run_campaign(Subject(trouble.open, trouble.place, CRASH_SAFE), Options(2, 1, ("crash-safe",)))
    assert report.verdict != "conformant"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_what_cannot_be_opened_in_a_child_is_not_exercised():
    trouble = Trouble("a child's opening raises", 0)
    claims = Claims(durable=True, processes=True, crash_safe=True)
    report = run_campaign(
        Subject(trouble.open, trouble.place, claims), Options(2, 1, ("concurrent", "crash-safe", "identity"))
    )
    reasons = {one.requirement.id: one.reason for one in report.results if one.verdict == "not exercised"}
    assert reasons.keys() >= {"CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1", "LIN-2", "ID-9"}
    assert all("in another process: OSError: [Errno 5]" in reasons[name] for name in ("CRASH-1", "LIN-2", "ID-9"))


@pytest.mark.parametrize("what", ["clean-up raises", "closing raises"])
def test_what_is_no_matter_of_the_specification_decides_nothing(what):
    trouble = Trouble(what, 0)
    report = run_campaign(Subject(trouble.open, trouble.place, DURABLE), QUICK)
    assert (report.verdict, report.violated) == ("conformant", ())
    assert len(report.notes) == (what == "clean-up raises")


def test_closing_that_hangs_is_left_after_the_limit():
    trouble = Trouble("closing hangs", 2)
    options = Options(examples=1, seed=1, classes=("crash-safe",), limit=0.05, budget=2.0)
    assert run_campaign(Subject(trouble.open, trouble.place, CRASH_SAFE), options).invalid == ""


# Scripts


def test_what_a_script_opens_again_it_closes_before(tmp_path):
    origin = find_origin(said)
    lines = [
        "import asyncio, contextlib, tempfile",
        *origin.imports,
        origin.definitions(),
        "place = tempfile.mkdtemp()",
        f"backend = {origin.opening()}",
        f"again = {origin.opening()}",
        "close_opened()",
        "assert OPENED == []",
    ]
    script = tmp_path / "script.py"
    script.write_text("\n".join(lines), encoding="utf-8")
    done = run_script(script)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(bool(available()), reason=available() or "it works")
def test_a_script_of_a_crash_opens_one_at_a_time_as_well(tmp_path):
    report = conformance.check(torn, examples=0, seed=1, classes=["crash-safe"])
    (found,) = [one.counterexample for one in report.results if one.requirement.id == "CRASH-1"]
    assert found is not None
    script = tmp_path / "script.py"
    script.write_text(found.script, encoding="utf-8")
    done = run_script(script)
    assert done.returncode == 1
    assert "CRASH-1 is violated: a reader sees" in done.stderr
    assert "already open" not in done.stderr


def run_script(script):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)
