import inspect
import threading
from typing import Any

import pytest

from spec_store import InMemoryStoreBackend, InvalidKeyError

NO_KEYS = ["a", ["a"], None, 7, ("a", 7)]


@pytest.fixture
def store() -> InMemoryStoreBackend:
    return InMemoryStoreBackend(suppress_store_backend_id=True)


def test_the_constructor_is_the_documented_one():
    parameters = inspect.signature(InMemoryStoreBackend).parameters.values()
    assert [(parameter.name, parameter.default) for parameter in parameters] == [
        ("runtime_environment", None),
        ("fixed_length_key", False),
        ("suppress_store_backend_id", False),
        ("manually_initialize_store_backend_id", ""),
        ("store_name", None),
    ]


def test_arguments_may_be_given_by_position():
    store = InMemoryStoreBackend({"a": "b"}, True, True, "", "plans")
    assert store.fixed_length_key is True
    assert store.store_backend_id_warnings_suppressed is None
    assert store.store_name == "plans"


def test_the_store_has_no_name_by_default():
    assert InMemoryStoreBackend().store_name is None


def test_a_value_is_had_back_until_it_is_replaced(store):
    store.set(("a",), "1")
    assert store.get(("a",)) == "1"
    store.set(("a",), "2")
    assert store.get(("a",)) == "2"


def test_the_empty_key_is_a_key_like_any_other(store):
    store.set((), "1")
    assert store.get(()) == "1"
    assert store.list_keys() == [()]


@pytest.mark.parametrize(
    "value", ["", "a\r\n\0\U0001f600\n", b"a", 1, 1.5, True, None, [1], {"a": {"b": []}}, (1, [2])]
)
def test_a_value_comes_back_equal_and_of_its_type(store, value):
    store.set(("a",), value)
    assert store.get(("a",)) == value
    assert type(store.get(("a",))) is type(value)


def test_changing_a_value_outside_does_not_change_it_inside(store):
    value = {"a": [1]}
    store.set(("a",), value)
    value["a"].append(2)
    store.get(("a",))["a"].append(3)
    store.get_all()[0]["a"].append(4)
    assert store.get(("a",)) == {"a": [1]}


def test_a_value_that_cannot_be_copied_is_refused_and_the_old_one_stays(store):
    store.set(("a",), "1")
    with pytest.raises(TypeError):
        store.set(("a",), threading.Lock())
    assert store.get(("a",)) == "1"


def test_a_missing_key_is_an_invalid_one(store):
    store.set(("a", "b"), "1")
    with pytest.raises(InvalidKeyError, match="a"):
        store.get(("a",))


@pytest.mark.parametrize("other", [("a/b",), ("A", "b"), ("a", "b", ""), ("", "a", "b"), ("a", "b\n"), ("é",)])
def test_keys_that_resemble_one_another_are_different(store, other):
    store.set(("a", "b"), "1")
    store.set(("e\N{COMBINING ACUTE ACCENT}",), "1")
    assert not store.has_key(other)
    store.set(other, "2")
    assert store.get(("a", "b")) == "1"


def test_has_key_is_true_just_while_it_is_stored(store):
    assert store.has_key(("a",)) is False
    store.set(("a",), None)
    assert store.has_key(("a",)) is True
    store.remove_key(("a",))
    assert store.has_key(("a",)) is False


def test_a_moved_value_is_at_its_destination_alone(store):
    store.set(("a",), "1")
    store.set(("b",), "2")
    store.set(("a", "child"), "3")
    store.move(("a",), ("b",))
    assert contents(store) == {("b",): "1", ("a", "child"): "3"}


def test_a_move_onto_itself_changes_nothing(store):
    store.set(("a",), "1")
    store.move(("a",), ("a",))
    assert contents(store) == {("a",): "1"}


@pytest.mark.parametrize("destination", [("a",), ("b",), ("missing",)])
def test_a_missing_key_cannot_be_moved_and_nothing_changes(store, destination):
    store.set(("a",), "1")
    store.set(("missing", "child"), "2")
    before = contents(store)
    with pytest.raises(InvalidKeyError):
        store.move(("missing",), destination)
    assert contents(store) == before


def test_a_removed_key_is_missing_and_can_be_set_again(store):
    store.set(("a",), None)
    store.set(("a", "b"), "2")
    assert store.remove_key(("a",)) is True
    assert contents(store) == {("a", "b"): "2"}
    store.set(("a",), "3")
    assert store.get(("a",)) == "3"


def test_removing_a_missing_key_says_so(store):
    store.set(("a", "b"), "1")
    assert store.remove_key(("a",)) is False
    assert contents(store) == {("a", "b"): "1"}


def test_keys_are_listed_by_the_elements_that_they_start_with(store):
    for key in [(), ("a",), ("a", "b"), ("a", "c"), ("ab",), ("b", "a")]:
        store.set(key, "1")
    assert sorted(store.list_keys()) == [(), ("a",), ("a", "b"), ("a", "c"), ("ab",), ("b", "a")]
    assert sorted(store.list_keys(("a",))) == [("a",), ("a", "b"), ("a", "c")]
    assert store.list_keys(("a", "b")) == [("a", "b")]
    assert store.list_keys(("",)) == []


def test_the_list_of_keys_is_the_callers_own(store):
    store.set(("a",), "1")
    store.list_keys().clear()
    assert store.list_keys() == [("a",)]


@pytest.mark.parametrize("key", NO_KEYS)
def test_listing_and_removing_validate_their_argument_too(store, key):
    with pytest.raises(TypeError, match="InMemoryStoreBackend"):
        store.list_keys(key)
    with pytest.raises(TypeError, match="InMemoryStoreBackend"):
        store.remove_key(key)


def test_two_stores_share_nothing():
    one, other = InMemoryStoreBackend(), InMemoryStoreBackend()
    one.set(("a",), "1")
    assert not other.has_key(("a",))


def contents(store: InMemoryStoreBackend) -> dict[tuple[str, ...], Any]:
    return {key: store.get(key) for key in store.list_keys()}
