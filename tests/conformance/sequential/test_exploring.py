"""The small world is explored whole: what takes a state of three keys is found, by a program that is short."""

from typing import ClassVar

import attrs
import pytest

from conformance.faults.catalogue import FAULTS
from conformance.faults.planted import core_states
from conformance.faults.planting import faults_in, subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.harness.harness import Harness
from conformance.programs.directed import basic_programs, directed_programs
from conformance.programs.families import ODD_FAMILIES
from conformance.programs.keys import ID_KEY, escapes
from conformance.programs.operations import Get, ListKeys, Move, Set
from conformance.programs.outcomes import Raised, Returned
from conformance.report.evidence import Evidence
from conformance.report.reach import Reach
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential import exploring
from conformance.sequential.candidates import Candidates
from conformance.sequential.expectations import Exactly, Lists
from conformance.sequential.exploring import explore_small_world, is_right
from conformance.sequential.search import run_programs, run_random
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget, OutOfTimeError
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError

A, B, C = ("a",), ("b",), ("c",)
DURABLE = Claims(durable=True)

subject_of_state = pytest.mark.parametrize("fault", faults_in(core_states), ids=lambda fault: fault.name)


def run_of(subject, families=None):
    harness = Harness(subject)
    if families is not None:
        harness = attrs.evolve(harness, material=attrs.evolve(harness.material, families=families))
    return Run(harness, UNKNOWN, Options(), Watcher(), Evidence(), harness.budget)


FEW = ((A, (*A, "b"), B), (A, B, C))


def explored(subject, families=FEW):
    run, candidates = run_of(subject, families), Candidates()
    explore_small_world(run, candidates)
    (reach,) = run.evidence.reached
    return candidates, reach


def shortest(candidates, requirement):
    """The length of the shortest program that was found to show that a requirement is violated."""
    found = [one.finding.step for one in candidates.kept.values() if one.finding.requirement == requirement]
    return min(found, default=None)


def opened(backend, **claims):
    return Subject(lambda _place, **options: backend(**options), claims=Claims(**claims))


# What is found


@subject_of_state
def test_a_fault_that_takes_a_state_of_three_keys_is_found_by_a_short_program(fault):
    candidates, _ = explored(fault.subject)
    assert shortest(candidates, fault.requirement) in (3, 4, 5)


def test_what_else_a_run_has_finds_no_such_fault():
    fault = faults_in(core_states)[0]
    run, candidates = run_of(fault.subject), Candidates()
    material = run.harness.material
    run_programs(run, [*basic_programs(material), *directed_programs(fault.subject, material)], candidates)
    run_random(run, candidates)
    assert shortest(candidates, fault.requirement) is None


def test_faults_that_take_a_state_are_in_the_catalogue():
    assert set(faults_in(core_states)) <= set(FAULTS)


class ForgetsAfterFour(InMemoryStoreBackend):
    """A key that something was moved from and to, and that was then removed, is not set again."""

    def __init__(self, **options):
        self.seen = {}
        super().__init__(**options)

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key, **kwargs)
        self.seen[dest_key] = "moved"

    def remove_key(self, key):
        if self.seen.get(key) == "moved":
            self.seen[key] = "removed"
        return super().remove_key(key)

    def _set(self, key, value, **kwargs):
        if self.seen.pop(key, "") != "removed":
            super()._set(key, value, **kwargs)


def test_a_fault_that_takes_a_history_is_found_by_a_brief_program():
    candidates, _ = explored(opened(ForgetsAfterFour))
    assert shortest(candidates, "SET-1") == 4


class ForgetsTheHundredth(InMemoryStoreBackend):
    """The hundredth set of a store does nothing: no state shows that."""

    def __init__(self, **options):
        self.sets = 0
        super().__init__(**options)

    def _set(self, key, value, **kwargs):
        self.sets += 1
        if self.sets != 100:
            super()._set(key, value, **kwargs)


def test_what_only_all_that_was_done_shows_is_not_dropped():
    candidates, _ = explored(opened(ForgetsTheHundredth), ((A, B, C),))
    assert {one.finding.requirement for one in candidates.kept.values()} == {"SET-1"}
    assert all(one.finding.step > 100 for one in candidates.kept.values())


class RaisesKeyError(InMemoryStoreBackend):
    """A move of what is missing raises the wrong error, in every state; and with it all, one state loses a key."""

    def _move(self, source_key, dest_key, **kwargs):
        if not self._has_key(source_key):
            raise KeyError(source_key)
        super()._move(source_key, dest_key, **kwargs)
        if len(self.list_keys()) == 3 and source_key == dest_key:
            self.remove_key(source_key)


def test_what_is_wrong_all_over_hides_nothing_and_costs_few_sessions():
    candidates, reach = explored(opened(RaisesKeyError), None)
    assert {"MOVE-4", "MOVE-3"} <= {one.finding.requirement for one in candidates.kept.values()}
    assert reach.is_whole
    assert candidates.programs < 150


# What is not


@pytest.mark.parametrize(
    "subject",
    [subject_of(DictStore, DURABLE), subject_of(FileStore, DURABLE), opened(InMemoryStoreBackend)],
    ids=["DictStore", "FileStore", "InMemoryStoreBackend"],
)
def test_a_correct_store_needs_no_session_and_is_explored_whole(subject):
    candidates, reach = explored(subject)
    assert (candidates.programs, candidates.kept) == (0, {})
    assert str(reach) == "every transition of the 3-key store, 2 families"


class TakesNoSpace(InMemoryStoreBackend):
    """Refuses keys with a space, and values that are long, as it may."""

    def _set(self, key, value, **kwargs):
        if any(" " in element for element in key):
            raise StoreBackendError("no spaces")
        super()._set(key, value, **kwargs)

    def _move(self, source_key, dest_key, **kwargs):
        if any(" " in element for element in dest_key):
            raise InvalidKeyError("no spaces")
        super()._move(source_key, dest_key, **kwargs)


def test_keys_that_are_refused_are_replaced_by_others_of_the_family():
    families = ((("a b",), A, ("c d",), B, C),)
    candidates, reach = explored(opened(TakesNoSpace), families)
    assert (candidates.kept, reach.done) == ({}, 1)


def test_a_family_of_which_every_key_is_refused_has_nothing_to_explore():
    candidates, reach = explored(opened(TakesNoSpace), ((("a b",), ("c d",)),))
    assert (candidates.kept, reach.is_whole) == ({}, True)


class Asked(InMemoryStoreBackend):
    keys: ClassVar[set[tuple[str, ...]]] = set()

    def _validate_key(self, key):
        self.keys.add(key)
        super()._validate_key(key)


def test_keys_that_might_lead_out_of_the_store_are_not_used_before_it_is_known_that_they_do_not():
    Asked.keys.clear()
    explored(opened(Asked), (*ODD_FAMILIES, (A, ("..", "a"), B)))
    assert ("a", ".", "b") in Asked.keys
    assert not [key for key in Asked.keys if escapes(key)]


def test_the_id_is_neither_written_nor_missed_in_a_listing():
    Asked.keys.clear()
    explored(opened(Asked), ((ID_KEY, A, B), (A, B, C)))
    assert Set(ID_KEY, "1") not in {Set(key, "1") for key in Asked.keys - {ID_KEY}}
    listing = Lists(frozenset({A}))
    assert is_right(listing, ListKeys(), Returned([ID_KEY, A]))
    assert not is_right(listing, ListKeys(), Returned([ID_KEY, ID_KEY, A]))
    assert not is_right(listing, ListKeys(A), Returned([ID_KEY, A]))
    assert not is_right(listing, ListKeys(), Raised("KeyError"))
    assert not is_right(Exactly(True), Get(A), Returned([ID_KEY]))


# How far


def test_a_run_that_is_out_of_time_says_how_far_it_came():
    performed = [0]

    class Ends(Budget):
        def over(self):
            performed[0] += 1
            return performed[0] > 20_000

    subject = opened(InMemoryStoreBackend)
    run = run_of(subject)
    run = attrs.evolve(run, harness=attrs.evolve(run.harness, budget=Ends()))
    with pytest.raises(OutOfTimeError):
        explore_small_world(run, Candidates())
    (reach,) = run.evidence.reached
    assert reach == Reach(reach.what, reach.done, 30, "families", "for want of time")
    assert 1 < reach.done < 10


class LosesAll(InMemoryStoreBackend):
    """Keeps nothing."""

    def _set(self, key, value, **kwargs):
        pass


def test_a_store_that_is_wrong_all_over_is_left_soon_and_that_is_said():
    candidates, reach = explored(opened(LosesAll), None)
    assert not reach.is_whole
    assert "left for what is wrong with them" in str(reach)
    assert candidates.programs < 100


# That these tests would tell


@pytest.mark.parametrize("broken", ["walk", "brief_programs"])
def test_without_its_walk_or_its_brief_programs_it_finds_less(monkeypatch, broken):
    monkeypatch.setattr(exploring, broken, lambda _shape: ())
    of_state, _ = explored(faults_in(core_states)[0].subject)
    of_history, _ = explored(opened(ForgetsAfterFour), ((A, B),))
    found = (shortest(of_state, "MOVE-5") is not None, shortest(of_history, "SET-1") == 4)
    assert found == ((False, True) if broken == "walk" else (True, False))


def test_the_state_is_brought_about_by_its_fewest_writes():
    candidates, _ = explored(faults_in(core_states)[0].subject)
    (program,) = {one.program[:4] for one in candidates.kept.values() if one.finding.requirement == "MOVE-5"}
    assert [type(operation) for operation in program] == [Set, Set, Set, Move]
