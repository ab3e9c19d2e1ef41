"""A second crash, amid the recovery from a first; programs of several operations; what is answered too early."""

import pytest

from conformance import Claims
from conformance.crash.crash import AtEnd, Killed, PowerLost
from conformance.crash.kills import inject_kills
from conformance.crash.scenarios import LONG, Scenario, long_scenarios
from conformance.crash.trial import Trial
from conformance.faults.planted import recovering
from conformance.faults.planting import subject_of
from conformance.faults.stores.journal_store import JournalStore
from conformance.harness.harness import Harness
from conformance.probes.syscalls import available
from conformance.programs.operations import Move, RemoveKey, Reopen, Set
from conformance.system.budget import Budget

pytestmark = pytest.mark.skipif(bool(available()), reason=available() or "it works")

A, B = ("a",), ("b",)
CLAIMS, POWER = Claims(durable=True, crash_safe=True), Claims(durable=True, crash_safe=True, durability="power")
MOVED = Scenario(LONG, (Set(A, "old"),), (Move(A, B), Set(A, "new")))


class SyncedJournalStore(JournalStore):
    """A correct one, which syncs."""

    syncs = True


def crashes_of(cls, scenario, claims=CLAIMS):
    trial = Trial(Harness(subject_of(cls, claims), confined=True), scenario, lambda _name: None)
    return list(inject_kills(trial, Budget().share(60.0, (), {})))


def test_a_journal_that_is_replayed_twice_moves_two_values_after_a_crash_amid_its_recovery():
    found = crashes_of(recovering.ReplaysMovesTwice, MOVED)
    assert {crash.requirement for crash in found} == {"CRASH-1"}
    assert all(isinstance(crash.cause, Killed) and crash.cause.again is not None for crash in found)


def test_what_a_recovery_does_not_sync_is_lost_without_power_then():
    found = crashes_of(recovering.SyncsNoRecovery, MOVED, POWER)
    assert {crash.requirement for crash in found} == {"POWER-1"}
    assert all(isinstance(crash.cause, PowerLost) and crash.cause.again is not None for crash in found)


def test_what_is_written_at_a_close_is_written_amid_the_program():
    program = (Set(A, "new"), Reopen())
    found = crashes_of(recovering.WritesOverItsSnapshotAtClose, Scenario(LONG, (Set(A, "old"),), program))
    assert {(crash.requirement, crash.during) for crash in found} == {("CRASH-1", Reopen())}


def test_a_removal_that_a_pool_is_to_do_is_lost_at_the_moment_when_it_has_returned():
    found = crashes_of(recovering.RemovesByAQueue, Scenario("a removal", (Set(A, "old"),), (RemoveKey(A),)))
    assert ("CRASH-1", AtEnd) in {(crash.requirement, type(crash.point)) for crash in found}


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_a_correct_journal_is_accused_of_nothing(number):
    scenario = long_scenarios(Harness(subject_of(SyncedJournalStore, POWER)))[number]
    assert len(scenario.program) == 8
    assert crashes_of(SyncedJournalStore, scenario, POWER) == []
