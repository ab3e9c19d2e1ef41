import uuid
from typing import Any

import pytest

from spec_store import InMemoryStoreBackend
from tests.spec_store.samples import DictBackend, FieldBackend

ID = "0f3c1f4e-5d0a-4b7e-9a51-2c1f6a1b7d90"


class PassingOn(DictBackend):
    """Its constructor takes one argument of its own and hands on the rest."""

    def __init__(self, folder: str, *, options: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = folder
        self._options = options


class TakingAll(DictBackend):
    """Its constructor names all its arguments, and hands on no others."""

    def __init__(self, store_name: str = "mine") -> None:
        super().__init__(store_name=store_name, fixed_length_key=True)


class Forgetful(DictBackend):
    """Its constructor forgets an argument."""

    def __init__(self, folder: str) -> None:
        super().__init__()


EXAMPLES = [
    InMemoryStoreBackend(),
    InMemoryStoreBackend({"root_directory": "/plans"}, True, True, ID, "plans"),
    InMemoryStoreBackend(manually_initialize_store_backend_id="not a uuid"),
    InMemoryStoreBackend(manually_initialize_store_backend_id=uuid.UUID(ID)),
    FieldBackend(root="/plans", depth=3, store_name="plans"),
    PassingOn("/plans", options={"a": [1]}, suppress_store_backend_id=True),
    TakingAll(),
    TakingAll("plans"),
]


def given(config: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in ("class_name", "module_name")}


def test_it_names_the_class_and_leaves_out_what_is_falsy():
    assert InMemoryStoreBackend().config == {"class_name": "InMemoryStoreBackend", "module_name": "spec_store.memory"}


def test_it_has_all_that_the_constructor_was_given():
    assert InMemoryStoreBackend({"root_directory": "/plans"}, True, True, ID, "plans").config == {
        "class_name": "InMemoryStoreBackend",
        "module_name": "spec_store.memory",
        "runtime_environment": {"root_directory": "/plans"},
        "fixed_length_key": True,
        "suppress_store_backend_id": True,
        "manually_initialize_store_backend_id": ID,
        "store_name": "plans",
    }


def test_arguments_declared_as_fields_are_in_it():
    assert given(FieldBackend(root="/plans", depth=3).config) == {
        "root": "/plans",
        "depth": 3,
        "store_name": "no_store_name",
    }


def test_arguments_of_a_constructor_and_those_that_it_hands_on_are_in_it():
    store = PassingOn("/plans", options={"a": [1]}, store_name="plans", fixed_length_key=True)
    assert given(store.config) == {
        "folder": "/plans",
        "options": {"a": [1]},
        "store_name": "plans",
        "fixed_length_key": True,
    }


def test_arguments_that_a_constructor_does_not_take_are_not_in_it():
    assert given(TakingAll("plans").config) == {"store_name": "plans"}


@pytest.mark.parametrize("store", EXAMPLES, ids=lambda store: type(store).__name__)
def test_a_backend_built_from_it_has_an_equal_one(store):
    assert type(store)(**given(store.config)).config == store.config


def test_changing_it_does_not_change_the_backend():
    environment = {"paths": ["/plans"]}
    store = InMemoryStoreBackend(environment, store_name="plans")
    config = store.config
    config["runtime_environment"]["paths"].append("/elsewhere")
    config["store_name"] = "other"
    assert store.config["runtime_environment"] == {"paths": ["/plans"]}
    assert store.config["store_name"] == store.store_name == "plans"
    assert environment == {"paths": ["/plans"]}


def test_an_argument_that_is_kept_nowhere_is_named():
    with pytest.raises(AttributeError, match="Forgetful takes the argument 'folder'"):
        _ = Forgetful("/plans").config
