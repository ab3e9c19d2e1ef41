import pytest

from conformance.faults.planted.core_setting import OverwritesTheBeginning
from conformance.faults.planted.core_values import ListingDrops
from conformance.faults.planted.transforming import CountsWithoutZeros
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, RemoveKey, Set, SetMany, Switch, Update
from conformance.sequential.attribution import attribute
from conformance.sequential.findings import Violation
from conformance.sequential.laboratory import Dropped
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.replay import findings_of
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Effort
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import (
    GetPops,
    JoinsElements,
    LosesOnSelfMove,
    RemovesChildren,
    StaleHasKey,
    StripsNewline,
    harness_of,
)

A, B, C, AB = ("a",), ("b",), ("c",), ("a", "b")

NOISE = (Set(C, "9"), Get(C), HasKey(A), ListKeys(), Set(("c", "d"), "8\u00e9"), Move(C, ("e",)))


@pytest.mark.parametrize(
    ("cls", "program", "requirement", "size"),
    [
        (LosesOnSelfMove, (Set(AB, "1\r\n"), Move(AB, AB)), "MOVE-3", 3),
        (RemovesChildren, (Set(A, "1"), Set(AB, "2"), RemoveKey(A)), "REMOVE-2", 3),
        (StripsNewline, (Set(AB, "12345 text\n"),), "GET-1", 2),
        (JoinsElements, (Set(AB, "1"), Set(("a/b",), "2")), "KEY-4", 2),
        (StaleHasKey, (Set(A, "1"), RemoveKey(A)), "HAS-1", 3),
        (GetPops, (Set(A, "1"), Set(B, "2")), "GET-3", 3),
    ],
)
def test_noise_is_taken_away_and_what_is_left_names_the_requirement(cls, program, requirement, size):
    harness = harness_of(cls)
    noisy = (*NOISE, *program, *NOISE)
    finding = findings_of(harness, noisy, ALWAYS)[0]
    violation = attribute(harness, noisy, finding, ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert (violation.requirement, violation.size) == (requirement, size)
    assert violation.shown == violation.tried


def test_a_minimal_value_keeps_only_what_the_fault_needs():
    harness = harness_of(StripsNewline)
    program = (Set(AB, "some text of a user\n"),)
    violation = attribute(harness, program, findings_of(harness, program, ALWAYS)[0], ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert violation.setup == (Set(A, "\n"),)


def test_a_consequence_that_no_program_shows_first_is_dropped():
    harness = harness_of(LosesOnSelfMove)
    program = (Set(A, "1"), Move(A, A))
    finding = findings_of(harness, program, ALWAYS)[0]
    consequence = type(finding)(
        "HAS-1", "returned", finding.step, HasKey(A), HasKey(A), finding.expected, finding.actual, A
    )
    assert isinstance(attribute(harness, program, consequence, ALWAYS, Effort()), Dropped)


@pytest.mark.parametrize("observation", [Add(A, "2"), RemoveKey(A)])
def test_an_operation_on_a_value_that_was_lost_before_it_is_not_blamed(observation):
    harness = harness_of(LosesOnSelfMove)
    program = (Set(A, "1"), Move(A, A), observation)
    finding = findings_of(harness, program, AT_THE_END)[0]
    assert finding.observation == observation
    assert isinstance(attribute(harness, program, finding, AT_THE_END, Effort()), Dropped)


@pytest.mark.parametrize("replays", [0, 400])
def test_that_an_update_does_no_more_than_a_set_is_found_out_whatever_it_has_cost_to_shorten_the_program(replays):
    harness = harness_of(OverwritesTheBeginning)
    program = (Set(A, "1"), Update(A, "long"), Update(A, "er"))
    violation = attribute(harness, program, findings_of(harness, program, ALWAYS)[0], ALWAYS, Effort(replays))
    assert isinstance(violation, Violation)
    assert violation.requirement in ("SET-1", "GET-1")
    assert not any(isinstance(operation, Update) for operation in violation.setup)


@pytest.mark.parametrize(
    "program",
    [
        (Set(("a", "01"), "1"), Get(("a", "1"))),
        (Set(("a", "00"), "1"), Move(("a", "0"), ("a", "0"))),
        (Set(("a", "1"), "1"), Update(("a", "01"), "2")),
        (SetMany(A, 3), Get(("a", "2"))),
    ],
    ids=["get", "move", "update", "many sets"],
)
def test_what_is_said_of_an_absent_key_that_has_one_place_with_another_is_a_matter_of_keys(program):
    harness = harness_of(CountsWithoutZeros)
    violation = attribute(harness, program, findings_of(harness, program, ALWAYS)[0], ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert (violation.requirement, violation.size) == ("KEY-4", 2)


def test_what_one_backend_alone_does_is_no_matter_of_another_one():
    harness = Harness(subject_of(ListingDrops, Claims(durable=True)), confined=True)
    program = (Set(B, "1"), Set(A, "1"), ListKeys(A), Switch())
    finding = next(one for one in findings_of(harness, program, ALWAYS) if one.key == A)
    assert (finding.cause, finding.requirement) == (Switch(), "REOPEN-2")
    violation = attribute(harness, program, finding, ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert (violation.requirement, violation.setup) == ("GET-3", (Set(A, "1"), ListKeys(A)))


class StripsBelowDepth(InMemoryStoreBackend):
    """What is moved to a key of more than three elements loses a newline at its end."""

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if len(dest_key) > 3:
            self._values[dest_key] = self._values[dest_key].rstrip("\n")


class CannotMoveFromDots(InMemoryStoreBackend):
    """A move of a key that begins with a dot fails."""

    def _move(self, source_key, dest_key, **kwargs):
        if source_key[0].startswith(".x"):
            raise OSError("hidden")
        super()._move(source_key, dest_key)


class MarksTheOther(InMemoryStoreBackend):
    """Whoever sets a key with a bell changes the value of the first of the others."""

    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        others = sorted(other for other in self._values if other != key and other[0] != ".ge_store_backend_id")
        if any("\a" in element for element in key) and others:
            self._values[others[0]] = "of nobody"


class RaisesAtTheTwelfthKey(InMemoryStoreBackend):
    """A set raises, though it is done, once twelve keys are stored."""

    def _set(self, key, value, **kwargs):
        full = len(self._values) > 11
        super()._set(key, value)
        if full:
            raise RuntimeError("full")


class ListsOneLessInTheEnd(InMemoryStoreBackend):
    """After a hundred calls a listing lacks its last key."""

    calls = 0

    def has_key(self, key):
        self.calls += 1
        return super().has_key(key)

    def list_keys(self, prefix=()):
        self.calls += 1
        listed = super().list_keys(prefix)
        return listed[:-1] if self.calls > 25 else listed


ODD_KEYS = (
    ("255", "a"),
    ("On",),
    ("y",),
    ("Y",),
    ("t", "a"),
    ("T", "a"),
    ("no",),
    ("No",),
    ("1e3",),
    ("1.0",),
    ("x y",),
)


@pytest.mark.parametrize(
    ("cls", "program", "requirement"),
    [
        (StripsBelowDepth, (Set(A, "1\n"), Move(A, ("a", "a", "a", "a"))), "MOVE-1"),
        (CannotMoveFromDots, (Set((".x",), "1"), Move((".x",), B)), "KEY-5"),
        (MarksTheOther, (Set(A, "1"), Set(("a\a",), "2")), "SET-2"),
        (RaisesAtTheTwelfthKey, tuple(Set(key, "1") for key in (A, AB, *ODD_KEYS, ("255", "a"))), "SET-1"),
        (ListsOneLessInTheEnd, (SetMany(A, 30), *(HasKey(A),) * 26), "GET-3"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_keys_are_not_the_matter_where_others_show_it_or_where_they_hold_a_value_each(cls, program, requirement):
    harness = Harness(Subject(cls), confined=True)
    finding = findings_of(harness, program, ALWAYS)[0]
    violation = attribute(harness, program, finding, ALWAYS, Effort(400))
    assert isinstance(violation, Violation)
    assert violation.requirement == requirement
