"""Which of the crashes that were found are reported."""

import attrs
import pytest

from conformance.crash.crash import Crash, Killed, PowerLost
from conformance.crash.reporting import MOST_CRASHES, Unmoved, crashes_to_report, mask
from conformance.crash.scenarios import Scenario
from conformance.probes.syscalls import Stop
from conformance.report.evidence import Evidence, Failure
from conformance.report.verdicts import Counterexample


def crash(requirement, title, number=1):
    point = Stop(number, "write", ("/place/a",), 1, (), (), "write('<place>/a', 1 byte)")
    scenario = Scenario(title, (), ())
    return Crash(requirement, scenario, None, Killed(point), 0, (), (("returned []",),), ("",), in_steps=False)


def without_power(title, number=1):
    power = crash("POWER-1", title, number)
    return attrs.evolve(power, cause=PowerLost(power.point))


def test_of_each_requirement_the_first_crash_of_a_scenario_is_reported():
    first, later, other = crash("CRASH-1", "a move", 1), crash("CRASH-1", "a move", 2), crash("CRASH-1", "an add")
    assert crashes_to_report([first, later, other]) == [first, other]


def test_each_is_told_by_its_own_words_though_a_kill_shows_it_too():
    torn, refused, broken = crash("CRASH-1", "a set"), crash("FAULT-1", "a set"), crash("CRASH-3", "a set")
    assert crashes_to_report([torn, broken, refused]) == [torn, broken, refused]


def test_what_is_wrong_without_power_where_a_kill_leaves_it_wrong_says_nothing_of_what_was_synced():
    torn, lost = crash("CRASH-2", "a move"), without_power("a move")
    later, elsewhere = without_power("a move", 2), without_power("an add")
    assert crashes_to_report([torn, lost]) == [torn]
    assert crashes_to_report([torn, lost, later, elsewhere]) == [torn, later, elsewhere]


def test_a_requirement_of_which_all_that_was_seen_is_left_out_is_masked():
    evidence, found = Evidence(), [crash("CRASH-2", "a move"), without_power("a move")]
    mask(evidence, found, crashes_to_report(found))
    assert {name: one.by for name, one in evidence.masked.items()} == {"POWER-1": "CRASH-2"}

    other = Evidence()
    mask(other, [*found, without_power("an add")], crashes_to_report([*found, without_power("an add")]))
    assert other.masked == {}


def test_a_torn_state_does_not_explain_another():
    torn = [crash("CRASH-1", "several writes"), crash("CRASH-2", "several writes")]
    assert crashes_to_report(torn) == torn


def test_there_are_few_of_one_requirement():
    found = [crash("CRASH-1", f"scenario {number}") for number in range(9)]
    assert crashes_to_report([*found, crash("CRASH-3", "another")])[:MOST_CRASHES] == found[:MOST_CRASHES]
    assert len(crashes_to_report(found)) == MOST_CRASHES


@pytest.mark.parametrize(("violated", "reason", "by"), [((), True, None), (("MOVE-1",), False, "MOVE-1")])
def test_where_no_move_returns_moves_are_not_passed(violated, reason, by):
    evidence = Evidence()
    evidence.failures.extend(Failure(name, Counterexample(1, "", "", "")) for name in violated)
    Unmoved("move", "raised StoreBackendError").enter(evidence, "CRASH-2")

    assert ("CRASH-2" in evidence.reasons) is reason
    assert getattr(evidence.masked.get("CRASH-2"), "by", None) == by
