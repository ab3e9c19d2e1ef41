"""What SPEC.md shows of each requirement is run: on the reference, or where it opens a place again on files."""

import contextlib
import itertools
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError, StoreError
from spec_store.backends import FilesystemStoreBackend
from spec_store.requirements import REQUIREMENTS, Requirement, requirement

RUN = [one for one in REQUIREMENTS if one.staging is None]
STAGED = [one for one in REQUIREMENTS if one.staging is not None]


def needs_a_place(one: Requirement) -> bool:
    return re.search(r"\bplace\b", one.example) is not None


def run(one: Requirement, new_place: Callable[[], Any], open_backend: Callable[..., Any]) -> None:
    place = new_place()
    names = {
        "backend": open_backend(place),
        "place": place,
        "new_place": new_place,
        "open_backend": open_backend,
        "raises": pytest.raises,
        "InvalidKeyError": InvalidKeyError,
        "StoreBackendError": StoreBackendError,
        "StoreError": StoreError,
        "Path": Path,
        "ThreadPoolExecutor": ThreadPoolExecutor,
        "contextlib": contextlib,
        "uuid": uuid,
    }
    exec(compile(one.example, one.id, "exec"), names)


def in_memory(_place: None, **options: Any) -> InMemoryStoreBackend:
    return InMemoryStoreBackend(**options)


@pytest.mark.parametrize("one", [one for one in RUN if not needs_a_place(one)], ids=lambda one: one.id)
def test_an_example_holds_of_the_reference(one):
    run(one, lambda: None, in_memory)


@pytest.mark.parametrize("one", [one for one in RUN if needs_a_place(one)], ids=lambda one: one.id)
def test_an_example_with_a_place_holds_of_files(one, tmp_path: Path):
    numbers = itertools.count()

    def new_place() -> Path:
        place = tmp_path / str(next(numbers)) / "store"
        place.mkdir(parents=True)
        return place

    run(one, new_place, lambda place, **options: FilesystemStoreBackend(place, **options))


class Forgetful(InMemoryStoreBackend):
    """It stores nothing, removes nothing, and lists nothing."""

    def _set(self, key: Any, value: Any, **kwargs: Any) -> None:
        pass

    def list_keys(self, prefix: Any = ()) -> list[Any]:
        return []


@pytest.mark.parametrize("id", ["KEY-4", "GET-1", "SET-1", "MOVE-1", "REMOVE-4", "LIST-1", "ID-2", "ADD-1", "LIN-4"])
def test_an_example_fails_where_its_requirement_is_not_met(id):
    with pytest.raises((AssertionError, InvalidKeyError, pytest.fail.Exception)):
        run(requirement(id), lambda: None, lambda _place, **options: Forgetful(**options))


@pytest.mark.parametrize("one", RUN, ids=lambda one: one.id)
def test_an_example_that_runs_names_the_backend_and_checks_something(one):
    assert re.search(r"\b(backend|open_backend)\b", one.example)
    if one.id not in ("REMOVE-3", "PROP-2"):  # which demand that nothing is raised
        assert re.search(r"\b(assert|raises)\b", one.example)


def test_those_that_one_process_cannot_show_are_timelines():
    assert {one.id for one in STAGED} == {"REOPEN-3", "LIN-2", "CRASH-1", "CRASH-2", "CRASH-3", "FAULT-1", "POWER-1"}
    for one in STAGED:
        with pytest.raises(SyntaxError):
            compile(one.example, one.id, "exec")
