"""Which requirements are asked of a subject, and what its report says of the others."""

import pytest

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.subject import Claims
from conformance.subject.claims import is_made, unclaimed_reason
from spec_store.requirements import CLAIMS, REQUIREMENTS, asked_for, requirement

NONE = Claims()
ALL = Claims(durable=True, threads=True, processes=True, crash_safe=True, durability="power")
MADE = [
    ("always", NONE),
    ("durable", Claims(durable=True)),
    ("threads", Claims(threads=True)),
    ("processes", Claims(processes=True)),
    ("threads or processes", Claims(threads=True)),
    ("threads or processes", Claims(processes=True)),
    ("crash_safe", Claims(crash_safe=True)),
    ('durability="power"', Claims(durability="power")),
]


@pytest.mark.parametrize(("claim", "claims"), MADE, ids=str)
def test_a_claim_is_made_by_its_own_field_alone(claim, claims):
    assert is_made(claim, claims)
    also = {"threads or processes"} if claim in ("threads", "processes") else set()
    expected = {"always", claim} | also
    if claim == "threads or processes":
        expected.add("threads" if claims.threads else "processes")
    assert {other for other in CLAIMS if is_made(other, claims)} == expected


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_is_asked_where_all_is_claimed_and_no_method_missing(one):
    assert unclaimed_reason(one, ALL, frozenset()) is None


@pytest.mark.parametrize(
    ("id", "reason"),
    [
        ("ID-8", "durable is not claimed"),
        ("REOPEN-3", "durable is not claimed"),
        ("ID-9", "neither threads nor processes are claimed"),
        ("ADD-2", "neither threads nor processes are claimed"),
        ("LIN-1", "threads is not claimed"),
        ("LIN-2", "processes is not claimed"),
        ("LIN-4", "neither threads nor processes are claimed"),
        ("FAULT-1", "crash_safe is not claimed"),
        ("POWER-1", 'durability="power" is not claimed'),
    ],
)
def test_what_nothing_claims_is_said_with_the_claim(id, reason):
    assert unclaimed_reason(requirement(id), NONE, frozenset()) == reason


def test_without_claims_just_those_of_every_backend_are_asked():
    asked = tuple(one.id for one in REQUIREMENTS if unclaimed_reason(one, NONE, frozenset()) is None)
    assert asked == asked_for("always")


def test_what_is_about_a_missing_method_is_not_asked_and_nothing_else():
    missing = {"add", "update", "add_or_update", "get_all"}
    assert {one.id: unclaimed_reason(one, ALL, missing) for one in REQUIREMENTS if one.class_ == "extended"} == {
        "ADD-1": "the backend has no method add",
        "ADD-2": "the backend has no method add",
        "UPDATE-1": "the backend has no method update",
        "UPSERT-1": "the backend has no method add_or_update",
        "ALL-1": "the backend has no method get_all",
    }
    assert all(unclaimed_reason(one, ALL, missing) is None for one in REQUIREMENTS if one.class_ != "extended")


def test_a_check_needs_what_its_requirement_is_asked_for():
    durable = [case for case in CASES if not case.is_claimed(NONE)]
    assert {case.requirement for case in durable} == {*asked_for("durable"), "ID-4", "KEY-5"}
    assert all(case.is_claimed(Claims(durable=True)) for case in CASES)


def test_a_check_may_need_a_claim_besides():
    case = Case("ID-4", lambda new_place, open_backend: None, claim="durable")
    assert not case.is_claimed(NONE)
    assert case.is_claimed(Claims(durable=True))
