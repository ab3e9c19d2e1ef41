"""The laws hold of the reference, from every state of a small world and from what chance brings; mutants break them.

That each law is broken alone by some mutant shows that no other says the same. It is declared with the mutants, and
held here: what is declared is broken, and what is not holds in all instances, from all states.
"""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.programs.families import ODD_FAMILIES
from conformance.programs.keys import ID_KEY
from conformance.programs.laws import Checking, World
from conformance.programs.notation import admits, variables
from conformance.programs.outcomes import Raised, Returned
from spec_store import InvalidKeyError, StoreBackendError
from spec_store.catalogue.laws import LAWS, Law
from tests.conformance.programs.kept import ID_TEXT, WORLD, Kept, Place, broken_by, checking
from tests.conformance.programs.mutants import MUTANTS, breaking_alone
from tests.sampling import sampled

BY_ID = {law.id: law for law in LAWS}
A, AB, B = ("a",), ("a", "b"), ("ab",)

every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)


# The small world


def test_variables_stand_for_everything_that_the_condition_admits():
    law = BY_ID["move-move"]
    assert variables(law) == ("a", "b", "c")
    assert len(list(WORLD.bindings(law))) == 6
    assert not admits(law, {"a": A, "b": B, "c": A})


def test_there_is_a_state_for_each_choice_of_values_and_of_none():
    states = list(WORLD.states(ID_TEXT))
    assert len(states) == 27
    assert len({frozenset(state.items()) for state in states}) == 27
    assert all(state[ID_KEY] == ID_TEXT for state in states)


# The reference


@every_law
def test_a_law_holds_of_the_reference_in_all_instances_from_all_states(law):
    assert [str(breach) for breach in checking(Kept).breaches(law, ID_TEXT)] == []


KEYS = st.sampled_from([key for family in ODD_FAMILIES for key in family]) | st.text().map(lambda text: ("a", text))
VALUES = st.text() | st.binary() | st.integers() | st.none() | st.lists(st.integers(), max_size=2)


def reached(world, numbers):
    """The state in which a new store of the reference is after the writes of these numbers, some of them refused."""
    place = Place()
    backend = Kept(place)
    writes = world.writes()
    for number in numbers:
        with contextlib.suppress(InvalidKeyError, StoreBackendError):
            writes[number % len(writes)].on(backend)
    return dict(place)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.lists(KEYS, min_size=3, max_size=3, unique=True),
    st.lists(VALUES, min_size=2, max_size=2),
    st.lists(st.integers(0, 999), max_size=8),
    st.integers(0, 999),
)
def test_laws_hold_of_the_reference_whatever_the_keys_and_values_and_what_was_done_before(keys, values, done, number):
    prefixes = dict.fromkeys(key[:length] for key in keys for length in range(len(key) + 1))
    world = World(tuple(keys), tuple(values), tuple(prefixes))
    state = reached(world, done)
    for law in LAWS:
        bindings = list(world.bindings(law))
        assert checking(Kept, world).breach(law, bindings[number % len(bindings)], state) is None


# Mutants


def test_there_are_many_mutants():
    assert len(MUTANTS) >= 30


@every_mutant
def test_a_mutant_breaks_the_laws_that_it_says(mutant):
    broken = MUTANTS[mutant]
    assert broken
    assert [id for id in broken if not any(True for _ in checking(mutant).breaches(BY_ID[id], ID_TEXT))] == []


@every_law
def test_a_law_is_broken_alone_by_some_mutant(law):
    assert breaking_alone(law.id) != []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", sampled(MUTANTS, 12), ids=lambda mutant: mutant.__name__)
def test_a_mutant_breaks_no_other_law_in_any_instance_from_any_state(mutant):
    assert broken_by(mutant) == MUTANTS[mutant]


def test_a_breach_says_what_differed_and_where():
    breach = next(checking(breaking_alone("move-self")[0]).breaches(BY_ID["move-self"], ID_TEXT))
    assert (breach.binding, breach.what) == ({"a": A, "v": ""}, "list_keys()")
    assert "set(a, v); move(a, a) = set(a, v)" in str(breach)


# What is compared


def holds_of_the_reference(left, right, where=""):
    """Whether a law that is none of the catalogue's holds of the reference."""
    return not list(checking(Kept).breaches(Law("made-up", ("SET-1",), "", left, right, where), ID_TEXT))


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        ("set(a, v)", "remove_key(a)", False),
        ("remove_key(a); remove_key(a)", "remove_key(a)", True),
        ("remove_key(a); remove_key(a)", "remove_key(a); True", False),
        ("move(a, b)", "move(a, b); list_keys()", False),
        ("remove_key(a); get(a)", "remove_key(a); raise StoreBackendError", False),
        ("list_keys()", "[*reversed(list_keys())]", True),
        ("list_keys()", "list_keys() + list_keys()", False),
        ("has_key(a)", "x = get(a); int(returned(x))", False),
        ("x = get(a); x", "get(a)", True),
        ("list_keys()", "[k for k in None]", False),
    ],
)
def test_outcomes_are_compared_as_the_specification_has_them(left, right, holds):
    assert holds_of_the_reference(left, right) is holds


def test_a_law_may_be_put_to_a_backend_of_any_kind():
    class Forgets(Kept):
        def _set(self, key, value, **kwargs):
            pass

    one = Checking(WORLD, lambda state: lambda: Forgets(Place(state)))
    breach = one.breach(BY_ID["set-get"], {"a": A, "v": "xy"}, {ID_KEY: ID_TEXT})
    assert breach is not None
    assert (breach.left, breach.right) == (Raised("InvalidKeyError"), Returned("xy"))
