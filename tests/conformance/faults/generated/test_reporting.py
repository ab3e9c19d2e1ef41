"""What is told of generated faults: rates, survivors with their witnesses, what was named wrongly, false alarms."""

import json

import attrs
import pytest
from rich.console import Console

from conformance.faults.generated.reporting import GeneratedReport, Trial, render_generated
from conformance.faults.matrix import Accusation

SET, GET = Accusation("SET-1", 2, "lost"), Accusation("GET-3", 3, "changed")
PLAIN = Trial(
    "Generated0",
    "In set of a dict, where 3 keys or more are stored: nothing is done, and nothing said.",
    "state",
    "lost",
    ("backend.set(('a',), '1')", "backend.get(('a',))"),
    frozenset({"SET-1"}),
    2,
    (SET,),
    (),
    0.5,
    4.0,
)
ODD = Trial("Odd0", "In a dict: keys are listed in order.", seconds=2.0)


def fault(**changes):
    return attrs.evolve(PLAIN, **changes)


def printed(report, capsys, width=200):
    render_generated(report, Console(width=width))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "right", "killed", "survived"),
    [
        ({}, True, True, False),
        ({"found": (SET, GET)}, True, True, False),
        ({"found": (GET,)}, False, True, False),
        ({"found": ()}, False, False, True),
        ({"found": (), "undecided": ("SET-1",)}, False, False, True),
        ({"found": (), "invalid": "does not open"}, False, True, False),
        ({"found": (), "failed": "ZeroDivisionError: division by zero"}, False, False, False),
    ],
)
def test_a_fault_is_killed_rightly_or_otherwise_or_survives(changes, right, killed, survived):
    one = fault(**changes)

    assert (one.right, one.killed, one.survived) == (right, killed, survived)


def test_an_odd_store_does_not_survive():
    assert not ODD.survived


def test_a_survivor_is_told_with_its_description_and_witness(capsys):
    survivor = fault(name="Generated1", found=(), undecided=("SET-1",))

    out = printed(GeneratedReport(4, (PLAIN, survivor), (ODD,)), capsys)

    assert (
        "Generated1 (state, lost) survived (undecided: SET-1). In set of a dict, where 3 keys or more are stored: "
        "nothing is done, and nothing said. Shown by: backend.set(('a',), '1'); backend.get(('a',))"
    ) in out
    assert "Generated0 (" not in out


def test_survivors_of_one_kind_and_effect_stand_together(capsys):
    kinds = ("key", "state", "key", "key")
    effects = ("raises", "lost", "lost", "raises")
    faults = [
        fault(name=f"Generated{number}", found=(), kind=kind, effect=effect)
        for number, (kind, effect) in enumerate(zip(kinds, effects, strict=True))
    ]

    lines = printed(GeneratedReport(4, tuple(faults), (ODD,)), capsys).splitlines()

    told = [line.split()[0] for line in lines if " survived. " in line]
    assert told == ["Generated2", "Generated0", "Generated3", "Generated1"]


def test_what_is_named_wrongly_is_told_with_what_would_be_right(capsys):
    besides, alone = fault(found=(SET, GET)), fault(name="Generated1", found=(GET,))

    out = printed(GeneratedReport(4, (besides, alone), (ODD,)), capsys)

    assert "Generated0 accused wrongly of GET-3, besides a right one. In set" in out
    assert "Generated1 accused wrongly of GET-3, in place of SET-1. In set" in out


def test_false_alarms_are_told(capsys):
    accused = attrs.evolve(ODD, found=(GET,), undecided=("LIST-1",))
    refused = attrs.evolve(ODD, name="Odd1", invalid="does not open")
    report = GeneratedReport(4, (PLAIN,), (accused, refused))

    out = printed(report, capsys)

    assert report.false_alarms == (accused, refused)
    assert "Odd0, correct, accused of GET-3: changed. In a dict: keys are listed in order." in out
    assert "Odd0, correct, left undecided: LIST-1." in out
    assert "Odd1, correct, refused: does not open." in out
    assert "2 of 2 odd stores accused" in out


def test_a_failure_of_the_kit_is_told_and_neither_a_kill_nor_a_survivor(capsys):
    failed = fault(found=(), failed="ZeroDivisionError: division by zero")
    report = GeneratedReport(4, (failed,), (ODD,))

    assert report.failures == (failed,)
    assert report.survivors == ()
    assert "Generated0: the kit itself failed: ZeroDivisionError: division by zero." in printed(report, capsys)


def test_rates_are_told_by_trigger_and_by_effect_with_how_soon(capsys):
    others = (
        fault(name="Generated1", found=(), kind="key"),
        fault(name="Generated2", found=(GET,), kind="key", effect="stale", first=20.0),
    )

    lines = printed(GeneratedReport(4, (PLAIN, *others), (ODD,)), capsys, width=20).splitlines()

    cells = [line.split() for line in lines]
    assert ["killed", "of", "lost", "stale"] in cells
    assert ["key", "0/1", "1/1"] in cells
    assert ["state", "1/1"] in cells
    assert ["key", "2", "0", "1", "1", "0", "%", "0", "%", "0", "%", "50", "%"] in cells
    assert ["state", "1", "1", "0", "0", "0", "%", "100", "%", "100", "%", "100", "%"] in cells
    assert ["lost", "2", "1", "0", "1", "0", "%", "50", "%", "50", "%", "50", "%"] in cells
    assert ["all", "3", "1", "1", "1", "0", "%", "33", "%", "33", "%", "67", "%"] in cells


def test_the_outcome_stands_in_the_last_line(capsys):
    report = GeneratedReport(4, (PLAIN, fault(found=())), (ODD,))

    last = printed(report, capsys).splitlines()[-1]

    assert last == report.summary
    assert last == (
        "1 of 2 generated faults killed (50 %), 1 under a right requirement, 0 accused wrongly as well or alone; 0 of "
        "1 odd stores accused; 4 faults drawn that nothing shows; 10 CPU seconds, seed 4"
    )


def test_the_report_is_json():
    told = json.loads(json.dumps(GeneratedReport(4, (PLAIN, fault(found=())), (ODD,)).to_json()))

    assert (told["format"], told["seed"], told["rate"]) == (1, 4, 0.5)
    assert [one["survived"] for one in told["faults"]] == [False, True]
    assert told["faults"][0]["found"] == [{"requirement": "SET-1", "operations": 2, "headline": "lost"}]
    assert told["correct"][0]["name"] == "Odd0"


def test_of_no_fault_all_are_killed():
    assert GeneratedReport(4, (), (ODD,)).rate == 1.0
