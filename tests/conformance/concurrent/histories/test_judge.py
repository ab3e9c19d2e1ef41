"""Histories of a store against brute force: the reference, taken through every order there is."""

import uuid

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.listings import ListingFault
from conformance.concurrent.histories.records import Record, history_of
from conformance.harness.performing import perform
from conformance.probes.linearizability import Linearizable, NotLinearizable, Undecided
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    ReadId,
    RemoveKey,
    Set,
    Update,
)
from conformance.programs.outcomes import Died, Hung, Outcome, Raised, Returned
from spec_store import InMemoryStoreBackend
from tests.conformance.probes.test_linearizability import orders_of

A, B, C = KEYS = (("a",), ("b",), ("a", "b"))
ID_KEY = InMemoryStoreBackend.STORE_BACKEND_ID_KEY
ID = uuid.UUID("5bacb5bf-7730-437a-b58c-b4601efbf7eb")
INVALID_ID = uuid.UUID(InMemoryStoreBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID)
DONE = Returned(None)
MISSING = Raised("InvalidKeyError")
REFUSED = Raised("StoreBackendError")
LOCKED = Raised("OperationalError")

ANY_KEY = st.sampled_from(KEYS)
VALUE = st.sampled_from("xyz")
OPERATIONS = st.one_of(
    *[st.builds(kind, ANY_KEY, VALUE) for kind in (Set, Add, AddOrUpdate)],
    *[st.builds(kind, ANY_KEY) for kind in (Get, HasKey, RemoveKey)],
    st.builds(Move, ANY_KEY, ANY_KEY),
    st.builds(ListKeys, st.sampled_from([(), ("a",)])),
)
INITIAL = st.dictionaries(ANY_KEY, VALUE, max_size=2)


def reference(initial):
    backend = InMemoryStoreBackend(suppress_store_backend_id=True)
    for key, value in initial.items():
        backend.set(key, value)
    return backend


def same_outcome(operation, left, right):
    if isinstance(operation, ListKeys) and isinstance(left, Returned) and isinstance(right, Returned):
        return sorted(left.value) == sorted(right.value)
    return left == right


def explains(order, initial):
    backend = reference(initial)
    return all(
        same_outcome(event.operation, perform(event.operation, backend), event.outcome) or event.end is None
        for event in order
    )


@st.composite
def real_records(draw, initial, most=5):
    """What is seen of operations that took effect in some order, one every 10 ticks."""
    reach = st.integers(0, 25)
    backend = reference(initial)
    records = []
    for number, operation in enumerate(draw(st.lists(OPERATIONS, min_size=1, max_size=most))):
        begin, end = 10 * number - draw(reach), 10 * number + draw(reach)
        records.append(Record(begin, end, operation, perform(operation, backend)))
    return records


PLAUSIBLE: dict[type, list[Outcome]] = {
    Add: [DONE, REFUSED],
    Get: [Returned("x"), Returned("y"), MISSING],
    Move: [DONE, MISSING],
    ListKeys: [Returned([]), Returned([A]), Returned([A, C])],
    HasKey: [Returned(True), Returned(False)],
    RemoveKey: [Returned(True), Returned(False)],
}


@st.composite
def records_with_wrong_outcomes(draw, initial):
    records = draw(real_records(initial))
    for index in draw(st.lists(st.integers(0, len(records) - 1), max_size=2)):
        outcome = draw(st.sampled_from([LOCKED, *PLAUSIBLE.get(type(records[index].operation), ())]))
        records[index] = attrs.evolve(records[index], outcome=outcome)
    return draw(st.permutations(records))


WITH_INITIAL = INITIAL.flatmap(lambda initial: st.tuples(st.just(initial), records_with_wrong_outcomes(initial)))
REAL = INITIAL.flatmap(lambda initial: st.tuples(st.just(initial), real_records(initial, most=20)))


def of(*rows):
    """The history of operations that begin and end as each row says: (begin, end, operation, outcome)."""
    return history_of(Record(*row) for row in rows)


def accepted(history, initial=None, **claims):
    verdict = judge(history, initial or {}, **claims).verdict
    assert isinstance(verdict, Linearizable | NotLinearizable)
    return isinstance(verdict, Linearizable)


def in_turn(*pairs):
    """The history of operations of which each ended before the next began."""
    return of(*((10 * number, 10 * number + 5, *pair) for number, pair in enumerate(pairs)))


@settings(max_examples=200, deadline=None)
@given(WITH_INITIAL)
def test_it_is_linearizable_if_and_only_if_the_reference_explains_it_in_some_order(case):
    initial, records = case
    history = history_of(records)
    expected = any(explains(order, initial) for order in orders_of(history))
    assert accepted(history, initial, snapshot_list=True) is expected
    if expected:  # whoever claims less is accepted, too
        judgement = judge(history, initial, atomic_move=False)
        assert isinstance(judgement.verdict, Linearizable)
        assert all(fault.raised for fault in judgement.listing_faults)


@settings(max_examples=100, deadline=None)
@given(REAL, st.booleans(), st.booleans())
def test_what_the_reference_did_is_faultless_whatever_is_claimed(case, atomic_move, snapshot_list):
    initial, records = case
    judgement = judge(history_of(records), initial, atomic_move=atomic_move, snapshot_list=snapshot_list)
    assert isinstance(judgement.verdict, Linearizable)
    assert (judgement.listing_faults, judgement.unclear) == ((), ())


@pytest.mark.parametrize(
    ("initial", "operation", "right", "wrong"),
    [
        ({A: "x"}, Get(A), Returned("x"), [Returned("y"), Returned(b"x"), Returned(["x"]), MISSING]),
        ({}, Get(A), MISSING, [Returned("x"), Returned(None)]),
        ({A: "x"}, HasKey(A), Returned(True), [Returned(False)]),
        ({}, HasKey(A), Returned(False), [Returned(True)]),
        ({A: "x"}, RemoveKey(A), Returned(True), [Returned(False)]),
        ({}, RemoveKey(A), Returned(False), [Returned(True)]),
        ({A: "x"}, RemoveKey(A), DONE, []),
        ({}, RemoveKey(A), DONE, []),
        ({A: "x"}, Move(A, B), DONE, [MISSING]),
        ({}, Move(A, B), MISSING, [DONE]),
        ({A: "x"}, Add(A, "y"), REFUSED, [DONE]),
        ({}, Add(A, "y"), DONE, [REFUSED]),
        ({A: "x"}, Update(A, "y"), DONE, [REFUSED]),
        ({}, Update(A, "y"), REFUSED, [DONE]),
        ({A: "x"}, AddOrUpdate(A, "y"), DONE, []),
        ({A: "x"}, ListKeys(("a",)), Returned([A]), [Returned([]), Returned([A, B]), Returned([A, A]), DONE]),
    ],
)
def test_an_outcome_must_fit_what_is_stored(initial, operation, right, wrong):
    assert accepted(in_turn((operation, right)), initial, snapshot_list=True)
    for outcome in wrong:
        assert not accepted(in_turn((operation, outcome)), initial, snapshot_list=True)


CHANGES = [
    *[(write(A, "y"), {A: "y", B: "b"}) for write in (Set, AddOrUpdate, Update)],
    *[(write(C, "y"), {A: "x", B: "b", C: "y"}) for write in (Set, AddOrUpdate, Add)],
    (RemoveKey(A), {B: "b"}),
    (Move(A, B), {B: "x"}),
    (Move(A, A), {A: "x", B: "b"}),
]


@pytest.mark.parametrize(("operation", "after"), CHANGES)
@pytest.mark.parametrize("atomic_move", [True, False])
def test_an_operation_that_succeeds_changes_what_it_should_and_no_more(operation, after, atomic_move):
    reads = [(Get(key), Returned(after[key]) if key in after else MISSING) for key in KEYS]
    initial = {A: "x", B: "b"}
    assert accepted(in_turn((operation, DONE), *reads), initial, atomic_move=atomic_move)
    for number, key in enumerate(KEYS):
        other = (Get(key), MISSING if key in after else Returned("x"))
        wrong = [*reads[:number], other, *reads[number + 1 :]]
        assert not accepted(in_turn((operation, DONE), *wrong), initial, atomic_move=atomic_move)


def test_of_two_adds_of_one_key_one_is_refused():
    assert accepted(of((0, 9, Add(A, "x"), DONE), (0, 9, Add(A, "y"), REFUSED)))
    assert not accepted(of((0, 9, Add(A, "x"), DONE), (0, 9, Add(A, "y"), DONE)))


def test_an_update_may_look_and_write_in_two_steps():
    between = (3, 4, RemoveKey(A), Returned(True))
    assert accepted(of((0, 9, Update(A, "y"), DONE), between, (10, 11, Get(A), Returned("y"))), {A: "x"})
    assert not accepted(of((0, 9, Update(A, "y"), DONE), (10, 11, Get(A), Returned("x"))), {A: "x"})
    assert not accepted(of((5, 9, Update(A, "y"), DONE), between), {A: "x"})


def test_a_success_that_is_lost_to_a_concurrent_operation_on_another_key_is_rejected():
    assert not accepted(of((0, 9, Set(A, "x"), DONE), (0, 9, Set(B, "y"), DONE), (10, 11, Get(A), MISSING)))


def test_an_operation_that_no_search_judges_is_an_error():
    with pytest.raises(KeyError):
        judge(in_turn((GetAll(), Returned([]))), {})


def test_a_spent_budget_is_undecided():
    history = of(*((0, 9, Set(A, str(number)), DONE) for number in range(6)), (10, 11, Get(A), Returned("9")))
    assert judge(history, {}, budget=3).verdict == Undecided(3)


@pytest.mark.parametrize("outcome", [LOCKED, REFUSED, Hung(1.0), Died("killed"), None])
def test_a_write_that_ended_unclearly_may_have_been_applied_then_later_or_never(outcome):
    write = (0, 1, Set(A, "y"), outcome)
    for reads in (["y", "y"], ["x", "y"], ["x", "x"]):
        seen = [(10 * number, 10 * number + 5, Get(A), Returned(value)) for number, value in enumerate(reads, 1)]
        assert accepted(of(write, *seen), {A: "x"})
    back = [(10, 11, Get(A), Returned("y")), (12, 13, Get(A), Returned("x"))]
    assert not accepted(of(write, *back), {A: "x"})


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [(Get(A), LOCKED), (HasKey(A), Hung(1.0)), (Get(A), REFUSED), (Add(A, "x"), MISSING), (RemoveKey(A), MISSING)],
)
def test_what_no_state_explains_is_told_as_unclear(operation, outcome):
    assert judge(in_turn((HasKey(B), Returned(False)), (operation, outcome)), {}).unclear == (1,)


def test_a_refusal_is_clear_and_changes_nothing():
    history = in_turn((Add(A, "y"), REFUSED), (Move(B, A), MISSING), (Update(B, "y"), REFUSED), (Get(A), Returned("x")))
    judgement = judge(history, {A: "x"})
    assert isinstance(judgement.verdict, Linearizable)
    assert judgement.unclear == ()


MOVE = (0, 99, Move(A, B), DONE)


def observed(a, b, begin=10):
    """Two readings in turn of whether A and B are stored."""
    return [(begin, begin + 1, HasKey(A), Returned(a)), (begin + 2, begin + 3, HasKey(B), Returned(b))]


def test_a_move_that_is_seen_at_both_keys_is_accepted_only_if_it_need_not_be_atomic():
    both = of(MOVE, *observed(True, True), *observed(True, True, 20), *observed(False, True, 30))
    assert accepted(both, {A: "x"}, atomic_move=False)
    seen_at_dest_first = of(MOVE, (10, 11, HasKey(B), Returned(True)), (12, 13, HasKey(A), Returned(True)))
    assert accepted(seen_at_dest_first, {A: "x"}, atomic_move=False)
    assert not accepted(seen_at_dest_first, {A: "x"})


@pytest.mark.parametrize("atomic_move", [True, False])
def test_a_move_that_is_seen_at_neither_key_is_rejected(atomic_move):
    assert not accepted(of(MOVE, *observed(False, False)), {A: "x"}, atomic_move=atomic_move)


@pytest.mark.parametrize("atomic_move", [True, False])
def test_a_move_that_has_ended_left_the_value_at_its_destination_alone(atomic_move):
    assert accepted(of(MOVE, *observed(False, True, 100)), {A: "x"}, atomic_move=atomic_move)
    for a, b in [(True, True), (True, False), (False, False)]:
        assert not accepted(of(MOVE, *observed(a, b, 100)), {A: "x"}, atomic_move=atomic_move)


def test_a_move_in_steps_copies_one_value_and_may_remove_a_later_one():
    later = (10, 11, Set(A, "y"), DONE)
    kept = of(MOVE, later, (100, 101, Get(B), Returned("x")), (102, 103, Get(A), MISSING))
    assert accepted(kept, {A: "x"}, atomic_move=False)
    assert not accepted(kept, {A: "x"})


def test_a_move_in_steps_that_was_cut_off_may_stay_half_done_but_never_loses_the_value():
    cut = (0, None, Move(A, B), None)
    assert accepted(of(cut, *observed(True, True, 100)), {A: "x"}, atomic_move=False)
    assert accepted(of(cut, *observed(False, True, 100)), {A: "x"}, atomic_move=False)
    assert accepted(of(cut, *observed(True, False, 100)), {A: "x"}, atomic_move=False)
    assert not accepted(of(cut, *observed(False, False, 100)), {A: "x"}, atomic_move=False)


def test_listings_in_a_snapshot_do_not_show_what_is_half_done():
    history = of(MOVE, (10, 11, ListKeys(()), Returned([A, B])))
    assert accepted(history, {A: "x"}, atomic_move=False, snapshot_list=True)


def test_the_first_read_creates_the_id_and_all_others_agree():
    other = uuid.UUID(int=4)
    reads = [(0, 9, ReadId(), Returned(ID)), (0, 9, ReadId(), Returned(ID))]
    assert accepted(of(*reads))
    for line_end in ("\n", ""):
        assert accepted(of(*reads, (10, 11, Get(ID_KEY), Returned(f"store_backend_id = {ID}{line_end}"))))
    assert not accepted(of(*reads, (10, 11, HasKey(ID_KEY), Returned(False))))
    assert not accepted(of(*reads, (0, 9, ReadId(), Returned(other))))


def test_an_id_that_is_stored_is_the_one_that_is_read():
    for text, right, wrong in [(f"store_backend_id = {ID}\n", ID, INVALID_ID), ("garbage", INVALID_ID, ID)]:
        answers = [right, None, wrong, str(right), uuid.UUID(int=4)]  # None: it is suppressed
        fitting = [accepted(in_turn((ReadId(), Returned(answer))), {ID_KEY: text}) for answer in answers]
        assert fitting == [True, True, False, False, False]


@pytest.mark.parametrize("answer", [INVALID_ID, "an id"])
def test_what_is_no_id_is_never_created(answer):
    assert not accepted(in_turn((ReadId(), Returned(answer))))


@pytest.mark.parametrize("snapshot_list", [True, False])
def test_a_listing_that_raises_is_at_fault(snapshot_list):
    judgement = judge(of((0, 9, ListKeys(()), LOCKED)), {}, snapshot_list=snapshot_list)
    assert judgement.listing_faults == (ListingFault(0, raised=LOCKED),)
    assert isinstance(judgement.verdict, Linearizable)


def test_a_listing_of_two_moments_is_a_fault_only_of_a_claimed_snapshot():
    rows = of((110, 120, Set(A, "x"), DONE), (130, 140, Set(B, "x"), DONE), (100, 200, ListKeys(), Returned([B])))
    assert judge(rows, {}).listing_faults == ()
    assert accepted(rows)
    assert not accepted(rows, snapshot_list=True)
