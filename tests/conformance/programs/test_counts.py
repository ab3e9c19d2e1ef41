import contextlib

import pytest
from hypothesis import strategies

from conformance.programs.counts import ROUND_COUNTS, collision_sweeps, count_sweeps, notable, parent_of_many
from conformance.programs.material import material
from conformance.programs.operations import BY_NAME, Get, GetAll, ListKeys, RemoveKey, Set, SetMany
from conformance.subject.subject import Claims
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

(SIBLINGS,) = count_sweeps(CLAIMS, MATERIAL)
(MANY,) = collision_sweeps(CLAIMS, MATERIAL)
PARENT = parent_of_many(MATERIAL)


def only_program(extent):
    (program,) = extent.programs()
    return program


def test_both_sides_of_each_page_are_notable():
    for page in (10, 16, 50, 64, 100, 128, 250, 256, 500, 512, 1000, 1024):
        assert page in ROUND_COUNTS
        assert {page - 1, page, page + 1} <= notable(1100)


def numbered(program):
    """Each operation of a program, and how many keys there are before it."""
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program:
        yield operation, len(reference.list_keys())
        with contextlib.suppress(InvalidKeyError, StoreBackendError):
            operation.on(reference)


@pytest.mark.parametrize("extent", SIBLINGS.extents[:2], ids=lambda extent: extent.words)
def test_siblings_are_listed_at_each_notable_number(extent):
    listed = {stored for operation, stored in numbered(only_program(extent)) if operation == ListKeys(PARENT)}
    assert notable(max(listed)) <= listed


def test_of_all_operations_each_has_its_turn_beside_any_number_of_siblings():
    turns: dict[str, set[int]] = {
        name: set() for name in BY_NAME if name not in ("set_many", "reopen", "switch", "wait", "get_all")
    }
    for operation, stored in numbered(only_program(SIBLINGS.extents[1])):
        if operation.name in turns:
            turns[operation.name].add(stored)
    for name, numbers in turns.items():
        assert all(numbers & set(range(number, number + 13)) for number in range(2, 110)), name


def test_siblings_are_1100_each_read_and_then_none():
    program = only_program(SIBLINGS.extents[-1])
    written = {key for key, _ in SetMany(PARENT, 1100).items()}
    assert written <= {operation.key for operation in program if isinstance(operation, Set)}
    assert written <= {operation.key for operation in program if isinstance(operation, Get)}
    assert written <= {operation.key for operation in program if isinstance(operation, RemoveKey)}
    assert [stored for operation, stored in numbered(program)][-1] == 0


def test_values_are_empty_and_equal_too():
    values = [operation.value for operation in only_program(SIBLINGS.extents[0]) if isinstance(operation, Set)]
    assert {"", "0"} <= set(values)
    assert values.count("same") > 1


def test_siblings_are_called_as_those_of_set_many():
    first = next(operation for operation in only_program(SIBLINGS.extents[0]) if isinstance(operation, Set))
    assert first.key == SetMany(parent_of_many(MATERIAL), 1).items()[0][0]


def test_get_all_is_called_where_all_are_there():
    program = only_program(SIBLINGS.extents[-1])
    assert (GetAll(), 1100) in numbered(program)


def test_of_many_keys_each_is_read():
    program = only_program(MANY.extents[-1])
    assert sum(isinstance(operation, Get) for operation in program) == 4096


def test_the_reference_passes():
    assert wrong_in([only_program(SIBLINGS.extents[-1]), only_program(MANY.extents[-1])]) == []


def test_where_values_are_claimed_siblings_have_these_alone():
    claims = Claims(values=strategies.sampled_from([1, 2, 3]))
    (siblings,) = count_sweeps(claims, material(claims))
    assert {one.value for one in only_program(siblings.extents[0]) if isinstance(one, Set)} == {1, 2, 3}


def test_where_elements_are_claimed_there_are_no_numbered_siblings():
    assert count_sweeps(Claims(elements=strategies.just("a")), MATERIAL) == ()
