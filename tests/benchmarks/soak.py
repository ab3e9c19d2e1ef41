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
from functools import partial
from random import Random

import attrs

from conformance.campaign import quiet
from conformance.faults.catalogue import ODD
from conformance.faults.selftest import CORRECT
from conformance.harness.harness import Harness
from conformance.harness.preflight import missing_of
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Program, keys_in, map_keys
from conformance.sequential.candidates import Candidates
from conformance.sequential.search import CollectingMachine, Collector, drive
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


def soak(subjects: Sequence[Subject], operations: int) -> list[Candidates]:
    """Run random programs, the same on each, until so many operations were performed, or something was found."""
    plain = [Harness(subject, confined=True) for subject in subjects]
    harnesses = [attrs.evolve(harness, avoid=missing_of(harness).methods) for harness in plain]
    catches = [Candidates() for _ in subjects]
    every = tuple(zip(harnesses, catches, strict=True))
    families = [family for family in harnesses[0].material.families if ID_KEY not in family]
    random = Random(0)
    collector = Collector(harnesses[0], catches[0], lambda: None)

    class Soaking(CollectingMachine):
        def teardown(self) -> None:
            super().teardown()
            own = tuple(self.session.program)
            programs = [own, *(with_keys_of(own, random.choice(families)) for _ in range(FAMILIES - 1))]
            for number, program in enumerate(programs):
                for harness, catch in every if number else every[1:]:
                    session = Session(harness, self.session.observing, exercised=catch.exercised)
                    session.run(program)
                    catch.take(harness, session)

    number = 0
    while catches[0].steps < operations and not any(catch.kept for catch in catches):
        drive(partial(Soaking, collector), 77_000_000 + number, CHUNK)
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
            verdict = "nothing raised" if not catch.kept else next(iter(catch.kept.values())).finding
            print(f"{name}: {catch.steps} operations: {verdict}", flush=True)
            failed |= bool(catch.kept)
    sys.exit(failed)


if __name__ == "__main__":
    main()
