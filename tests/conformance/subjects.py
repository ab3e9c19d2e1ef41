"""Small faulty backends for the tests of the kit's own parts, each a few lines over the reference."""

from typing import Any

from conformance.harness.harness import Harness
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend, InvalidKeyError


def subject_of(cls: type[Any]) -> Subject:
    return Subject(open=lambda place, **options: cls(**options), name=cls.__name__)


def harness_of(cls: type[Any]) -> Harness:
    return Harness(subject_of(cls), confined=True)


class LosesOnSelfMove(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if source_key == dest_key:
            self.remove_key(source_key)


class RemovesChildren(InMemoryStoreBackend):
    def remove_key(self, key):
        for other in self.list_keys(key):
            if other not in (key, self.STORE_BACKEND_ID_KEY):
                super().remove_key(other)
        return super().remove_key(key)


class StripsNewline(InMemoryStoreBackend):
    def _get(self, key):
        value = super()._get(key)
        return value.rstrip("\n") if isinstance(value, str) and key != self.STORE_BACKEND_ID_KEY else value


class JoinsElements(InMemoryStoreBackend):
    def _set(self, key, value, **kwargs):
        return super()._set(tuple("/".join(key).split("/")), value)

    def _get(self, key):
        return super()._get(tuple("/".join(key).split("/")))

    def _has_key(self, key):
        return super()._has_key(tuple("/".join(key).split("/")))


class GetPops(InMemoryStoreBackend):
    def _get(self, key):
        value = super()._get(key)
        if key != self.STORE_BACKEND_ID_KEY:
            self.remove_key(key)
        return value


class GivesNoneForMissing(InMemoryStoreBackend):
    def _get(self, key):
        try:
            return super()._get(key)
        except InvalidKeyError:
            if key == self.STORE_BACKEND_ID_KEY:
                raise
            return None


class StaleHasKey(InMemoryStoreBackend):
    seen: set[Any]

    def _set(self, key, value, **kwargs):
        self.seen = getattr(self, "seen", set()) | {key}
        return super()._set(key, value)

    def _has_key(self, key):
        return key in getattr(self, "seen", set())
