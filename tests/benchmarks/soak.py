"""A soak: a million operations on the reference, the correct stores and each correct odd backend raise nothing.

Run: python tests/benchmarks/soak.py [OPERATIONS] [NAME ...]
Ends with status 1 and the finding if anything is accused.
"""

import sys
import time

from conformance.bench import Bench
from conformance.faults.catalogue import ODD
from conformance.hunt import Catch, collecting_machine, drive
from conformance.subject import Subject
from spec_store import InMemoryStoreBackend

CHUNK = 100


def soak(subject: Subject, operations: int) -> Catch:
    """Run random programs until so many operations were performed, or something was found."""
    catch = Catch()
    machine = collecting_machine(Bench(subject, confined=True), catch, lambda: None)
    number = 0
    while catch.steps < operations and not catch.candidates:
        drive(machine, 77_000_000 + number, CHUNK)
        number += 1
    return catch


def main() -> None:
    operations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    subjects = {"reference": Subject(open=lambda place, **options: InMemoryStoreBackend(**options), name="reference")}
    subjects |= {odd.name: odd.subject for odd in ODD}
    failed = False
    for name in sys.argv[2:] or subjects:
        start = time.process_time()
        catch = soak(subjects[name], operations)
        verdict = "nothing raised" if not catch.candidates else next(iter(catch.candidates.values())).finding
        print(f"{name}: {catch.steps} operations, {time.process_time() - start:.0f} CPU s: {verdict}", flush=True)
        failed |= bool(catch.candidates)
    sys.exit(failed)


if __name__ == "__main__":
    main()
