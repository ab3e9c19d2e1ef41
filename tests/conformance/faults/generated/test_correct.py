"""Correct but odd stores: drawn from a seed, and correct in what they are odd in."""

import random

import pytest

from conformance.faults.generated.correct import (
    KEY_ERRORS,
    ORDERS,
    VALUE_ERRORS,
    GeneratedOdd,
    Orders,
    OwnTypes,
    RefusesKeys,
    RefusesValues,
    Tells,
    Waits,
    Warns,
    odd_drawn,
)
from conformance.faults.generated.fault import DICT, FILES
from conformance.faults.generated.keys import EqualNeighbours
from conformance.faults.generated.plans import Step, plain_key
from conformance.faults.generated.values import Text
from conformance.faults.generated.witnesses import contradicted_at
from conformance.faults.stores.plain import ID_KEY
from conformance.programs.operations import (
    Add,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
)
from spec_store import InvalidKeyError

REFUSED = ("a", "a")


@pytest.fixture(params=[DICT, FILES])
def base(request):
    return request.param


def opened(base, *oddities):
    subject = GeneratedOdd(0, 0, base, oddities).one.subject
    with subject.place() as place:
        yield subject.open(place)


def test_the_same_numbers_give_the_same_store():
    assert [odd_drawn(1, number) for number in range(50)] == [odd_drawn(1, number) for number in range(50)]
    assert len({odd_drawn(1, number).oddities for number in range(50)}) > 30


@pytest.mark.parametrize("error", KEY_ERRORS)
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_refused_key_is_refused_wherever_it_would_be_stored_and_nothing_changes(base, error, everywhere):
    for backend in opened(base, RefusesKeys(EqualNeighbours("key"), error, everywhere)):
        backend.set(("b",), "1")
        for refused in (
            lambda backend=backend: backend.set(REFUSED, "2"),
            lambda backend=backend: backend.add(REFUSED, "2"),
            lambda backend=backend: backend.move(("b",), REFUSED),
        ):
            with pytest.raises(Exception, match="cannot be stored") as caught:
                refused()
            assert type(caught.value) is KEY_ERRORS[error]
        with pytest.raises((KEY_ERRORS[error], InvalidKeyError)):
            backend.get(REFUSED)
        assert sorted(backend.list_keys()) == [ID_KEY, ("b",)]
        assert backend.remove_key(REFUSED) is False


@pytest.mark.parametrize("error", VALUE_ERRORS)
def test_a_refused_value_leaves_the_old_one(base, error):
    for backend in opened(base, RefusesValues(Text("with a NUL"), error)):
        backend.set(("a",), "1")
        with pytest.raises(VALUE_ERRORS[error]):
            backend.set(("a",), "\0")
        assert backend.get(("a",)) == "1"


def test_types_of_its_own_are_equal_to_the_usual_ones(base):
    for backend in opened(base, OwnTypes(), Tells("stored")):
        assert backend.set(("a",), "1") == "stored"
        listed = backend.list_keys()
        assert sorted(listed) == [ID_KEY, ("a",)]
        assert {type(element) for key in listed for element in key} != {str}
        assert type(backend.get(("a",))) is str
        assert backend.get_all() == ("1",)


@pytest.mark.filterwarnings("ignore:this is deprecated")
@pytest.mark.parametrize("oddities", [(Warns(),), (Waits(1), OwnTypes()), *((Orders(by),) for by in ORDERS)], ids=str)
def test_a_store_that_refuses_nothing_agrees_with_the_reference(base, oddities):
    rng = random.Random(1)
    keys = [plain_key(rng, 1) for _ in range(6)]
    sets = [Set(key, f"{number}") for number, key in enumerate(keys)]
    moves: list[Operation] = [Move(keys[0], keys[1]), Move(keys[2], keys[2]), RemoveKey(keys[3]), Add(keys[3], "again")]
    reads: list[Operation] = [operation for key in keys for operation in (HasKey(key), Get(key), ListKeys(key))]
    program: list[Operation] = [ReadId(), *sets, *moves, *reads, ListKeys(), GetAll(), Reopen(), ListKeys(), ReadId()]

    subject = GeneratedOdd(0, 0, base, oddities).one.subject

    assert contradicted_at(subject, tuple(Step(operation) for operation in program)) is None


def test_what_is_odd_is_told_in_a_sentence():
    for number in range(20):
        odd = odd_drawn(3, number)
        assert odd.one.description == odd.description
        assert odd.description.startswith(f"In {odd.base}: ")
        assert all(str(oddity) in odd.description for oddity in odd.oddities)
