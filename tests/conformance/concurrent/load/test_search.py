"""Concurrency under load: races that no line and no system call shows, told with a timeline and a script."""

import subprocess
import sys
import threading
from collections import Counter
from itertools import islice
from random import Random

import pytest

from conformance import Claims, Subject
from conformance.concurrent.load import search
from conformance.concurrent.load.rounds import random_round
from conformance.concurrent.load.search import modes_for, rounds_for, run_load
from conformance.concurrent.load.trials import Trials
from conformance.faults.planted import mapped, racing
from conformance.faults.planting import origin_of, subject_of
from conformance.harness.harness import Harness
from conformance.programs.operations import Add, ListKeys
from conformance.report.evidence import Evidence, Failure
from conformance.report.verdicts import Counterexample
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN, Origin
from conformance.system.budget import Budget
from conformance.system.limits import alarm
from spec_store import InvalidKeyError
from tests.conformance.concurrent.load.examples import PROCESSES, THREADS


def evidence_of(subject, origin=UNKNOWN, evidence=None, budget=None):
    evidence = evidence or Evidence()
    with alarm(3.0) as limit:
        run_load(Run(Harness(subject, limit), origin, Options(budget=budget), Watcher(), evidence, Budget()))
    return evidence


def run_script(script, tmp_path):
    (tmp_path / "script.py").write_text(script, "utf-8")
    return subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def race():
    origin = Origin(("from conformance.faults.planted.racing import AddsByUserDict",), "AddsByUserDict({options})")
    found = evidence_of(subject_of(racing.AddsByUserDict, THREADS), origin)
    return next(one for one in found.failures)


@pytest.mark.slow
def test_a_race_inside_one_line_is_found_and_told_with_a_timeline(race):
    assert race.requirement == "ADD-2"
    for words in ("threads at once", "thread 1", "thread 2", "|=", "returned None", "No order of these", "Seen in"):
        assert words in race.counterexample.message
    assert 1 <= race.counterexample.shown <= race.counterexample.tried


@pytest.mark.slow
def test_the_script_of_a_race_fails_while_the_fault_is_there_and_not_without(race, tmp_path):
    script = race.counterexample.script

    assert run_script(script, tmp_path).returncode == 1
    done = run_script(script.replace("AddsByUserDict", "LockedStore").replace("5000", "300"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.exhaustive  # how many rounds it takes is a matter of luck; the self-test has the fault too
def test_a_race_of_processes_without_a_system_call_is_found_and_its_script_shows_it(tmp_path):
    cls = mapped.RemovesFromTheMapAfterLooking
    found = evidence_of(subject_of(cls, PROCESSES), origin_of(cls), budget=600)

    assert [one.requirement for one in found.failures] == ["LIN-2"]
    script = found.failures[0].counterexample.script
    assert run_script(script, tmp_path).returncode == 1
    done = run_script(script.replace("RemovesFromTheMapAfterLooking", "MappedStore").replace("5000", "50"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.exhaustive  # correct backends of the self-test
@pytest.mark.usefixtures("short_load")
def test_correct_ones_are_not_accused_and_each_requirement_is_put_to_the_test():
    for cls, claims, general in (
        (racing.LockedStore, THREADS, "LIN-1"),
        (mapped.MappedStore, PROCESSES, "LIN-2"),
    ):
        found = evidence_of(subject_of(cls, claims))
        assert found.failures == []
        assert all(found.exercised[name] for name in (general, "LIN-3", "LIN-4", "ADD-2"))


@pytest.mark.parametrize(("budget", "threads"), [(None, 3), (60, 3), (150, 4), (3000, 6)])
def test_a_longer_budget_gives_more_threads(budget, threads, monkeypatch):
    rounds = []

    def noted(*arguments):
        rounds.append(random_round(*arguments))
        return rounds[-1]

    monkeypatch.setattr(search, "random_round", noted)
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.01)
    monkeypatch.setattr(search, "SHARE", 0)
    monkeypatch.setattr(search, "FEWEST", 3)
    evidence_of(subject_of(racing.LockedStore, THREADS), budget=budget)

    assert {len(one.clients) for one in rounds} == {threads}


def test_a_longer_budget_gives_more_time():
    harness = Harness(subject_of(racing.LockedStore, THREADS))

    short, long, longest = (next(modes_for(harness, budget)).seconds for budget in (0, 60, 600))

    assert short == long < longest


def test_what_is_wrong_without_threads_is_no_race():
    class MovesWrongly(racing.LockedStore):
        """move keeps the source."""

        def _move(self, source_key, dest_key, **kwargs):
            with self.lock:
                self._kept[dest_key] = (dest_key, self._get(source_key))

    # What is to blame is not known, but it has been seen.
    seen = evidence_of(subject_of(MovesWrongly, THREADS)).failures
    assert {(failure.requirement, failure.shown_again) for failure in seen} == {("LIN-1", False)}

    known = Evidence(failures=[Failure("MOVE-1", Counterexample(2, "message", "script", "headline"))])
    evidence_of(subject_of(MovesWrongly, THREADS), evidence=known)
    assert known.masked["LIN-1"].by == "MOVE-1"
    assert len(known.failures) == 1


class Deadlocks(racing.LockedStore):
    """Hangs for ever once a second thread calls a method that writes."""

    def __init__(self, *args, **kwargs):
        self.threads = set()
        self.lock = threading.RLock()  # its own, for what hangs may have it
        super().__init__(*args, **kwargs)

    def _set(self, key, value, **kwargs):
        self.threads.add(threading.get_ident())
        if len(self.threads) > 2:
            threading.Event().wait()
        super()._set(key, value)


@pytest.mark.slow
def test_a_deadlock_is_told():
    found = evidence_of(subject_of(Deadlocks, THREADS))

    assert [one.requirement for one in found.failures] == ["LIN-1"]
    assert "did not end within" in found.failures[0].counterexample.message


def test_where_a_process_cannot_open_the_backend_nobody_is_accused():
    def opened(place, **options):
        raise InvalidKeyError("no")

    found = evidence_of(Subject(opened, claims=PROCESSES))

    assert found.failures == []
    assert "does not open" in found.reasons["LIN-2"]


def test_nothing_is_run_unless_it_is_claimed():
    found = evidence_of(subject_of(racing.AddsByUserDict, Claims(durable=True)))

    assert not found.exercised
    assert not found.failures


def failing(requirement):
    return Failure(requirement, Counterexample(2, "message", "script", "headline"))


def test_nothing_is_run_where_no_history_can_be_explained():
    known = Evidence(failures=[failing("LIN-1")])

    evidence_of(subject_of(racing.LockedStore, THREADS), evidence=known)

    assert "LIN-1 is violated" in known.reasons["LIN-4"]
    assert not known.exercised


def test_what_pairs_alone_have_judged_is_told_as_cut_short_where_load_is_not_run():
    known = Evidence(failures=[failing("LIN-1")], exercised=Counter({"LIN-1": 2, "LIN-3": 3}))
    evidence_of(subject_of(racing.LockedStore, THREADS), evidence=known)

    assert "LIN-1 is violated" in known.cut_short["LIN-3"]
    assert known.cut_short.keys() == {"LIN-3"}


@pytest.mark.parametrize(
    ("violated", "held_out"),
    [
        ("ADD-2", lambda round_: any(isinstance(one, Add) for one in round_.every)),
        ("LIN-3", lambda round_: any(isinstance(one, ListKeys) for one in round_.every)),
        ("LIN-4", lambda round_: len(round_.keys) > 1),
    ],
)
def test_what_is_violated_is_held_out_and_the_rest_is_judged(violated, held_out):
    run = Run(Harness(subject_of(racing.LockedStore, THREADS)), UNKNOWN, Options(), Watcher(), Evidence(), Budget())
    mode = next(modes_for(run.harness, 0))
    every, rest = (list(islice(rounds_for(Trials(run, mode, Random(1)), known), 100)) for known in ((), (violated,)))

    assert any(map(held_out, every))
    assert not any(map(held_out, rest))
