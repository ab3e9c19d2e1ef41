"""Where the files of a store are that a crash leaves, and why none were seen."""

import contextlib
import tempfile

import pytest

from conformance import Claims, Subject
from conformance.crash.kills import inject_kills, inject_power_losses
from conformance.crash.scenarios import Scenario
from conformance.crash.trial import Trial
from conformance.faults.planted.crashing_stores import WritesInPlace
from conformance.harness.halting import halting_place, unseen
from conformance.harness.harness import Harness
from conformance.probes.syscalls import NETWORK, available
from conformance.programs.operations import Set
from conformance.system.budget import Budget

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
