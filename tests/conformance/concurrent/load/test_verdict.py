"""Which requirement a history under load violates, and what of it cannot be explained. No thread is run here."""

import pytest

from conformance import Claims
from conformance.concurrent.load import verdict as verdicts
from conformance.concurrent.load.verdict import EXPLAINED, UNDECIDED, first_unexplained, verdict
from conformance.former import stress_judge as former
from conformance.programs.operations import Add, Get, ListKeys, Move, RemoveKey, Set
from conformance.programs.outcomes import Raised
from tests.conformance.concurrent.load.examples import A, B, seen_by


def test_adds_at_once_that_both_succeed_violate_add_2():
    history = seen_by((1, 0, 5, Add(A, "1"), None), (2, 1, 4, Add(A, "2"), None), (0, 6, 7, Get(A), "1"))

    assert verdict(history, Claims(), "thread") == "ADD-2"


def test_adds_that_both_succeed_round_a_removal_are_explained():
    history = seen_by(
        (1, 0, 5, Add(A, "1"), None),
        (2, 1, 9, Add(A, "2"), None),
        (3, 2, 8, RemoveKey(A), True),
        (0, 10, 11, Get(A), "2"),
    )

    assert verdict(history, Claims(), "thread") == EXPLAINED


def test_a_listing_alone_violates_lin_3():
    history = seen_by((0, 0, 1, Set(A, "1"), None), (1, 2, 5, Get(A), "1"), (2, 3, 4, ListKeys(), []))

    assert verdict(history, Claims(), "thread") == verdict(history, Claims(), "process") == "LIN-3"


@pytest.mark.parametrize(("who", "requirement"), [("thread", "LIN-1"), ("process", "LIN-2")])
def test_two_removals_of_one_value_are_no_order(who, requirement):
    history = seen_by((0, 0, 1, Set(A, "1"), None), (1, 2, 5, RemoveKey(A), True), (2, 3, 4, RemoveKey(A), True))

    assert verdict(history, Claims(), who) == requirement


def test_what_no_operation_raises_is_never_explained():
    history = seen_by(
        (0, 0, 1, Set(A, "1"), None), (1, 2, 5, Get(A), Raised("KeyError")), (2, 3, 4, RemoveKey(A), True)
    )

    assert verdict(history, Claims(), "thread") == "LIN-1"


def test_a_conflict_may_have_been_applied_or_not():
    conflict = Raised("StoreBackendError")

    for value in ("1", "2"):
        history = seen_by((0, 0, 1, Set(A, "1"), None), (1, 2, 5, Set(A, "2"), conflict), (2, 6, 7, Get(A), value))
        assert verdict(history, Claims(), "thread") == EXPLAINED


def test_a_write_lost_to_one_of_another_key_violates_lin_4():
    history = seen_by(
        (1, 0, 3, Set(A, "1"), None), (2, 1, 2, Set(B, "2"), None), (2, 4, 5, Get(B), Raised("InvalidKeyError"))
    )

    assert verdict(history, Claims(), "thread") == "LIN-4"


def test_a_move_in_two_steps_is_explained_where_that_is_claimed():
    history = seen_by(
        (0, 0, 1, Set(A, "1"), None), (1, 2, 9, Move(A, B), None), (2, 3, 4, Get(B), "1"), (2, 5, 6, Get(A), "1")
    )

    assert verdict(history, Claims(atomic_move=False), "thread") == EXPLAINED
    assert verdict(history, Claims(), "thread") == "LIN-1"


def test_the_first_operation_that_cannot_be_explained_is_named():
    history = seen_by(
        (0, 0, 1, Set(A, "1"), None), (1, 2, 3, Get(A), "1"), (2, 4, 6, Get(A), "2"), (1, 5, 8, Get(A), "3")
    )

    first = first_unexplained(history, Claims())

    assert first is not None
    assert first.record.operation == Get(A)
    assert first.record.end == 6


def test_a_listing_of_no_moment_is_a_fault_only_where_snapshots_are_claimed():
    history = seen_by((1, 0, 1, Set(A, "1"), None), (1, 2, 3, Set(B, "2"), None), (2, 1, 6, ListKeys(), [B]))

    assert verdict(history, Claims(), "thread") is EXPLAINED
    assert verdict(history, Claims(snapshot_list=True), "thread") == "LIN-3"


def test_adds_one_after_the_other_that_both_succeed_are_no_matter_of_adds_at_once():
    history = seen_by((1, 0, 1, Add(A, "1"), None), (2, 2, 3, Add(A, "2"), None))

    assert verdict(history, Claims(), "thread") == "LIN-1"


def test_a_write_that_is_lost_to_another_of_its_own_key_is_not_put_to_lin_4():
    history = seen_by(
        (1, 0, 3, Set(A, "1"), None), (2, 1, 2, Set(A, "2"), None), (2, 4, 5, Get(A), Raised("InvalidKeyError"))
    )

    assert verdict(history, Claims(), "thread") == "LIN-1"


def test_one_client_alone_says_nothing_of_others():
    history = seen_by((1, 0, 1, Set(A, "1"), None), (1, 2, 3, Get(A), Raised("InvalidKeyError")))

    assert verdict(history, Claims(), "thread") == "LIN-1"


def test_a_history_with_too_many_orders_is_undecided(monkeypatch):
    monkeypatch.setattr(verdicts, "NODES", 1)
    history = seen_by((1, 0, 5, Set(A, "1"), None), (2, 1, 4, Set(B, "2"), None), (0, 6, 7, Get(A), "1"))

    assert verdict(history, Claims(), "thread") is UNDECIDED


def test_of_a_history_that_can_be_explained_nothing_is_named():
    history = seen_by((1, 0, 5, Set(A, "1"), None), (2, 1, 4, Get(A), "1"))

    assert first_unexplained(history, Claims()) is None


def test_scripts_of_the_first_version_compare_a_verdict_with_texts(monkeypatch):
    fine = seen_by((1, 0, 5, Set(A, "1"), None), (2, 1, 4, Get(A), "1"))
    wrong = seen_by((1, 0, 1, Set(A, "1"), None), (2, 2, 3, Get(A), "2"))

    assert former.verdict(fine, Claims(), "thread") == ""
    assert former.verdict(wrong, Claims(), "thread") == "LIN-1"
    monkeypatch.setattr(verdicts, "NODES", 1)
    assert former.verdict(fine, Claims(), "thread") == "undecided"
