"""Conformance suites as a user's project has them: correct, with a deviation, with a fixture, and one that fails."""

from typing import ClassVar

import pytest

from conformance import StoreBackendSuite, Subject
from spec_store import InMemoryStoreBackend


class LosesOnSelfMove(InMemoryStoreBackend):
    """Violates MOVE-3."""

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if source_key == dest_key:
            self.remove_key(source_key)


def opened(cls):
    return Subject(open=lambda place, **options: cls(**options), name=cls.__name__)


class TestReference(StoreBackendSuite):
    subject = opened(InMemoryStoreBackend)
    examples = 10


class TestDeviates(StoreBackendSuite):
    subject = opened(LosesOnSelfMove)
    deviations: ClassVar = {"MOVE-3": "a known fault"}
    examples = 10


class TestFixture(StoreBackendSuite):
    examples = 10
    classes = ("surface",)

    @pytest.fixture
    def subject(self):
        return opened(InMemoryStoreBackend)


class TestFaulty(StoreBackendSuite):
    subject = opened(LosesOnSelfMove)
    examples = 10
