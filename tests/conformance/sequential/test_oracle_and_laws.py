"""The oracle and the laws agree: a mutant that breaks a law alone is accused of a requirement that the law states.

Both come from the specification, by ways of their own: the oracle compares with the reference, a law two programs with
one another. From where a mutant breaks a law, a session runs both sides of it, and the right one and then the left;
what it finds first is what the oracle names, before anything wrong is taken for the truth.
"""

import contextlib
import re
from collections import Counter
from typing import Any

import pytest

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.notation import side
from conformance.programs.operations import AddOrUpdate, Move, Set
from conformance.sequential import oracle
from conformance.sequential.attribution import attribute
from conformance.sequential.findings import Violation
from conformance.sequential.observing import ALWAYS
from conformance.sequential.replay import findings_of
from conformance.subject import Claims, Subject
from conformance.system.budget import Effort
from spec_store.catalogue.laws import LAWS
from spec_store.requirements import RequirementId
from tests.conformance.programs import other_mutants, writing_mutants
from tests.conformance.programs.kept import ID_TEXT, Place, checking
from tests.conformance.programs.mutants import breaking_alone

A, AB, B = ("a",), ("a", "b"), ("b",)

BY_ID = {law.id: law for law in LAWS}
ALONE = [(law, mutant) for law in LAWS for mutant in breaking_alone(law.id)]

OTHERWISE: dict[type[Any], set[RequirementId]] = {
    writing_mutants.SetRefusesKeywords: {"SET-1", "KEY-6", "ADD-1", "UPDATE-1", "UPSERT-1"},
    writing_mutants.MoveMindsKeywords: {"MOVE-1"},
    other_mutants.UpsertRefusesMissing: {"UPSERT-1", "KEY-6"},
    other_mutants.IdIsNotTheStored: set(),
}
"""Mutants of which the oracle says otherwise than the law, and what.

The first two break write-extra (SET-6): the oracle does not look at keyword arguments; attribution does, by taking them
out. The third breaks upsert-set (UPSERT-1): of a write that raises where a related key is stored, the likely fault is
KEY-6, until attribution has tried it without that key. The last breaks id-get (ID-2): a session compares ids with one
another, and a check of its own looks at the text.
"""


def harness_on(mutant, contents):
    """A mutant, each store of which has these contents to begin with."""

    @contextlib.contextmanager
    def place():
        yield Place(contents)

    return Harness(Subject(open=mutant, place=place, claims=Claims(durable=True)), confined=True)


def named(law, mutant, most=6):
    """The requirements that the oracle names first where a mutant breaks a law, in some of all places."""
    found: Counter[RequirementId] = Counter()
    breaches = list(checking(mutant).breaches(law, ID_TEXT))
    some = breaches[:: len(breaches) // most + 1]
    for breach in some:
        left, right = (side(text).program(breach.binding) for text in (law.left, law.right))
        for program in (left, right, (*right, *left)):
            found.update(first(mutant, breach.state, program))
    if not found:  # a session knows of no key that a listing has always left out, but for those that it has set
        for breach in some:
            setting = (Set(key, value) for key, value in breach.state.items() if key != ID_KEY)
            found.update(first(mutant, {}, (*setting, *side(law.left).program(breach.binding))))
    return set(found)


def first(mutant, contents, program):
    """The requirement of what a session finds first, if it finds anything."""
    return [finding.requirement for finding in findings_of(harness_on(mutant, contents), program, ALWAYS)[:1]]


@pytest.mark.parametrize(("law", "mutant"), ALONE, ids=lambda one: getattr(one, "id", None) or one.__name__)
def test_the_oracle_names_a_requirement_of_the_law_that_is_broken(law, mutant):
    found = named(law, mutant)
    if mutant in OTHERWISE:
        assert found <= OTHERWISE[mutant]  # of some places; the table has what is named in all
        assert bool(found) is bool(OTHERWISE[mutant] - set(law.requirements))
    else:
        assert found
        assert found <= set(law.requirements)


@pytest.mark.parametrize(
    ("mutant", "program", "said", "requirement"),
    [
        (writing_mutants.SetRefusesKeywords, (Set(A, "1", extra=True),), "SET-1", "SET-6"),
        (writing_mutants.MoveMindsKeywords, (Set(A, "1"), Move(A, B, extra=True)), "MOVE-1", "SET-6"),
        (other_mutants.UpsertRefusesMissing, (Set(AB, "1"), AddOrUpdate(A, "2")), "KEY-6", "UPSERT-1"),
    ],
)
def test_where_the_oracle_says_otherwise_attribution_names_that_of_the_law(mutant, program, said, requirement):
    harness = harness_on(mutant, {})
    finding = findings_of(harness, program, ALWAYS)[0]
    violation = attribute(harness, program, finding, ALWAYS, Effort())
    assert isinstance(violation, Violation)
    assert (finding.requirement, violation.requirement) == (said, requirement)


# The laws that the oracle cites

NAMES = "|".join(sorted(BY_ID, key=len, reverse=True))
LINES = [
    (re.findall(r"[A-Z]+-\d+", line), re.findall(rf"(?<![\w-])(?:{NAMES})(?![\w-])", line))
    for line in (oracle.__doc__ or "").splitlines()
]


def test_a_row_of_the_oracle_cites_laws_that_state_its_requirements():
    assert sum(bool(laws) for _, laws in LINES) > 15
    for requirements, laws in LINES:
        assert [law for law in laws if not set(BY_ID[law].requirements) & set(requirements)] == []


def test_the_oracle_cites_every_law_but_those_on_keyword_arguments_and_on_the_text_of_the_id():
    assert set(BY_ID) - {law for _, laws in LINES for law in laws} == {"write-extra", "id-get"}
