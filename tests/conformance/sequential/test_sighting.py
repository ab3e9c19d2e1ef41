"""What is told of a trace that shows now and then: that a value was lost is no matter of whoever meets with that."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import pytest

from conformance.harness.harness import Harness
from conformance.programs.operations import RemoveKey, Reopen, Set
from conformance.programs.outcomes import Returned
from conformance.sequential.expectations import Exactly
from conformance.sequential.findings import Finding
from conformance.sequential.sighting import sighting_of
from conformance.subject.subject import Subject
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend, InvalidKeyError, Key

A = ("a",)
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
