"""What the judge costs: the campaign's random programs against the same state machine with empty rules.

Run: python tests/benchmarks/overhead.py [EXAMPLES]
Both are measured in one process, turn by turn, in CPU time; the subject is the reference itself, so that what is
measured is generation, judge, subject and oracle, and nothing of a slow backend.
"""

import statistics
import sys
import time
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.programs.operations import Operation
from conformance.sequential.candidates import Candidates
from conformance.sequential.machine import StoreMachine
from conformance.sequential.search import collecting_machine, drive
from conformance.sequential.session import Session
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend

ROUNDS = 5


@attrs.define
class EmptySession:
    """Takes operations and does nothing with them."""

    harness: Harness
    backend: Any
    findings: list[Any] = attrs.field(factory=list)
    program: list[Operation] = attrs.field(factory=list)
    steps: int = 0

    def apply(self, operation: Operation) -> None:
        self.program.append(operation)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


def empty_machine(harness: Harness, catch: Candidates) -> type[StoreMachine]:
    """The campaign's machine over sessions that do nothing."""
    machine = collecting_machine(harness, catch, lambda: None)
    backend = InMemoryStoreBackend()

    class Empty(machine):  # type: ignore[misc, valid-type]
        def new_session(self, harness: Harness) -> Session:
            return EmptySession(harness, backend)  # type: ignore[return-value]

    Empty.subject, Empty.harness = machine.subject, machine.harness
    return Empty


def rate(machine: type[StoreMachine], catch: Candidates, number: int, examples: int) -> float:
    """CPU microseconds a step."""
    before, start = catch.steps, time.process_time()
    drive(machine, number, examples)
    return 1e6 * (time.process_time() - start) / (catch.steps - before)


def main() -> None:
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    subject = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), name="reference")
    harness = Harness(subject)
    judged, empty = Candidates(), Candidates()
    machines = (collecting_machine(harness, judged, lambda: None), judged), (empty_machine(harness, empty), empty)
    rates: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        for (machine, catch), found in zip(machines, rates, strict=True):
            found.append(rate(machine, catch, number, examples))
    full, bare = (statistics.median(found) for found in rates)
    print(f"judged: {full:.0f} us a step, {1e6 / full:.0f} steps a second")
    print(f"empty rules: {bare:.0f} us a step, {1e6 / bare:.0f} steps a second")
    print(f"overhead of subject, judge and reference: {100 * (full / bare - 1):.0f} %")


if __name__ == "__main__":
    main()
