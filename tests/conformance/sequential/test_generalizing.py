import pytest

from conformance.programs.keys import related
from conformance.programs.material import material
from conformance.programs.operations import Get, Reopen, Set, Switch, Update, keys_in
from conformance.sequential.generalizing import (
    DROPPED_FIRST,
    of_one,
    one_after_the_other,
    plainer_programs,
    without_turns,
)
from conformance.subject.subject import Claims

A, B, DEEP = ("a",), ("b",), ("a",) * 5
PLAIN = material(Claims())
TURNS = (Set(A, "1"), Switch(), Get(A), Set(B, "2"), Switch(), Get(B))


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (without_turns, (Set(A, "1"), Get(A), Set(B, "2"), Get(B))),
        (one_after_the_other, (Set(A, "1"), Reopen(), Get(A), Set(B, "2"), Reopen(), Get(B))),
        (lambda program: of_one(program, 0), (Set(A, "1"), Get(B))),
        (lambda program: of_one(program, 1), (Get(A), Set(B, "2"))),
    ],
)
def test_two_backends_that_take_turns_are_made_one_in_each_way(change, left):
    assert change(TURNS) == left
    assert left in plainer_programs(TURNS, PLAIN)


def test_a_key_is_taken_out_of_its_relation_while_the_other_stays_as_long():
    variants = list(plainer_programs((Set(A, "1"), Update(DEEP, "2")), PLAIN))
    assert any(
        DEEP in keys_in(variant) and len(variant) == 2 and not related(*keys_in(variant)) for variant in variants
    )


def test_of_more_keys_than_there_are_plain_elements_each_becomes_a_sibling():
    odd = tuple(Set((f"{number}.x",) * (1 + number % 2), "1") for number in range(len(PLAIN.elements) + 5))
    assert any(
        len({key[:-1] for key in keys_in(variant)}) == 1 and len(set(keys_in(variant))) == len(odd)
        for variant in plainer_programs(odd, PLAIN)
    )


def test_of_a_long_program_the_variants_without_one_operation_come_last():
    long = tuple(Set((element, element), "1") for element in (*PLAIN.elements, "x", "y"))[: DROPPED_FIRST + 1]
    lengths = [len(variant) for variant in plainer_programs(long, PLAIN)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths.count(DROPPED_FIRST) == len(long)
