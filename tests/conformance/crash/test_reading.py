"""Where the files of a store are that a crash leaves, and why none were seen."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import attrs
import pytest

from conformance import Claims, Subject, check
from conformance.campaign import run_campaign
from conformance.crash.kills import inject_kills, inject_power_losses
from conformance.crash.scenarios import Scenario
from conformance.crash.trial import Trial
from conformance.faults.planted.crashing_stores import WritesInPlace
from conformance.harness.halting import halting_place, unseen
from conformance.harness.harness import Harness
from conformance.probes.syscalls import NETWORK, available
from conformance.programs.operations import Set
from conformance.run.options import Options
from conformance.system.budget import Budget
from spec_store.backends import SQLStoreBackend

SCHEME = "dir://"
OVERWRITING = Scenario("overwriting a value", (Set(("a",), "old"),), (Set(("a",), "new"),))


@contextlib.contextmanager
def new_url():
    with tempfile.TemporaryDirectory() as directory:
        yield SCHEME + directory


def open_url(place, **options):
    return WritesInPlace(place.removeprefix(SCHEME), **options)


CLAIMS = Claims(durable=True, crash_safe=True, durability="power")
BY_URL = Subject(open_url, new_url, CLAIMS)
LOCATED = Subject(open_url, new_url, CLAIMS, files=lambda place: place.removeprefix(SCHEME))


def test_a_place_that_is_no_path_is_on_a_server_unless_its_files_are_said_to_lie_somewhere():
    assert halting_place("dir:///tmp/a", BY_URL) is NETWORK
    assert halting_place("dir:///tmp/a", LOCATED) == "/tmp/a"


def test_why_nothing_was_seen_names_the_place_where_that_is_why():
    assert "its place, a str, is no absolute path" in unseen(BY_URL)
    assert "Subject(files=...)" in unseen(BY_URL)
    assert "no absolute path" not in unseen(LOCATED)


@pytest.mark.skipif(bool(available()), reason=available() or "it works")
@pytest.mark.parametrize(("inject", "requirement"), [(inject_kills, "CRASH-1"), (inject_power_losses, "POWER-1")])
def test_a_store_whose_files_lie_elsewhere_than_its_place_is_judged_by_them(inject, requirement):
    counts: list[str] = []
    trial = Trial(Harness(LOCATED, confined=True), OVERWRITING, counts.append)
    arguments = () if inject is inject_power_losses else (Budget().share(60.0, (), {}),)
    found = list(inject(trial, *arguments))

    assert requirement in {crash.requirement for crash in found}
    assert requirement in counts
    assert any(name.endswith("a.v") for name, _size in found[0].files)


@contextlib.contextmanager
def new_database():
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite:///{directory}/store.db"


def open_database(url, **options):
    return SQLStoreBackend(url, "store", **options)


SAFE = Claims(durable=True, crash_safe=True)
WHERE_UNKNOWN = Subject(open_database, new_database, SAFE)
WHERE_SAID = Subject(
    open_database, new_database, SAFE, files=lambda url: str(pathlib.Path(url.removeprefix("sqlite:///")).parent)
)


@pytest.mark.slow
@pytest.mark.exhaustive  # two tests above say the same of a smaller store
@pytest.mark.skipif(bool(available()), reason=available() or "it works")
def test_a_database_whose_place_is_a_url_is_judged_by_its_files_where_it_says_where_those_lie():
    report = run_campaign(WHERE_SAID, Options(examples=0, seed=1, classes=("crash-safe",)))
    exercised = {one.requirement.id: one.verdict for one in report.results}
    assert exercised == {
        "CRASH-1": "passed",
        "CRASH-2": "passed",
        "CRASH-3": "passed",
        "FAULT-1": "passed",
        "POWER-1": "not claimed",
    }


@pytest.mark.skipif(bool(available()), reason=available() or "it works")
def test_where_it_does_not_say_so_that_is_the_reason_why_nothing_was_judged():
    report = run_campaign(WHERE_UNKNOWN, Options(examples=0, seed=1, classes=("crash-safe",)))
    reasons = {one.reason for one in report.results if one.verdict == "not exercised"}
    assert len(reasons) == 1
    assert "its place, a str, is no absolute path" in reasons.pop()


TORN = attrs.evolve(LOCATED, claims=Claims(durable=True, crash_safe=True))


@pytest.mark.slow
@pytest.mark.skipif(bool(available()), reason=available() or "it works")
def test_a_script_watches_where_the_files_lie(tmp_path):
    (failure,) = [
        one
        for one in check(TORN, examples=0, seed=1, classes=["crash-safe"]).results
        if one.requirement.id == "CRASH-1"
    ]
    assert failure.counterexample is not None
    source = failure.counterexample.script
    assert "supervised(run, TORN.files(place), on_stop)" in source
    script = tmp_path / "script.py"
    script.write_text(source, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, "CRASH-1 is violated" in done.stderr) == (1, True)
