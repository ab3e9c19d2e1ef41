import json
from collections import Counter
from typing import get_args

import attrs
import pytest

from spec_store import CLASSES, REQUIREMENTS, SPEC_VERSION, requirement
from spec_store.requirements import CLAIMS, ORIGINS, SPEC_VERSIONS, RequirementId, asked_for, belongs_to, for_processes


def numbered(**counts: int) -> set[str]:
    return {f"{family}-{number}" for family, count in counts.items() for number in range(1, count + 1)}


IDS = {
    "core": numbered(KEY=9, GET=3, SET=6, MOVE=5, REMOVE=4, HAS=1, LIST=4, ISO=1),
    "identity": numbered(ID=10),
    "surface": numbered(PROP=2, CONFIG=3, IGNORE=1, URL=2, CONST=1, RES=1),
    "extended": numbered(ADD=2, UPDATE=1, UPSERT=1, ALL=1),
    "durable": numbered(REOPEN=3),
    "concurrent": numbered(LIN=4),
    "crash-safe": numbered(CRASH=3, FAULT=1, POWER=1),
}
LATER = {"KEY-9": "1.1", "RES-1": "1.1"}
SHOULD = {"KEY-7", "KEY-9", "SET-5", "REMOVE-4", "CONFIG-3", "URL-2", "RES-1", "REOPEN-3", "POWER-1"}


def test_no_id_is_used_twice():
    assert [id for id, count in Counter(one.id for one in REQUIREMENTS).items() if count > 1] == []


def test_the_type_of_ids_has_each_id_of_the_catalogue_in_its_order():
    assert get_args(RequirementId) == tuple(one.id for one in REQUIREMENTS)


@pytest.mark.parametrize("class_", CLASSES)
def test_each_class_has_all_its_requirements(class_):
    assert {one.id for one in REQUIREMENTS if one.class_ == class_} == IDS[class_]


def test_classes_stand_in_their_order():
    assert tuple(dict.fromkeys(one.class_ for one in REQUIREMENTS)) == CLASSES == tuple(IDS)


def test_the_levels_are_the_specified_ones():
    assert {one.id for one in REQUIREMENTS if one.level != "MUST"} == SHOULD
    assert {one.level for one in REQUIREMENTS} == {"MUST", "SHOULD"}


def test_those_that_came_later_say_so():
    assert {one.id: one.since for one in REQUIREMENTS if one.since != "1.0"} == LATER
    assert SPEC_VERSION == SPEC_VERSIONS[-1] == "1.1"


def test_a_version_has_what_came_before_it_and_nothing_later():
    first, later = requirement("KEY-1"), attrs.evolve(requirement("KEY-1"), since="1.1")

    assert [belongs_to(first, version) for version in SPEC_VERSIONS] == [True, True]
    assert [belongs_to(later, version) for version in SPEC_VERSIONS] == [False, True]


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_text_is_one_line_of_sentences(one):
    assert one.text == " ".join(one.text.split())
    assert one.text.endswith((".", ".)"))


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_says_why_in_one_sentence(one):
    assert one.why == " ".join(one.why.split())
    assert one.why.endswith(".")
    assert ". " not in one.why


def test_each_origin_is_one_that_some_requirement_has():
    assert {one.origin for one in REQUIREMENTS} == set(ORIGINS)


CLAIMED = {
    "durable": {"ID-8", "REOPEN-1", "REOPEN-2", "REOPEN-3"},
    "threads": {"LIN-1"},
    "processes": {"LIN-2"},
    "threads or processes": {"ID-9", "ADD-2", "LIN-3", "LIN-4"},
    "crash_safe": {"CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1"},
    'durability="power"': {"POWER-1"},
}


@pytest.mark.parametrize("claim", CLAIMED)
def test_a_claim_makes_just_its_requirements_asked(claim):
    assert set(asked_for(claim)) == CLAIMED[claim]


def test_all_others_are_asked_of_every_backend():
    assert set(asked_for("always")) == {one.id for one in REQUIREMENTS} - set().union(*CLAIMED.values())
    assert set(CLAIMS) == {"always", *CLAIMED}


def test_those_asked_for_several_claims_stand_in_the_order_of_the_catalogue():
    assert asked_for("processes", "threads or processes") == ("ID-9", "ADD-2", "LIN-2", "LIN-3", "LIN-4")


def test_those_of_1_x_methods_name_the_method():
    assert {one.id: one.method for one in REQUIREMENTS if one.method is not None} == {
        "ADD-1": "add",
        "ADD-2": "add",
        "UPDATE-1": "update",
        "UPSERT-1": "add_or_update",
        "ALL-1": "get_all",
    }


def test_processes_are_judged_as_threads_are_but_for_the_first_of_linearizability():
    assert {one.id: for_processes(one.id) for one in REQUIREMENTS if for_processes(one.id) != one.id} == {
        "LIN-1": "LIN-2"
    }


def test_a_requirement_is_found_by_its_id():
    assert requirement("MOVE-3").text == "Moving a key onto itself changes nothing."


@pytest.mark.parametrize(("id", "hint"), [("move-3", "MOVE-3"), ("MOVE-9", "MOVE-1"), ("", "KEY-1")])
def test_an_unknown_id_is_a_key_error_that_names_similar_ones(id, hint):
    with pytest.raises(KeyError, match=hint):
        requirement(id)


def test_one_is_a_value():
    one = requirement("KEY-1")
    assert one == attrs.evolve(one)
    assert len({one, attrs.evolve(one)}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.text = "other"  # type: ignore[misc]


def test_json_calls_the_class_by_its_plain_name():
    assert json.loads(json.dumps(requirement("UPDATE-1").to_json())) == {
        "id": "UPDATE-1",
        "class": "extended",
        "level": "MUST",
        "origin": "1.x",
        "since": "1.0",
        "text": requirement("UPDATE-1").text,
        "why": requirement("UPDATE-1").why,
        "example": requirement("UPDATE-1").example,
        "claim": "always",
        "method": "update",
        "staging": None,
    }


WRONG: tuple[dict[str, str], ...] = (
    {"class_": "other"},
    {"level": "MAY"},
    {"origin": "S"},
    {"since": "0.9"},
    {"claim": "fast"},
    {"method": "build_key"},
)


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_an_unknown_class_level_origin_version_claim_or_method_is_refused(wrong):
    with pytest.raises(ValueError):
        attrs.evolve(requirement("KEY-1"), **wrong)
