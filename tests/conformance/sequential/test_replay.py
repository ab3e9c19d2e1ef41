"""Programs run again, with one backend and with two that take turns."""

from conformance.faults.planted.durable import RemembersValues
from conformance.faults.planting import subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.operations import Get, Program, Reopen, Set, Switch
from conformance.programs.outcomes import Returned
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.expectations import Exactly
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.observing import ALWAYS
from conformance.sequential.replay import contradiction_of, findings_of, outcome_of, raising_steps
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims

A, B = ("a",), ("b",)
STALE: Program = (Set(A, "1"), Switch(), Get(A), Switch(), Set(A, "2"), Switch())


def harness_of(kind: type) -> Harness:
    return Harness(subject_of(kind, Claims(durable=True)))


def test_a_switch_goes_on_with_the_backend_that_has_been_left():
    assert outcome_of(harness_of(RemembersValues), STALE, Get(A)) == Returned("1")
    assert outcome_of(harness_of(RemembersValues), (*STALE, Switch()), Get(A)) == Returned("2")


def test_what_was_opened_again_is_the_one_that_is_switched_to():
    program = (*STALE, Reopen(), Switch(), Switch())
    assert outcome_of(harness_of(RemembersValues), program, Get(A)) == Returned("2")


def test_what_is_stale_contradicts_and_a_correct_store_does_not():
    assert contradiction_of(harness_of(RemembersValues), STALE, Get(A), Exactly("2")) == Returned("1")
    assert contradiction_of(harness_of(DictStore), STALE, Get(A), Exactly("2")) is None


def test_a_session_puts_what_is_stale_to_the_switch():
    (finding,) = findings_of(harness_of(RemembersValues), STALE, ALWAYS)
    assert (finding.requirement, finding.cause) == ("REOPEN-2", Switch())
    assert findings_of(harness_of(DictStore), STALE, ALWAYS) == ()


def test_a_switch_is_no_step_that_raises():
    assert raising_steps(harness_of(DictStore), (Get(B), Switch(), Get(B))) == {0, 2}


def test_a_reader_is_shown_when_the_second_backend_is_opened():
    finding = Finding("REOPEN-2", "stale", 6, Switch(), Get(A), Exactly("2"), Returned("1"), A)
    violation = Violation("REOPEN-2", STALE, Get(A), Exactly("2"), Returned("1"), finding)
    shown = failure_of_violation(
        violation, Origin(("from example import Store",), "Store(place)"), frozenset()
    ).counterexample
    assert shown.message.count("backend, other = open_backend(place), backend") == 1
    assert shown.message.count("backend, other = other, backend") == 2
    assert shown.script.count("backend, other = other, backend\n") == 2
