"""The kit on generated stores: what it makes of one follows from its name and the seed alone."""

import json

import attrs
import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.faults.generated.fault import DICT
from conformance.faults.generated.trials import CORRECT_SHARE, trial, try_generated
from conformance.faults.generated.witnesses import generated
from conformance.run.progress import Progress

SOME = ("Generated0", "Odd0")


def same(trials):
    """The trials without what the clock has told."""
    return [attrs.evolve(one, first=0.0, seconds=0.0) for one in trials]


def untried(name, *, seed, found=()):
    """A trial as a quick kit would give it."""
    from conformance.faults.generated.reporting import Trial

    kind = "key" if name.startswith("Generated") else ""
    return Trial(name, f"Drawn by {seed}.", kind, "lost" if kind else "", found=tuple(found))


@pytest.fixture
def quick(monkeypatch):
    """Has each store judged at once, accused of nothing."""
    monkeypatch.setattr("conformance.faults.generated.trials.trial", untried)


@pytest.mark.slow
def test_a_fault_is_found_and_told_with_what_it_is():
    one = trial("Generated0", seed=1, examples=2)
    drawn = generated(1, 0)

    assert (one.name, one.description, one.kind) == ("Generated0", drawn.fault.description, drawn.fault.kind)
    assert one.witness == tuple(map(str, drawn.witness))
    assert drawn.fault.base == DICT
    assert one.right
    assert 0 < one.first <= one.seconds


@pytest.mark.slow
def test_an_odd_store_is_accused_of_nothing():
    one = trial("Odd0", seed=1, examples=2)

    assert (one.found, one.undecided, one.invalid, one.failed) == ((), (), "", "")
    assert not one.survived


@pytest.mark.slow
@pytest.mark.exhaustive  # each process that it starts runs whole campaigns; the pool has tests of its own
def test_several_processes_give_the_same_trials():
    alone, together = (try_generated(1, seed=1, only=SOME, jobs=jobs) for jobs in (1, 2))

    assert same((*alone.faults, *alone.correct)) == same((*together.faults, *together.correct))
    assert [one.name for one in (*alone.faults, *alone.correct)] == list(SOME)


@pytest.mark.parametrize(("count", "odd"), [(1, 1), (CORRECT_SHARE - 1, 1), (3 * CORRECT_SHARE, 3)])
def test_for_some_faults_there_is_an_odd_store_and_at_least_one(quick, count, odd):
    told: list[Progress] = []

    report = try_generated(count, seed=4, progress=told.append)

    assert [one.name for one in report.faults] == [f"Generated{number}" for number in range(count)]
    assert [one.name for one in report.correct] == [f"Odd{number}" for number in range(odd)]
    assert [one.done for one in told] == list(range(count + odd))
    assert told[-1].violated == count


def test_names_choose_among_them_and_an_unknown_one_is_an_error(quick):
    assert [one.name for one in try_generated(9, only=["Generated7"]).faults] == ["Generated7"]
    with pytest.raises(ValueError, match="Generated9; there are Generated0 to Generated8 and Odd0 to Odd0"):
        try_generated(9, only=["Generated9"])


def test_a_failure_of_the_kit_is_told_of_the_store_it_happened_with(monkeypatch):
    monkeypatch.setattr("conformance.faults.generated.trials.run_campaign", lambda *_, **__: 1 / 0)

    one = trial("Generated3", seed=0)

    assert one.failed == "ZeroDivisionError: division by zero"


# From the shell


def selftest(*arguments):
    return CliRunner().invoke(main, ["selftest", "--seed", "4", "--jobs", "1", *arguments])


def test_survivors_leave_the_status_at_0_and_a_share_that_was_asked_for_makes_it_1(quick):
    assert selftest("--generated", "3").exit_code == 0
    assert selftest("--generated", "3", "--least", "0").exit_code == 0
    assert selftest("--generated", "3", "--least", "1").exit_code == 1


def test_a_failure_of_the_kit_makes_the_status_1(monkeypatch):
    monkeypatch.setattr("conformance.faults.generated.trials.run_campaign", lambda *_, **__: 1 / 0)

    done = selftest("--generated", "1")

    assert done.exit_code == 1
    assert "Generated0: the kit itself failed: ZeroDivisionError: division by zero." in done.stdout


def test_the_report_goes_to_a_file_beside_the_tables_or_to_standard_output_alone(quick, tmp_path):
    beside = selftest("--generated", "3", "--json", str(tmp_path / "x.json"))
    alone = selftest("--generated", "3", "--json", "-")

    assert "0 of 3 generated faults killed" in beside.stdout
    assert json.loads((tmp_path / "x.json").read_text("utf-8")) == json.loads(alone.stdout)
