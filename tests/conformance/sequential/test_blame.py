"""The truth table of `blame`, row by row; who is blamed is a function of what was observed."""

import pytest

from conformance.harness.refusals import Refusals
from conformance.programs.keys import ID_KEY
from conformance.programs.material import material
from conformance.programs.operations import (
    Add,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
)
from conformance.programs.outcomes import REFUSALS, VALUE_REFUSALS, Hung, Raised, Returned
from conformance.sequential import blame
from conformance.sequential.blame import Contradiction
from conformance.sequential.expectations import MISSING, AnId, Anything, Exactly, Lists, Raises, Succeeds, Unchanged
from conformance.sequential.model import Model, Step
from conformance.subject.subject import Claims

A, B, C, AB = ("a",), ("b",), ("c",), ("a", "b")
GONE, BROKEN, HANGS = Raised("InvalidKeyError"), Raised("OSError"), Hung(1.0)
REFUSED_KEY, REFUSED_VALUE = ("refused",), "refused"


def refusing(operation):
    if operation.key == REFUSED_KEY or operation.value == REFUSED_VALUE:
        return Raised("StoreBackendError")
    return Returned(None)


def refusals():
    return Refusals(refusing, material(Claims()))


def model_of(*stored, known=()):
    model = Model()
    for number, key in enumerate(stored):
        model.reference.set(key, str(number))
    for key in (*stored, *known):
        model.meet(key)
    return model


def contradiction(operation, actual, expected=None):
    return Contradiction(3, operation, expected or Anything(), actual)


def verdict(finding):
    return (finding.requirement, finding.symptom)


# get


@pytest.mark.parametrize(
    ("stored", "actual", "asked", "by_get_if_they_agree", "by_get_if_not"),
    [
        (True, GONE, True, True, False),
        (True, BROKEN, True, True, False),
        (True, Returned("other"), False, False, False),
        (True, HANGS, False, False, False),
        (False, Returned("other"), True, True, False),
        (False, HANGS, True, True, False),
        (False, BROKEN, False, True, True),
    ],
)
def test_get_is_to_blame_or_the_state(stored, actual, asked, by_get_if_they_agree, by_get_if_not):
    assert blame.needs_witnesses(actual, stored=stored) is asked
    assert blame.is_by_get(actual, stored=stored, witnesses_agree=True) is by_get_if_they_agree
    assert blame.is_by_get(actual, stored=stored, witnesses_agree=False) is by_get_if_not


@pytest.mark.parametrize(
    ("key", "expected", "actual", "requirement", "symptom"),
    [
        (A, Exactly("0"), GONE, "GET-1", "lost"),
        (A, Exactly("0"), BROKEN, "GET-1", "raised"),
        (B, MISSING, Returned("1"), "GET-2", "returned"),
        (B, MISSING, BROKEN, "GET-2", "raised"),
    ],
)
def test_a_get_that_is_broken(key, expected, actual, requirement, symptom):
    finding = blame.blame_get(contradiction(Get(key), actual, expected), key, model_of(A), refusals())
    assert verdict(finding) == (requirement, symptom)
    assert (finding.cause, finding.observation, finding.key) == (Get(key), Get(key), key)
    assert (finding.step, finding.expected, finding.actual) == (3, expected, actual)


def test_a_get_of_a_key_that_the_subject_refuses_may_raise_as_its_set_does():
    found = blame.blame_get(contradiction(Get(REFUSED_KEY), BROKEN, MISSING), REFUSED_KEY, model_of(), refusals())
    assert found.expected == Raises(frozenset({"InvalidKeyError", "StoreBackendError"}))


# has_key


@pytest.mark.parametrize(
    ("has", "read", "get_agrees", "by_state"),
    [
        (Returned(True), Returned("1"), False, True),
        (Returned(False), GONE, False, True),
        (Returned(False), BROKEN, False, True),
        (Returned(True), Returned("1"), True, False),
        (Returned(True), GONE, True, False),
        (Returned(False), Returned("1"), True, False),
        (Returned(1), Returned("1"), False, False),
        (Returned(None), GONE, False, False),
        (BROKEN, GONE, False, False),
    ],
)
def test_has_key_is_to_blame_or_the_state(has, read, get_agrees, by_state):
    assert blame.is_by_state(has, read, get_agrees=get_agrees) is by_state


@pytest.mark.parametrize(
    ("key", "actual", "requirement", "symptom"),
    [
        (A, Returned(False), "HAS-1", "returned"),
        (A, BROKEN, "HAS-1", "raised"),
        (REFUSED_KEY, Returned(True), "KEY-5", "returned"),
    ],
)
def test_a_has_key_that_is_broken(key, actual, requirement, symptom):
    finding = blame.blame_has_key(contradiction(HasKey(key), actual), HasKey(key), refusals())
    assert verdict(finding) == (requirement, symptom)
    assert finding.key == key


# list_keys


def test_the_keys_listed_are_looked_for_in_whatever_was_given():
    assert blame.keys_listed(Returned([A, AB])) == [A, AB]
    assert blame.keys_listed(Returned((A,))) == [A]
    assert blame.keys_listed(Returned(iter([A]))) == [A]


@pytest.mark.parametrize("actual", [Returned(None), Returned(["a"]), Returned([["a"]]), Returned([(1,)]), BROKEN])
def test_what_is_no_listing_lists_no_keys(actual):
    assert blame.keys_listed(actual) is None


def test_only_a_list_of_keys_is_a_list():
    assert blame.is_list(Returned([A]), [A])
    assert not blame.is_list(Returned((A,)), [A])
    assert not blame.is_list(Returned(["a"]), None)


def test_the_keys_added_below_the_prefix_and_the_keys_omitted_are_doubtful():
    assert blame.doubtful_keys([A, AB, AB, C], frozenset({A, ("a", "c")}), A) == [AB, ("a", "c")]
    assert blame.doubtful_keys([C], frozenset(), ()) == [C]


@pytest.mark.parametrize(
    ("read", "get_agrees", "state"),
    [
        (GONE, False, True),
        (Returned("1"), False, True),
        (HANGS, False, True),
        (GONE, True, False),
        (Returned("1"), True, False),
        (BROKEN, False, False),
    ],
)
def test_a_doubtful_key_tells_of_the_state_or_not(read, get_agrees, state):
    assert blame.tells_state(read, get_agrees=get_agrees) is state


@pytest.mark.parametrize(
    ("prefix", "listed", "matching", "verdicts"),
    [
        ((), [A], {A, B}, [("LIST-1", "omitted", B)]),
        ((), [A, B], {A}, [("LIST-1", "added", B)]),
        ((), [A, A], {A}, [("LIST-1", "repeated", A)]),
        ((), [C], {B}, [("LIST-1", "omitted", B)]),
        (A, [A], {A, AB}, [("LIST-2", "omitted", AB)]),
        (A, [A, C], {A}, [("LIST-2", "added", C)]),
        (A, [C], set(), [("LIST-3", "added", C)]),
        ((), [A], {A, ID_KEY}, [("LIST-4", "omitted", ID_KEY)]),
        ((), [A, ID_KEY], {A}, [("LIST-4", "added", ID_KEY)]),
        ((), [C], {A, ID_KEY}, [("LIST-4", "omitted", ID_KEY), ("LIST-1", "omitted", A)]),
        ((".ge_store_backend_id",), [], {ID_KEY}, [("LIST-2", "omitted", ID_KEY)]),
        ((), [A], {A}, []),
    ],
)
def test_a_listing_that_is_broken(prefix, listed, matching, verdicts):
    operation, expected = ListKeys(prefix), Lists(frozenset(matching))
    found = blame.blame_listing(contradiction(operation, Returned(listed), expected), operation, listed, expected)
    assert [(*verdict(finding), finding.key) for finding in found] == verdicts


@pytest.mark.parametrize(
    ("prefix", "matches", "requirement"), [((), True, "LIST-1"), (A, True, "LIST-2"), (A, False, "LIST-3")]
)
def test_a_listing_that_gives_no_list(prefix, matches, requirement):
    operation = ListKeys(prefix)
    assert verdict(blame.blame_list(contradiction(operation, BROKEN), operation, matches)) == (requirement, "raised")
    found = blame.blame_list(contradiction(operation, Returned(None)), operation, matches)
    assert verdict(found) == (requirement, "returned")


# An operation's own outcome


@pytest.mark.parametrize(
    ("operation", "actual", "model", "requirement", "symptom"),
    [
        (Set(A, "1"), BROKEN, model_of(), "SET-1", "raised"),
        (Set(REFUSED_KEY, "1"), BROKEN, model_of(), "KEY-5", "raised"),
        (Set(A, REFUSED_VALUE), BROKEN, model_of(), "SET-4", "raised"),
        (Set(AB, "1"), BROKEN, model_of(A), "KEY-6", "raised"),
        (Set(A, "1"), BROKEN, model_of(AB), "KEY-6", "raised"),
        (Set(AB, "1"), BROKEN, model_of(known=[A]), "KEY-6", "blocked"),
        (Set(B, "1"), BROKEN, model_of(A), "SET-1", "raised"),
        (Move(C, AB), BROKEN, model_of(A, C), "KEY-6", "raised"),
        (Move(C, AB), BROKEN, model_of(A), "MOVE-4", "raised"),
        (RemoveKey(AB), BROKEN, model_of(A), "REMOVE-3", "raised"),
        (RemoveKey(AB), BROKEN, model_of(A, AB), "KEY-6", "raised"),
        (Add(A, "1"), Returned(None), model_of(A), "ADD-1", "returned"),
        (GetAll(), Returned([]), model_of(A), "ALL-1", "returned"),
    ],
)
def test_an_operation_that_does_not_do_what_it_should(operation, actual, model, requirement, symptom):
    finding = blame.blame_operation(contradiction(operation, actual), model, refusals())
    assert verdict(finding) == (requirement, symptom)
    assert (finding.cause, finding.observation, finding.key) == (operation, operation, None)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Set(REFUSED_KEY, "1"), Succeeds(REFUSALS)),
        (Set(A, REFUSED_VALUE), Succeeds(VALUE_REFUSALS)),
        (Move(A, REFUSED_KEY), Raises(frozenset({"InvalidKeyError", "StoreBackendError"}))),
    ],
)
def test_an_operation_beyond_a_limit_may_refuse(operation, expected):
    assert blame.blame_operation(contradiction(operation, BROKEN), model_of(A), refusals()).expected == expected


@pytest.mark.parametrize(
    ("known", "last", "requirement"),
    [
        (None, None, "ID-1"),
        (None, Reopen(), "ID-1"),
        ("id", None, "ID-1"),
        ("id", Reopen(), "ID-8"),
        ("id", Set(A, "1"), "ID-10"),
    ],
)
def test_an_id_that_is_none_or_has_changed(known, last, requirement):
    demand = blame.demand_on_id(known)
    assert isinstance(demand, Unchanged if known else AnId)
    finding = blame.blame_id(contradiction(ReadId(), Returned("x"), demand), last)
    assert verdict(finding) == (requirement, "changed")
    assert finding.cause == (last or ReadId())


# State


def test_the_culprit_is_the_first_that_there_is():
    earlier, last = Step(Set(A, "1")), Step(Set(B, "2"))
    model = model_of(known=[B])
    model.decide(A, earlier)
    assert blame.culprit_of(A, model, last, was_right_before=True) == last
    assert blame.culprit_of(A, model, last, was_right_before=False) == earlier
    assert blame.culprit_of(B, model, last, was_right_before=False) == last
    assert blame.culprit_of(C, model, last, was_right_before=False) == last
    assert blame.culprit_of(C, model, None, was_right_before=False) == Step(ReadId())


def test_the_state_of_one_key_of_many_that_is_read_is_blamed_on_the_last_write_of_another():
    model, written, read = Model(), Step(Set(A, "1")), Step(Get(B))
    assert blame.culprit_of(B, model, read, was_right_before=False) == read
    model.decide(A, written)
    assert blame.culprit_of(B, model, read, was_right_before=False) == written
    assert blame.culprit_of(B, model, read, was_right_before=True) == read


@pytest.mark.parametrize(
    ("key", "actual", "symptom"),
    [
        (A, GONE, "lost"),
        (A, BROKEN, "lost"),
        (A, HANGS, "lost"),
        (C, Returned("9"), "appeared"),
        (A, Returned("before"), "stale"),
        (A, Returned("1"), "shared"),
        (A, Returned("9"), "changed"),
        (B, Returned("0"), "shared"),
    ],
)
def test_a_wrong_state_has_a_symptom(key, actual, symptom):
    model = model_of(A, B)
    model.decide(A, Step(Set(A, "0"), was_stored=True, previous="before"))
    assert blame.state_symptom(key, actual, model) == symptom


@pytest.mark.parametrize(
    ("culprit", "key", "symptom", "requirement"),
    [
        (Step(Set(A, "1")), A, "lost", "SET-1"),
        (Step(Set(A, "1")), A, "changed", "GET-1"),
        (Step(Set(A, "1")), B, "lost", "SET-2"),
        (Step(Move(A, B)), B, "lost", "MOVE-1"),
        (Step(Move(A, B), was_stored=True), B, "stale", "MOVE-2"),
        (Step(Move(A, B), was_refused=True), B, "lost", "MOVE-4"),
        (Step(Set(A, "1"), was_refused=True, limit="KEY-5"), B, "lost", "KEY-5"),
        (Step(Set(A, "1"), was_refused=True, limit="SET-4"), A, "appeared", "SET-4"),
        (Step(RemoveKey(A)), A, "appeared", "REMOVE-3"),
        (Step(RemoveKey(A), was_stored=True), A, "stale", "REMOVE-1"),
        (Step(Reopen()), A, "lost", "REOPEN-1"),
        (Step(SetMany(A, 3)), B, "lost", "SET-2"),
        (Step(ReadId()), A, "lost", "GET-3"),
        (Step(Set(A, "1")), ID_KEY, "changed", "ID-10"),
    ],
)
def test_a_wrong_state_is_put_to_the_requirement_of_its_culprit(culprit, key, symptom, requirement):
    finding = blame.blame_state(contradiction(Get(key), GONE), key, symptom, culprit)
    assert verdict(finding) == (requirement, symptom)
    assert (finding.cause, finding.observation, finding.key) == (culprit.operation, Get(key), key)


def test_of_the_key_of_the_id_only_a_replay_can_tell():
    assert blame.state_expectation(ID_KEY, model_of(ID_KEY)) == Unchanged()
    assert blame.state_expectation(A, model_of(A)) == Exactly("0")
    assert blame.state_expectation(B, model_of(A)) == MISSING
