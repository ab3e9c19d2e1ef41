"""Every script of every planted fault that programs and checks find: it fails with the fault, and not without.

Run: python tests/benchmarks/every_script.py [JOBS]

It takes some CPU minutes, most of them for the campaigns; the tests run those of a sample.
"""

import multiprocessing
import sys
import time

from conformance.system.budget import cpu_seconds
from tests.conformance.counterexamples.planted_scripts import (
    Printed,
    complaints,
    of_programs_and_checks,
    printed,
)


def printed_of(number: int) -> list[Printed]:
    """The scripts of the fault of a number."""
    return printed(of_programs_and_checks()[number])


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    forking = multiprocessing.get_context("fork")
    begun = time.monotonic()
    faults = of_programs_and_checks()
    with forking.Pool(jobs, maxtasksperchild=1) as pool:
        scripts = [one for several in pool.map(printed_of, range(len(faults)), chunksize=1) for one in several]
        pool.close()
        pool.join()
    with forking.Pool(jobs) as pool:
        wrong = [line for lines in pool.imap(complaints, scripts) for line in lines]
        pool.close()
        pool.join()
    for line in wrong:
        print(line, end="\n\n")
    silent = {fault.name for fault in faults} - {one.fault for one in scripts}
    print(f"{len(faults)} faults, without a script: {' '.join(sorted(silent)) or 'none'}")
    print(
        f"{len(scripts)} scripts, {len(wrong)} complaints; {cpu_seconds():.0f} CPU s, {time.monotonic() - begun:.0f} s"
    )


if __name__ == "__main__":
    main()
