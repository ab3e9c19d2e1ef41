import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from conformance.programs.operations import Set
from conformance.sequential.machine import StoreMachine, machine_of
from spec_store import InMemoryStoreBackend, InvalidKeyError
from tests.conformance.subjects import GivesNoneForMissing, subject_of

QUICK = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_the_machine_of_a_correct_backend_passes():
    run_state_machine_as_test(machine_of(subject_of(InMemoryStoreBackend)), settings=QUICK)


def test_a_fault_fails_the_machine_and_hypothesis_shrinks_it_to_a_message_with_the_requirement():
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(
            machine_of(subject_of(GivesNoneForMissing)),
            settings=settings(QUICK, max_examples=400, stateful_step_count=8),
        )
    message = str(caught.value)
    assert message.startswith("GET-2 (MUST)")
    assert "expected backend.get(" in message


class ForgetsAll(InMemoryStoreBackend):
    """get never finds anything, and the listing shows nothing."""

    def _get(self, key):
        raise InvalidKeyError(key)

    def list_keys(self, prefix=()):
        return []


def test_a_machine_that_has_failed_in_a_step_does_not_fail_a_second_time_at_its_end():
    machine = machine_of(subject_of(ForgetsAll))()
    with pytest.raises(AssertionError):
        machine.step(Set(("a",), "1"))
    machine.teardown()


def test_what_only_the_last_reading_finds_fails_the_machine():
    machine = machine_of(subject_of(GivesNoneForMissing))()
    machine.step(Set(("a",), "1"))
    machine.session.model.reference.set(("b",), "2")
    with pytest.raises(AssertionError):
        machine.teardown()


def test_an_author_may_add_rules_and_invariants():
    seen = []

    class Mine(StoreMachine):
        subject = subject_of(InMemoryStoreBackend)

        @rule()
        def set_mine(self):
            self.step(Set(("mine",), "x"))

        @invariant()
        def mine_is_readable(self):
            if self.backend.has_key(("mine",)):
                seen.append(self.backend.get(("mine",)))

    run_state_machine_as_test(Mine, settings=settings(QUICK, phases=[Phase.generate]))
    assert "x" in seen


def test_a_test_case_runs_it_in_any_runner():
    case = machine_of(subject_of(InMemoryStoreBackend)).TestCase
    case.settings = settings(QUICK, max_examples=5)
    case("runTest").runTest()
