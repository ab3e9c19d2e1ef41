"""The self-test on a few backends; the whole of it is `conformance selftest`."""

import json
import tempfile
from typing import Any

import attrs
import pytest
from rich.console import Console

from conformance.faults.catalogue import FAULTS
from conformance.faults.matrix import Accusation, Row, SelftestReport, render
from conformance.faults.planting import Fault, subject_of
from conformance.faults.selftest import CORRECT, judged, selftest
from conformance.run.progress import Progress
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend
from tests.sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_programs_of_module")]

SOME = ("SelfMoveLoses", "StripsTheNewline", "JoinsElements", "ListsATuple", "IgnoresNothing", "DictStore")
SEQUENTIAL = tuple(one for one in CORRECT if not (one.subject.claims.threads or one.subject.claims.processes))


FOUND_BY_ONE = (
    *("FollowsAbsolutePaths", "LeavesByOneStep", "StoresItsIdOtherwise", "ForgetsItsManualId"),
    *("DecidesItsIdOnOpening", "TidiesItsIdText", "RaisesWhereStorageDoesNotRead", "HasAnIdWhereStorageIsFull"),
    *("HidesItsManualId", "TellsAnEmptyName", "NamesNoModule", "IgnoresNothing", "IgnoresParts"),
    *("GoesToTheLatest", "CountsItsWrites", "GetsInOrderAlone", "SetsInOrderAlone", "MovesInOrderAlone"),
    *("HasInOrderAlone", "ListsInOrderAlone", "RemovesInOrderAlone", "LinksInOrderAlone", "IgnoresInOrderAlone"),
    *("AddsInOrderAlone", "UpdatesInOrderAlone", "UpsertsInOrderAlone"),
    *("KnowsNoIdentifiers", "KeepsItsSettingsInAFile", "ListsWhatItsPlaceBeginsLike", "IsRenamedInUse"),
    *("LeavesHashesInUrls", "EscapesSlashesAlone"),
)
"""For each directed check that is not the only one of its requirement, a fault that no other one finds."""


class GivesNothingBack(InMemoryStoreBackend):
    """Two faults: move copies, and remove_key returns nothing."""

    def remove_key(self, key):
        super().remove_key(key)

    def _move(self, source_key, dest_key, **kwargs):
        self._values[dest_key] = self._get(source_key)


def row(**changes):
    plain = Row("Some", "Loses.", "MOVE-3", frozenset({"MOVE-1"}), (Accusation("MOVE-3", 3, "lost"),), (), 0.5)
    return attrs.evolve(plain, **changes)


@pytest.fixture(scope="module")
def some():
    return selftest(only=SOME, examples=2)


def test_faults_are_found_under_their_requirement(some):
    assert [(one.name, [found.requirement for found in one.found]) for one in some.rows] == [
        ("JoinsElements", ["KEY-4"]),
        ("StripsTheNewline", ["GET-1"]),
        ("SelfMoveLoses", ["MOVE-3"]),
        ("ListsATuple", ["LIST-1"]),
        ("IgnoresNothing", ["IGNORE-1"]),
    ]
    assert all(one.operations for one in some.rows)
    assert [one.name for one in some.correct] == ["DictStore"]
    assert some.passed


FOUND_BY_SWEEPS = (
    *("GetsThreeHundred", "SixthOpening", "OpensNinetyTimes", "UpdatesByLines", "UpdatesAmpersandsOfTheRemoved"),
    *("UpdatesCleaned", "LosesTheEightySeventhAdd", "StripsTheFortyFifth"),
)
"""The first faults of their requirements that take a sweep or a batch, of which the campaigns here have hardly any."""


def one_for_each_requirement():
    """For each requirement the first fault that is planted in it, of those that a plain program or a check shows."""
    claims = [(fault, fault.subject.claims) for fault in FAULTS if fault.name not in FOUND_BY_SWEEPS]
    sequential = [fault for fault, one in claims if not (one.threads or one.processes or one.crash_safe)]
    return {fault.requirement: fault for fault in reversed(sequential)}.values()


def chosen() -> list[Any]:
    """Those, and of those that one directed check alone finds a sample: `test_faulty_backends` has all checks."""
    each = [fault for fault in FAULTS if fault in one_for_each_requirement()]
    return [*each, *sampled((one for one in FAULTS if one.name in FOUND_BY_ONE and one not in each), 5)]


@pytest.mark.parametrize("fault", chosen(), ids=lambda fault: f"{fault.requirement}-{fault.name}")
def test_a_fault_for_each_requirement_and_each_check_is_found_under_it(fault):
    came = judged(fault, seed=0, examples=0)

    assert fault.requirement in {found.requirement for found in came.found}
    assert came.passed, came.wrong


def test_the_report_is_json(some):
    told = json.loads(json.dumps(some.to_json()))

    assert told["passed"] is True
    assert [one["requirement"] for one in told["faults"]] == ["KEY-4", "GET-1", "MOVE-3", "LIST-1", "IGNORE-1"]
    assert told["correct"][0]["found"] == []


def test_the_table_ends_with_the_outcome(some, capsys):
    render(some, Console(width=80))

    lines = capsys.readouterr().out.splitlines()

    assert lines[-1] == some.summary
    assert lines[-1].startswith("passed: 5 of 5 faults found")
    assert any("SelfMoveLoses" in line and "MOVE-3" in line for line in lines)


def test_a_requirement_stands_for_its_faults():
    told: list[Progress] = []

    report = selftest(only=["REMOVE-4"], examples=0, progress=told.append)

    assert [one.planted for one in report.rows] == ["REMOVE-4"] * len(report.rows)
    assert report.rows
    assert not report.correct
    assert [one.done for one in told] == list(range(len(report.rows)))


def test_temporary_files_go_where_they_did_afterwards():
    before = tempfile.tempdir

    selftest(only=["IgnoresNothing"], examples=0)

    assert tempfile.tempdir == before


def test_an_unknown_name_is_an_error():
    with pytest.raises(ValueError, match="NoSuchFault"):
        selftest(only=["NoSuchFault"])


def test_nothing_run_is_not_passed():
    assert not SelftestReport(0, (), ()).passed


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"found": ()}, False),
        ({"found": (Accusation("MOVE-1", 3, ""),)}, False),
        ({"found": (Accusation("MOVE-3", 3, ""), Accusation("MOVE-1", 3, ""))}, True),
        ({"found": (Accusation("MOVE-3", 3, ""), Accusation("MOVE-2", 3, ""))}, False),
        ({"planted": None, "found": ()}, True),
        ({"planted": None}, False),
        ({"planted": None, "found": (), "unexercised": ("KEY-6",)}, False),
        ({"planted": None, "found": (), "invalid": "does not open"}, False),
    ],
)
def test_a_row_passes_if_just_its_fault_was_found(changes, passed):
    one = row(**changes)

    assert one.passed is passed
    assert SelftestReport(0, (one,) if one.planted else (), () if one.planted else (one,)).passed is passed


def test_what_is_wrong_is_printed(capsys):
    bad = row(found=(Accusation("MOVE-2", 3, "not replaced"),))
    misjudged = row(name="Odd", planted=None, found=(), unexercised=("KEY-6",))

    render(SelftestReport(0, (bad,), (misjudged,)), Console(width=150))

    printed = capsys.readouterr().out
    assert "Some: Loses. Not found under MOVE-3." in printed
    assert "Some: accused of MOVE-2: not replaced" in printed
    assert "Odd: never put to the test: KEY-6" in printed
    assert printed.splitlines()[-1].startswith("FAILED: 0 of 1 faults found under their requirement, 1 accused of more")


def test_a_second_fault_is_noticed():
    fault = Fault("Two", "MOVE-1", subject_of(GivesNothingBack, Claims()), "Two.")
    fault = attrs.evolve(fault, subject=Subject(lambda place, **options: GivesNothingBack(**options)))

    one = judged(fault, seed=0, examples=0)

    assert [found.requirement for found in one.wrong] == ["REMOVE-4"]
    assert not one.passed


@pytest.mark.parametrize("one", SEQUENTIAL, ids=lambda one: one.name)
def test_correct_backends_are_not_accused(one):
    came = judged(one, seed=1, examples=20)  # the self-test itself has another seed

    assert came.found == ()
    assert came.unexercised == ()
    assert came.passed


def test_faults_shown_by_another_process_alone_are_found():
    abroad = [fault for fault in FAULTS if fault.origin != UNKNOWN]

    came = [judged(fault, seed=0, examples=0) for fault in abroad[:1]]

    assert [[found.requirement for found in one.found] for one in came] == [["REOPEN-1"]]


def test_a_failure_of_the_kit_is_told_of_the_backend_it_happened_with(monkeypatch):
    monkeypatch.setattr("conformance.faults.selftest.run_campaign", lambda *_, **__: 1 / 0)

    one = judged(FAULTS[0], seed=0, examples=0)

    assert one.invalid == "the kit itself failed: ZeroDivisionError: division by zero"
    assert not one.passed


@pytest.mark.exhaustive  # each process that it starts runs whole campaigns; the pool has tests of its own
def test_several_processes_give_the_same_rows():
    names = ["ListsATuple", "DictStore"]
    alone, together = (selftest(only=names, examples=0, jobs=jobs) for jobs in (1, 2))

    assert [attrs.evolve(row, seconds=0.0) for row in (*alone.rows, *alone.correct)] == [
        attrs.evolve(row, seconds=0.0) for row in (*together.rows, *together.correct)
    ]
