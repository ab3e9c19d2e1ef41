from hypothesis import strategies

from conformance.programs.operations import Reopen
from conformance.programs.sweeps import sweeps_of
from conformance.subject.subject import Claims
from tests.conformance.programs.sweeping import MATERIAL

DURABLE = Claims(durable=True)


def test_each_dimension_is_swept_once():
    names = [sweep.dimension for sweep in sweeps_of(DURABLE, MATERIAL)]
    assert len(names) == len(set(names)) == 21


def test_each_extent_costs_more_than_the_one_before():
    for sweep in sweeps_of(DURABLE, MATERIAL):
        weights = [extent.weigh() for extent in sweep.extents]
        assert weights == sorted(weights)
        assert len(set(weights)) == len(weights)


def test_nothing_is_opened_again_that_is_not_durable():
    for sweep in sweeps_of(Claims(), MATERIAL):
        for program in sweep.extents[0].programs():
            assert Reopen() not in program


def test_a_subject_that_claims_its_values_and_elements_is_swept_by_age_alone():
    claims = Claims(values=strategies.just(1), elements=strategies.just("a"))
    assert {sweep.dimension for sweep in sweeps_of(claims, MATERIAL)} == {
        "operations on one handle",
        "calls that failed",
        "calls of each operation",
        "calls of all, each operation at",
        "calls of one kind",
        "writes of one key",
    }
