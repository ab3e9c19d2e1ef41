"""What a contradiction is worth: short programs first, all that was done last, and nothing that is known."""

import pytest

from conformance.harness.harness import Harness
from conformance.programs.operations import Get, HasKey, ListKeys, Move, RemoveKey, Set
from conformance.programs.outcomes import Raised, Returned
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.suspects import OFTEN, Done, Suspicions, signature_of, suspects, unread
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Subject
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend

A, B, AB, ODD = ("a",), ("b",), ("a", "b"), ("a b",)
GONE = Raised("InvalidKeyError")


class LosesOnMove(InMemoryStoreBackend):
    """A move onto a stored key loses the value."""

    def _move(self, source_key, dest_key, **kwargs):
        there = self._has_key(dest_key)
        super()._move(source_key, dest_key, **kwargs)
        if there:
            self.remove_key(dest_key)


def suspicions_of(backend):
    subject = Subject(lambda _place, **options: backend(**options))
    run = Run(Harness(subject), UNKNOWN, Options(), Watcher(), Evidence(), Budget())
    return Suspicions(run, Candidates())


MOVED = [
    Done(Set(A, "1"), {}),
    Done(Set(B, "2"), {A: "1"}),
    Done(Get(A), {A: "1", B: "2"}),
    Done(Move(A, B), {A: "1", B: "2"}),
    Done(RemoveKey(A), {B: "1"}),
    Done(Get(B), {B: "1"}),
]


def test_the_suspects_are_the_step_then_each_write_before_it_from_its_own_state_then_all_that_was_done():
    programs = [suspect.program for suspect in suspects(MOVED)]
    assert programs == [
        (Set(B, "1"), Get(B)),
        (Set(B, "1"), RemoveKey(A), Get(B)),
        (Set(A, "1"), Set(B, "2"), Move(A, B), Get(B)),
        (Set(A, "1"), Set(B, "2"), Get(B)),
        (Set(A, "1"), Get(B)),
        tuple(each.operation for each in MOVED),
    ]


def test_what_takes_a_history_is_tried_by_more_and_more_of_it_and_not_read_in_between():
    steps = [Done(Get(A), {B: "1"})] * 40
    lengths = [len(suspect.program) for suspect in suspects(steps) if suspect.observing == AT_THE_END]
    assert lengths == [9, 17, 33, 41]  # with the write that leads there
    assert next(suspect.observing for suspect in suspects(steps)) == ALWAYS


def test_only_what_no_read_has_told_to_be_right_may_have_done_it():
    assert [each.operation for each in unread(MOVED)] == [RemoveKey(A), Move(A, B), Set(B, "2"), Set(A, "1")]
    read = [*MOVED[:4], Done(HasKey(B), {B: "1"}), *MOVED[4:]]
    assert [each.operation for each in unread(read)] == [RemoveKey(A)]
    listed = [*MOVED[:4], Done(ListKeys(), {B: "1"}), Done(ListKeys(), {B: "1"})]
    assert list(unread(listed)) == []


def test_a_session_finds_what_was_seen_by_the_shortest_suspect_that_shows_it():
    one = suspicions_of(LosesOnMove)
    assert one.judge(MOVED, GONE)
    (candidate,) = {repr(candidate.program): candidate for candidate in one.candidates.kept.values()}.values()
    assert candidate.program == (Set(A, "1"), Set(B, "2"), Move(A, B), Get(B))
    assert candidate.finding.requirement == "MOVE-2"


def test_the_same_is_not_judged_twice():
    one = suspicions_of(LosesOnMove)
    one.judge(MOVED, GONE)
    programs = one.candidates.programs
    assert not one.judge(MOVED, GONE)
    assert one.candidates.programs == programs


def test_a_write_that_was_to_blame_often_enough_is_not_judged_again_whatever_shows_it():
    one = suspicions_of(LosesOnMove)
    one.wrong_by_state[MOVED[3].trait] = OFTEN
    assert not one.judge(MOVED, GONE)
    assert one.candidates.programs == 0


@pytest.mark.parametrize(("known", "judged"), [(A, False), (ODD, True)], ids=["plain", "odd"])
def test_what_is_known_of_plain_keys_is_no_matter_of_odd_ones_but_not_the_other_way_round(known, judged):
    one = suspicions_of(LosesOnMove)
    other = B if known is ODD else ODD
    one.wrong_by_state[Done(Set(known, "1"), {}).trait] = OFTEN
    one.judge([Done(Set(other, "1"), {}), Done(Get(other), {other: "1"})], GONE)
    assert (one.candidates.programs > 0) is judged


def test_a_wrong_outcome_of_a_write_is_no_reason_to_know_what_it_left():
    one = suspicions_of(LosesOnMove)
    one.wrong_by_outcome[MOVED[3].trait] = OFTEN
    assert one.judge(MOVED, GONE)
    assert not one.judge(MOVED[:4], Raised("KeyError"))


def test_a_signature_tells_what_was_done_and_what_came_of_it():
    signature = signature_of(MOVED, GONE)
    assert signature != signature_of(MOVED, Returned("2"))
    assert signature != signature_of(MOVED[:5], GONE)
    assert signature == signature_of([*MOVED[:2], *MOVED[3:]], GONE)
    assert Done(Set(AB, "1"), {A: "1"}).trait != Done(Set(AB, "1"), {B: "1"}).trait
