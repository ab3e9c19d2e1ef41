import json
from collections import Counter

import attrs
import pytest

from spec_store import CLASSES, REQUIREMENTS, SPEC_VERSION, Requirement, requirement


def numbered(**counts: int) -> set[str]:
    return {f"{family}-{number}" for family, count in counts.items() for number in range(1, count + 1)}


IDS = {
    "core": numbered(KEY=8, GET=3, SET=6, MOVE=5, REMOVE=4, HAS=1, LIST=4, ISO=1),
    "identity": numbered(ID=10),
    "surface": numbered(PROP=2, CONFIG=3, IGNORE=1, URL=2, CONST=1),
    "extended": numbered(ADD=2, UPDATE=1, UPSERT=1, ALL=1),
    "durable": numbered(REOPEN=3),
    "concurrent": numbered(LIN=4),
    "crash-safe": numbered(CRASH=3, FAULT=1, POWER=1),
}
SHOULD = {"KEY-7", "SET-5", "REMOVE-4", "CONFIG-3", "URL-2", "REOPEN-3", "POWER-1"}


def test_no_id_is_used_twice():
    assert [id for id, count in Counter(one.id for one in REQUIREMENTS).items() if count > 1] == []


@pytest.mark.parametrize("class_", CLASSES)
def test_each_class_has_all_its_requirements(class_):
    assert {one.id for one in REQUIREMENTS if one.class_ == class_} == IDS[class_]


def test_classes_stand_in_their_order():
    assert tuple(dict.fromkeys(one.class_ for one in REQUIREMENTS)) == CLASSES == tuple(IDS)


def test_the_levels_are_the_specified_ones():
    assert {one.id for one in REQUIREMENTS if one.level != "MUST"} == SHOULD
    assert {one.level for one in REQUIREMENTS} == {"MUST", "SHOULD"}


def test_those_of_the_first_version_hold_since_then():
    assert {one.since for one in REQUIREMENTS} == {SPEC_VERSION} == {"1.0"}


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_text_is_one_line_of_sentences(one):
    assert one.text == " ".join(one.text.split())
    assert one.text.endswith((".", ".)"))
    assert one.origin in "SXD"


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
    one = Requirement("KEY-99", "core", "MUST", "D", "1.1", "Text.")
    assert json.loads(json.dumps(one.to_json())) == {
        "id": "KEY-99",
        "class": "core",
        "level": "MUST",
        "origin": "D",
        "since": "1.1",
        "text": "Text.",
    }


@pytest.mark.parametrize("wrong", [{"class_": "other"}, {"level": "MAY"}, {"origin": "Z"}])
def test_an_unknown_class_level_or_origin_is_refused(wrong):
    with pytest.raises(ValueError):
        attrs.evolve(requirement("KEY-1"), **wrong)
