"""What RES-1 counts, and when it suspects and accuses."""

import contextlib
import os
import pathlib
import tempfile
from typing import Any

import pytest

from conformance.checks import resources
from conformance.checks.resources import CASES, grown, held, one_round, uncounted, work
from conformance.checks.running import Failed, Inconclusive, Passed, run_case
from conformance.harness.harness import Harness
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend

KEYS = (("one",), ("two",), ("three",))


def came_of(backend_of: Any) -> Any:
    (case,) = CASES
    return run_case(Harness(Subject(lambda _place, **options: backend_of(**options))), case)


@contextlib.contextmanager
def descriptors(count: int) -> Any:
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(count)]
    try:
        yield
    finally:
        for each in opened:
            os.close(each)


def test_a_round_leaves_the_store_as_the_last_round_did():
    backend = InMemoryStoreBackend()
    work(backend, KEYS, 1)
    before = {key: backend.get(key) for key in backend.list_keys()}
    work(backend, KEYS, 3)
    assert {key: backend.get(key) for key in backend.list_keys()} == before
    assert len(one_round(KEYS)) * resources.ROUNDS == 100


def test_what_the_process_holds_is_counted(tmp_path):
    kept = tmp_path / "kept"
    before = held(str(tmp_path), {str(kept)})
    kept.write_text("1")
    with descriptors(3):
        after = held(str(tmp_path), {str(kept)})
    assert after["temporary files"] - before["temporary files"] == 1
    assert after["files under the place"] - before["files under the place"] == 1
    if pathlib.Path("/proc/self/fd").exists():
        assert after["open file descriptors"] - before["open file descriptors"] == 3


def test_files_are_counted_of_directories_alone():
    assert "files under the place" not in held("sqlite:///no/directory", set())
    assert "files under the place" not in held(None, set())


def test_what_cannot_be_counted_is_told():
    assert uncounted({"threads": 1, "open file descriptors": 3, "child processes": 0}) is None
    assert uncounted({"threads": 1}) == (
        "open file descriptors and child processes cannot be counted here, for /proc does not tell"
    )


def test_only_what_both_counts_have_has_grown():
    assert grown({"a": 1, "b": 2}, {"a": 2, "b": 2, "c": 9}) == {"a"}


class Leaves(InMemoryStoreBackend):
    """Leaves a temporary file at each get that is among the first so many."""

    most = 0
    directory = ""

    def __init__(self, **options):
        self.left = 0
        super().__init__(**options)

    def _get(self, key):
        if self.left < self.most:
            self.left += 1
            pathlib.Path(self.directory, f"left-{self.left}").touch()
        return super()._get(key)


@pytest.mark.parametrize(("most", "accused"), [(0, False), (8, False), (120, False), (10**6, True)])
def test_what_grows_and_then_stays_is_not_accused(most, accused):
    with tempfile.TemporaryDirectory() as directory:
        cls = type("Leaving", (Leaves,), {"most": most, "directory": directory})
        came = came_of(cls)
    assert isinstance(came, Failed if accused else Passed)
    if isinstance(came, Failed):
        assert "no more temporary files" in came.text
        assert "more after each get" in came.text


class CountsRounds(InMemoryStoreBackend):
    """Counts the rounds of operations: each has one get_all."""

    rounds = 0

    def get_all(self):
        CountsRounds.rounds += 1
        return super().get_all()


@pytest.mark.parametrize(
    ("slow", "too_slow", "came", "rounds"),
    [
        (9.0, 9.0, Passed(), 16),
        (-1.0, 9.0, Passed(), 4),
        (-1.0, -1.0, Inconclusive("its operations take too long for a hundred of them"), 1),
    ],
)
def test_a_slow_store_is_asked_for_fewer_operations(monkeypatch, slow, too_slow, came, rounds):
    monkeypatch.setattr(resources, "SLOW", slow)
    monkeypatch.setattr(resources, "TOO_SLOW", too_slow)
    monkeypatch.setattr(CountsRounds, "rounds", 0)
    assert came_of(CountsRounds) == came
    assert CountsRounds.rounds == rounds
