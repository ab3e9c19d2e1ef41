"""From evidence to one verdict a requirement."""

import attrs
import pytest

from conformance import Claims
from conformance.report.evidence import Evidence, Failure, Mask
from conformance.report.results import MOST_FURTHER, results
from conformance.report.verdicts import (
    DEVIATION,
    MASKED,
    NOT_CLAIMED,
    NOT_EXERCISED,
    PASSED,
    UNDECIDED,
    VIOLATED,
    WORKS_NOT_CLAIMED,
    Counterexample,
    Result,
)
from spec_store.requirements import REQUIREMENTS, requirement

NOTHING = Claims()
MOVE = requirement("MOVE-2")
REOPEN = requirement("REOPEN-1")
ONCE = Failure("MOVE-2", Counterexample(2, "seen once", "", "seen once", 1, 5), shown_again=False)
ALWAYS = Failure("MOVE-2", Counterexample(3, "seen again", "", "seen again", 4, 4))
OTHER = Failure("MOVE-3", Counterexample(1, "of another", "", "of another"))
MASK = Mask("MOVE-1", "no move returns")
SHORT = "3 of 100 programs were run"


def result(evidence, one=MOVE, *, claims=NOTHING, deviations=None, interrupted=False):
    every = results(evidence, claims, deviations or {}, interrupted=interrupted)
    return next(each for each in every if each.requirement == one)


def evidence(times=7, **known):
    made = Evidence(cut_short={"MOVE-2": SHORT}, **known)
    made.exercised["MOVE-2"] = times
    return made


def further(failure, count):
    shown = [attrs.evolve(failure.counterexample, operations=10 + number) for number in range(count)]
    return [attrs.evolve(failure, counterexample=one) for one in shown]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, Result(MOVE, PASSED, 7, cut_short=SHORT)),
        ({"failures": [OTHER]}, Result(MOVE, PASSED, 7, cut_short=SHORT)),
        ({"failures": [ONCE]}, Result(MOVE, UNDECIDED, 7, ONCE.counterexample, cut_short=SHORT)),
        ({"failures": [ONCE, OTHER, ALWAYS]}, Result(MOVE, VIOLATED, 7, ALWAYS.counterexample, cut_short=SHORT)),
        ({"masked": {"MOVE-2": MASK}}, Result(MOVE, MASKED, 7, reason="masked by MOVE-1: no move returns")),
        (
            {"masked": {"MOVE-2": MASK}, "failures": [ONCE]},
            Result(MOVE, UNDECIDED, 7, ONCE.counterexample, cut_short=SHORT),
        ),
    ],
)
def test_what_was_seen_outweighs_a_mask_and_a_mask_a_pass(known, expected):
    assert result(evidence(**known)) == expected


@pytest.mark.parametrize("one", [ONCE, ALWAYS])
def test_the_shortest_comes_first_and_only_so_many_more_are_told(one):
    found = result(evidence(failures=[*further(one, MOST_FURTHER + 2), one]))
    assert found.counterexample == one.counterexample
    assert [more.operations for more in found.further] == list(range(10, 10 + MOST_FURTHER))


@pytest.mark.parametrize("one", [ONCE, ALWAYS])
def test_what_was_seen_has_been_put_to_the_test_at_least_once(one):
    assert result(evidence(0, failures=[one])).exercised == 1


def test_a_violation_that_was_expected_is_a_deviation_but_not_what_was_seen_once():
    known = {"MOVE-2": "by design"}
    deviation = Result(MOVE, DEVIATION, 7, ALWAYS.counterexample, reason="by design", cut_short=SHORT)
    assert result(evidence(failures=[ALWAYS]), deviations=known) == deviation
    assert result(evidence(failures=[ONCE]), deviations=known).verdict == UNDECIDED


@pytest.mark.parametrize(
    ("probes", "verdict"), [([], NOT_CLAIMED), ([True, False], NOT_CLAIMED), ([True, True], WORKS_NOT_CLAIMED)]
)
def test_what_is_not_claimed_is_told_as_its_probes_went(probes, verdict):
    known = Evidence(probed={"REOPEN-1": probes}, masked={"REOPEN-1": MASK})
    assert result(known, REOPEN) == Result(REOPEN, verdict, len(probes), reason="durable is not claimed")


def test_what_is_claimed_is_not_judged_by_probes():
    known = Evidence(probed={"REOPEN-1": [True]})
    assert result(known, REOPEN, claims=Claims(durable=True)).verdict == NOT_EXERCISED


def test_a_method_that_is_missing_is_not_judged():
    add = requirement("ADD-1")
    assert result(Evidence(missing={"add"}), add).reason == "the backend has no method add"


@pytest.mark.parametrize(
    ("known", "interrupted", "reason"),
    [
        ({}, False, "no operation of this run put it to the test"),
        ({"reasons": {"MOVE-2": "no key is taken"}}, False, "no key is taken"),
        ({"reasons": {"MOVE-2": "no key is taken"}}, True, "the run was interrupted before"),
    ],
)
def test_what_nothing_has_put_to_the_test_has_not_passed(known, interrupted, reason):
    assert result(evidence(0, **known), interrupted=interrupted) == Result(MOVE, NOT_EXERCISED, 0, reason=reason)


def test_only_the_classes_that_are_judged_have_results():
    every = results(Evidence(classes=("identity",)), Claims(), {}, interrupted=False)
    assert [one.requirement for one in every] == [one for one in REQUIREMENTS if one.class_ == "identity"]
