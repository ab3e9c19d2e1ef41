import itertools
import random
import subprocess
import sys
from collections import Counter

import pytest

from conformance.programs.operations import Add, AddOrUpdate, Get, Move, RemoveKey, Set, Update
from conformance.report.evidence import Evidence
from conformance.report.results import results
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import run_programs
from conformance.sequential.triage import triage
from conformance.subject.origin import Origin
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend
from tests.conformance.sequential.counting_stores import (
    ByChance,
    ByChanceOfAllStores,
    EveryFifthOfAKey,
    EveryFortiethCall,
    EveryFortiethWrite,
    EveryNinetySeventhCall,
    EverySeventhCall,
    EverySeventhWrite,
    EverySixteenthCall,
    EverySixteenthWrite,
    OfAllStores,
    OnceInALifetime,
)
from tests.conformance.subjects import harness_of
from tests.sampling import sampled

pytestmark = pytest.mark.slow

KEYS = (("a",), ("b",), ("c",), ("a", "b"))
SETS = tuple(tuple(Set(KEYS[(start + number) % 4], str(number)) for number in range(30)) for start in range(4))


def programs(count=24):
    """Programs of 30 operations at random, the same in every run."""
    lots = random.Random(7)
    numbers = itertools.count()

    def operation():
        key, value = lots.choice(KEYS), str(next(numbers))
        kinds = (Set(key, value), Set(key, value), Add(key, value), Update(key, value), AddOrUpdate(key, value))
        return lots.choice((*kinds, Get(key), RemoveKey(key), Move(key, lots.choice(KEYS))))

    return (*SETS, *(tuple(operation() for _ in range(30)) for _ in range(count)))


def evidence_of(cls, chosen=None):
    evidence = Evidence()
    origin = Origin((f"from {cls.__module__} import {cls.__name__}",), f"{cls.__name__}({{options}})")
    run = Run(harness_of(cls), origin, Options(), Watcher(), evidence, Budget())
    candidates = Candidates(exercised=evidence.exercised)
    run_programs(run, chosen or programs(), candidates)
    triage(run, candidates, stores_are_shared=False)
    assert candidates.kept or not evidence.failures
    return evidence


def verdicts(evidence, cls):
    found = results(evidence, harness_of(cls).subject.claims, {}, interrupted=False)
    return {one.requirement.id: one.verdict for one in found}


COUNTING = (
    *(EverySeventhCall, EverySixteenthCall, EveryFortiethCall, EveryNinetySeventhCall),
    *(EverySeventhWrite, EverySixteenthWrite, EveryFifthOfAKey),
)


@pytest.mark.parametrize("cls", sampled(COUNTING, 4))
def test_a_store_that_loses_by_count_is_told_once_and_its_script_fails(cls, tmp_path):
    evidence = evidence_of(cls)
    told = [failure.requirement for failure in evidence.failures]
    assert len(told) == 1
    assert told[0] in ("SET-1", "UPSERT-1")  # where no plain set was lost
    assert all(failure.shown_again for failure in evidence.failures)
    for number, failure in enumerate(evidence.failures):
        path = tmp_path / f"{number}.py"
        path.write_text(failure.counterexample.script, encoding="utf-8")
        environment = {"PYTHONPATH": ":".join(sys.path)}
        done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=environment, check=False)
        assert (done.returncode, f"{told[0]} is violated" in done.stderr) == (1, True)


def test_what_else_the_rule_explains_is_named_and_masked():
    evidence = evidence_of(EverySixteenthWrite)
    assert "once in 16 operations" in evidence.failures[0].counterexample.message
    assert all(mask.by == "SET-1" for mask in evidence.masked.values())


@pytest.mark.parametrize("cls", [EveryFortiethWrite, ByChance])
def test_what_long_programs_alone_show_is_told(cls):
    long = tuple(Set(KEYS[number % 3], str(number)) for number in range(60))
    assert {failure.requirement for failure in evidence_of(cls, (long, *programs())).failures} == {"SET-1"}


@pytest.mark.parametrize("cls", [OfAllStores, ByChanceOfAllStores])
def test_what_no_new_store_repeats_is_never_passed(cls):
    cls.counts = Counter()
    cls.lots = random.Random(1)
    found = verdicts(evidence_of(cls), cls)
    assert {"violated", "undecided"} & set(found.values())


def test_what_is_never_seen_again_is_undecided_with_what_was_seen():
    OnceInALifetime.counts.clear()
    evidence = evidence_of(OnceInALifetime)
    assert [failure.shown_again for failure in evidence.failures] == [False]
    assert "in none of 10 replays" in evidence.failures[0].counterexample.message
    assert "undecided" in verdicts(evidence, OnceInALifetime).values()


def test_a_correct_store_has_nothing_to_be_told():
    assert evidence_of(InMemoryStoreBackend).failures == []
