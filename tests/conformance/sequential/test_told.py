"""What a whole run of programs and triage tells of one faulty store: the right requirement, and no other."""

import threading

import pytest

from conformance.campaign import run_campaign
from conformance.programs.directed import basic_programs
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Get, HasKey, ListKeys, Move, ReadId, RemoveKey, Set
from conformance.run.options import Options
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError
from tests.conformance.sequential.test_triage import evidence_of, verdicts
from tests.conformance.subjects import harness_of

A, B, C = ("a",), ("b",), ("c",)


def told(cls, *programs):
    return {failure.requirement for failure in evidence_of(cls, programs).failures}


class Wipes(InMemoryStoreBackend):
    """A removal removes everything, the id too."""

    def remove_key(self, key):
        self._validate_key(key)
        self._values.clear()
        return True


def test_a_removal_that_takes_everything_violates_what_is_said_of_the_others_and_passes_nothing_of_them():
    programs = ((RemoveKey(A),), (Set(A, "1"), Set(B, "2"), RemoveKey(A)), (Set(A, "1"), RemoveKey(A), Get(A)))
    evidence = evidence_of(Wipes, programs)
    assert {failure.requirement for failure in evidence.failures} == {"REMOVE-2", "REMOVE-4", "ID-10"}
    assert verdicts(evidence, Wipes)["REMOVE-1"] == "passed"


class NeverMoves(InMemoryStoreBackend):
    """No move succeeds, nor is one refused rightly."""

    def _move(self, source_key, dest_key, **kwargs):
        raise NotImplementedError


MOVES = ((Move(A, B),), (Set(A, "1"), Move(A, B)), (Set(A, "1"), Set(B, "2"), Move(A, B)), (Set(A, "1"), Move(A, A)))


def test_where_every_move_raises_no_requirement_of_moves_is_passed():
    found = verdicts(evidence_of(NeverMoves, MOVES), NeverMoves)
    verdicts_of_moves = {name: found[name] for name in ("MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4")}
    assert verdicts_of_moves == {
        "MOVE-1": "violated",
        "MOVE-2": "masked",
        "MOVE-3": "violated",
        "MOVE-4": "violated",
    }


class CopiesOntoItself(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        if source_key not in self._values:
            raise RuntimeError("no such object")
        if source_key == dest_key:
            raise RuntimeError("a copy onto itself")
        super()._move(source_key, dest_key)


def test_a_refusal_by_the_wrong_exception_does_not_hide_what_is_refused_wrongly():
    assert told(CopiesOntoItself, *MOVES) == {"MOVE-3", "MOVE-4"}


class HidesItsIdAndDots(InMemoryStoreBackend):
    def list_keys(self, prefix=()):
        found = super().list_keys(prefix)
        return [key for key in found if "." not in key and key != self.STORE_BACKEND_ID_KEY]


class HidesItsIdAndThePrefix(InMemoryStoreBackend):
    def list_keys(self, prefix=()):
        found = super().list_keys(prefix)
        return [key for key in found if (not prefix or key != prefix) and key != self.STORE_BACKEND_ID_KEY]


@pytest.mark.parametrize(
    ("cls", "program", "requirement"),
    [
        (HidesItsIdAndDots, (Set(("a", "."), "1"), ListKeys()), "LIST-1"),
        (HidesItsIdAndThePrefix, (Set(A, "1"), ListKeys(A)), "LIST-2"),
    ],
)
def test_an_unlisted_id_hides_no_other_key_that_is_not_listed(cls, program, requirement):
    assert told(cls, (Set(B, "1"), ListKeys()), program) == {"LIST-4", requirement}


def test_an_unlisted_id_is_told_once_whatever_prefix_is_listed():
    found = told(HidesItsIdAndDots, (ReadId(), ListKeys()), (ReadId(), ListKeys(ID_KEY)))

    assert found == {"LIST-4"}


class TwoAtMost(InMemoryStoreBackend):
    """Takes keys of two elements at most, and refuses a move to a longer one by the wrong exception."""

    def _move(self, source_key, dest_key, **kwargs):
        self._get(source_key)
        if len(dest_key) > 2:
            raise RuntimeError("two elements at most")
        super()._move(source_key, dest_key)

    def _set(self, key, value, **kwargs):
        if len(key) > 2:
            raise StoreBackendError("two elements at most")
        super()._set(key, value)


@pytest.mark.parametrize("dest", [("a", "b", "c"), ("c", "b", "a")], ids=["a longer one", "another"])
def test_a_move_to_a_refused_key_by_the_wrong_exception_is_a_matter_of_refusing(dest):
    assert told(TwoAtMost, (Set(A, "1"), Move(A, dest))) == {"KEY-5"}


class SaysItOnce(InMemoryStoreBackend):
    """The second get of a missing key gives None."""

    def __init__(self, **options):
        self.said = set()
        super().__init__(**options)

    def _get(self, key, **kwargs):
        if key in self.said and not self._has_key(key):
            return None
        self.said.add(key)
        return super()._get(key)


def test_a_second_get_of_a_missing_key_has_to_raise_as_the_first_one():
    assert told(SaysItOnce, (Get(A), Get(A)), (Set(B, "1"), Get(A), HasKey(A))) == {"GET-2"}


def test_nor_is_it_a_matter_of_reading_that_a_move_gets_nothing_then():
    assert told(SaysItOnce, (RemoveKey(A), Move(A, A))) == {"GET-2"}


class RemovesItsSidecars(InMemoryStoreBackend):
    def remove_key(self, key):
        for other in list(self._values):
            if key and other[:-1] == key[:-1] and other[-1].startswith(f"{key[-1]}-"):
                del self._values[other]
        return super().remove_key(key)


def test_a_removal_of_a_key_that_shares_no_place_is_no_matter_of_keys():
    assert told(RemovesItsSidecars, (Set(A, "1"), Set(("a-1",), "2"), RemoveKey(A))) == {"REMOVE-2"}


class Row:
    def __init__(self, value):
        self.value = value


class GivesRows(InMemoryStoreBackend):
    """get gives an object that nobody can compare or print."""

    def _get(self, key, **kwargs):
        value = super()._get(key)
        return value if key == self.STORE_BACKEND_ID_KEY else Row(value)


def test_a_value_that_cannot_be_compared_is_blamed_once():
    programs = ((Set(A, "1"), Get(A)), (Set(A, "1"), Set(B, "2"), RemoveKey(A), Get(B)), (Set(A, "1"), Move(A, B)))
    assert told(GivesRows, *programs) == {"GET-1"}


class KeepsItsLock(InMemoryStoreBackend):
    """A refused set never gives its lock back."""

    def __init__(self, **options):
        self.lock = threading.Lock()
        super().__init__(**options)

    def _set(self, key, value, **kwargs):
        if not self.lock.acquire(timeout=5):
            raise AssertionError("no time limit has ended this")
        if not isinstance(value, str) or "\ud800" in value:
            raise TypeError("text only")
        super()._set(key, value)
        self.lock.release()

    def _move(self, source_key, dest_key, **kwargs):
        if not self.lock.acquire(timeout=5):
            raise AssertionError("no time limit has ended this")
        super()._move(source_key, dest_key)
        self.lock.release()


@pytest.mark.usefixtures("short_programs")
@pytest.mark.slow
def test_a_lock_that_a_refused_set_keeps_is_a_matter_of_refusing():
    subject = Subject(open=lambda place, **options: KeepsItsLock(**options), claims=Claims())
    report = run_campaign(subject, Options(examples=0, seed=1, classes=("core",), limit=0.3))
    assert "SET-4" in report.violated
    assert not {"MOVE-1", "MOVE-3"} & set(report.violated)
    scripts = [result.counterexample.script for result in report.results if result.counterexample is not None]
    assert all("contextlib.suppress(Exception):  # it raises" in script for script in scripts)


class CannotSay(InMemoryStoreBackend):
    """Fails wherever a key is too long, with what it raises when such a key is set."""

    def _check(self, key):
        if any(len(element) > 50 for element in key):
            raise StoreBackendError("too long")

    def list_keys(self, prefix=()):
        self._check(prefix)
        return super().list_keys(prefix)

    def _set(self, key, value, **kwargs):
        self._check(key)
        super()._set(key, value)


class RefusesWhenWritten(CannotSay):
    """To readers, a key that it would not take is missing."""

    def list_keys(self, prefix=()):
        return InMemoryStoreBackend.list_keys(self, prefix)

    def _get(self, key, **kwargs):
        if key not in self._values:
            raise InvalidKeyError(str(key)[:50])
        return super()._get(key)


LONG = ("n" * 300,)


@pytest.mark.parametrize("cls", [CannotSay, RefusesWhenWritten])
def test_a_key_or_prefix_that_cannot_be_stored_may_be_refused_or_missing(cls):
    program = (Set(A, "1"), Set(LONG, "2"), Get(LONG), HasKey(LONG), ListKeys(LONG), Move(A, LONG), RemoveKey(LONG))
    assert told(cls, program, (ListKeys(LONG),)) == set()


class KnowsWhatWasSet(InMemoryStoreBackend):
    """add and update ask a register that set fills and remove_key clears, and of which a move knows nothing."""

    def __init__(self, **options):
        self.known = set()
        super().__init__(**options)

    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        self.known.add(key)

    def _move(self, source_key, dest_key, **kwargs):
        self._values[dest_key] = self._get(source_key)
        if source_key != dest_key:
            del self._values[source_key]

    def remove_key(self, key):
        self.known.discard(key)
        return super().remove_key(key)


class UpdatesWhatWasSet(KnowsWhatWasSet):
    def update(self, key, value, **kwargs):
        if key not in self.known:
            raise StoreBackendError("not stored")
        self.set(key, value)


class AddsWhatWasNotSet(KnowsWhatWasSet):
    def add(self, key, value, **kwargs):
        if key in self.known:
            raise StoreBackendError("stored already")
        self.set(key, value)


@pytest.mark.parametrize(("cls", "requirement"), [(UpdatesWhatWasSet, "UPDATE-1"), (AddsWhatWasNotSet, "ADD-1")])
def test_what_a_move_has_brought_and_taken_is_asked_of_add_and_update_without_luck(cls, requirement):
    assert told(cls, *basic_programs(harness_of(cls).material)) == {requirement}


class ListsWhatItListed(InMemoryStoreBackend):
    """A listing of a prefix is kept until something is written below it, by any operation but `FORGETS`."""

    FORGETS = ""

    def __init__(self, **options):
        self.kept = {}
        super().__init__(**options)

    def written(self, key, name):
        if name != self.FORGETS:
            self.kept = {prefix: keys for prefix, keys in self.kept.items() if prefix != key[: len(prefix)]}

    def list_keys(self, prefix=()):
        if not prefix:
            return super().list_keys()
        return list(self.kept.setdefault(prefix, super().list_keys(prefix)))

    def _set(self, key, value, **kwargs):
        super()._set(key, value)
        self.written(key, "set")

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        self.written(source_key, "move from")
        self.written(dest_key, "move to")

    def remove_key(self, key):
        self.written(key, "remove_key")
        return super().remove_key(key)


@pytest.mark.parametrize("forgets", ["set", "move from", "move to", "remove_key"])
def test_a_listing_that_is_kept_too_long_is_told_without_luck(forgets):
    class Kept(ListsWhatItListed):
        FORGETS = forgets

    found = told(Kept, *basic_programs(harness_of(Kept).material))
    assert found
    assert found <= {"LIST-2", "LIST-3"}
