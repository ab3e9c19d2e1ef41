"""A store on a server is emptied and used again; one that cannot be, or that is no server's, is opened anew."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import Claims, Subject
from conformance.checks.catalogue import CASES
from conformance.checks.running import Failed, Passed, run_case
from conformance.harness.harness import Harness
from conformance.harness.spare import USES, keeping, leave
from conformance.programs.operations import Get, Program, Reopen, Set
from conformance.sequential.session import Session
from spec_store import InMemoryStoreBackend

A = ("a",)
WRITES: Program = (Set(A, "1"), Get(A))


class Served(InMemoryStoreBackend):
    """What a place has is in `stores`; it outlives a backend."""

    stores: dict[str, dict[Any, Any]]
    _place: str

    @property
    def _values(self) -> Any:
        return self.stores[self._place]

    @_values.setter
    def _values(self, _empty: Any) -> None:
        pass


class ForgetsNothing(Served):
    """remove_key leaves the key in the listing."""

    def remove_key(self, key):
        return key in self._values


def counted(cls: type[Served], place: str) -> tuple[Harness, list[Served]]:
    """A harness for stores whose places begin with a text, and the backends that it has opened."""
    opened: list[Served] = []
    stores: dict[str, dict[Any, Any]] = {}

    @contextlib.contextmanager
    def new() -> Iterator[str]:
        name = f"{place}{len(opened)}"
        stores[name] = {}
        yield name
        del stores[name]

    def opening(name: str, **options: Any) -> Served:
        backend = cls.__new__(cls)
        backend.stores, backend._place = stores, name
        backend.__init__(**options)  # type: ignore[misc]
        opened.append(backend)
        return backend

    return keeping(Harness(Subject(opening, new, Claims(durable=True)))), opened


def run_sessions(harness: Harness, number: int, program: Program = WRITES) -> list[Session]:
    done: list[Session] = []
    for _ in range(number):
        done.append(Session(harness))
        done[-1].run(program)
    return done


def test_a_store_on_a_server_is_used_by_so_many_programs_and_is_empty_for_each():
    harness, opened = counted(Served, "name-")
    done = run_sessions(harness, 2 * USES)

    assert len(opened) == 2
    assert not any(session.findings for session in done)
    leave(harness)
    assert not opened[-1].stores


@pytest.mark.parametrize(
    ("cls", "place", "program"),
    [
        pytest.param(Served, "/directory/", (Set(A, "1"),), id="in a directory"),
        pytest.param(ForgetsNothing, "name-", (Set(A, "1"),), id="what cannot be emptied"),
        pytest.param(Served, "name-", (Reopen(),), id="opened a second time"),
    ],
)
def test_a_new_store_is_opened_for_each_program_where(cls, place, program):
    harness, opened = counted(cls, place)
    run_sessions(harness, 3, program)

    assert len({backend._place for backend in opened}) == 3
    assert not opened[-1].stores


def test_a_store_that_a_program_has_found_faulty_is_not_used_again():
    class LosesValues(Served):
        def _set(self, key, value, **kwargs):
            super()._set(key, "another" if key == A else value)

    harness, opened = counted(LosesValues, "name-")
    assert all(session.findings for session in run_sessions(harness, 3))
    assert len(opened) == 3


def test_without_a_spare_each_program_has_a_new_store():
    harness, opened = counted(Served, "name-")
    run_sessions(Harness(harness.subject), 3)

    assert len(opened) == 3


REFUSALS = [case for case in CASES if case.emptied]


def test_checks_that_judge_nothing_new_use_a_store_again_and_others_never():
    harness, opened = counted(Served, "name-")
    outcomes = [run_case(harness, case) for case in REFUSALS[: 2 * USES]]
    assert outcomes == [Passed()] * (2 * USES)
    assert len(opened) == 2

    plain = next(case for case in CASES if case.requirement == "ID-1")
    assert [run_case(harness, plain) for _ in range(3)] == [Passed()] * 3
    assert len(opened) == 5
    leave(harness)
    assert not opened[-1].stores


def test_a_check_that_fails_leaves_its_store_to_no_other():
    class TakesAnything(Served):
        def _validate_key(self, key):
            pass

    harness, opened = counted(TakesAnything, "name-")
    outcomes = [run_case(harness, case) for case in REFUSALS[:3]]
    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    assert len({backend._place for backend in opened}) == 3
    assert not opened[-1].stores


def test_a_check_whose_store_does_not_open_says_so():
    class Closed(Served):
        def __init__(self, **options):
            raise RuntimeError("closed for today")

    harness, _ = counted(Closed, "name-")
    assert "closed for today" in str(run_case(harness, REFUSALS[0]))


def test_a_check_that_is_shown_again_has_a_new_store():
    harness, opened = counted(Served, "name-")
    for case in REFUSALS[:3]:
        assert run_case(Harness(harness.subject), case) == Passed()
    assert len(opened) == 3
