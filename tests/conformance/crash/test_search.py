"""Which of the crashes that were found are reported."""

from conformance.crash.crash import Crash, Killed
from conformance.crash.scenarios import Scenario
from conformance.crash.search import MOST_CRASHES, crashes_to_report
from conformance.probes.syscalls import Stop


def crash(requirement, title, number=1):
    point = Stop(number, "write", ("/place/a",), 1, (), (), "write('<place>/a', 1 byte)")
    scenario = Scenario(title, (), ())
    return Crash(requirement, scenario, None, Killed(point), 0, (), (("returned []",),), ("",), in_steps=False)


def test_of_each_requirement_the_first_crash_of_a_scenario_is_reported():
    first, later, other = crash("CRASH-1", "a move", 1), crash("CRASH-1", "a move", 2), crash("CRASH-1", "an add")
    assert crashes_to_report([first, later, other]) == [first, other]


def test_what_a_torn_state_explains_is_left_out_of_its_scenario_alone():
    torn, refused, lost = crash("CRASH-2", "a move"), crash("FAULT-1", "a move"), crash("POWER-1", "a move")
    elsewhere = [crash("FAULT-1", "an add"), crash("POWER-1", "an add"), crash("CRASH-3", "an add")]
    assert crashes_to_report([refused, lost, torn, crash("CRASH-3", "a move"), *elsewhere]) == [torn, *elsewhere]


def test_a_torn_state_does_not_explain_another():
    torn = [crash("CRASH-1", "several writes"), crash("CRASH-2", "several writes")]
    assert crashes_to_report(torn) == torn


def test_there_are_few_of_one_requirement():
    found = [crash("CRASH-1", f"scenario {number}") for number in range(9)]
    assert crashes_to_report([*found, crash("CRASH-3", "another")])[:MOST_CRASHES] == found[:MOST_CRASHES]
    assert len(crashes_to_report(found)) == MOST_CRASHES
