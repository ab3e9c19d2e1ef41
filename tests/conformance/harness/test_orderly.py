"""A subject as a harness uses it: no more backends open on a place than it can have, and places that never raise."""

import contextlib
import os

import attrs
import pytest

from conformance.harness.harness import Harness
from conformance.harness.orderly import orderly, untidy
from conformance.harness.store import SubjectError
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend

ONE = Claims(durable=True, openings=1)


@attrs.define(eq=False)
class Recorded:
    """A backend that notes where it is open."""

    place: str
    open: list[str]

    def __attrs_post_init__(self) -> None:
        self.open.append(self.place)

    def close(self) -> None:
        if self.place in self.open:
            self.open.remove(self.place)


@pytest.fixture
def now_open() -> list[str]:
    """The places on which a backend is open, each as often as one is."""
    return []


@pytest.fixture
def subject(now_open):
    """Gives a subject with claims, whose backends note where they are open."""
    return lambda claims: orderly(Subject(open=lambda place, **options: Recorded(place, now_open), claims=claims))


@pytest.mark.parametrize(("openings", "left"), [(1, 1), (2, 2), (None, 3)])
def test_no_more_are_open_on_a_place_than_claimed(subject, now_open, openings, left):
    opening = subject(Claims(openings=openings)).open
    backends = [opening("here") for _ in range(3)]
    assert now_open == ["here"] * left
    assert len(backends) == 3


def test_what_is_open_elsewhere_stays_open(subject, now_open):
    opening = subject(ONE).open
    kept = [opening("here"), opening("there"), opening("here")]
    assert now_open == ["there", "here"]
    assert len(kept) == 3


def test_what_the_parent_has_open_is_not_closed_by_a_child(subject, now_open, monkeypatch):
    opening = subject(ONE).open
    kept = [opening("here")]
    child = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: child)
    kept.append(opening("here"))
    assert now_open == ["here", "here"]


def test_a_backend_that_nobody_holds_is_not_kept(subject):
    opening = subject(ONE).open
    opening("here")
    assert [one.backend() for one in opening._opened] == [None]


def test_a_place_that_compares_to_nothing_is_itself(now_open):
    class Place:
        def __eq__(self, other):
            raise TypeError("not to be compared")

        def __hash__(self):
            return 1

    class Nameless(InMemoryStoreBackend):
        def close(self):
            now_open.append("closed")

    one, other = Place(), Place()
    opening = orderly(Subject(open=lambda place, **options: Nameless(**options), claims=ONE)).open
    kept = [opening(place) for place in (one, other, one)]
    assert now_open == ["closed"]
    assert len(kept) == 3


def test_it_keeps_its_name_and_is_made_once():
    made = orderly(Subject(open=InMemoryStoreBackend, claims=ONE))
    assert made.title == "InMemoryStoreBackend"
    assert orderly(made) is made


def test_a_place_that_cannot_be_cleaned_up_is_kept_in_mind():
    @contextlib.contextmanager
    def place():
        yield 1
        raise OSError(39, "Directory not empty")

    harness = Harness(Subject(open=InMemoryStoreBackend, place=place))
    with harness.subject.place() as given:
        assert given == 1
    assert untidy(harness.subject) == ["OSError: [Errno 39] Directory not empty"]


def test_an_interrupt_amid_a_place_passes_through_and_the_place_is_left():
    left = []

    @contextlib.contextmanager
    def place():
        try:
            yield 1
        finally:
            left.append(1)

    subject = orderly(Subject(open=InMemoryStoreBackend, place=place))
    with pytest.raises(KeyboardInterrupt), subject.place():
        raise KeyboardInterrupt
    assert left == [1]


def test_what_does_not_open_on_a_place_is_the_authors():
    def refuse(place, **options):
        raise SystemExit(3)

    with pytest.raises(SubjectError, match="does not open: SystemExit: 3"):
        Harness(Subject(open=refuse)).open_on("here")
