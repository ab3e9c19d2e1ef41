"""A harness opens, performs and closes; what varies is made from it, and nothing of it is changed."""

import contextlib
import time

import attrs
import pytest

from conformance.harness.harness import HANGS, Harness
from conformance.harness.store import SubjectError
from conformance.programs.operations import Get, Set
from conformance.programs.outcomes import Hung, Returned
from conformance.subject.subject import Subject
from conformance.system.limits import TimeLimit, alarm
from spec_store import InMemoryStoreBackend

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
    assert tried == [KEY]


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
