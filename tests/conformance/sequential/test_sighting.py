"""What is told of a trace: of one that shows now and then, the loss behind it; of all, by the calls that are left."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import pytest

from conformance.harness.harness import Harness
from conformance.programs.operations import (
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Program,
    RemoveKey,
    Reopen,
    Set,
    Switch,
    Update,
)
from conformance.programs.outcomes import Raised, Returned
from conformance.sequential.expectations import MISSING, Anything, Bag, Exactly, Lists
from conformance.sequential.findings import Finding, Symptom
from conformance.sequential.sighting import sighting_of, what_went_wrong_before
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend, InvalidKeyError, Key

A = ("a",)
MISSED = Raised("InvalidKeyError", "not there")
CALLS = (Set(A, "1"), Reopen(), RemoveKey(A))


@attrs.define
class Shelf:
    values: dict[Key, Any] = attrs.field(factory=dict)
    last: Key | None = None


@contextlib.contextmanager
def shelf() -> Iterator[Shelf]:
    yield Shelf()


class NowAndThen(InMemoryStoreBackend):
    """Keeps its values on a shelf; `happens` is true every fifth time."""

    times: ClassVar[Iterator[int]]

    def __init__(self, place: Shelf, **options: Any) -> None:
        super().__init__(**options)
        self.place, self._values = place, place.values

    def happens(self) -> bool:
        return next(self.times) % 5 == 0


class SeenLate(NowAndThen):
    """Who opens the store does not yet see what was written last."""

    late: Key | None = None

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.late = place.last if place.last is not None and self.happens() else None

    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        self.place.last = key

    def _get(self, key):
        if key == self.late:
            raise InvalidKeyError("not yet")
        return super()._get(key)

    def remove_key(self, key):
        return key != self.late and super().remove_key(key)


class LosesSets(NowAndThen):
    def _set(self, key, value, **kwargs):
        if key != A or not self.happens():
            super()._set(key, value)


class SaysNo(NowAndThen):
    """A removal says that there was nothing, though there was."""

    def remove_key(self, key):
        return super().remove_key(key) and not self.happens()


@pytest.mark.parametrize(
    ("cls", "requirement", "observed"),
    [(SeenLate, "REOPEN-1", "get"), (LosesSets, "SET-1", "get"), (SaysNo, "REMOVE-4", "remove_key")],
)
def test_what_a_removal_says_of_a_value_that_is_lost_now_and_then_is_told_as_the_loss(cls, requirement, observed):
    cls.times = itertools.count()
    harness = Harness(Subject(cls, shelf), confined=True)
    removal = CALLS[-1]
    finding = Finding("REMOVE-4", "returned", 3, removal, removal, Exactly(True), Returned(False), calls=CALLS)

    violation = sighting_of(harness, finding, Budget().effort(60))

    assert (violation.requirement, violation.observation.name) == (requirement, observed)
    assert 0 < violation.shown < violation.tried


class CreatesByReading(InMemoryStoreBackend):
    """Who asks for a missing key finds it the next time."""

    def get(self, key, **kwargs):
        try:
            return super().get(key)
        except InvalidKeyError:
            self.set(key, "")
            raise


class AnswersTheSecondTime(InMemoryStoreBackend):
    """Whoever asks for a missing key again is given something, though nothing is there."""

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.asked: set[Key] = set()

    def get(self, key, **kwargs):
        if key in self.asked and not self.has_key(key):
            return ""
        self.asked.add(key)
        return super().get(key)


class IsNeverEmpty(InMemoryStoreBackend):
    """Any key that is missing holds something."""

    def get(self, key, **kwargs):
        return "" if key == A and not self.has_key(key) else super().get(key)


@pytest.mark.parametrize(
    ("cls", "requirement", "left"),
    [
        (CreatesByReading, "GET-3", (Get(A),)),
        (AnswersTheSecondTime, "GET-2", (Get(A),)),
        (IsNeverEmpty, "GET-2", ()),
    ],
)
def test_a_write_that_a_trace_shows_it_without_is_not_to_blame(cls, requirement, left: Program):
    write = Set(("b",), "1")
    finding = Finding("SET-2", "appeared", 2, write, Get(A), MISSING, Returned(""), A, calls=(Get(A), write, Get(A)))

    violation = sighting_of(Harness(Subject(cls), confined=True), finding, Budget().effort(60))

    assert (violation.requirement, violation.setup) == (requirement, left)


class KeepsUpdatesForLater(InMemoryStoreBackend):
    """Whatever replaces a value is not stored while fewer than three wait to be."""

    def __init__(self, *place: Any, **options: Any) -> None:
        self.waiting: list[tuple[Key, Any]] = []
        super().__init__(*place, **options)

    def _set(self, key, value, **kwargs):
        if self._has_key(key):
            self.waiting.append((key, value))
            if len(self.waiting) < 3:
                return
            key, value = self.waiting.pop(0)
        super()._set(key, value)


def test_a_trace_that_sets_alone_show_is_about_no_update():
    writes = (Set(A, "1"), Update(A, "2"))
    finding = Finding(
        "UPDATE-1", "stale", 2, writes[-1], Get(A), Exactly("2"), Returned("1"), A, calls=(*writes, Get(A))
    )

    violation = sighting_of(Harness(Subject(KeepsUpdatesForLater), confined=True), finding, Budget().effort(60))

    assert (violation.requirement, violation.setup) == ("SET-1", (Set(A, "1"), Set(A, "2")))


def test_what_get_all_gives_and_get_as_well_is_a_matter_of_the_write():
    writes = (Set(A, "1"), Set(("b",), "1"), Set(A, "2"))
    expected, came = Bag(("2", "1")), Returned(["1", "1"])
    finding = Finding("ALL-1", "returned", 4, GetAll(), GetAll(), expected, came, calls=(*writes, GetAll()))

    violation = sighting_of(Harness(Subject(KeepsUpdatesForLater), confined=True), finding, Budget().effort(60))

    assert (violation.requirement, violation.observation) == ("SET-1", Get(A))
    assert violation.setup == (Set(A, "1"), Set(A, "2"))


class ListsWhatItRemembers(InMemoryStoreBackend):
    """Keeps its values on a shelf, and a list of its keys until it writes itself."""

    def __init__(self, shelf: Shelf, **options: Any) -> None:
        super().__init__(**options)
        self._values = shelf.values
        self.remembered: list[Key] | None = None

    def _set(self, key, value, **kwargs):
        self.remembered = None
        super()._set(key, value)

    def list_keys(self, prefix=()):
        if prefix:
            return super().list_keys(prefix)
        self.remembered = self.remembered or super().list_keys()
        return list(self.remembered)


def test_a_trace_that_takes_two_backends_is_a_matter_of_both():
    calls = (Set(A, "1"), ListKeys(), Switch(), Set(("b",), "1"), Switch(), ListKeys())
    expected, came = Lists(frozenset({A, ("b",)})), Returned([A])
    finding = Finding("LIST-1", "omitted", 6, calls[-1], calls[-1], expected, came, ("b",), calls=calls)
    subject = Subject(ListsWhatItRemembers, shelf, Claims(durable=True))

    violation = sighting_of(Harness(subject, confined=True), finding, Budget().effort(60))

    assert violation.requirement == "REOPEN-2"


class KeepsMovesForLater(InMemoryStoreBackend):
    """The third move, and each after it, does nothing."""

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.moves = 0

    def _move(self, source_key, dest_key, **kwargs):
        self.moves += 1
        if self.moves < 3:
            super()._move(source_key, dest_key)


class RemovesTwoAtTheThird(InMemoryStoreBackend):
    """The third removal takes another key along."""

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.calls = 0

    def remove_key(self, key):
        removed = super().remove_key(key)
        self.calls += 1
        if self.calls == 3:
            super().remove_key(A)
        return removed


class MixesUpTheFourthSet(InMemoryStoreBackend):
    """The fourth set goes to the first of all keys instead."""

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.calls = 0

    def _set(self, key, value, **kwargs):
        self.calls += 1
        super()._set(min(self._values) if self.calls == 4 else key, value)


MOVES: Program = (Set(A, "1"), Move(A, ("b",)), Move(("b",), A), Move(A, ("b",)))
REMOVALS: Program = (Set(A, "1"), Set(("b",), "2"), *(RemoveKey((key,)) for key in "xyz"))
SETS: Program = tuple(Set((key,), key) for key in "abcd")


@pytest.mark.parametrize(
    ("cls", "calls", "finding", "requirement"),
    [
        (KeepsMovesForLater, MOVES, (HasKey(A), Exactly(False), Returned(True), "HAS-1", None), "MOVE-1"),
        (KeepsMovesForLater, MOVES, (ListKeys(), Lists(frozenset({("b",)})), Returned([A]), "LIST-1", None), "MOVE-1"),
        (RemovesTwoAtTheThird, REMOVALS, (Get(A), Exactly("1"), MISSED, "SET-1", REMOVALS[0]), "REMOVE-2"),
        (MixesUpTheFourthSet, SETS, (Get(A), Exactly("a"), Returned("d"), "GET-1", SETS[0]), "SET-2"),
    ],
)
def test_what_has_left_a_key_in_a_wrong_state_is_found_behind_what_tells_of_it(cls, calls, finding, requirement):
    observation, expected, came, by_provenance, cause = finding
    symptom: Symptom = "returned" if cause is None else "lost" if came == MISSED else "changed"
    found = Finding(
        by_provenance,
        symptom,
        len(calls) + 1,
        cause or observation,
        observation,
        expected,
        came,
        None if cause is None else A,
        calls=(*calls, observation),
    )

    violation = sighting_of(Harness(Subject(cls), confined=True), found, Budget().effort(60))

    assert violation.requirement == requirement
    assert violation.shown == violation.tried


class GivesWhatIsMissingInTheEnd(InMemoryStoreBackend):
    """A get of what is missing gives something where six keys are stored."""

    def get(self, key, **kwargs):
        if self.has_key(key) or len(self._values) < 6:
            return super().get(key)
        return ""


def test_what_get_alone_says_of_a_missing_key_is_a_matter_of_get():
    many = tuple(Set((key,), "1") for key in "bcdefg")
    calls: Program = (Set(A, "1"), Move(A, ("b",)), *many)
    finding = Finding("MOVE-1", "appeared", 9, calls[1], Get(A), MISSING, Returned(""), A, calls=(*calls, Get(A)))

    violation = sighting_of(Harness(Subject(GivesWhatIsMissingInTheEnd), confined=True), finding, Budget().effort(60))

    assert violation.requirement == "GET-2"


class FailsAtTheFifth(InMemoryStoreBackend):
    """The fifth set fails, whatever its key is."""

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.calls = 0

    def _set(self, key, value, **kwargs):
        self.calls += 1
        if self.calls == 5:
            raise RuntimeError("no")
        super()._set(key, value)


@pytest.mark.parametrize("requirement", ["KEY-4", "KEY-5", "KEY-6"])
def test_what_goes_wrong_with_plain_keys_too_is_no_matter_of_keys(requirement):
    keys = [("A", "b"), ("A",), ("\u00e9",), (), ("A", "b", "c")]
    calls: Program = tuple(Set(key, "1") for key in keys)
    came = Raised("RuntimeError", "no")
    finding = Finding(requirement, "raised", 5, calls[-1], calls[-1], Anything(), came, calls=calls)

    violation = sighting_of(Harness(Subject(FailsAtTheFifth), confined=True), finding, Budget().effort(60))

    assert violation.requirement == "SET-1"


def test_what_is_wrong_only_by_what_was_adopted_is_put_to_what_went_wrong_before():
    calls: Program = (*REMOVALS, Get(A), ListKeys())
    adopted = Lists(frozenset({("b",), ("x",)}))
    finding = Finding("LIST-1", "omitted", 7, ListKeys(), ListKeys(), adopted, Returned([("b",)]), ("x",), calls=calls)
    harness = Harness(Subject(RemovesTwoAtTheThird), confined=True)

    before = what_went_wrong_before(harness, finding)

    assert before is not None
    assert before.observation == Get(A)
    assert [call for call in before.calls if isinstance(call, RemoveKey)] == list(REMOVALS[2:])
    assert what_went_wrong_before(harness, before) is None
