"""A store judged after a crash, in this process: what a crash would have left is written onto the shelf by hand."""

import attrs
import pytest

from conformance.crash.aftermath import crashes_after, requirement_of
from conformance.crash.crash import Killed, KilledAtRandom, PowerLost
from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.trial import Storage, Trial
from conformance.faults.stores.dict_store import DictStore, Shelf, new_shelf
from conformance.harness.harness import Harness
from conformance.probes.syscalls import Stop
from conformance.programs.operations import Move, Set
from conformance.subject.subject import Claims, Subject
from spec_store import StoreBackendError

A, B = ("a",), ("b",)
CALL = Stop(3, "sendto", ("socket:[1]",), 1, (), (), "sendto(to the server, 9 bytes)")
KILLED = Killed(CALL)
OVERWRITING = Scenario("overwriting a value", (Set(A, "old"),), (Set(A, "new"),))
MOVING = Scenario("a move", (Set(A, "old"),), (Move(A, B),))


class DoesNotOpen(DictStore):
    """Does not open what a crash has left, of which the shelf has a mark."""

    def __init__(self, shelf=None, **options):
        if shelf is not None and "crashed" in shelf.marks:
            raise StoreBackendError("a journal is left")
        super().__init__(shelf, **options)


class DoesNotSet(DictStore):
    """Takes no value after a crash."""

    def _set(self, key, value, **kwargs):
        if "crashed" in self.shelf.marks:
            raise StoreBackendError("a lock is left")
        super()._set(key, value, **kwargs)


def trial_of(scenario, cls=DictStore, **claims):
    """A trial, and the requirements that it has put to the test."""
    counts: list[str] = []
    subject = Subject(cls, new_shelf, Claims(durable=True, crash_safe=True, **claims), cls.__name__)
    return Trial(Harness(subject, confined=True), scenario, counts.append), counts


def judged(trial, cause=KILLED, acknowledged=0, *, change=lambda shelf: None):
    """What is found wrong after a crash, with what it has `change`d on the shelf."""
    with trial.prepare() as storage:
        storage.place.marks["crashed"] = True
        change(storage.place)
        return list(crashes_after(trial, cause, acknowledged, storage))


def store(key, value):
    return lambda shelf: shelf.stored.update({key: (key, value)})


def test_a_store_as_it_was_is_as_it_should_be_and_is_put_to_use():
    trial, counts = trial_of(OVERWRITING)
    assert judged(trial) == []
    assert counts == ["CRASH-1", "CRASH-3"]


def test_what_was_in_flight_may_have_taken_effect_and_what_was_acknowledged_must_have():
    trial, _ = trial_of(OVERWRITING)
    assert judged(trial, change=store(A, "new")) == []
    assert judged(trial, acknowledged=1, change=store(A, "new")) == []
    (crash,) = judged(trial, acknowledged=1)
    assert (crash.requirement, crash.during, crash.expected) == ("CRASH-1", None, (trial.states[1],))


def test_a_torn_value_is_told_with_what_may_be_seen():
    trial, counts = trial_of(OVERWRITING)
    (crash,) = judged(trial, change=store(A, "ne"))
    assert (crash.requirement, crash.during, crash.cause) == ("CRASH-1", Set(A, "new"), Killed(CALL))
    assert (crash.expected, crash.actual) == (trial.states, ("returned 'ne'", "returned [('a',)]"))
    assert counts == ["CRASH-1"]


@pytest.mark.parametrize(("atomic_move", "found"), [(True, ["CRASH-2"]), (False, [])])
def test_a_move_seen_half_done_is_wrong_where_it_claims_to_be_one_step(atomic_move, found):
    trial, _ = trial_of(MOVING, atomic_move=atomic_move)
    crashes = judged(trial, change=store(B, "old"))
    assert [crash.requirement for crash in crashes] == found


def test_a_store_that_does_not_open_has_no_state():
    trial, counts = trial_of(OVERWRITING, DoesNotOpen)
    (crash,) = judged(trial)
    assert crash.requirement == "CRASH-1"
    assert crash.actual == ("opening raised StoreBackendError: a journal is left",)
    assert counts == ["CRASH-1"]


def test_another_id_is_wrong_and_told_after_the_state():
    trial, _ = trial_of(OVERWRITING)
    with trial.prepare() as storage:
        other = attrs.evolve(storage, id="returned 'another'")
        (crash,) = crashes_after(trial, Killed(CALL), 0, other)
        assert crash.actual == (f"store_backend_id {storage.id}",)
        store(A, "ne")(storage.place)
        (crash,) = crashes_after(trial, Killed(CALL), 0, other)
        assert crash.actual[0] == "returned 'ne'"


def test_a_store_that_is_made_in_the_crash_may_have_any_id():
    trial, _ = trial_of(OPENING)
    assert list(crashes_after(trial, Killed(CALL), 0, Storage(Shelf(), None))) == []


def test_a_store_that_takes_no_value_any_more_is_wrong_but_not_in_its_state():
    trial, counts = trial_of(OVERWRITING, DoesNotSet)
    (crash,) = judged(trial)
    assert crash.requirement == "CRASH-3"
    assert crash.actual[0].startswith("backend.set(('a',), ")
    assert crash.actual[0].endswith("raised StoreBackendError: a lock is left")
    assert isinstance(crash.later, Set)
    assert counts == ["CRASH-1", "CRASH-3"]


def test_without_power_it_is_not_asked_whether_all_goes_on_working():
    trial, counts = trial_of(OVERWRITING, DoesNotSet)
    assert judged(trial, PowerLost(CALL)) == []
    (crash,) = judged(trial, PowerLost(CALL), change=store(A, "ne"))
    assert crash.requirement == "POWER-1"
    assert counts == ["POWER-1", "POWER-1"]


@pytest.mark.parametrize(
    ("cause", "during", "requirement"),
    [
        (Killed(CALL), Set(A, "1"), "CRASH-1"),
        (Killed(CALL), None, "CRASH-1"),
        (Killed(CALL), Move(A, B), "CRASH-2"),
        (KilledAtRandom(1.0), Move(A, B), "CRASH-2"),
        (PowerLost(CALL), Move(A, B), "POWER-1"),
        (PowerLost(CALL), None, "POWER-1"),
    ],
)
def test_which_requirement_a_wrong_state_violates(cause, during, requirement):
    assert requirement_of(cause, during) == requirement
