"""The search by random programs."""

import gc
import weakref

from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import run_random
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
