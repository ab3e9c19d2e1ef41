"""The search by random programs."""

import gc
import weakref

from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.operations import Get, RemoveKey, Set
from conformance.programs.pieces import Batch, Piece
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import OF_A_LIKENESS, run_batch, run_random
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims
from conformance.system.budget import Budget


def test_nothing_of_a_search_is_kept_once_it_is_over():
    harness = Harness(subject_of(DictStore, Claims()))
    candidates = Candidates()
    run_random(Run(harness, UNKNOWN, Options(examples=30), Watcher(), Evidence(), Budget()), candidates)
    assert candidates.random >= 30

    gone = weakref.ref(candidates), weakref.ref(harness)
    del candidates, harness
    gc.collect()  # what Hypothesis keeps for ever of each state machine must lead to none of them

    assert [one() for one in gone] == [None, None]


class RemovesWithoutAWord(DictStore):
    """Its removals do what they should, and say nothing."""

    def remove_key(self, key):
        super().remove_key(key)


def test_a_batch_in_which_only_a_known_trifle_goes_wrong_is_put_to_no_session():
    harness = Harness(subject_of(RemovesWithoutAWord, Claims()))
    run, candidates = Run(harness, UNKNOWN, Options(), Watcher(), Evidence(), Budget()), Candidates()
    keys = [("a", str(number)) for number in range(4)]
    batch = Batch(tuple(Piece((Set(key, "1"),), (RemoveKey(key),)) for key in keys))

    run_batch(run, batch, candidates)
    assert {one.finding.requirement for one in candidates.kept.values()} == {"REMOVE-4"}
    programs = candidates.programs
    run_batch(run, batch, candidates)

    assert candidates.programs == programs


class DropsTheLastCharacter(DictStore):
    """Whatever has a digit in its key comes back without its last character."""

    def _get(self, key):
        value = super()._get(key)
        return value[:-1] if isinstance(value, str) and any(map(str.isdigit, key[-1])) else value


def test_of_batches_that_look_alike_so_many_are_put_to_a_session():
    harness = Harness(subject_of(DropsTheLastCharacter, Claims()))
    run, candidates = Run(harness, UNKNOWN, Options(), Watcher(), Evidence(), Budget()), Candidates()
    for number in range(OF_A_LIKENESS):
        key = (f"{chr(0x3B1 + number)}", "1")
        run_batch(run, Batch((Piece((Set(key, f"{number}."),), (Get(key),)),)), candidates)
    programs = candidates.programs

    run_batch(run, Batch((Piece((Set(("\u0416", "1"), "<b>"),), (Get(("\u0416", "1")),)),)), candidates)

    assert 0 < candidates.programs == programs
