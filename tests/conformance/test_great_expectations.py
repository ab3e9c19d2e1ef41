"""Great Expectations' own backends, as released: what is known to be wrong is found, with scripts."""

import contextlib
import functools
import io

import pytest

from conformance.campaign import run_campaign
from conformance.checks.catalogue import CASES
from conformance.report.verdicts import Counterexample, Report
from conformance.run.options import Options
from conformance.subject.origin import Origin
from tests.later import Later
from tests.sampling import sampled
from tests.short_campaigns import shorten_programs

pytestmark = pytest.mark.slow

subjects = Later("tests.conformance.gx_subjects")

SEEDS = (0, 1, 2)

MEMORY = {"MOVE-3", "MOVE-4", "REMOVE-3", "REMOVE-4", "SET-5", "KEY-7", "ID-3", "ID-5", "CONFIG-1", "CONFIG-3"}
"""All that the memory backend violates; nothing else may be reported as a further fault."""

FILES = {"GET-1", "KEY-4", "KEY-5", "KEY-6", "KEY-8", "LIST-2", "MOVE-4", "ID-5"}
"""What the file backend is known to violate, among other things."""


SLOW = frozenset(case.name for case in CASES if case.spawns)
"""Checks that start a process, which imports Great Expectations for seconds; once is enough."""


@functools.cache
def report(name: str, seed: int) -> Report:
    """What a campaign finds: a short one for the first seed, but for the file backend, some of which takes more."""
    origin = Origin(("from tests.conformance import gx_subjects",), *opening(name))
    skip = frozenset() if (name, seed) == ("files", 0) else SLOW
    with pytest.MonkeyPatch.context() as monkeypatch:
        if seed == SEEDS[0] and name != "files":
            shorten_programs(monkeypatch.setattr)
        return run_campaign(getattr(subjects, name), Options(seed=seed, skip=skip), origin=origin)


def opening(name):
    return f"gx_subjects.{name}.open(place{{options}})", f"gx_subjects.{name}.place()"


def counterexamples(found: Report, *ids: str) -> list[Counterexample]:
    return [
        one
        for result in found.results
        if result.counterexample is not None and (not ids or result.requirement.id in ids)
        for one in (result.counterexample, *result.further)
    ]


def status_of(script: str) -> object:
    """What a script ends with, run in this process: 0, or what it exits with or raises."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(
                compile(script, "counterexample.py", "exec"), {"__name__": "__main__", "__file__": "counterexample.py"}
            )
    except SystemExit as stop:
        return stop.code or 0
    except Exception as error:
        return repr(error)
    return 0


@pytest.mark.parametrize("seed", sampled(SEEDS, 3))
def test_the_memory_backend_violates_the_same_requirements_whatever_the_seed(seed):
    assert set(report("memory", seed).violated) == MEMORY


@pytest.mark.exhaustive
def test_the_file_backend_violates_the_same_requirements_whatever_the_seed():
    assert set(report("files", 1).violated) == set(report("files", 2).violated)
    assert {"REOPEN-1", *report("files", 1).violated} >= set(report("files", 0).violated)


def test_what_is_known_to_be_wrong_with_the_file_backend_is_found():
    assert set(report("files", 0).violated) >= FILES


@pytest.mark.parametrize("name", ["template", pytest.param("affixed", marks=pytest.mark.exhaustive)])
def test_the_file_backends_variants_are_found_wrong_too(name):
    found = {"GET-1", "KEY-4", "MOVE-4", "ID-3", "ID-5", "CONFIG-1", "CONFIG-3"}  # CONFIG-1 whatever LIST-4 does
    told = {one.requirement.id for one in report(name, 0).results if one.verdict in ("violated", "masked")}
    assert found <= told
    assert {one for one in found if not one.startswith("ID-")} <= set(report(name, 0).violated)


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("GET-1", r"'\n'"),
        ("GET-1", r"'\r"),
        ("KEY-6", "set(('a', 'a'), '1')\n    backend.set(('a',)"),
        ("KEY-6", "remove_key(('a', 'a'))"),
        ("KEY-6", "backend.move("),
        ("KEY-4", "''"),
        ("MOVE-4", "it returned False"),
        ("LIST-2", "list_keys(('a',))"),
    ],
)
def test_each_known_fault_of_the_file_backend_has_a_counterexample_of_its_own(requirement, words):
    assert any(words in one.message for one in counterexamples(report("files", 0), requirement))


@pytest.mark.parametrize("name", ["memory", "files", "template", pytest.param("affixed", marks=pytest.mark.exhaustive)])
def test_every_counterexample_is_short_and_its_script_fails(name):
    for one in counterexamples(report(name, 0)):
        assert one.operations <= 4, one.message
        assert status_of(one.script) != 0, one.script
        assert one.shown == one.tried
