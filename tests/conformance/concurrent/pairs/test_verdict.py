"""Which outcomes of a pair are explained. No thread is run here."""

import pytest

from conformance import Claims
from conformance.concurrent.pairs.pairs import Observation, Pair
from conformance.concurrent.pairs.verdict import comparable_text, is_explained
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, GetAll, ListKeys, Move, RemoveKey, Set
from conformance.programs.outcomes import Hung, Raised, Returned

A, B = ("a",), ("b",)
NOTHING_MORE = Claims()
DONE, MISSING, CONFLICT = Returned(None), Raised("InvalidKeyError"), Raised("StoreBackendError")

MOVED = Pair((Set(A, "1"),), Move(A, B), Get(A))
"""Whose reads afterwards are of A, of B, and of all keys."""


def observed(first, second, *reads):
    return Observation(first, second, reads)


AFTERWARDS = (MISSING, Returned("1"), Returned([B]))
ORDERS = (
    comparable_text(MOVED, observed(DONE, MISSING, *AFTERWARDS)),
    comparable_text(MOVED, observed(DONE, Returned("1"), *AFTERWARDS)),
)


def agrees(observation, pair=MOVED, orders=ORDERS, *, claims=NOTHING_MORE):
    return is_explained(pair, observation, orders, claims=claims)


@pytest.mark.parametrize("answer", [MISSING, Returned("1")])
def test_what_comes_of_an_order_is_explained(answer):
    assert agrees(observed(DONE, answer, *AFTERWARDS))


def test_what_comes_of_neither_order_is_not():
    assert not agrees(observed(DONE, Returned("2"), *AFTERWARDS))
    assert not agrees(observed(DONE, MISSING, Returned("1"), MISSING, Returned([A])))


def test_what_the_subject_does_wrong_alone_too_is_not_held_against_it():
    wrong = observed(DONE, Returned("2"), *AFTERWARDS)

    assert agrees(wrong, orders=(ORDERS[0], comparable_text(MOVED, wrong)))


def test_a_conflict_may_have_been_applied_or_not():
    before = (Returned("1"), MISSING, Returned([A]))

    assert agrees(observed(CONFLICT, Returned("1"), *AFTERWARDS))
    assert agrees(observed(CONFLICT, Returned("1"), *before))
    assert not agrees(observed(CONFLICT, MISSING, *before))


@pytest.mark.parametrize("outcome", [Raised("KeyError"), Hung(1.0)])
def test_what_neither_order_raises_is_never_explained(outcome):
    assert not agrees(observed(DONE, outcome, *AFTERWARDS))
    assert not agrees(observed(outcome, Returned("1"), *AFTERWARDS), claims=Claims(atomic_move=False))
    usual = comparable_text(MOVED, observed(DONE, outcome, *AFTERWARDS))
    assert agrees(observed(DONE, outcome, *AFTERWARDS), orders=(ORDERS[0], usual))


def test_a_move_in_two_steps_is_explained_only_where_no_more_is_claimed():
    pair = Pair((Set(A, "1"),), Move(A, B), ListKeys())
    half_done = observed(DONE, Returned([B, A]), *AFTERWARDS)
    orders = tuple(comparable_text(pair, observed(DONE, Returned([key]), *AFTERWARDS)) for key in (A, B))

    assert agrees(half_done, pair, orders, claims=Claims(atomic_move=False, snapshot_list=True))
    assert not agrees(half_done, pair, orders, claims=Claims(snapshot_list=True))


def test_a_listing_that_is_no_snapshot_is_explained_only_where_no_more_is_claimed():
    pair = Pair((Set(A, "1"),), Move(A, B), ListKeys())
    neither = observed(DONE, Returned([ID_KEY]), *AFTERWARDS)
    orders = tuple(comparable_text(pair, observed(DONE, Returned([key, ID_KEY]), *AFTERWARDS)) for key in (A, B))

    assert agrees(neither, pair, orders)
    assert not agrees(neither, pair, orders, claims=Claims(snapshot_list=True))


def test_a_listing_that_lacks_what_nobody_touched_is_never_explained():
    pair = Pair((Set(A, "1"), Set(B, "2")), RemoveKey(A), ListKeys())
    after = (MISSING, Returned("2"), Returned([B]))
    orders = tuple(comparable_text(pair, observed(Returned(True), Returned(keys), *after)) for keys in ([B], [A, B]))

    assert not agrees(observed(Returned(True), Returned([A]), *after), pair, orders)


@pytest.mark.parametrize("value", [{"x": 1}, 7, ("row", None)])
def test_values_that_are_no_text_are_judged_as_texts_are(value):
    pair = Pair((Set(A, value),), Move(A, B), ListKeys())
    after = (MISSING, Returned(value), Returned([B]))
    orders = tuple(comparable_text(pair, observed(DONE, Returned([key]), *after)) for key in (A, B))

    assert agrees(observed(DONE, Returned([A, B]), *after), pair, orders, claims=Claims(atomic_move=False))
    lost = (MISSING, Returned("another"), Returned([B]))
    assert not agrees(observed(DONE, Returned([A, B]), *lost), pair, orders, claims=Claims(atomic_move=False))


BESIDE = Pair((Set(A, "1"), Set(B, "2")), RemoveKey(A), GetAll())
REMOVED = (MISSING, Returned("2"), Returned([B]))
GOT = tuple(
    comparable_text(BESIDE, observed(Returned(True), Returned(values), *REMOVED)) for values in (["2"], ["1", "2"])
)


@pytest.mark.parametrize(
    ("outcome", "explained"),
    [
        (Returned(["2", "1"]), True),
        (Returned(["2"]), True),
        (Returned(["1"]), False),
        (Returned(["2", "2"]), False),
        (Returned(["1", "2", ""]), False),
        (Raised("InvalidKeyError"), False),
        (Raised("StoreBackendError"), True),
        (Returned(None), False),
    ],
)
def test_a_get_all_gives_each_key_as_it_was_before_or_after_and_never_raises_since_one_went(outcome, explained):
    assert agrees(observed(Returned(True), outcome, *REMOVED), BESIDE, GOT) is explained


def test_a_get_all_is_no_snapshot():
    pair = Pair((Set(A, "1"),), GetAll(), Move(A, B))
    after = (MISSING, Returned("1"), Returned([B]))
    orders = (comparable_text(pair, observed(Returned(["1"]), DONE, *after)),)

    assert all(agrees(observed(Returned(got), DONE, *after), pair, orders) for got in ([], ["1"], ["1", "1"]))


def test_texts_compare_listings_in_any_order_exceptions_by_kind_and_no_answer_of_a_write():
    pair = Pair((), Set(A, "1"), ListKeys())
    one = observed(Returned("a path"), Returned([A, B]), Raised("KeyError", "x"), Returned([A]))
    other = observed(DONE, Returned([B, A]), Raised("KeyError", "y"), Returned([A]))

    assert comparable_text(pair, one) == comparable_text(pair, other)
    assert comparable_text(pair, one) != comparable_text(
        pair, observed(DONE, Returned([A]), Raised("KeyError"), Returned([A]))
    )
