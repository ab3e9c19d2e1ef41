"""Whatever a session or a check has seen go wrong, the report is not that of a conformant backend.

The backends are made: when something is wrong with them, and what, are chosen apart, and every when is met by every
what. Many do it by the number of calls, so that no program shows it twice in the same way.
"""

import itertools

import attrs
import pytest

from conformance import campaign
from conformance.campaign import run_campaign
from conformance.checks.search import run_cases
from conformance.faults.catalogue import FAULTS
from conformance.report.verdicts import CONFORMANT
from conformance.run.options import Options
from conformance.sequential.candidates import Candidates
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend, StoreBackendError

WHENS = {
    "each seventh call": lambda calls, _key, _value: calls % 7 == 0,
    "each fortieth call": lambda calls, _key, _value: calls % 40 == 0,
    "each thousandth call": lambda calls, _key, _value: calls % 1000 == 0,
    "a key with a dot": lambda _calls, key, _value: any("." in element for element in key),
    "a long key": lambda _calls, key, _value: len(key) > 2,
    "a value that ends a line": lambda _calls, _key, value: isinstance(value, str) and value.endswith("\n"),
    "three keys": lambda calls, key, _value: calls > 20 and len(key) == 1,
}

WHATS = (
    *("loses a write", "writes to another key", "raises at a write", "cannot find", "reads another value"),
    *("lies about having", "omits from a listing", "removes two", "raises at a move", "moves a copy"),
)


class Wrong(InMemoryStoreBackend):
    """Something is wrong with it, now and then; calls are counted in the process, or in the store."""

    when = staticmethod(WHENS["each seventh call"])
    what = WHATS[0]
    everywhere = itertools.count(1)
    of_process = False

    def __init__(self, **options):
        self._here = itertools.count(1)
        super().__init__(**options)

    def _now(self, what, key=(), value=None):
        if what != self.what or key == self.STORE_BACKEND_ID_KEY:
            return False
        return self.when(next(self.everywhere if self.of_process else self._here), key, value)

    def _set(self, key, value, **kwargs):
        if self._now("raises at a write", key, value):
            raise StoreBackendError("not this one")
        if self._now("writes to another key", key, value):
            key = (*key, "x")
        if not self._now("loses a write", key, value):
            super()._set(key, value, **kwargs)

    def _get(self, key, **kwargs):
        value = super()._get(key, **kwargs)
        if self._now("cannot find", key, value):
            raise KeyError(key)
        return f"{value}?" if self._now("reads another value", key, value) else value

    def _has_key(self, key):
        return super()._has_key(key) is not self._now("lies about having", key)

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if not self._now("omits from a listing", key)]

    def remove_key(self, key):
        removed = super().remove_key(key)
        others = [other for other in super().list_keys() if other != self.STORE_BACKEND_ID_KEY]
        if others and self._now("removes two", key):
            super().remove_key(others[0])
        return removed

    def _move(self, source_key, dest_key, **kwargs):
        if self._now("raises at a move", source_key):
            raise StoreBackendError("not now")
        if self._now("moves a copy", source_key):
            super()._set(dest_key, super()._get(source_key))
        else:
            super()._move(source_key, dest_key, **kwargs)


@attrs.define
class Seen:
    """How many sessions were contradicted, and how many checks have failed."""

    sessions: int = 0
    checks: int = 0


@pytest.fixture
def seen(monkeypatch):
    found = Seen()
    take = Candidates.take

    def taking(self, harness, session):
        found.sessions += session.contradicted
        take(self, harness, session)

    def running(*arguments):
        failed = list(run_cases(*arguments))
        found.checks += len(failed)
        return failed

    monkeypatch.setattr(Candidates, "take", taking)
    monkeypatch.setattr(campaign, "run_cases", running)
    return found


def assert_nothing_dropped(subject, seen, limit=10.0):
    report = run_campaign(subject, Options(10, 1, ("core", "identity", "extended", "durable", "surface"), limit=limit))
    assert seen == Seen() or report.verdict != CONFORMANT


MADE = list(itertools.product(WHENS, WHATS, (False, True)))


def made(when, what, of_process):
    members = {"when": staticmethod(WHENS[when]), "what": what, "of_process": of_process}
    cls = type("Made", (Wrong,), {**members, "everywhere": itertools.count(1)})
    return Subject(open=lambda place, **options: cls(**options), name=f"{what} at {when}")


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize(("when", "what", "of_process"), MADE)
def test_what_was_seen_of_a_made_backend_is_told(when, what, of_process, seen):
    assert_nothing_dropped(made(when, what, of_process), seen)


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", FAULTS[::12], ids=lambda fault: fault.name)
def test_what_was_seen_of_a_planted_fault_is_told(fault, seen):
    fault.reset()
    assert_nothing_dropped(fault.subject, seen, fault.limit)
    fault.reset()


@pytest.mark.slow
@pytest.mark.usefixtures("short_programs")
@pytest.mark.parametrize(("when", "what", "of_process"), MADE[::29])  # which has no divisor in common with each
def test_what_a_short_campaign_has_seen_of_a_made_backend_is_told(when, what, of_process, seen):
    assert_nothing_dropped(made(when, what, of_process), seen)


@pytest.mark.slow
@pytest.mark.usefixtures("short_programs")
@pytest.mark.parametrize("fault", FAULTS[1::96], ids=lambda fault: fault.name)
def test_what_a_short_campaign_has_seen_of_a_planted_fault_is_told(fault, seen):
    fault.reset()
    assert_nothing_dropped(fault.subject, seen, fault.limit)
    fault.reset()
