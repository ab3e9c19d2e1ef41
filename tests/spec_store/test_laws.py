"""The laws as data: each has its words, and every requirement on one operation at a time is stated or says why not."""

import pytest

from spec_store import REQUIREMENTS, requirement
from spec_store.catalogue.laws import LAWS, NOTATION, UNSTATED

SEQUENTIAL = {
    one.id
    for one in REQUIREMENTS
    if one.class_ in ("core", "identity", "extended", "durable") and one.claim in ("always", "durable")
}
"""What is asked of a store on which one operation is performed at a time; class surface is about no store."""

STATED = {id for law in LAWS for id in law.requirements}

every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)


def test_no_id_is_used_twice():
    assert len({law.id for law in LAWS}) == len(LAWS)


def test_no_two_laws_are_one():
    assert len({frozenset((law.left, law.right)) for law in LAWS}) == len(LAWS)


@every_law
def test_a_law_states_requirements_that_there_are_each_once(law):
    assert law.requirements
    assert [requirement(id).id for id in dict.fromkeys(law.requirements)] == list(law.requirements)


@every_law
def test_a_law_is_told_in_a_sentence(law):
    assert law.text == " ".join(law.text.split())
    assert law.text.endswith(".")
    assert ". " not in law.text


def test_every_requirement_on_one_operation_at_a_time_is_stated_or_says_why_not():
    assert STATED | set(UNSTATED) == SEQUENTIAL


def test_none_that_is_stated_says_why_not():
    assert STATED & set(UNSTATED) == set()


def test_those_that_no_law_states_come_in_the_order_of_the_catalogue():
    assert list(UNSTATED) == [one.id for one in REQUIREMENTS if one.id in UNSTATED]


def test_the_notation_is_told_of_every_word_that_a_law_uses():
    told = " ".join(part for part, _ in NOTATION)
    for word in ("read", "write", "reopen", "extra", "keys", "is_stored", "returned", "id_in", "raise"):
        assert word in told
        assert any(word in law.left + law.right for law in LAWS)
