import os
import threading

import pytest

from conformance.programs.operations import Get, HasKey, ListKeys, Move, RemoveKey, Set, SetMany, Switch
from conformance.programs.outcomes import Died, Hung
from conformance.run.options import Options
from conformance.workers.deaths import is_deadly, report_of_death
from spec_store import InMemoryStoreBackend
from tests.conformance.subjects import subject_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

A, B = ("a",), ("b",)
NOISE = (Set(B, "1"), HasKey(A), ListKeys(), Set(("c",), "2"))


class DiesOnRemoval(InMemoryStoreBackend):
    def remove_key(self, key):
        if self.has_key(key):
            os._exit(0)
        return super().remove_key(key)


class NeverMoves(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        while True:
            threading.Event().wait(60)


def test_a_program_that_the_process_survives_is_not_deadly():
    assert not is_deadly((*NOISE, RemoveKey(A)), subject_of(DiesOnRemoval), 5.0)


def test_a_process_that_ends_with_status_0_is_found_dead_all_the_same():
    assert is_deadly((*NOISE, RemoveKey(B)), subject_of(DiesOnRemoval), 5.0)


def test_a_process_that_ends_when_backends_have_taken_turns_is_found_dead():
    subject = subject_of(DiesOnRemoval)
    assert is_deadly((Switch(), *NOISE, Switch(), Set(B, "1"), RemoveKey(B)), subject, 5.0)
    assert not is_deadly((*NOISE, Switch(), RemoveKey(B)), subject, 5.0)  # the other one has a storage of its own


def test_a_process_that_never_returns_is_killed():
    assert is_deadly((Move(A, B),), subject_of(NeverMoves), 0.2)


def test_the_report_of_a_death_has_the_minimal_program_under_the_operations_requirement():
    report = report_of_death(
        (*NOISE, Get(B), RemoveKey(B)), Died("exit status 0"), subject_of(DiesOnRemoval), Options()
    )
    assert report.violated == ("REMOVE-1",)
    (result,) = (result for result in report.results if result.requirement.id == "REMOVE-1")
    assert result.counterexample is not None
    assert result.counterexample.operations == 2
    assert "ended the Python process (exit status 0)" in result.counterexample.message


def test_what_the_kit_had_to_end_is_not_said_to_have_ended_the_process():
    report = report_of_death((Move(A, B),), Hung(10.0), subject_of(NeverMoves), Options(limit=0.2))
    (shown,) = (result.counterexample for result in report.results if result.counterexample is not None)
    assert "did not return within 10 s" in shown.message
    assert "ended the Python process" not in shown.message


class TakesItsTime(InMemoryStoreBackend):
    def _set(self, key, value, **kwargs):
        threading.Event().wait(0.02)
        super()._set(key, value)

    def remove_key(self, key):
        os._exit(0)


def test_of_many_sets_each_has_its_time_before_the_operation_that_is_deadly():
    assert is_deadly((SetMany(A, 30), RemoveKey(B)), subject_of(TakesItsTime), 0.4)
