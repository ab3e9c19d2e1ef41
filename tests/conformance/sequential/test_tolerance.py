import pytest

from conformance.harness.refusals import Refusals
from conformance.programs.material import material
from conformance.programs.operations import Get, HasKey, ListKeys, Move, RemoveKey, Set, SetMany
from conformance.programs.outcomes import REFUSALS, VALUE_REFUSALS, Raised, Returned
from conformance.sequential.expectations import Raises, Succeeds
from conformance.sequential.tolerance import expectation_beyond, is_permitted, limit_of
from conformance.subject.subject import Claims
from spec_store import InMemoryStoreBackend

A = ("a",)
POLITE, RUDE = ("refused",), ("fails",)
"""A key that set refuses as the specification has it, and one at which it fails otherwise."""


def alone(operation):
    if operation.key == RUDE:
        return Raised("OSError")
    if operation.key == POLITE or operation.value == "refused":
        return Raised("TypeError")
    return Returned(None)


def permitted(operation, kind, stored=()):
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for key in stored:
        reference.set(key, "1")
    return is_permitted(operation, Raised(kind), Refusals(alone, material(Claims())), reference)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (Set(POLITE, "1"), "TypeError"),
        (Set(POLITE, "1"), "InvalidKeyError"),
        (Set(RUDE, "1"), "InvalidKeyError"),
        (Set(A, "refused"), "TypeError"),
        (Get(POLITE), "TypeError"),
        (Get(RUDE), "OSError"),
        (HasKey(RUDE), "OSError"),
        (Move(A, RUDE), "OSError"),
        (ListKeys(RUDE), "OSError"),
    ],
)
def test_a_subject_may_refuse_what_is_beyond_its_limits(operation, kind):
    assert permitted(operation, kind)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (Set(A, "1"), "InvalidKeyError"),
        (Set(POLITE, "1"), "StoreBackendError"),
        (Set(RUDE, "1"), "OSError"),
        (Set(A, "refused"), "StoreBackendError"),
        (Get(POLITE), "OSError"),
        (ListKeys(A), "OSError"),
        (ListKeys(RUDE), "InvalidKeyError"),
    ],
)
def test_it_may_raise_nothing_else_there_and_nothing_elsewhere(operation, kind):
    assert not permitted(operation, kind)


@pytest.mark.parametrize("operation", [Get(RUDE), RemoveKey(RUDE), ListKeys(RUDE)])
def test_what_is_stored_all_the_same_must_be_read_and_removed(operation):
    assert permitted(operation, "OSError")
    assert not permitted(operation, "OSError", stored=[RUDE])


@pytest.mark.parametrize(("parent", "refused"), [(("a",), False), (POLITE, True)])
def test_many_sets_are_refused_as_the_first_of_them_is(parent, refused):
    many = SetMany(parent, 3)
    first, _ = many.items()[0]

    def one(operation):
        return Raised("StoreBackendError") if refused and operation.key == first else Returned(None)

    refusals = Refusals(one, material(Claims()))
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    assert is_permitted(many, Raised("StoreBackendError"), refusals, reference) is refused
    assert limit_of(many, refusals) == ("KEY-5" if refused else None)


@pytest.mark.parametrize(("refused", "limit"), [({"1"}, None), ({"1", "text"}, "KEY-5")])
def test_a_key_is_refused_that_takes_neither_of_two_plain_values(refused, limit):
    def one(operation):
        return Raised("OSError") if operation.value in refused else Returned(None)

    assert limit_of(Get(A), Refusals(one, material(Claims()))) == limit


def test_to_return_is_no_refusal():
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    refusals = Refusals(alone, material(Claims()))
    assert not is_permitted(Set(POLITE, "1"), Returned(None), refusals, reference)


@pytest.mark.parametrize(
    ("operation", "limit"),
    [
        (Set(A, "1"), None),
        (Set(POLITE, "refused"), "KEY-5"),
        (Set(A, "refused"), "SET-4"),
        (Move(A, RUDE), "KEY-5"),
        (ListKeys(RUDE), None),
    ],
)
def test_an_operation_meets_with_a_limit(operation, limit):
    assert limit_of(operation, Refusals(alone, material(Claims()))) == limit


def test_beyond_a_limit_a_write_may_refuse_and_a_read_may_raise_as_the_write_does():
    refusals = Refusals(alone, material(Claims()))
    assert expectation_beyond("KEY-5", Set(RUDE, "1"), refusals) == Succeeds(REFUSALS)
    assert expectation_beyond("SET-4", Set(A, "refused"), refusals) == Succeeds(VALUE_REFUSALS)
    assert expectation_beyond("KEY-5", Get(RUDE), refusals) == Raises(frozenset({"OSError", "InvalidKeyError"}))
