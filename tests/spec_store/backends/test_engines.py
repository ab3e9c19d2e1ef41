"""Every engine: what the specification says, and what only a real engine can be asked."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import Subject, check
from conformance.report.verdicts import Report
from spec_store import STORE_BACKEND_ID_KEY, InvalidKeyError, StoreBackendError
from tests.servers import require
from tests.spec_store.backends import subjects
from tests.spec_store.backends.openers import ids_of_two_processes

SERVERS = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "redis": "Redis"}
DURABLE = ("filesystem", "filesystem_power", "sqlite", "postgresql", "mariadb", "redis", "local_objects")
IN_MEMORY = ("sqlite_in_memory", "objects_in_memory")
EVERY = (*DURABLE, *IN_MEMORY)
EXAMPLES = 10
ROUNDS = 200

HOSTILE = (
    ("a/b", "..", ".", "", "~", "$HOME", "C:\\", "\\\\host"),
    ("..",),
    ("", ""),
    ("/etc/passwd",),
    ("nul\0nul", "new\nline", "\r\n", "tab\t"),
    ("'; DROP TABLE spec_store; --", '"', "`", "\\"),
    ("*", "?", "[a-z]", "%", "_", "{name}", "}{"),
    ("\U0001f600", "\u00e9", "e\u0301", "\u200b", "\ufeff"),
    ("\ud800",),
    ("CON", "nul", "aux.txt", "trailing.", "trailing "),
    ("x" * 255,),
    ("x" * 10_240,),
    ("\u00e9" * 10_240,),
    tuple("abcdefghij") * 20,
    ("n" * 64,) * 1024,
)


@pytest.fixture(params=EVERY)
def engine(request: pytest.FixtureRequest) -> Subject:
    return subject_of(request.param)


def subject_of(name: str) -> Subject:
    if name in SERVERS:
        require(SERVERS[name])
    found: Subject = getattr(subjects, name)
    return found


@contextlib.contextmanager
def opened(subject: Subject) -> Iterator[Any]:
    """A backend on a place of its own."""
    with subject.place() as place:
        backend = subject.open(place)
        yield backend
        if hasattr(backend, "close"):
            backend.close()


@pytest.mark.slow
@pytest.mark.usefixtures("short_load")
@pytest.mark.parametrize(
    "name", [name if name in IN_MEMORY else pytest.param(name, marks=pytest.mark.exhaustive) for name in EVERY]
)
def test_an_engine_meets_every_requirement_of_the_classes_that_it_claims(name):
    report = check(subject_of(name), examples=0 if name in SERVERS else EXAMPLES, seed=0)

    assert faults_in(report) == ("conformant", [])


@pytest.mark.slow
@pytest.mark.parametrize("name", DURABLE)
def test_nothing_is_found_wrong_with_an_engine_in_a_few_seconds(name):
    report = check(subject_of(name), examples=0, seed=0, budget=5.0)  # in which all is tried once before any twice

    assert report.invalid == ""
    assert faults_in(report)[1] == []
    assert any(one.exercised for one in report.results)


def faults_in(report: Report) -> tuple[str, list[str]]:
    """The verdict, and what it is for."""
    return report.verdict, [one.counterexample.message for one in report.results if one.counterexample]


@pytest.mark.slow
@pytest.mark.parametrize("name", DURABLE)
def test_two_processes_that_open_empty_storage_at_once_read_one_id(name):
    subject = subject_of(name)

    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(subject.place()) for _ in range(ROUNDS)]
        here, there = ids_of_two_processes(name, places)

    assert here == there
    assert len(set(here)) == ROUNDS


def test_of_twenty_threads_that_add_a_key_one_succeeds(engine):
    with opened(engine) as backend:
        for number in range(20):
            key, barrier = ("key", str(number)), threading.Barrier(20)
            added: list[str] = []

            def add(value: str, key=key, barrier=barrier, added=added) -> None:
                barrier.wait(60)
                with contextlib.suppress(StoreBackendError):
                    backend.add(key, value)
                    added.append(value)

            threads = [threading.Thread(target=add, args=(str(value),)) for value in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

            assert added == [backend.get(key)]


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: ascii(key)[:40])
def test_a_hostile_key_is_stored_exactly_or_refused_cleanly(engine, key):
    with opened(engine) as backend:
        backend.set(("other",), "1")
        try:
            backend.set(key, "2")
        except StoreBackendError:
            with pytest.raises((StoreBackendError, InvalidKeyError)):
                backend.get(key)
            stored = []
        else:
            assert backend.get(key) == "2"
            assert backend.has_key(key) is True
            assert backend.list_keys(key) == [key]
            stored = [key]
        listed = [one for one in backend.list_keys() if one != STORE_BACKEND_ID_KEY]
        assert sorted(listed) == sorted([("other",), *stored])
        assert backend.get(("other",)) == "1"


def test_what_is_no_text_is_refused(engine):
    with opened(engine) as backend:
        for value in (b"bytes", 1, None, ["list"]):
            with pytest.raises(TypeError):
                backend.set(("a",), value)
        with pytest.raises(StoreBackendError):
            backend.set(("a",), "\ud800")

        assert backend.has_key(("a",)) is False


def test_a_backend_that_was_closed_opens_again_by_itself(engine):
    with opened(engine) as backend:
        if not hasattr(backend, "close") or engine.name == "SQLite in memory":
            pytest.skip("nothing of it can be closed, or all is lost then")
        backend.set(("a",), "1")
        backend.close()

        assert backend.get(("a",)) == "1"
