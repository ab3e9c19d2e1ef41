import pytest

from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Set
from conformance.programs.outcomes import Hung, Raised, Returned
from conformance.sequential.model import NOTHING, Model, Step

A, B = ("a",), ("b",)
MISSING = Raised("InvalidKeyError")


def model_of(**values):
    model = Model()
    for element, value in values.items():
        model.reference.set((element,), value)
    return model


def test_a_new_model_holds_nothing_and_knows_no_key():
    model = Model()
    assert model.reference.list_keys() == []
    assert model.provenance == {}
    assert not model.reference.has_key(ID_KEY)


def test_nothing_is_told_from_none():
    model = model_of(a=None)
    assert model.value_of(A) is None
    assert model.value_of(B) is NOTHING


@pytest.mark.parametrize(
    ("key", "actual", "agrees"),
    [
        (A, Returned("1"), True),
        (A, Returned("2"), False),
        (A, Returned(b"1"), False),
        (A, MISSING, False),
        (B, MISSING, True),
        (B, Raised("KeyError"), False),
        (B, Returned(None), False),
        (A, Hung(1.0), False),
        (B, Hung(1.0), False),
    ],
)
def test_what_a_get_gave_agrees_or_not(key, actual, agrees):
    assert model_of(a="1").agrees(key, actual) is agrees


def test_a_value_is_held_by_another_key_or_only_by_its_own():
    model = model_of(a="1", b="2")
    assert model.holders_of("2", besides=A)
    assert not model.holders_of("1", besides=A)
    assert not model.holders_of(b"2", besides=A)


def test_what_the_subject_shows_becomes_what_must_be_there():
    model = model_of(a="1")
    model.adopt(A, Returned("other"))
    model.adopt(B, Returned("new"))
    assert (model.value_of(A), model.value_of(B)) == ("other", "new")
    assert list(model.provenance) == [A, B]


def test_a_key_that_the_subject_does_not_show_is_absent_from_then_on():
    model = model_of(a="1")
    model.adopt(A, MISSING)
    model.adopt(B, MISSING)
    assert model.reference.list_keys() == []
    assert model.provenance == {}


def test_a_subject_that_hangs_shows_nothing():
    model = model_of(a="1")
    model.adopt(A, Hung(1.0))
    assert model.value_of(A) == "1"


def test_to_adopt_or_meet_a_key_leaves_who_decided_its_state():
    model = model_of(a="1")
    step = Step(Set(A, "1"))
    model.decide(A, step)
    model.meet(A)
    model.adopt(A, Returned("2"))
    assert model.provenance == {A: step}


def test_the_last_step_decides():
    model = Model()
    model.decide(A, Step(Set(A, "1")))
    model.decide(A, Step(Set(A, "2"), was_stored=True, previous="1"))
    assert model.provenance[A] == Step(Set(A, "2"), was_stored=True, previous="1")
