"""What the classes concurrent and crash-safe cost: pairs of operations, a stop at a system call, a budget kept.

Run: python tests/benchmarks/concurrency_and_crashes.py
CPU seconds are of this process and of those that it starts; a budget is seconds by the wall, as its user sees it.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from conformance import Claims, Subject, check
from conformance.campaign import run_campaign
from conformance.concurrent.pairs.search import run_thread_pairs
from conformance.harness.harness import Harness
from conformance.probes.syscalls import Action, Continue, Stop, snapshot, supervised
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.system.budget import Budget, cpu_seconds
from spec_store import InMemoryStoreBackend
from spec_store.backends import FilesystemStoreBackend
from tests.spec_store.backends.subjects import filesystem

WRITES = 500
BUDGETS = (5.0, 15.0, 60.0)


def pairs() -> None:
    """Every pair of operations, the second one run whole at each line of the first, on the reference."""
    subject = Subject(
        lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(threads=True), name="reference"
    )
    evidence, start = Evidence(), cpu_seconds()
    run_thread_pairs(Run(Harness(subject), UNKNOWN, Options(), Watcher(), evidence, Budget()))
    tried = sum(evidence.exercised.values())
    print(f"pairs on the reference: {cpu_seconds() - start:.2f} CPU s for {tried} interleavings", flush=True)


def stops(decide: Callable[[Stop, str, str], None], name: str) -> None:
    """A child that sets values, halted before each call that changes the place, against one that is not."""

    def sets(_acknowledge: object) -> None:
        backend = FilesystemStoreBackend(place, suppress_store_backend_id=True)
        for number in range(WRITES):
            backend.set((str(number % 10),), str(number))

    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as other:

        def on_stop(stop: Stop) -> Action:
            decide(stop, place, other)
            return Continue()

        start = cpu_seconds()
        sets(None)
        alone, start = cpu_seconds() - start, cpu_seconds()
        outcome = supervised(sets, place, on_stop, 300)
        spent = cpu_seconds() - start - alone
    print(f"{name}: {1000 * spent / outcome.stops:.2f} CPU ms a stop, {outcome.stops} stops", flush=True)


def copied(stop: Stop, place: str, other: str) -> None:
    """What a kill would leave, copied."""
    image = Path(other, str(stop.number))
    image.mkdir()
    snapshot(place, image)


def both_classes() -> None:
    """Both classes with default settings on the file backend."""
    start, cpu = time.monotonic(), cpu_seconds()
    report = run_campaign(filesystem, Options(seed=1, classes=("concurrent", "crash-safe")))
    print(
        f"both classes on the file backend: {time.monotonic() - start:.1f} s by the wall, "
        f"{cpu_seconds() - cpu:.1f} CPU s: {report.verdict}",
        flush=True,
    )


def budget(seconds: float) -> None:
    """How long a run with a budget takes."""
    start = time.monotonic()
    report = check(filesystem, seed=1, budget=seconds)
    took = time.monotonic() - start
    print(f"budget of {seconds:g} s: took {took:.1f} s, {100 * took / seconds:.0f} %: {report.verdict}", flush=True)


def main() -> None:
    pairs()
    stops(lambda *_: None, "halted and let go")
    stops(copied, "copied at each stop")
    both_classes()
    for seconds in BUDGETS:
        budget(seconds)


if __name__ == "__main__":
    main()
