from typing import Any

import attrs
import pytest

from spec_store import specification
from spec_store.catalogue.errata import ERRATA, errata_of
from spec_store.requirements import REQUIREMENTS, belongs_to, requirement


@pytest.mark.parametrize("one", ERRATA, ids=lambda one: "-".join(one.requirements[:1]))
def test_an_erratum_is_about_requirements_that_were_there_before_it(one):
    assert one.version != "1.0"
    assert all(belongs_to(requirement(id), "1.0") for id in one.requirements)


@pytest.mark.parametrize("one", ERRATA, ids=lambda one: "-".join(one.requirements[:1]))
def test_an_erratum_stands_in_the_specification(one):
    assert one.text == " ".join(one.text.split())
    assert one.text.endswith(".")
    _, _, errata = specification.render().partition("\n## Errata\n")
    (row,) = (line for line in errata.splitlines() if one.text in line)
    assert row.startswith(f"| {one.version} | ")
    assert all(f"[{id}](#{id.lower()})" in row for id in one.requirements)


def test_those_of_a_requirement_are_found_by_its_id():
    assert [one.requirements for one in errata_of("LIST-3")] == [("LIST-3",)]
    assert errata_of("KEY-3") == ()


def test_they_stand_in_the_order_of_the_catalogue():
    order = [one.id for one in REQUIREMENTS]
    first = [order.index(one.requirements[0]) for one in ERRATA]
    assert first == sorted(first)


def test_an_unknown_version_is_refused():
    wrong: Any = "0.9"
    with pytest.raises(ValueError):
        attrs.evolve(ERRATA[0], version=wrong)
