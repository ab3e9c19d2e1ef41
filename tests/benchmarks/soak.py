"""A soak: a million operations on the reference, the correct stores and each correct odd backend raise nothing.

Run: python tests/benchmarks/soak.py [OPERATIONS] [NAME ...]
To make up programs takes longer than to run them, so those with the same claims are given the same programs, and each
program is run with the keys of some other families too.
Ends with status 1 and the finding if anything is accused.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from random import Random

from conformance.campaign import quiet
from conformance.faults.catalogue import ODD
from conformance.faults.selftest import CORRECT
from conformance.harness.harness import Bench
from conformance.harness.preflight import methods_missing
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Program, keys_in, map_keys
from conformance.sequential.candidates import Catch
from conformance.sequential.search import collecting_machine, drive
from conformance.sequential.session import Session
from conformance.subject.subject import Claims, Subject
from spec_store import Key

CHUNK = 100
FAMILIES = 5
"""With the keys of how many families each program is run."""


def with_keys_of(program: Program, family: Sequence[Key]) -> Program:
    """The same program with the keys of a family, in their order, in place of its own."""
    own = {key: number for number, key in enumerate(keys_in(program)) if key}
    return tuple(map_keys(one, lambda key: family[own[key] % len(family)] if key in own else key) for one in program)


def soak(subjects: Sequence[Subject], operations: int) -> list[Catch]:
    """Run random programs, the same on each, until so many operations were performed, or something was found."""
    benches, catches = [Bench(subject, confined=True) for subject in subjects], [Catch() for _ in subjects]
    for bench in benches:
        bench.avoid |= methods_missing(bench)
    every = tuple(zip(benches, catches, strict=True))
    families = [family for family in benches[0].material.families if ID_KEY not in family]
    random = Random(0)
    machine = collecting_machine(benches[0], catches[0], lambda: None)

    class Soaking(machine):  # type: ignore[misc, valid-type]
        def teardown(self) -> None:
            super().teardown()
            own = tuple(self.session.program)
            programs = [own, *(with_keys_of(own, random.choice(families)) for _ in range(FAMILIES - 1))]
            for number, program in enumerate(programs):
                for bench, catch in every if number else every[1:]:
                    session = Session(bench, watchful=self.session.watchful, exercised=catch.exercised)
                    session.run(program)
                    catch.take(bench, session)

    Soaking.subject, Soaking.bench = machine.subject, machine.bench
    number = 0
    while catches[0].steps < operations and not any(catch.candidates for catch in catches):
        drive(Soaking, 77_000_000 + number, CHUNK)
        number += 1
    return catches


def main() -> None:
    operations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    subjects = {one.name: one.subject for one in (*CORRECT, *ODD)}
    groups: defaultdict[Claims, list[str]] = defaultdict(list)
    for name in sys.argv[2:] or subjects:
        groups[subjects[name].claims].append(name)
    failed = False
    for names in groups.values():
        start = time.process_time()
        with quiet():
            catches = soak([subjects[name] for name in names], operations)
        print(f"{time.process_time() - start:.0f} CPU s:", flush=True)
        for name, catch in zip(names, catches, strict=True):
            verdict = "nothing raised" if not catch.candidates else next(iter(catch.candidates.values())).finding
            print(f"{name}: {catch.steps} operations: {verdict}", flush=True)
            failed |= bool(catch.candidates)
    sys.exit(failed)


if __name__ == "__main__":
    main()
