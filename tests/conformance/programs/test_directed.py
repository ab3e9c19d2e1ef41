"""Directed programs by themselves: each once, whatever the values of a subject are."""

import pytest
from hypothesis import strategies

from conformance.programs.directed import directed_programs
from conformance.programs.material import material
from conformance.subject.subject import Claims, Subject


@pytest.mark.parametrize("values", [None, strategies.lists(strategies.integers())], ids=["text", "lists"])
def test_each_program_of_odd_keys_is_there_once_though_values_have_no_hash(values):
    claims = Claims(durable=True, values=values)

    programs = [repr(one) for one in directed_programs(Subject(dict, claims=claims), material(claims))]

    assert len(programs) > 100
    assert len(set(programs)) == len(programs)
