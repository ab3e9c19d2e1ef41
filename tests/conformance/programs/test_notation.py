import pytest

from conformance.programs.keys import ID_KEY
from conformance.programs.notation import side
from conformance.programs.operations import Get, ListKeys, Move, ReadId, RemoveKey, Reopen, Set
from conformance.programs.outcomes import Raised

A, AB, B = ("a",), ("a", "b"), ("ab",)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("set(a, v); get(a)", (Set(A, "1"), Get(A))),
        ("x = get(b); remove_key(a); x", (Get(B), RemoveKey(A))),
        ("move(a, b); list_keys()", (Move(A, B), ListKeys())),
        ("write(**extra); reopen; store_backend_id", (Set(AB, "2", extra=True), Reopen(), ReadId())),
        ("get(STORE_BACKEND_ID_KEY)", (Get(ID_KEY),)),
        ("[k for k in keys if is_stored(k)]", ()),
    ],
)
def test_a_side_is_a_program_with_variables(text, program):
    assert side(text).program({"a": A, "b": B, "v": "1", "write": Set(AB, "2")}) == program


def test_a_side_that_raises_has_that_exception_for_its_outcome():
    assert side("remove_key(a); raise InvalidKeyError").result == Raised("InvalidKeyError")


@pytest.mark.parametrize("text", ["del a", "x = 1", "x, y = get(a)"])
def test_what_is_no_step_of_a_law_is_refused(text):
    with pytest.raises(ValueError, match="no step of a law"):
        side(text)
