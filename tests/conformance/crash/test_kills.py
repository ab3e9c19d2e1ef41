"""The crash point after the last operation has returned."""

import pytest

from conformance import Claims
from conformance.crash.crash import AtEnd
from conformance.crash.kills import inject_kills, inject_power_losses
from conformance.crash.scenarios import Scenario
from conformance.crash.trial import Trial
from conformance.faults.planted.crashing_stores import AnswersBeforeItHasWritten
from conformance.faults.planted.unsynced import SyncsNoRemoval
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.probes.syscalls import available
from conformance.programs.operations import RemoveKey, Set
from conformance.system.budget import Budget

pytestmark = pytest.mark.skipif(bool(available()), reason=available() or "it works")

A = ("a",)
CLAIMS = Claims(durable=True, crash_safe=True, durability="power")


def trial_of(cls, program):
    scenario = Scenario("one operation", (Set(A, "old"),), (program,))
    return Trial(Harness(subject_of(cls, CLAIMS), confined=True), scenario, lambda _name: None)


def test_a_removal_that_is_never_synced_is_lost_after_it_has_returned_and_not_before():
    found = list(inject_power_losses(trial_of(SyncsNoRemoval, RemoveKey(A))))
    assert {(crash.requirement, type(crash.point)) for crash in found} == {("POWER-1", AtEnd)}


def test_what_is_answered_before_it_is_written_is_lost_when_the_process_is_killed_then():
    found = list(inject_kills(trial_of(AnswersBeforeItHasWritten, Set(A, "new")), Budget().share(60.0, (), {})))
    assert ("CRASH-1", AtEnd) in {(crash.requirement, type(crash.point)) for crash in found}
