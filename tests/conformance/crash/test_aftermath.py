"""A store judged after a crash, in this process: what a crash would have left is written onto the shelf by hand."""

import attrs
import pytest

from conformance.crash.aftermath import crashes_after, requirement_of
from conformance.crash.crash import Killed, KilledAtRandom, PowerLost
from conformance.crash.scenarios import OPENING, Scenario
from conformance.crash.trial import OPENED, Storage, Trial
from conformance.faults.stores.dict_store import DictStore, Shelf, new_shelf
from conformance.harness.harness import Harness
from conformance.probes.syscalls import Stop
from conformance.programs.operations import Add, Move, RemoveKey, Set
from conformance.subject.subject import Claims, Subject
from spec_store import StoreBackendError

A, B, C = ("a",), ("b",), ("c",)
CALL = Stop(3, "sendto", ("socket:[1]",), 1, (OPENED,), (), "sendto(to the server, 9 bytes)")
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


def test_a_crash_that_is_amid_no_operation_is_judged_and_not_counted():
    trial, counts = trial_of(OVERWRITING)
    with trial.prepare() as storage:
        store(A, "ne")(storage.place)
        (crash,) = crashes_after(trial, KILLED, 0, storage, amid=False)
    assert (crash.requirement, counts) == ("CRASH-1", [])


def test_a_process_is_amid_an_operation_that_returns_by_itself_once_it_has_opened_the_store():
    trial, _ = trial_of(OVERWRITING)
    said = [(), (b"opened",), (b"opened", b"ok 0")]
    assert [trial.is_amid(one) for one in said] == [False, True, False]
    assert [trial.is_at_end(one) for one in said] == [False, False, True]


class DoesNotMove(DictStore):
    """Moves nothing."""

    def _move(self, source_key, dest_key, **kwargs):
        raise StoreBackendError("no moves here")


def test_a_process_is_not_amid_a_move_that_raises_without_a_crash_too():
    trial, _ = trial_of(MOVING, DoesNotMove)
    assert not trial.is_amid((b"opened",))


def test_an_acknowledged_set_that_is_lost_while_a_move_is_in_flight_is_not_the_moves_fault():
    trial, _ = trial_of(Scenario("a set and a move", (Set(B, "1"),), (Set(A, "2"), Move(A, C))))
    (crash,) = judged(trial, acknowledged=1)
    assert (crash.requirement, crash.during) == ("CRASH-1", Move(A, C))


class LosesTheFirstWrite(DictStore):
    """What is written first after a crash is seen by who has written it, and by nobody else."""

    def _set(self, key, value, **kwargs):
        if "crashed" in self.shelf.marks:
            del self.shelf.marks["crashed"]
        else:
            super()._set(key, value, **kwargs)


def test_what_is_written_after_a_crash_is_read_by_another_backend():
    trial, _ = trial_of(OVERWRITING, LosesTheFirstWrite)
    (crash,) = judged(trial)
    assert (crash.requirement, crash.later) == ("CRASH-3", Set(A, "9"))
    assert "another reader then sees that get(('a',)) returned 'old', not returned '9'" in crash.actual[0]


class LosesEveryUpdate(DictStore):
    """A value that is there is never replaced, with or without a crash."""

    def _set(self, key, value, **kwargs):
        if key not in self.shelf.stored:
            super()._set(key, value, **kwargs)


def test_what_a_write_does_wrong_without_a_crash_too_is_not_put_down_to_one():
    trial, _ = trial_of(Scenario("a set", (Set(A, "old"),), (Set(B, "new"),)), LosesEveryUpdate)
    assert judged(trial) == []


def test_after_each_crash_another_kind_of_write_is_tried():
    trial, _ = trial_of(OVERWRITING)
    kinds = [type(trial.write_after(trial.states[0])) for _ in range(8)]
    assert kinds == [Set, Add, RemoveKey, Move] * 2


def test_what_breaks_the_store_is_asked_once_a_scenario():
    trial, counts = trial_of(OVERWRITING, DoesNotSet)
    trial.found.add("CRASH-3")
    assert judged(trial) == []
    assert counts == ["CRASH-1"]
