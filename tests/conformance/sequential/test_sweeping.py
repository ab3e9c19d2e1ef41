"""Sweeps find what they are for, by short programs, and say how far they went; the pace of the machine is no matter."""

import attrs
import pytest

from conformance.faults.planted import meeting, swept
from conformance.faults.planting import faults_in, subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.alternating import alternating_programs
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, ListKeys, Program, RemoveKey, Set, SetMany
from conformance.programs.sweeps import sweeps_of
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.bare import divergences, with_telling_values
from conformance.sequential.candidates import Candidates
from conformance.sequential.long_programs import Cuts, shortened
from conformance.sequential.observing import AT_THE_END
from conformance.sequential.session import Session
from conformance.sequential.sweeping import affordable, run_sweeps
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims
from conformance.system.budget import Budget, OutOfTimeError
from tests.conformance.programs.sweeping import reference
from tests.sampling import sampled

EVERYTHING = 1e6

HUNDRED_AND_ALL: Program = (
    *(Set(key, value) for key, value in SetMany(("a",), 100).items()),
    ListKeys(("a",)),
)


def run_of(harness):
    return Run(harness, UNKNOWN, Options(), Watcher(), Evidence(), Budget())


BY_TWO_HANDLES = "AddsOnceOvertaken"
"""The one fault of two things that takes two backends at once, which a sweep has not."""

SWEPT = (*faults_in(swept), *(fault for fault in faults_in(meeting) if fault.name != BY_TWO_HANDLES))


LONG = {
    "CachesForty": 150,
    "ForgetsSixtyMarks": 500,
    "LosesTheEightySeventhAdd": 800,
    "StripsTheFortyFifth": 450,
    "SeventhDoesNotReplace": 200,
}
"""How long the programs are for what takes many calls or keys, and is seen amid longer programs than it takes."""


@pytest.mark.slow
@pytest.mark.parametrize("fault", sampled(SWEPT, 8), ids=lambda fault: fault.name)
def test_a_fault_at_the_end_of_a_dimension_is_found_by_a_short_program(fault):
    candidates = Candidates()
    run_sweeps(run_of(with_telling_values(Harness(fault.subject))), candidates, EVERYTHING)
    assert candidates.kept
    assert min(candidate.finding.step for candidate in candidates.kept.values()) <= LONG.get(fault.name, 70)


def diverges(subject, dimension):
    """Whether a subject goes wrong where a dimension is swept to its end."""
    harness = with_telling_values(Harness(subject))
    sweep = next(one for one in sweeps_of(subject.claims, harness.material) if one.dimension == dimension)
    return any(divergences(harness, program) for program in sweep.extents[-1].programs())


class KeepsTildesAmongMany(DictStore):
    """A key with an element that ends with a tilde stays when it is moved, once there are 90 keys."""

    def _move(self, source_key, dest_key, **kwargs):
        value = self._get(source_key)
        super()._move(source_key, dest_key, **kwargs)
        if len(self._kept) > 90 and any(element.endswith("~") for element in source_key):
            self._set(source_key, value)


class DeniesAtCallSixtySeven(DictStore):
    """has_key denies every key if it is call number 67 of this object, of its own calls, gets and sets."""

    calls = 0

    def get(self, key, **kwargs):
        self.calls += 1
        return super().get(key, **kwargs)

    def set(self, key, value, **kwargs):
        self.calls += 1
        return super().set(key, value, **kwargs)

    def has_key(self, key):
        self.calls += 1
        return self.calls != 67 and super().has_key(key)


class UpsertsOverTheFirstOfMany(DictStore):
    """add_or_update, where 270 keys or more are stored, writes over the first key besides."""

    def add_or_update(self, key, value, **kwargs):
        super().add_or_update(key, value, **kwargs)
        if len(self._kept) >= 270:
            self._set(min(one for one in self._every_key() if one not in (key, ID_KEY)), value)


@pytest.mark.parametrize(
    ("store", "dimension"),
    [
        (KeepsTildesAmongMany, "odd keys among many, with every operation"),
        (DeniesAtCallSixtySeven, "calls of all, each operation at"),
        (UpsertsOverTheFirstOfMany, "siblings"),
    ],
)
def test_what_meets_in_one_dimension_alone_is_seen_there(store, dimension):
    assert diverges(subject_of(store, Claims()), dimension)


@pytest.mark.parametrize(
    ("name", "dimension"),
    [
        ("DeniesCommasAmongFiles", "odd keys among many, with every operation"),
        ("UpdatesAmpersandsOfTheRemoved", "odd values among many keys, with every operation"),
        ("LosesTheEightySeventhAdd", "calls of each operation"),
        ("StripsTheFortyFifth", "calls of each operation"),
        ("SeventhDoesNotReplace", "openings"),
    ],
)
def test_a_fault_that_takes_two_things_is_seen_where_they_meet(name, dimension):
    assert diverges(next(fault.subject for fault in faults_in(meeting) if fault.name == name), dimension)


def test_what_takes_two_backends_is_seen_where_they_take_turns():
    subject = next(fault.subject for fault in faults_in(meeting) if fault.name == BY_TWO_HANDLES)
    harness = Harness(subject)
    assert any(divergences(harness, program) for program in alternating_programs(harness.material))


def test_the_reference_is_swept_to_the_ends_and_accused_of_nothing():
    run, candidates = run_of(reference()), Candidates()
    run_sweeps(run, candidates, EVERYTHING)
    assert candidates.kept == {}
    assert "value lengths: to 4 MiB" in map(str, run.evidence.reached)
    assert "siblings: to 1,100, and down to none" in map(str, run.evidence.reached)


def test_a_slow_subject_is_swept_to_nearer_ends_and_that_is_said():
    run = run_of(reference())
    run_sweeps(run, Candidates(), 2500)
    assert any("an operation takes too long" in str(reach) for reach in run.evidence.reached)
    assert run.evidence.cut_short == {}
    assert run.evidence.reasons == {}


def test_how_much_is_affordable_falls_with_the_time_that_an_operation_blocks():
    run = run_of(reference())
    run.harness.memory.pace.operations, run.harness.memory.pace.seconds = 10_000, 50.0
    assert affordable(run) < 4000


def test_dimensions_that_there_was_no_time_for_are_told():
    harness = reference()
    budget = Budget(end=float("-inf"))
    run = attrs.evolve(run_of(attrs.evolve(harness, budget=budget)), budget=budget)
    with pytest.raises(OutOfTimeError):
        run_sweeps(run, Candidates(), EVERYTHING)
    assert all(reach.why == "cut short, for the time was up" for reach in run.evidence.reached)


def test_what_goes_wrong_at_a_number_of_siblings_is_shown_by_one_operation_that_sets_so_many():
    harness = Harness(next(fault.subject for fault in faults_in(swept) if fault.name == "ListsNinetySix"))
    (divergence,) = divergences(harness, HUNDRED_AND_ALL)
    short = shortened(harness, divergence, Cuts(10_000))
    assert [operation.name for operation in short.program] == ["set_many", "list_keys"]


def test_without_anything_left_for_cuts_a_program_stays_as_it_is():
    harness = Harness(next(fault.subject for fault in faults_in(swept) if fault.name == "ListsNinetySix"))
    (divergence,) = divergences(harness, HUNDRED_AND_ALL)
    assert shortened(harness, divergence, Cuts(0)) == divergence


class LosesTheLastOfMany(DictStore):
    """Of more than 60 keys the one that is set next is lost, whatever its value."""

    def _set(self, key, value, **kwargs):
        if len(self.list_keys()) < 60:
            super()._set(key, value, **kwargs)


def test_values_that_have_no_hash_are_shortened_as_others_are():
    sets = tuple(Set(("k", str(number)), [number]) for number in range(80))
    harness = Harness(subject_of(LosesTheLastOfMany, Claims()))
    (found, *_) = divergences(harness, (*sets, Get(("k", "79"))))
    assert len(shortened(harness, found, Cuts(100_000)).program) <= len(found.program)


class OmitsTheFirstOfTenThatDescend(DictStore):
    """list_keys omits the first of ten keys that came in descending order, while there are no others."""

    def _every_key(self):
        keys = [key for key in super()._every_key() if key != ID_KEY]
        omits = len(keys) == 10 and keys == sorted(keys, reverse=True)
        return [key for key in super()._every_key() if not (omits and key == keys[0])]


@pytest.mark.slow
def test_a_short_program_is_kept_though_long_ones_have_shown_the_same_before():
    harness = Harness(subject_of(OmitsTheFirstOfTenThatDescend, Claims()))
    candidates = Candidates()
    for odd in ("%", " "):
        before: Program = (*(Set(("b",), str(number)) for number in range(100)), RemoveKey(("b",)))
        descending: Program = tuple(Set((odd, f"{number:02}"), "1") for number in range(10, 0, -1))
        session = Session(harness, AT_THE_END)
        session.run((*before, *descending, ListKeys()))
        candidates.take(harness, session)
    assert [candidate.finding.step > 100 for candidate in candidates.kept.values()] == [True, True]

    run_sweeps(run_of(harness), candidates, EVERYTHING)

    assert min(candidate.finding.step for candidate in candidates.kept.values()) <= 11
