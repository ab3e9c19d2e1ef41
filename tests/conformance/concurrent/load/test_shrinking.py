"""The smallest round like one that failed. No thread is run here: the rounds are of a store that is simulated."""

from random import Random

import pytest

from conformance.concurrent.histories.records import Record, Who
from conformance.concurrent.load import shrinking, trials
from conformance.concurrent.load.counterexample import Found
from conformance.concurrent.load.rounds import Round, RoundResult, Seen, of_adds, of_own_keys
from conformance.concurrent.load.shrinking import of_two, smaller, smallest, without_listings
from conformance.concurrent.load.trials import Mode, Trials
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.programs.operations import Add, Get, HasKey, ListKeys, RemoveKey, Set
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend
from tests.conformance.concurrent.load.examples import THREADS, A, B


def copy_of(backend):
    copy = InMemoryStoreBackend(suppress_store_backend_id=True)
    for key in backend.list_keys():
        copy.set(key, backend.get(key))
    return copy


class InStep:
    """Runs rounds in step: the operations of one turn all see what was stored before it, whatever the others do."""

    who: Who = "thread"

    def __init__(self):
        self.rounds = []

    def run(self, rounds):
        for round_ in rounds:
            self.rounds.append(round_)
            yield RoundResult(round_, tuple(self.history(round_)))

    def alone(self, program):
        backend = InMemoryStoreBackend(suppress_store_backend_id=True)
        round_ = Round((), (program,))
        outcomes = [(operation, perform(operation, backend)) for operation in (*program, *round_.reads)]
        seen = (Seen(0, Record(2 * n, 2 * n + 1, *row)) for n, row in enumerate(outcomes))
        return RoundResult(round_, tuple(seen))

    def history(self, round_):
        backend = InMemoryStoreBackend(suppress_store_backend_id=True)
        for number, operation in enumerate(round_.initial):
            yield Seen(0, Record(2 * number, 2 * number + 1, operation, perform(operation, backend)))
        turns = max(map(len, round_.clients))
        for turn in range(turns):
            before = copy_of(backend)
            for client, program in enumerate(round_.clients, 1):
                for operation in program[turn : turn + 1]:
                    begin = 100 + 10 * turn
                    yield Seen(client, Record(begin, begin + 9, operation, perform(operation, copy_of(before))))
                    perform(operation, backend)
        for number, operation in enumerate(round_.reads, 100 + 10 * turns):
            yield Seen(0, Record(10 * number, 10 * number + 1, operation, perform(operation, backend)))


@pytest.fixture
def tried(monkeypatch):
    """Trials of rounds in step, without an end to their time."""
    for module in (shrinking, trials):
        monkeypatch.setattr(module, "SHRINKING", float("inf"))
    monkeypatch.setattr(trials, "REPEATING", float("inf"))
    run = Run(Harness(subject_of(racing.LockedStore, THREADS)), UNKNOWN, Options(), Watcher(), Evidence(), Budget())
    return Trials(run, Mode(InStep(), clients=3, seconds=1.0, repeats=2), Random(0))


def found_in(round_, trials):
    result = next(iter(trials.mode.runner.run([round_])))
    return Found(trials.verdict(result), result, "thread")


def test_a_round_becomes_the_two_operations_that_race(tried):
    program = (Get(A), RemoveKey(A), HasKey(B))
    found = found_in(Round((Set(A, "1"), Set(B, "2")), (program, program, (Set(B, "3"),))), tried)

    least = smallest(found, tried)

    assert found.requirement == least.requirement == "LIN-1"
    assert least.run.round == Round((Set(A, "1"),), ((RemoveKey(A),), (RemoveKey(A),)))


def test_a_round_with_adds_that_fails_becomes_adds_alone(tried):
    found = found_in(Round((), ((Add(A, "1"), RemoveKey(A)), (Add(A, "2"), RemoveKey(A)))), tried)

    least = smallest(Found("LIN-1", found.run, "thread"), tried)

    assert least.requirement == "ADD-2"
    assert [[operation.name for operation in client] for client in least.run.round.clients] == [["add"], ["add"]]


def test_what_tells_more_is_tried_first_and_not_what_the_backend_lacks(tried):
    material = tried.run.harness.material
    found = found_in(Round((), ((Add(A, "1"), RemoveKey(A)), (Add(A, "2"), RemoveKey(A)))), tried)
    tried.mode.runner.rounds.clear()
    smallest(found, tried)
    assert list(dict.fromkeys(map(repr, tried.mode.runner.rounds)))[:2] == [
        repr(of_own_keys(material, 3)),
        repr(of_adds(material, 3)),
    ]

    tried.run.harness.memory.hangs["get"] = 100
    tried.mode.runner.rounds.clear()
    smallest(found, tried)
    assert of_own_keys(material, 3) not in tried.mode.runner.rounds
    assert of_adds(material, 3) in tried.mode.runner.rounds


def test_a_round_that_fails_without_its_listings_is_not_put_to_them(tried):
    program = (RemoveKey(A), ListKeys())
    found = found_in(Round((Set(A, "1"),), (program, program)), tried)

    least = smallest(Found("LIN-3", found.run, "thread"), tried)

    assert least.requirement == "LIN-1"
    assert not any(isinstance(operation, ListKeys) for operation in least.run.round.every)


def test_a_round_that_fails_no_more_is_kept_as_it_was(tried):
    result = next(iter(tried.mode.runner.run([Round((Set(A, "1"),), ((Get(A),), (Get(A),)))])))
    found = Found("LIN-1", result, "thread")

    assert smallest(found, tried) is found


# Rounds made from one


def test_smaller_rounds_have_one_client_or_one_operation_less():
    whole = Round((Set(A, "1"),), ((Get(A), RemoveKey(A)), (Get(A),), (Get(A),)))

    assert {len(less.every) for less in smaller(whole)} == {3, 4}
    assert all(len(less.clients) >= 2 and all(less.clients) for less in smaller(whole))


def test_a_round_of_two_operations_gets_no_smaller():
    assert list(smaller(Round((), ((Get(A),), (RemoveKey(A),))))) == []


def test_rounds_of_two_begin_with_an_operation_beside_itself_and_store_first_what_they_do_not_both_add():
    rounds = list(of_two(Round((Set(B, "0"),), ((Add(A, "1"), Get(A)), (Add(A, "2"), Get(A))))))

    before = {tuple(client[0].name for client in round_.clients): round_.initial for round_ in rounds}
    assert before == {("add", "add"): (Set(B, "0"),), ("add", "get"): (Set(B, "0"), Set(A, "2"))}
    assert list(before) == [("add", "add"), ("add", "get")]


def test_a_smaller_round_is_tried_so_often_however_little_the_seconds_allow(tried, monkeypatch):
    monkeypatch.setattr(trials, "REPEATING", 1e-9)
    monkeypatch.setattr(trials, "LONGEST_REPEATING", float("inf"))
    monkeypatch.setattr(trials, "FEWEST_REPEATS", 7)

    assert len(list(tried.repeated(Round((), ((Get(A),), (Get(A),))), 50))) == 7


def test_without_listings_each_key_is_read_instead():
    whole = Round((Set(A, "1"),), ((ListKeys(), Set(B, "2")), (Get(A),)))

    assert without_listings(whole).clients == ((Get(A), Get(B), Set(B, "2")), (Get(A),))
