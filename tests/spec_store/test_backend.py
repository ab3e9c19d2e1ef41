"""The public methods that hold for every backend."""

import inspect
from typing import Any

import pytest

from spec_store import InvalidKeyError, Key, StoreBackend, StoreBackendError, StoreError
from tests.spec_store.samples import DictBackend

NO_KEYS = ["a", ["a"], None, 7, ("a", 7), (None,)]


class PickyBackend(DictBackend):
    """Finds out only while storing that it cannot store "bad"."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if value == "bad":
            raise ValueError("bad will not do")
        return super()._set(key, value, **kwargs)


class TextBackend(DictBackend):
    """Refuses values that are no text before storing them."""

    def _validate_value(self, value: object) -> None:
        if not isinstance(value, str):
            raise TypeError(f"text is wanted, not {type(value)}")


class StoringAtOnceBackend(DictBackend):
    """Stores a value if its key is missing in one step of its own."""

    def _add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        if value == "bad":
            raise ValueError("bad will not do")
        if self._stored.setdefault(key, value) is not value:
            raise StoreBackendError("taken")
        return "added at once"


@pytest.fixture
def store() -> DictBackend:
    return DictBackend(suppress_store_backend_id=True)


def test_the_constructor_is_the_documented_one():
    parameters = inspect.signature(StoreBackend).parameters.values()
    assert [(parameter.name, parameter.default) for parameter in parameters] == [
        ("fixed_length_key", False),
        ("suppress_store_backend_id", False),
        ("manually_initialize_store_backend_id", ""),
        ("store_name", "no_store_name"),
    ]


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("get", "(key, **kwargs)"),
        ("set", "(key, value, **kwargs)"),
        ("move", "(source_key, dest_key, **kwargs)"),
        ("has_key", "(key)"),
        ("list_keys", "(prefix=())"),
        ("remove_key", "(key)"),
        ("get_url_for_key", "(key, protocol=None)"),
        ("is_ignored_key", "(key)"),
        ("add", "(key, value, **kwargs)"),
        ("update", "(key, value, **kwargs)"),
        ("add_or_update", "(key, value, **kwargs)"),
        ("get_all", "()"),
        ("build_key", "(id=None, name=None)"),
        ("_get", "(key)"),
        ("_set", "(key, value, **kwargs)"),
        ("_move", "(source_key, dest_key, **kwargs)"),
        ("_has_key", "(key)"),
        ("_add", "(key, value, **kwargs)"),
        ("_validate_key", "(key)"),
        ("_validate_value", "(value)"),
        ("_construct_store_backend_id", "(suppress_warning=False)"),
    ],
)
def test_each_method_has_the_documented_arguments(method, signature):
    found = inspect.signature(getattr(DictBackend(), method))
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    assert str(inspect.Signature(bare)) == signature


def test_the_constants_are_the_documented_ones():
    assert StoreBackend.IGNORED_FILES == [".ipynb_checkpoints"]
    assert StoreBackend.STORE_BACKEND_ID_KEY == (".ge_store_backend_id",)
    assert StoreBackend.STORE_BACKEND_ID_PREFIX == "store_backend_id = "
    assert StoreBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID == "00000000-0000-0000-0000-00000000e003"


def test_a_class_that_leaves_one_out_cannot_be_instantiated():
    assert StoreBackend.__abstractmethods__ == {"_get", "_set", "_move", "_has_key", "list_keys", "remove_key"}
    with pytest.raises(TypeError):
        StoreBackend()  # type: ignore[abstract]


def test_arguments_are_kept():
    store = DictBackend(fixed_length_key=True, store_name="plans")
    assert store.fixed_length_key is True
    assert store.store_name == "plans"
    assert repr(store) == "DictBackend(store_name='plans')"


def test_defaults_are_kept():
    assert DictBackend().fixed_length_key is False
    assert DictBackend().store_name == "no_store_name"


@pytest.mark.parametrize("key", NO_KEYS)
@pytest.mark.parametrize(
    "operate",
    [
        lambda store, key: store.get(key),
        lambda store, key: store.set(key, "x"),
        lambda store, key: store.add(key, "x"),
        lambda store, key: store.update(key, "x"),
        lambda store, key: store.add_or_update(key, "x"),
        lambda store, key: store.has_key(key),
        lambda store, key: store.move(key, ("b",)),
        lambda store, key: store.move(("a",), key),
    ],
)
def test_what_is_no_key_is_refused_and_nothing_changes(store, operate, key):
    store.set(("a",), "1")
    with pytest.raises(TypeError, match="DictBackend must be instances of"):
        operate(store, key)
    assert store.list_keys() == [("a",)]


def test_a_value_error_while_storing_becomes_a_store_backend_error():
    store = PickyBackend()
    store.set(("a",), "good")
    for write in (store.set, store.update, store.add_or_update):
        with pytest.raises(StoreBackendError, match="bad will not do") as refusal:
            write(("a",), "bad")
        assert isinstance(refusal.value.__cause__, ValueError)
    assert store.get(("a",)) == "good"


@pytest.mark.parametrize("backend", [PickyBackend, StoringAtOnceBackend])
def test_so_does_one_while_adding(backend):
    with pytest.raises(StoreBackendError, match="bad will not do") as refusal:
        backend().add(("a",), "bad")
    assert isinstance(refusal.value.__cause__, ValueError)


def test_values_are_validated_before_they_are_stored():
    store = TextBackend()
    for write in (store.set, store.add, store.add_or_update):
        with pytest.raises(TypeError):
            write(("a",), 7)
    assert not store.has_key(("a",))


def test_set_gives_back_what_the_backend_does(store):
    assert store.set(("a",), "1") == "kept ('a',)"


def test_unknown_keyword_arguments_change_nothing(store):
    store.set(("a",), "1", content_type="text")
    store.add(("b",), "2", content_type="text")
    store.update(("b",), "3", content_type="text")
    store.add_or_update(("c",), "4", content_type="text")
    store.move(("c",), ("d",), content_type="text")
    assert {key: store.get(key, content_type="text") for key in store.list_keys()} == {
        ("a",): "1",
        ("b",): "3",
        ("d",): "4",
    }


def test_add_stores_under_a_missing_key_alone(store):
    store.add(("a",), "1")
    with pytest.raises(StoreBackendError, match="already"):
        store.add(("a",), "2")
    assert store.get(("a",)) == "1"


def test_add_and_the_creation_of_the_id_use_the_engines_own_primitive():
    store = StoringAtOnceBackend()
    assert store.add(("a",), "1") == "added at once"
    with pytest.raises(StoreBackendError, match="taken"):
        store.add(("a",), "2")
    assert store.store_backend_id is not None
    assert store.store_backend_id == store.store_backend_id_warnings_suppressed


def test_update_replaces_the_value_of_a_stored_key_alone(store):
    with pytest.raises(StoreBackendError):
        store.update(("a",), "1")
    assert not store.has_key(("a",))
    store.set(("a",), "1")
    store.update(("a",), "2")
    assert store.get(("a",)) == "2"


def test_add_or_update_does_either(store):
    store.add_or_update(("a",), "1")
    store.add_or_update(("a",), "2")
    assert store.get(("a",)) == "2"


def test_get_all_gives_every_value_but_the_id():
    store = DictBackend()
    assert store.store_backend_id is not None
    store.set((), "1")
    store.set(("a",), "1")
    store.set(("b",), "2")
    assert sorted(store.get_all()) == ["1", "1", "2"]


def test_get_all_passes_over_a_key_that_goes_missing_meanwhile():
    class Shrinking(DictBackend):
        def list_keys(self, prefix: Key = ()) -> list[Key]:
            return [*super().list_keys(prefix), ("gone",)]

    store = Shrinking()
    store.set(("a",), "1")
    assert store.get_all() == ["1"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [({}, ()), ({"id": "1"}, ("1",)), ({"name": "n"}, ("n",)), ({"id": "1", "name": "n"}, ("1", "n"))],
)
def test_build_key_joins_what_is_given(store, arguments, key):
    assert store.build_key(**arguments) == key


@pytest.mark.parametrize(
    ("key", "ignored"),
    [
        ((".ipynb_checkpoints",), True),
        (("a", ".ipynb_checkpoints", "b"), True),
        ((), False),
        (("a",), False),
        (("a.ipynb_checkpoints",), False),
    ],
)
def test_keys_with_an_ignored_element_are_ignored(store, key, ignored):
    assert store.is_ignored_key(key) is ignored


def test_a_subclass_may_ignore_other_files(store):
    class Own(DictBackend):
        IGNORED_FILES = (".git",)  # type: ignore[assignment]

    assert Own().is_ignored_key(("a", ".git"))
    assert not Own().is_ignored_key((".ipynb_checkpoints",))


def test_there_are_no_urls_by_default(store):
    for protocol in (None, "https:"):
        with pytest.raises(StoreError, match="DictBackend"):
            store.get_url_for_key(("a",), protocol)


def test_errors_form_the_documented_family():
    assert issubclass(StoreBackendError, StoreError)
    assert issubclass(InvalidKeyError, StoreError)
    assert not issubclass(InvalidKeyError, StoreBackendError)
