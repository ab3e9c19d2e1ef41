"""Pauses of the clients of a round."""

import itertools
import sys
from random import Random

import pytest

from conformance.concurrent.load import search
from conformance.concurrent.load.pausing import OF, pauses
from conformance.concurrent.load.processes import ProcessRunner
from conformance.concurrent.load.rounds import Round
from conformance.concurrent.load.threads import ThreadRunner
from conformance.concurrent.load.trials import Trials
from conformance.faults.planted import mapped, racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.operations import Get
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.system.budget import Budget
from tests.conformance.concurrent.load.examples import PROCESSES, THREADS, A


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
        (ThreadRunner, TellsThreadsWhetherTheyPause, THREADS),
        (ProcessRunner, TellsProcessesWhetherTheyPause, PROCESSES),
    ],
)
def test_threads_and_processes_pause_in_three_of_five_rounds_and_not_in_reads_afterwards(runner, store, claims):
    round_ = Round((), ((Get(A),), (Get(A),)))
    harness = Harness(subject_of(store, claims))
    results = list(itertools.islice(runner(harness).run(itertools.repeat(round_)), 10))

    answers = [
        {seen.client > 0: seen.record.outcome.value for seen in result.seen if seen.record.operation == Get(A)}
        for result in results
    ]
    assert [answer[True] for answer in answers] == ["True", "True", "True", "False", "False"] * 2
    assert {answer[False] for answer in answers} == {"False"}


def test_every_kind_of_round_is_run_with_and_without_pauses(monkeypatch):
    random = object()  # eight rounds in turn: a random one before every other one of the five directed ones
    monkeypatch.setattr(search, "random_round", lambda *_: random)
    run = Run(Harness(subject_of(racing.LockedStore, THREADS)), UNKNOWN, Options(), Watcher(), Evidence(), Budget())
    mode = next(search.modes_for(run.harness, 0))

    rounds = list(itertools.islice(search.rounds_for(Trials(run, mode, Random(0))), 8 * OF))

    kinds = [id(rounds[number]) for number in range(8)]
    assert len(set(kinds)) == 6
    assert rounds == rounds[:8] * OF
    for kind in range(8):
        assert {pauses(number) for number in range(kind, len(rounds), 8)} == {True, False}
