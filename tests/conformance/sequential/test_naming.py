"""The table of `naming`: each row is there for a planted fault, which it decides, and which is misnamed without it."""

import attrs
import pytest

from conformance.faults.catalogue import FAULTS
from conformance.harness.harness import Harness
from conformance.harness.preflight import missing_of
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    Add,
    Get,
    HasKey,
    ListKeys,
    Move,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Switch,
    Update,
)
from conformance.programs.outcomes import Raised, Returned
from conformance.sequential import attribution
from conformance.sequential.expectations import Anything
from conformance.sequential.findings import Finding
from conformance.sequential.naming import TABLE, Facts, always, deciding_row, name
from conformance.sequential.observing import ALWAYS
from conformance.sequential.replay import findings_of
from conformance.system.budget import Effort
from spec_store.requirements import REQUIREMENTS

A, B, AA, AB, ODD, ALSO_ODD = ("a",), ("b",), ("a", "a"), ("a", "b"), ("A",), ("B",)
GONE = Raised("InvalidKeyError")

PROGRAMS = {
    "UpdatesWhatItRemembers": (Set(A, "1"), Switch(), RemoveKey(A), Switch(), Update(A, "2")),
    "CachesByJoinedPath": (Set(("a/b",), "1"), Set(AB, "2")),
    "MovesPastTheCache": (Set(A, "1"), Get(B), Move(A, B)),
    "RemovesBesideNoEmptyKey": (Set((), "1"), RemoveKey(())),
    "HasKeyCreates": (HasKey(A), RemoveKey(A)),
    "BreaksWhenItRefuses": (Set(A, "1"), Set(B, b"2"), Get(A)),
    "KeepsTheKeywords": (Set(A, "1", True), Get(A)),
    "CannotAskForTheEmptyKey": (HasKey(()),),
    "LosesItsIdByRemoving": (Set(A, "1"), RemoveKey(A)),
    "ReadsDirectories": (Get(()),),
    "StoresUnderAnotherName": (Set((" ",), "1"),),
    "FoldsCase": (Set(A, "1"), Set(ODD, "2")),
    "HasDirectories": (Set(AA, "1"), HasKey(A)),
    "RemovesChildren": (Set(A, "1"), Set(AB, "2"), RemoveKey(A)),
    "ChildReplacesParent": (Set(A, "1"), Set(AB, "2")),
    "LeavesTombstones": (Set(A, "1"), RemoveKey(A), Set(A, "2")),
    "OverwritesTheBeginning": (Set(A, "longer"), Set(A, "1")),
    "IgnoresOverwriting": (Set(A, "1"), Set(A, "2")),
}
"""For each fault that a row names, a program that shows it."""


def fault_of(class_name):
    return next(fault for fault in FAULTS if fault.name == class_name)


def attribution_of(class_name, monkeypatch):
    """The violation that is found in a planted fault, and the facts that its requirement was named by."""
    seen = []

    def naming(facts):
        seen.append(facts)
        return name(facts)

    monkeypatch.setattr(attribution, "name", naming)
    fault = fault_of(class_name)
    fault.reset()
    harness = Harness(fault.subject)
    harness = attrs.evolve(harness, avoid=missing_of(harness).methods)
    program = PROGRAMS[class_name]
    finding = findings_of(harness, program, ALWAYS)[0]
    violation = attribution.attribute(harness, program, finding, ALWAYS, Effort())
    (facts,) = seen
    return violation, facts


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.fault)
def test_the_fault_of_a_row_is_found_under_its_requirement_by_that_row(row, monkeypatch):
    violation, facts = attribution_of(row.fault, monkeypatch)
    assert violation.requirement == fault_of(row.fault).requirement
    assert deciding_row(facts) is row
    assert name(facts) == violation.requirement


@pytest.mark.parametrize("row", TABLE[:-1], ids=lambda row: row.fault)
def test_without_a_row_its_fault_is_put_to_another_requirement(row, monkeypatch):
    _, facts = attribution_of(row.fault, monkeypatch)
    assert name(facts, [other for other in TABLE if other is not row]) != fault_of(row.fault).requirement


def test_each_row_has_a_fault_of_its_own_and_the_last_applies_to_all():
    assert len({row.fault for row in TABLE}) == len(TABLE)
    assert [row.applies is always for row in TABLE] == [False] * (len(TABLE) - 1) + [True]


def test_what_a_row_answers_by_itself_is_a_requirement():
    known = {requirement.id for requirement in REQUIREMENTS}
    assert {row.requirement for row in TABLE if not callable(row.requirement)} <= known


def facts(requirement, symptom, cause, key=None, *, program=(), observation=None, actual=GONE):
    finding = Finding(requirement, symptom, len(program), cause, observation or cause, Anything(), actual, key)
    return Facts(program, finding)


@pytest.mark.parametrize(
    ("case", "requirement"),
    [
        # One odd key that cannot be done with is KEY-5, two that are confused are KEY-4.
        (facts("SET-1", "raised", Set(ODD, "1")), "KEY-5"),
        (facts("MOVE-1", "raised", Move(A, ODD), program=(Set(A, "1"),)), "KEY-4"),
        (facts("KEY-6", "blocked", Set(ODD, "1"), program=(Set(ALSO_ODD, "1"), RemoveKey(ALSO_ODD))), "KEY-4"),
        (facts("GET-1", "raised", Get(ODD), ODD, program=(Set(A, "1"), Set(ODD, "2"))), "KEY-5"),
        (facts("SET-1", "lost", Set(ODD, "1"), ODD, program=(Set(ODD, "1"),)), "KEY-5"),
        (facts("SET-2", "lost", Set(ODD, "1"), A, program=(Set(A, "1"), Set(ODD, "1"))), "KEY-4"),
        (facts("KEY-5", "lost", Set(ODD, "1"), ODD, program=(Set(A, "1"),)), "KEY-5"),
        (facts("KEY-5", "lost", Set(ODD, "1"), A, program=(Set(A, "1"),)), "KEY-4"),
        # What is said wrongly of an odd key stays what it is, unless a write takes it for another key.
        (facts("HAS-1", "returned", HasKey(ODD), ODD, program=(Set(A, "1"),)), "HAS-1"),
        (facts("REMOVE-4", "returned", RemoveKey(ODD), program=(Set(A, "1"),)), "KEY-4"),
        (facts("REMOVE-4", "returned", RemoveKey(ODD)), "REMOVE-4"),
        (facts("REMOVE-3", "appeared", RemoveKey(ODD), ODD, program=(Set(A, "1"),)), "REMOVE-3"),
        (facts("REMOVE-3", "lost", RemoveKey(ODD), A, program=(Set(A, "1"),)), "KEY-4"),
        # What takes two backends is a matter of these, whatever else is needed; what is wrong with the id is the id's.
        (facts("SET-2", "lost", Set(ODD, "1"), A, program=(Set(A, "1"), Switch(), Set(ODD, "1"))), "REOPEN-2"),
        (facts("ID-8", "changed", Switch(), program=(Set(A, "1"), Switch())), "ID-8"),
        # Of related keys, neither may keep the other from being stored.
        (facts("SET-1", "lost", Set(AB, "1"), AB, program=(Set(A, "1"),)), "KEY-6"),
        (facts("MOVE-1", "raised", Move(A, AB), program=(Set(A, "1"),)), "KEY-6"),
        (facts("MOVE-4", "raised", Move(A, AB), program=(Set(AB, "1"),)), "MOVE-4"),
        (facts("REMOVE-3", "lost", RemoveKey(A), AB, program=(Set(AB, "1"),)), "REMOVE-3"),
        (facts("REOPEN-1", "lost", Reopen(), A, program=(Set(A, "1"), Set(AB, "1"))), "REOPEN-1"),
        (facts("MOVE-5", "lost", Move(A, B), AB, program=(Set(A, "1"), Set(AB, "1"))), "MOVE-5"),
        (facts("SET-2", "appeared", Set(AB, "1"), A), "SET-2"),
        (facts("SET-2", "lost", Set(AB, "1"), A), "KEY-6"),
        (facts("SET-2", "lost", SetMany(A, 9), A, program=(Set(A, "1"), Set(AB, "1"))), "SET-2"),
        (facts("SET-2", "lost", Set(AB, "1"), A, program=(SetMany(A, 9),)), "SET-2"),
        # What is left of an earlier value is the fault of what should have taken it away.
        (facts("SET-1", "lost", Set(A, "1"), A, program=(Set(A, "1"), RemoveKey(A), Set(A, "1"))), "REMOVE-1"),
        (facts("SET-1", "lost", Set(A, "1"), A, program=(Set(A, "1"), RemoveKey(B), Set(A, "1"))), "SET-1"),
        (facts("SET-1", "lost", Set(A, "1"), A, program=(RemoveKey(A), Set(B, "1"), Set(A, "1"))), "SET-1"),
        (facts("ADD-1", "lost", Add(A, "1"), A, program=(RemoveKey(A), Add(A, "1"))), "ADD-1"),
        (facts("GET-1", "changed", Set(A, "1"), A, program=(Set(A, "0"), Set(A, "1"))), "SET-1"),
        (facts("GET-1", "changed", Set(A, "1"), A, program=(Set(B, "0"), Set(A, "1"))), "GET-1"),
        # A read that nothing can be left out of has done it; a write that nothing blocks is judged as itself.
        (facts("GET-1", "changed", Set(A, "1"), A, program=(Set(A, "0"), Set(A, "1"), Get(A))), "GET-3"),
        (facts("KEY-6", "raised", Set(B, "1"), program=(Set(A, "1"),)), "SET-1"),
        (facts("KEY-6", "raised", Move(A, B), program=(Set(A, "1"), Set(B, "1"))), "MOVE-2"),
        # To list all is no matter of the empty key, nor is what many keys are called that are set together.
        (facts("SET-2", "lost", Set(B, "1"), A, program=(Set(A, "1"), ListKeys(), Set(B, "1"))), "SET-2"),
        (facts("SET-2", "lost", SetMany(A, 9), ("a", "00003"), program=(SetMany(A, 9),)), "SET-2"),
        # Some things are what they are, whatever the keys.
        (facts("LIST-2", "omitted", ListKeys(A), AB, program=(Set(AB, "1"),)), "LIST-2"),
        (facts("SET-1", "hung", Set(ODD, "1")), "SET-1"),
        (facts("SET-4", "lost", Set(ODD, 1), ODD), "SET-4"),
        (facts("GET-2", "raised", Get(()), (), actual=Raised("TypeError")), "KEY-3"),
        (facts("GET-2", "raised", Get(()), (), actual=Raised("OSError")), "KEY-5"),
        (facts("GET-1", "changed", Set(A, "1", True), A, program=(Set(A, "1", True),)), "SET-6"),
        (facts("SET-1", "raised", Set(ODD, "1", True), actual=Returned(None)), "SET-6"),
    ],
)
def test_what_is_left_in_a_minimal_program_is_what_it_is_about(case, requirement):
    assert name(case) == requirement


def test_what_an_experiment_has_shown_comes_first():
    case = facts("SET-2", "lost", Set(ODD, "1"), A, program=(Set(A, "1"), Set(ODD, "1")))
    assert name(attrs.evolve(case, reading_breaks=True)) == "GET-3"
    assert name(attrs.evolve(case, limit="SET-4")) == "SET-4"
    assert name(attrs.evolve(case, limit="KEY-5")) == "KEY-5"


def test_a_read_of_an_odd_key_that_changes_the_id_takes_it_for_no_other_key():
    case = facts("ID-10", "changed", Get(ODD), ID_KEY, program=(Set(ODD, "1"), Get(ODD)))
    assert name(attrs.evolve(case, reading_breaks=True)) == "GET-3"
