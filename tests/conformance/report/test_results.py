"""From evidence to one verdict a requirement."""

import pytest

from conformance import Claims
from conformance.report.evidence import Evidence, Failure, Mask
from conformance.report.results import results
from conformance.report.verdicts import DEVIATION, MASKED, NOT_CLAIMED, PASSED, UNDECIDED, VIOLATED, Counterexample

ONCE = Failure("MOVE-2", Counterexample(2, "seen once", "", "seen once", 1, 5), shown_again=False)
ALWAYS = Failure("MOVE-2", Counterexample(3, "seen again", "", "seen again", 4, 4))


def result(evidence, name="MOVE-2", deviations=None):
    every = results(evidence, Claims(), deviations or {}, interrupted=False)
    return next(one for one in every if one.requirement.id == name)


def evidence(**known):
    made = Evidence(**known)
    made.exercised["MOVE-2"] = 7
    return made


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({}, PASSED),
        ({"failures": [ONCE]}, UNDECIDED),
        ({"failures": [ONCE, ALWAYS]}, VIOLATED),
        ({"masked": {"MOVE-2": Mask("MOVE-1", "no move returns")}}, MASKED),
        ({"masked": {"MOVE-2": Mask("MOVE-1", "no move returns")}, "failures": [ONCE]}, UNDECIDED),
    ],
)
def test_what_was_seen_outweighs_a_mask_and_a_mask_a_pass(known, verdict):
    assert result(evidence(**known)).verdict == verdict


def test_what_was_seen_once_is_no_deviation_that_was_expected():
    assert result(evidence(failures=[ONCE]), deviations={"MOVE-2": "known"}).verdict == UNDECIDED
    assert result(evidence(failures=[ALWAYS]), deviations={"MOVE-2": "known"}).verdict == DEVIATION


def test_what_was_seen_once_is_shown():
    found = result(evidence(failures=[ONCE])).counterexample
    assert found is not None
    assert (found.shown, found.tried) == (1, 5)


def test_a_mask_names_the_violation_and_what_it_spoils():
    mask = Mask("MOVE-1", "no move returns")
    assert result(evidence(masked={"MOVE-2": mask})).reason == "masked by MOVE-1: no move returns"


def test_what_is_not_claimed_is_not_masked():
    mask = Mask("LIN-4", "pairs race")
    assert result(evidence(masked={"LIN-1": mask}), "LIN-1").verdict == NOT_CLAIMED


def test_what_was_cut_short_says_so_and_passes():
    one = result(evidence(cut_short={"MOVE-2": "3 of 100 programs were run"}))
    assert (one.verdict, one.cut_short) == (PASSED, "3 of 100 programs were run")
