"""Concurrency under load: races that no line and no system call shows, told with a timeline and a script."""

import itertools
import subprocess
import sys
import threading
import time
from random import Random

import pytest

from conformance import Claims, Subject
from conformance.concurrent.histories.records import Record
from conformance.concurrent.load import search
from conformance.concurrent.load.counterexample import WIDTH, timeline
from conformance.concurrent.load.processes import by_processes, received, sent
from conformance.concurrent.load.rounds import (
    Round,
    Seen,
    of_adds,
    of_moves,
    of_own_keys,
    of_removals,
    orders,
    random_round,
    smaller,
)
from conformance.concurrent.load.search import run_stress
from conformance.concurrent.load.threads import by_threads
from conformance.concurrent.load.verdict import EXPLAINED, first_unexplained, verdict
from conformance.faults.planted import mapped, racing
from conformance.faults.planting import origin_of, subject_of
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.programs.operations import Add, Get, ListKeys, Move, RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN, Origin
from conformance.system.budget import Budget
from conformance.system.limits import alarm
from spec_store import InvalidKeyError

THREADS = Claims(durable=True, threads=True)
PROCESSES = Claims(durable=True, processes=True)
A, B = ("a",), ("b",)


def evidence_of(subject, origin=UNKNOWN, evidence=None, budget=None):
    evidence = evidence or Evidence()
    with alarm(3.0) as limit:
        run_stress(Run(Harness(subject, limit), origin, Options(budget=budget), Watcher(), evidence, Budget()))
    return evidence


def seen(*records):
    """Of (side, begin, end, operation, what it returned or raised)."""
    return tuple(
        Seen(side, Record(begin, end, operation, came if isinstance(came, Raised) else Returned(came)))
        for side, begin, end, operation, came in records
    )


def run_script(script, tmp_path):
    (tmp_path / "script.py").write_text(script, "utf-8")
    return subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)


# What a history violates


def test_adds_at_once_that_both_succeed_violate_add_2():
    came = seen((1, 0, 5, Add(A, "1"), None), (2, 1, 4, Add(A, "2"), None), (0, 6, 7, Get(A), "1"))

    assert verdict(came, Claims(), "thread") == "ADD-2"


def test_adds_that_both_succeed_round_a_removal_are_explained():
    came = seen(
        (1, 0, 5, Add(A, "1"), None),
        (2, 1, 9, Add(A, "2"), None),
        (3, 2, 8, RemoveKey(A), True),
        (0, 10, 11, Get(A), "2"),
    )

    assert verdict(came, Claims(), "thread") == EXPLAINED


def test_a_listing_alone_violates_lin_3():
    came = seen((0, 0, 1, Set(A, "1"), None), (1, 2, 5, Get(A), "1"), (2, 3, 4, ListKeys(), []))

    assert verdict(came, Claims(), "thread") == verdict(came, Claims(), "process") == "LIN-3"


@pytest.mark.parametrize(("who", "requirement"), [("thread", "LIN-1"), ("process", "LIN-2")])
def test_two_removals_of_one_value_are_no_order(who, requirement):
    came = seen((0, 0, 1, Set(A, "1"), None), (1, 2, 5, RemoveKey(A), True), (2, 3, 4, RemoveKey(A), True))

    assert verdict(came, Claims(), who) == requirement


def test_what_no_operation_raises_is_never_explained():
    came = seen((0, 0, 1, Set(A, "1"), None), (1, 2, 5, Get(A), Raised("KeyError")), (2, 3, 4, RemoveKey(A), True))

    assert verdict(came, Claims(), "thread") == "LIN-1"


def test_a_conflict_may_have_been_applied_or_not():
    conflict = Raised("StoreBackendError")

    for value in ("1", "2"):
        came = seen((0, 0, 1, Set(A, "1"), None), (1, 2, 5, Set(A, "2"), conflict), (2, 6, 7, Get(A), value))
        assert verdict(came, Claims(), "thread") == EXPLAINED


def test_a_write_lost_to_one_of_another_key_violates_lin_4():
    came = seen(
        (1, 0, 3, Set(A, "1"), None), (2, 1, 2, Set(B, "2"), None), (2, 4, 5, Get(B), Raised("InvalidKeyError"))
    )

    assert verdict(came, Claims(), "thread") == "LIN-4"


def test_a_move_in_two_steps_is_explained_where_that_is_claimed():
    came = seen(
        (0, 0, 1, Set(A, "1"), None), (1, 2, 9, Move(A, B), None), (2, 3, 4, Get(B), "1"), (2, 5, 6, Get(A), "1")
    )

    assert verdict(came, Claims(atomic_move=False), "thread") == EXPLAINED
    assert verdict(came, Claims(), "thread") == "LIN-1"


def test_the_first_operation_that_cannot_be_explained_is_named():
    came = seen((0, 0, 1, Set(A, "1"), None), (1, 2, 3, Get(A), "1"), (2, 4, 6, Get(A), "2"), (1, 5, 8, Get(A), "3"))

    first = first_unexplained(came, Claims())

    assert first is not None
    assert first.record.operation == Get(A)
    assert first.record.end == 6


def test_a_timeline_is_in_the_order_of_begin_and_to_scale():
    lines = timeline(seen((2, 30, 60, Get(A), "1"), (1, 0, 30, Set(A, "1"), None), (0, 60, 61, Get(A), "1")), "thread")

    assert [line.split()[1] for line in lines[:2]] == ["1", "2"]
    assert lines[0].count("=") == lines[1].count("=") == WIDTH // 2
    assert lines[2].strip() == "afterwards: backend.get(('a',)) returned '1'"


# Rounds


def test_rounds_are_the_same_for_the_same_seed_and_have_no_operation_that_is_left_out():
    plain = material(Claims())
    first, second = ([random_round(r, plain, frozenset({"add"}), 3) for _ in range(50)] for r in (Random(7), Random(7)))

    assert first == second
    assert {len(one.sides) for one in first} == {3}
    assert "add" not in {operation.name for one in first for operation in one.every}


@pytest.mark.parametrize("sides", [2, 3, 6])
@pytest.mark.parametrize("make", [of_adds, of_removals, of_moves, of_own_keys])
def test_a_round_that_is_made_has_every_side_and_only_keys_that_there_are(make, sides):
    one = make(material(Claims()), sides)

    assert len(one.sides) == sides
    wanted = [{operation.keys[0] for operation in side} for side in one.sides]
    assert all(wanted)
    if make is of_own_keys:
        assert sum(map(len, wanted)) == len(set().union(*wanted))
    else:
        assert all(keys == wanted[0] for keys in wanted)
    stored = {operation.keys[0] for operation in one.initial}
    assert stored == (wanted[0] if make in (of_removals, of_moves) else set())


def test_values_of_a_round_differ():
    for number in range(50):
        one = random_round(Random(number), material(Claims()), frozenset(), 3)
        values = [operation.value for operation in one.every if isinstance(operation, Set | Add)]
        assert len(values) == len(set(values))


def test_smaller_rounds_have_one_side_or_one_operation_less():
    one = Round((Set(A, "1"),), ((Get(A), RemoveKey(A)), (Get(A),), (Get(A),)))

    assert {len(less.every) for less in smaller(one)} == {3, 4}
    assert all(len(less.sides) >= 2 and all(less.sides) for less in smaller(one))


def test_messages_of_processes_say_what_was_seen():
    records = [
        Record(0, 1, Set(A, "\ud800"), Returned(None)),
        Record(2, 3, Get(A), Returned("\ud800")),
        Record(4, 5, ListKeys(), Returned([A])),
        Record(6, 7, Get(B), Raised("InvalidKeyError", "no")),
    ]
    program = [one.operation for one in records]

    assert received(sent(records), program) == records


# Races


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
def test_a_race_of_processes_without_a_system_call_is_found_and_its_script_shows_it(tmp_path):
    cls = mapped.RemovesFromTheMapAfterLooking
    found = evidence_of(subject_of(cls, PROCESSES), origin_of(cls), budget=600)

    assert [one.requirement for one in found.failures] == ["LIN-2"]
    script = found.failures[0].counterexample.script
    assert run_script(script, tmp_path).returncode == 1
    done = run_script(script.replace("RemovesFromTheMapAfterLooking", "MappedStore").replace("5000", "50"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
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
    monkeypatch.setattr(search, "SECONDS", 0.01)
    monkeypatch.setattr(search, "SHARE", 0)
    monkeypatch.setattr(search, "FEWEST", 3)
    evidence_of(subject_of(racing.LockedStore, THREADS), budget=budget)

    assert {len(one.sides) for one in rounds} == {threads}


def test_a_longer_budget_gives_more_time(monkeypatch):
    monkeypatch.setattr(search, "SECONDS", 0.01)
    monkeypatch.setattr(search, "FEWEST", 3)

    short, long = (evidence_of(subject_of(racing.LockedStore, THREADS), budget=budget) for budget in (None, 20))

    assert long.exercised["LIN-1"] > 2 * short.exercised["LIN-1"]


def test_what_is_wrong_without_threads_is_no_race():
    class MovesWrongly(racing.LockedStore):
        """move keeps the source."""

        def _move(self, source_key, dest_key, **kwargs):
            with self.lock:
                self._kept[dest_key] = (dest_key, self._get(source_key))

    assert evidence_of(subject_of(MovesWrongly, THREADS)).failures == []


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
def test_a_deadlock_is_told_and_does_not_hang():
    begin = time.monotonic()

    found = evidence_of(subject_of(Deadlocks, THREADS))

    assert [one.requirement for one in found.failures] == ["LIN-1"]
    assert "did not end within" in found.failures[0].counterexample.message
    assert time.monotonic() - begin < 40


def test_a_process_that_dies_is_told():
    one = Round((), ((Get(A),), (Get(A),)))

    class Dies(mapped.MappedStore):
        def _get(self, key):
            raise KeyboardInterrupt

    harness = Harness(subject_of(Dies, PROCESSES), cheap={"suppress_store_backend_id": True})
    run = next(by_processes(harness, [one]))

    assert [number for number, _ in run.stuck] == [1, 2]
    assert "KeyboardInterrupt" in run.stuck[0][1]


def test_where_a_process_cannot_open_the_backend_nobody_is_accused():
    def opened(place, **options):
        raise InvalidKeyError("no")

    found = evidence_of(Subject(opened, claims=PROCESSES))

    assert found.failures == []
    assert "does not open" in found.reasons["LIN-2"]


class TellsThreadsWhetherTheyPause(racing.LockedStore):
    def _get(self, key):
        return str(sys.gettrace() is not None)


class TellsProcessesWhetherTheyPause(mapped.MappedStore):
    def _get(self, key):
        return str(sys.gettrace() is not None)


@pytest.mark.traces
@pytest.mark.parametrize(
    ("runner", "store", "claims"),
    [
        (by_threads, TellsThreadsWhetherTheyPause, THREADS),
        (by_processes, TellsProcessesWhetherTheyPause, PROCESSES),
    ],
)
def test_threads_and_processes_pause_in_three_of_five_rounds_and_not_in_reads_afterwards(runner, store, claims):
    one = Round((), ((Get(A),), (Get(A),)))
    harness = Harness(subject_of(store, claims))
    runs = list(itertools.islice(runner(harness, itertools.repeat(one)), 10))

    came = [
        {seen.side > 0: seen.record.outcome.value for seen in run.seen if seen.record.operation == Get(A)}
        for run in runs
    ]
    assert [one[True] for one in came] == ["True", "True", "True", "False", "False"] * 2
    assert {one[False] for one in came} == {"False"}


def test_the_switch_interval_is_as_before():
    before = sys.getswitchinterval()
    one = Round((), ((Get(A),), (Get(A),)))

    runs = list(by_threads(Harness(subject_of(racing.LockedStore, THREADS)), itertools.repeat(one, 2)))

    assert [len(run.seen) for run in runs] == [4, 4]
    assert sys.getswitchinterval() == before


def test_orders_have_every_operation_and_what_came_before():
    one = Round((Set(A, "1"),), ((Get(A), RemoveKey(A)), (Set(A, "2"),)))
    run = next(by_threads(Harness(subject_of(racing.LockedStore, THREADS)), [one]))

    every = list(orders(run, Random(0), 20))

    assert len(every) == 3
    assert all(order[0] == Set(A, "1") and len(order) == 4 for order in every)


def test_nothing_is_run_unless_it_is_claimed():
    found = evidence_of(subject_of(racing.AddsByUserDict, Claims(durable=True)))

    assert not found.exercised
    assert not found.failures


@pytest.mark.slow
def test_nothing_is_run_where_the_same_is_violated_already(race):
    known = Evidence(failures=[race])

    assert evidence_of(subject_of(racing.AddsByUserDict, THREADS), evidence=known).failures == [race]
    assert "ADD-2 is violated" in known.reasons["LIN-1"]
