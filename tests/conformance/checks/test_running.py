"""How a check is run: what it opened is closed, its places are cleaned, its keys are of the claimed length."""

import contextlib
import gc
import uuid
import weakref
from typing import Any

import pytest

from conformance.campaign import check
from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.running import BLOCKS, UNTIDY, Failed, Inconclusive, Passed, Setting, claimed_keys, run_case
from conformance.checks.search import run_cases
from conformance.checks.support import leave, told
from conformance.harness.harness import Harness
from conformance.programs.operations import Reopen
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget, OutOfTimeError
from spec_store import InMemoryStoreBackend


class Closing(InMemoryStoreBackend):
    """Notes which of them are open."""

    opened: list["Closing"]

    def close(self):
        self.opened.remove(self)


def subject_of(cls: Any, opened: list[Any], **more: Any) -> Subject:
    def opening(_place: object, **options: Any) -> Any:
        backend = cls(**options)
        backend.opened = opened
        opened.append(backend)
        return backend

    return Subject(opening, **more)


def opens_three(new_place: Any, open_backend: Any) -> None:
    for _ in range(3):
        open_backend(new_place())


def fails(new_place: Any, open_backend: Any) -> None:
    open_backend(new_place())
    raise AssertionError("expected this, came that")


@pytest.mark.parametrize(
    ("function", "outcome"), [(opens_three, Passed()), (fails, Failed("expected this, came that"))]
)
def test_what_a_check_has_opened_is_closed_at_its_end(function, outcome):
    opened: list[Any] = []
    assert run_case(Harness(subject_of(Closing, opened)), Case("GET-1", function)) == outcome
    assert opened == []


def test_nothing_keeps_a_backend_when_the_check_is_over():
    opened: list[Any] = []
    run_case(Harness(subject_of(InMemoryStoreBackend, opened)), Case("GET-1", opens_three))
    held = [weakref.ref(backend) for backend in opened]
    opened.clear()
    gc.collect()
    assert [one() for one in held] == [None] * 3


def test_a_backend_is_left_by_close_or_aclose_or_as_a_with_statement_leaves_it():
    left = []

    class Closes:
        def close(self):
            left.append("close")

        def __exit__(self, *_: object) -> None:
            left.append("exit, too")

    class ClosesLater:
        async def aclose(self):
            left.append("aclose")

    class Exits:
        def __exit__(self, *_: object) -> None:
            left.append("exit")

    class Fails:
        def close(self):
            left.append("raises")
            raise OSError("closed already")

    for cls in (Closes, ClosesLater, Exits, Fails, object):
        leave(cls())
    assert left == ["close", "aclose", "exit", "raises"]


@contextlib.contextmanager
def untidy():
    yield None
    raise OSError(39, "Directory not empty")


def test_a_place_that_cannot_be_cleaned_is_told_of_and_decides_nothing():
    trouble: list[str] = []
    harness = Harness(Subject(lambda _place, **options: InMemoryStoreBackend(**options), untidy))
    assert run_case(harness, Case("GET-1", opens_three), Setting(told=trouble.append)) == Passed()
    assert set(trouble) == {f"{UNTIDY}: OSError: [Errno 39] Directory not empty"}


def test_a_report_notes_such_a_place_once():
    subject = Subject(lambda _place, **options: InMemoryStoreBackend(**options), untidy)
    report = check(subject, examples=0, seed=1, classes=("surface",))
    assert report.violated == ()
    assert [note for note in report.notes if note.startswith(UNTIDY)] == list(report.notes)
    assert len(report.notes) == 1


@pytest.mark.parametrize(
    ("claims", "first"),
    [
        (Claims(), None),
        (Claims(key_length=2), ("a", "probe")),
        (Claims(key_length=(3, 5)), ("a", "a", "probe")),
        (Claims(key_length=(0, 2)), ("probe",)),
    ],
    ids=str,
)
def test_plain_keys_are_of_the_claimed_length_from_the_start(claims, first):
    harness = Harness(Subject(InMemoryStoreBackend, claims=claims))
    assert claimed_keys(harness)[:1] == (() if first is None else (first,))


def test_an_id_is_told_alike_whatever_its_class_and_an_object_wherever_it_is():
    class Own(uuid.UUID):
        pass

    one = uuid.uuid4()
    assert told(Own(str(one))) == told(one) == repr(one)
    assert told(object()) == told(object()) == "<object object>"


def test_checks_end_with_the_time_and_the_report_says_what_was_not_run():
    subject = Subject(lambda _place, **options: InMemoryStoreBackend(**options))
    evidence = Evidence()
    run = Run(Harness(subject), UNKNOWN, Options(), Watcher(), evidence, Budget.of(1e-9))
    chosen = [case for case in CASES if case.requirement == "URL-1"]
    evidence.exercised["URL-1"] = 1
    with pytest.raises(OutOfTimeError):
        list(run_cases(run, chosen))
    assert evidence.cut_short == {"URL-1": f"0 of {len(chosen)} directed checks were run"}


@pytest.fixture
def blocked(monkeypatch):
    """A clock of what blocks, that the test sets forward."""
    now = [0.0]
    for module in ("checks.running", "checks.search"):
        monkeypatch.setattr(f"conformance.{module}.blocked_clock", lambda: now[0])
    monkeypatch.setattr("conformance.harness.harness.begin_blocking", lambda: now[0])
    monkeypatch.setattr("conformance.harness.harness.blocked_since", lambda began: now[0] - began)
    return now


def opens_twice(*, fails: bool) -> Any:
    def check_(new_place: Any, open_backend: Any) -> None:
        place = new_place()
        open_backend(place)
        open_backend(place)
        assert not fails, "expected this, came OperationalError: database is locked"

    return check_


def harness_of(clock: list[float], seconds: tuple[float, float]) -> Harness:
    """Opening a place blocks for the first of some seconds, and opening it again for the second."""

    def opened(place: Any, **options: Any) -> InMemoryStoreBackend:
        clock[0] += seconds[len(place) > 0]
        place.append(1)
        return InMemoryStoreBackend(**options)

    return Harness(Subject(opened, lambda: contextlib.nullcontext([])))


@pytest.mark.parametrize("fails", [True, False])
def test_a_place_that_blocks_when_it_is_opened_again_is_not_opened_again_by_other_checks(blocked, fails):
    harness = harness_of(blocked, (0.0, 5.0))
    case = Case("ID-4", opens_twice(fails=fails))
    assert isinstance(run_case(harness, case), Failed if fails else Passed)
    spent = blocked[0]
    assert run_case(harness, case) == Inconclusive(BLOCKS)
    assert blocked == [spent]
    assert harness.memory.blocked == ({Reopen.name: "ID-4"} if fails else {})


def test_a_check_that_passes_and_blocks_for_another_reason_is_no_reason_not_to_open_again(blocked):
    harness = harness_of(blocked, (5.0, 0.0))
    case = Case("ID-4", opens_twice(fails=False))
    assert run_case(harness, case) == run_case(harness, case) == Passed()


def test_a_store_that_is_slow_throughout_does_not_block(blocked):
    harness = harness_of(blocked, (0.0, 5.0))
    for _ in range(10):
        harness.memory.pace.add(0.2)
    case = Case("ID-4", opens_twice(fails=False))
    assert run_case(harness, case) == Passed()
    assert run_case(harness, case) == Passed()


class KeepsItsLastWrite(InMemoryStoreBackend):
    """Each write is put on the place by the next one, so that others see all but the last; it claims nothing."""

    def __init__(self, place: dict[Any, Any], **options: Any) -> None:
        self._place = place
        super().__init__(**options)

    @property
    def _values(self) -> Any:
        return self._own

    @_values.setter
    def _values(self, _empty: Any) -> None:
        self._own = dict(self._place)

    def _set(self, key, value, **kwargs):
        self._place.update(self._own)
        super()._set(key, value, **kwargs)


def test_who_does_not_claim_to_be_durable_and_loses_the_last_write_alone_is_not_accused_of_its_id():
    harness = Harness(Subject(KeepsItsLastWrite, lambda: contextlib.nullcontext({}), Claims()))
    chosen = [case for case in CASES if case.requirement in ("ID-2", "ID-4", "ID-7") and case.is_claimed(Claims())]

    failed = [case.name for case in chosen if isinstance(run_case(harness, case), Failed)]

    assert chosen
    assert failed == []
