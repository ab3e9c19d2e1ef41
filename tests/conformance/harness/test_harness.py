"""A harness opens, performs and closes; what varies is made from it, and nothing of it is changed."""

import contextlib
import time

import attrs
import pytest

from conformance.harness.halting import files_of, halting_place
from conformance.harness.harness import BLOCKED, HANGS, Harness
from conformance.harness.preflight import refused_second_opening
from conformance.harness.store import SubjectError, close_backend
from conformance.probes.syscalls import NETWORK
from conformance.programs.operations import Get, Set, SetMany
from conformance.programs.outcomes import Hung, Raised, Returned
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget, OutOfTimeError
from conformance.system.limits import TimeLimit, alarm
from spec_store import InMemoryStoreBackend, StoreBackendError

KEY = ("a",)


@pytest.fixture
def places():
    """What has become of each place: "left", or "entered" for as long as it is not."""
    return []


@pytest.fixture
def place(places):
    """A context manager of a place that notes whether it is left."""

    @contextlib.contextmanager
    def entered():
        places.append("entered")
        try:
            yield len(places)
        finally:
            places[-1] = "left"

    return entered


def hang(place, **options):
    time.sleep(60)


def fail(place, **options):
    raise ValueError("no")


@pytest.mark.parametrize("opening", [hang, fail])
def test_the_place_of_a_backend_that_does_not_open_is_left(place, places, opening):
    with alarm(0.05) as limit, pytest.raises(SubjectError, match="does not open"):
        Harness(Subject(open=opening, place=place), limit).open()
    assert places == ["left"]


def test_a_place_that_cannot_be_left_does_not_hide_why_the_backend_did_not_open(places):
    @contextlib.contextmanager
    def kept():
        yield 1
        time.sleep(60)

    with alarm(0.05) as limit, pytest.raises(SubjectError, match="does not open: ValueError: no"):
        Harness(Subject(open=fail, place=kept), limit).open()


def opened(place, **options):
    return InMemoryStoreBackend(**options)


def test_a_limit_is_made_shorter_but_not_longer_and_no_limit_stays_none():
    harness = Harness(Subject(open=opened), TimeLimit(2.0))
    assert harness.with_limit(1.0).limit.seconds == 1.0
    assert harness.with_limit(5.0).limit.seconds == 2.0
    assert attrs.evolve(harness, limit=TimeLimit()).with_limit(1.0).limit.seconds == 0
    assert harness.limit.seconds == 2.0


def test_what_hangs_too_often_is_avoided_by_every_harness_of_the_run_and_allowed_where_that_is_asked_for():
    harness = Harness(Subject(open=opened), avoid=frozenset({"add"}))
    other = harness.with_limit(1.0)
    harness.memory.hangs["get"] += HANGS - 1
    assert not other.avoids("get")
    harness.memory.hangs["get"] += 1
    assert other.avoided == {"add", "get"}
    assert not other.allowing("get").avoids("get")
    assert not other.allowing("add").avoids("add")
    assert other.avoids("get")
    assert other.avoids("add")


def test_an_operation_that_has_hung_before_gets_little_time():
    class Sleeps(InMemoryStoreBackend):
        def _get(self, key):
            time.sleep(60)

    with alarm(30.0) as limit:
        harness = Harness(Subject(open=lambda place: Sleeps(suppress_store_backend_id=True)), limit)
        store = harness.open()
        store.backend.set(KEY, "1")
        harness.memory.hangs["get"] += 1
        outcome = harness.perform(Get(KEY), store.backend)
        harness.close(store)
    assert isinstance(outcome, Hung)


def test_a_refusal_is_found_out_once_for_all_harnesses_of_a_run():
    tried = []

    class Refuses(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            tried.append(key)
            raise ValueError("no")

    harness = Harness(Subject(open=lambda place, **options: Refuses(suppress_store_backend_id=True)))
    first = harness.refusals.of_key(KEY)
    assert first is not None
    assert harness.remembering().refusals.of_key(KEY) == first
    assert tried == [KEY, KEY], "with one plain value, and another"


def test_each_harness_that_remembers_has_a_memo_of_its_own():
    harness = Harness(Subject(open=opened))
    one, other = harness.remembering(), harness.remembering()
    assert harness.replays is None
    assert one.replays is not other.replays


def test_a_set_of_what_may_lead_out_of_the_store_is_not_tried_before_it_is_known_to_be_confined():
    harness = Harness(Subject(open=opened))
    assert not harness.permits((Set(("..", "x"), "1"),))
    assert attrs.evolve(harness, confined=True).permits((Set(("..", "x"), "1"),))
    store = harness.open()
    assert harness.perform(Set(KEY, "1"), store.backend) == Returned(None)
    harness.close(store)


# Stores that live differently


class OneAtATime(InMemoryStoreBackend):
    """A second opening raises while the first is open."""

    opened = 0

    def __init__(self, **options):
        super().__init__(suppress_store_backend_id=True)
        if OneAtATime.opened:
            raise OSError("it is open already")
        OneAtATime.opened += 1

    def close(self):
        OneAtATime.opened -= 1


def one_at_a_time(claims):
    OneAtATime.opened = 0
    return Harness(Subject(open=lambda place, **options: OneAtATime(), claims=claims))


def test_a_store_of_one_opening_is_closed_before_it_is_opened_again_and_once_in_the_end():
    harness = one_at_a_time(Claims(openings=1))
    store = harness.open()
    assert isinstance(harness.reopen(store), Returned)
    assert isinstance(harness.reopen(store), Returned)
    assert OneAtATime.opened == 1
    harness.close(store)
    assert OneAtATime.opened == 0


def test_where_nothing_is_claimed_of_openings_the_first_stays_open():
    harness = one_at_a_time(Claims(durable=True))
    store = harness.open()
    assert isinstance(harness.reopen(store), Raised)
    harness.close(store)


def test_preflight_finds_out_that_a_place_can_be_opened_once_at_a_time():
    assert "it is open already" in refused_second_opening(one_at_a_time(Claims(durable=True)))
    assert OneAtATime.opened == 0
    assert refused_second_opening(Harness(Subject(open=opened))) == ""


class AsContext:
    def __init__(self, ends):
        self.ends = ends

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.append("left")


class Asynchronous:
    def __init__(self, ends):
        self.ends = ends

    async def aclose(self):
        self.ends.append("closed")


@pytest.mark.parametrize(("kind", "end"), [(AsContext, "left"), (Asynchronous, "closed")])
def test_a_backend_without_close_is_left_as_it_can_be(kind, end):
    ends: list[str] = []
    close_backend(kind(ends))
    assert ends == [end]


def test_the_files_of_a_place_that_is_no_directory_are_where_its_subject_says():
    subject = Subject(open=opened, files=lambda place: place.removeprefix("sqlite:///"))
    assert files_of(subject, "sqlite:////tmp/x") == "/tmp/x"
    assert halting_place("sqlite:////tmp/x", subject) == "/tmp/x"
    assert halting_place("sqlite:////tmp/x", Subject(open=opened)) == NETWORK
    assert halting_place("/tmp/x") == "/tmp/x"


# Time


def test_nothing_is_performed_once_the_time_of_the_run_is_up_not_even_one_of_many_sets():
    class Slow(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            if key[-1] == "00003":
                over.append(True)
            super()._set(key, value)

    class Over(Budget):
        def over(self):
            return bool(over)

    over: list[bool] = []
    steps: list[int] = []
    subject = Subject(open=lambda place, **options: Slow(suppress_store_backend_id=True))
    harness = Harness(subject, budget=Over(), stepped=steps.append)
    store = harness.open()
    with pytest.raises(OutOfTimeError):
        harness.perform(SetMany(("m",), 10), store.backend)
    assert steps == [0, 1, 2, 3, 4]
    with pytest.raises(OutOfTimeError):
        harness.perform(Get(KEY), store.backend)


class Locked(InMemoryStoreBackend):
    """get blocks for some seconds by a clock of the test's, and gives up."""

    error: Exception = OSError("locked")
    seconds = BLOCKED + 1

    def _get(self, key):
        clock[0] += self.seconds
        raise self.error


clock = [0.0]


@pytest.mark.parametrize(
    ("error", "seconds", "kind"),
    [
        (OSError("locked"), BLOCKED + 1, Hung),
        (OSError("locked"), 0.1, Raised),
        (KeyError(), BLOCKED + 1, Hung),
        (ValueError("no such key"), BLOCKED + 1, Raised),
    ],
)
def test_what_raises_only_after_it_has_blocked_hangs_unless_it_may_raise_that(monkeypatch, error, seconds, kind):
    monkeypatch.setattr("conformance.harness.harness.begin_blocking", lambda: clock[0])
    monkeypatch.setattr("conformance.harness.harness.blocked_since", lambda began: clock[0] - began)
    monkeypatch.setattr(Locked, "error", error)
    monkeypatch.setattr(Locked, "seconds", seconds)
    outcome = Harness(Subject(open=opened)).perform(Get(KEY), Locked(suppress_store_backend_id=True))
    assert isinstance(outcome, kind)
    if isinstance(outcome, Hung):
        assert str(outcome).startswith("blocked for 3 s, then raised")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [(Set(("a",), "1"), Hung), (Set(("a",), b"x"), Raised), (Set(("a/",), "1"), Raised)],
)
def test_a_blocking_error_may_be_wrapped_where_there_is_nothing_to_refuse(monkeypatch, operation, kind):
    class Wraps(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            clock[0] += BLOCKED + 1
            raise StoreBackendError("the database is locked")

    monkeypatch.setattr("conformance.harness.harness.begin_blocking", lambda: clock[0])
    monkeypatch.setattr("conformance.harness.harness.blocked_since", lambda began: clock[0] - began)
    outcome = Harness(Subject(open=opened)).perform(operation, Wraps(suppress_store_backend_id=True))
    assert isinstance(outcome, kind)
