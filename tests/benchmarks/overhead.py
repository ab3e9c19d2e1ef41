"""What the judge costs: the campaign's random programs against the same state machine with empty rules.

Run: python tests/benchmarks/overhead.py [EXAMPLES]
Both are measured in one process, turn by turn, in CPU time; the subject is the reference itself, so that what is
measured is generation, judge, subject and oracle, and nothing of a slow backend.
"""

import statistics
import sys
import time
from collections import Counter
from functools import partial
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.programs.operations import Operation
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import CollectingMachine, Collector, drive
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
    exercised: Counter[Any] = attrs.field(factory=Counter)

    def apply(self, operation: Operation) -> None:
        self.program.append(operation)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


BACKEND = InMemoryStoreBackend()


class Empty(CollectingMachine):
    """The campaign's machine over sessions that do nothing."""

    def new_session(self, harness: Harness) -> Session:
        return EmptySession(harness, BACKEND)  # type: ignore[return-value]


def rate(machine: type[CollectingMachine], collector: Collector, number: int, examples: int) -> float:
    """CPU microseconds a step."""
    catch = collector.candidates
    before, start = catch.steps, time.process_time()
    drive(partial(machine, collector), number, examples)
    return 1e6 * (time.process_time() - start) / (catch.steps - before)


def main() -> None:
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    subject = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), name="reference")
    harness = Harness(subject)
    judged, empty = (Collector(harness, Candidates(), lambda: None) for _ in range(2))
    machines = (CollectingMachine, judged), (Empty, empty)
    rates: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        for (machine, collector), found in zip(machines, rates, strict=True):
            found.append(rate(machine, collector, number, examples))
    full, bare = (statistics.median(found) for found in rates)
    print(f"judged: {full:.0f} us a step, {1e6 / full:.0f} steps a second")
    print(f"empty rules: {bare:.0f} us a step, {1e6 / bare:.0f} steps a second")
    print(f"overhead of subject, judge and reference: {100 * (full / bare - 1):.0f} %")


if __name__ == "__main__":
    main()
