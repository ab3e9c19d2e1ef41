import string

import pytest
from hypothesis import strategies

from conformance.programs.lives import HELD, HELD_BY_FEW, life, life_sweeps, odd_elements
from conformance.programs.material import material
from conformance.programs.operations import BY_NAME, Get, Move, Reopen, SetMany
from conformance.programs.telling import PARTS, Telling
from conformance.subject.subject import Claims
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

PLAIN, KEYS, VALUES = life_sweeps(CLAIMS, MATERIAL)
_, *DURABLE = life_sweeps(Claims(durable=True), MATERIAL)
A, B = ("a",), ("b",)
LIFE = life(A, B, MATERIAL.telling_value, MATERIAL)


def performed(program):
    """Each operation, with the keys that were stored before it, and whether it raised."""
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program:
        before, raised = set(reference.list_keys()), False
        try:
            operation.on(reference)
        except (InvalidKeyError, StoreBackendError):
            raised = True
        yield operation, before, raised


@pytest.mark.parametrize("where", [0, -1])
@pytest.mark.parametrize("character", [*string.punctuation, " ", "A", "7", "\n", "\0", "\u540d"])
def test_each_character_begins_and_ends_an_element_and_is_within_one(character, where):
    assert any(element and element[where] == character for element in odd_elements())
    assert any(character in element[1:-1] for element in odd_elements())


def test_a_key_has_its_oddity_in_its_first_element_and_in_its_last_and_so_has_the_other_in_its_last():
    program = next(iter(KEYS.extents[0].programs()))
    moved = next(operation for operation in program if isinstance(operation, Move) and len(operation.source) == 2)
    assert moved.source[0] == moved.source[1] == moved.dest[-1]


@pytest.mark.parametrize("kind", ["get", "has_key", "update", "move", "remove_key", "add", "set"])
@pytest.mark.parametrize("stored", [True, False])
def test_a_life_has_each_operation_of_its_key_stored_and_missing(kind, stored):
    done = [(operation.name, A in before) for operation, before, _ in performed(LIFE) if A in operation.keys[:1]]
    assert (kind, stored) in done or (kind, stored) == ("set", False)


def test_a_life_moves_onto_stored_keys_missing_ones_and_itself():
    moves = {
        (operation.source, operation.dest, operation.dest in before)
        for operation, before, raised in performed(LIFE)
        if isinstance(operation, Move) and not raised
    }
    assert moves == {(A, B, False), (B, A, False), (B, A, True), (A, B, True), (B, B, True), (A, A, True)}


def test_a_life_leaves_nothing():
    *_, (_, before, _) = performed((*LIFE, *LIFE, Get(A)))
    assert before == set()


@pytest.mark.parametrize(
    ("sweep", "others"), [(PLAIN, HELD_BY_FEW), (KEYS, HELD), (VALUES, HELD)], ids=["plain", "keys", "values"]
)
def test_each_extent_lives_beside_so_many_others(sweep, others):
    for held, extent in zip(others, sweep.extents, strict=True):
        for program in extent.programs():
            assert isinstance(program[0], SetMany)
            assert program[0].count == held


def test_what_is_durable_is_opened_once_in_each_life_at_different_steps():
    for sweep in DURABLE:
        programs = list(sweep.extents[0].programs())
        following = {program[at + 1].name for program in programs for at, one in enumerate(program) if one == Reopen()}
        assert len(following) > 6
    assert not any(isinstance(one, Reopen) for program in KEYS.extents[0].programs() for one in program)


def test_every_operation_is_in_a_life():
    assert {operation.name for operation in LIFE} == set(BY_NAME) - {
        *("set_many", "reopen", "switch", "wait", "store_backend_id", "get_all"),
    }


@pytest.mark.parametrize("odd", ["1\r\n2", "007", "", "<b>"])
def test_an_odd_value_is_written_by_each_operation(odd):
    for extent in VALUES.extents:
        written = [one for program in extent.programs() for one in program if getattr(one, "value", None) == odd]
        assert {one.name for one in written} == {"set", "add", "update", "add_or_update"}


@pytest.mark.parametrize("sweep", [PLAIN, KEYS, VALUES], ids=["plain", "keys", "values"])
def test_the_reference_passes(sweep):
    assert wrong_in(sweep.extents[-1].programs()) == []


def test_where_elements_are_claimed_there_are_no_odd_ones():
    assert life_sweeps(Claims(elements=strategies.just("a")), MATERIAL) == ()


def test_where_values_are_claimed_odd_keys_live_with_these_alone():
    claims = Claims(values=strategies.sampled_from([1, 2, 3]))
    _, keys = life_sweeps(claims, material(claims))
    values = [getattr(one, "value", 1) for program in keys.extents[0].programs() for one in program]
    assert set(values) == {1, 2, 3}


def test_telling_values_of_two_numbers_have_nothing_to_be_taken_for_one_another():
    made = Telling(PARTS)
    assert len({made.value(number).strip() for number in range(100)}) == 100
