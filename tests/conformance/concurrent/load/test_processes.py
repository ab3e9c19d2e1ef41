"""Rounds run by processes."""

from conformance.concurrent.load.processes import ProcessRunner
from conformance.concurrent.load.rounds import Round
from conformance.faults.planted import mapped
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.operations import Get, ListKeys, Set
from conformance.programs.outcomes import Returned
from tests.conformance.concurrent.load.examples import PROCESSES, A


def test_a_process_that_dies_is_told():
    one = Round((), ((Get(A),), (Get(A),)))

    class Dies(mapped.MappedStore):
        def _get(self, key):
            raise KeyboardInterrupt

    harness = Harness(subject_of(Dies, PROCESSES), cheap={"suppress_store_backend_id": True})
    result = next(ProcessRunner(harness).run([one]))

    assert [number for number, _ in result.stuck] == [1, 2]
    assert "KeyboardInterrupt" in result.stuck[0][1]


def test_operations_alone_are_run_in_their_order_and_what_they_left_is_read():
    result = ProcessRunner(Harness(subject_of(mapped.MappedStore, PROCESSES))).alone((Set(A, "1"), Set(A, "2")))

    assert [seen.record.operation for seen in result.seen] == [Set(A, "1"), Set(A, "2"), Get(A), ListKeys()]
    assert [seen.record.outcome for seen in result.seen[2:]] == [Returned("2"), Returned([A])]
