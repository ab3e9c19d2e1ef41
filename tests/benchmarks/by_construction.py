"""What is found by construction, how soon, and whether what is told could be shorter.

Run: python tests/benchmarks/by_construction.py [--jobs N] [NAME ...]
NAME is a planted fault that one operation at a time shows; by default, all of them.

Each fault is looked for without any random program. Printed are

- the share that is found under its requirement;
- the share of those of which something was seen within a CPU second;
- the share of counterexamples that are as short as can be, and those that are not. The known minimum of a
  counterexample is found by going through all programs on its own keys and values, those with fewer operations first,
  until one shows something that violates the same requirement: breadth first, in the small world of these keys.

Ends with status 1 if a share is below what the project asks of itself (90, 95 and 95 in 100).
"""

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from unittest import mock

import attrs

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS
from conformance.faults.planting import Fault
from conformance.harness.harness import Harness
from conformance.harness.preflight import missing_of
from conformance.programs.operations import (
    WRITES,
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Update,
    keys_in,
)
from conformance.report.evidence import Failure
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.sequential import triage
from conformance.sequential.bare import divergences
from conformance.sequential.counterexample import failure_of_violation
from conformance.sequential.findings import Violation
from conformance.sequential.observing import ALWAYS
from conformance.sequential.replay import findings_of
from conformance.system.budget import cpu_seconds
from spec_store import Key

AT_LEAST = {"found": 0.90, "seen within a CPU second": 0.95, "as short as can be": 0.95}
"""What the project asks of itself."""

LONGEST = 5
"""Of longer counterexamples, programs of fewer operations than these are all that is gone through."""

MOST_KEYS, MOST_VALUES = 3, 2


@attrs.frozen
class Outcome:
    """What came of a fault.

    Args:
        name: its name.
        found: whether it was found under its requirement.
        seconds: CPU seconds until something was seen.
        size: how many operations the shortest counterexample has that a program shows; 0 where a check shows it.
        minimum: the known minimum; 0 likewise.
        shorter: the program of that size.
    """

    name: str
    found: bool
    seconds: float
    size: int = 0
    minimum: int = 0
    shorter: str = ""


def is_sequential(fault: Fault) -> bool:
    """Whether a fault is claimed to be shown by one operation at a time."""
    claims = fault.subject.claims
    return not (claims.threads or claims.processes or claims.crash_safe)


def outcome_of(name: str) -> Outcome:
    """What comes of a fault, looked for without random programs."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    fault.reset()
    violations: list[Violation] = []
    seen: list[float] = []
    begun = cpu_seconds()

    def progress(now: Progress) -> None:
        if now.violated and not seen:
            seen.append(cpu_seconds() - begun)

    def telling(violation: Violation, *rest: object) -> Failure:
        violations.append(violation)
        return failure_of_violation(violation, *rest)  # type: ignore[arg-type]

    with mock.patch.object(triage, "failure_of_violation", telling):
        options = Options(examples=0, limit=fault.limit)
        report = run_campaign(fault.subject, options, origin=fault.origin, watcher=Watcher(progress=progress))
    outcome = Outcome(name, fault.requirement in report.violated, seen[0] if seen else cpu_seconds() - begun)
    own = sorted((one for one in violations if one.requirement == fault.requirement), key=lambda one: one.size)
    if not own or own[0].shown < own[0].tried:
        return outcome
    shorter = shortest(fault, own[0])
    minimum = own[0].size if shorter is None else len(shorter)
    return attrs.evolve(outcome, size=own[0].size, minimum=minimum, shorter="" if shorter is None else str(shorter))


# Breadth first


def shortest(fault: Fault, violation: Violation) -> Program | None:
    """A program with fewer operations than a counterexample that violates the same; None if there is none."""
    harness = Harness(fault.subject)
    harness = attrs.evolve(harness, avoid=missing_of(harness).methods, confined=True)
    writes, reads = operations_of((*violation.setup, violation.observation), fault)
    for length in range(min(violation.size, LONGEST) - 1):
        for setup in itertools.product(writes, repeat=length):
            for diverging in divergences(harness, (*setup, *reads)):
                found = (*setup, diverging.operation)
                if any(one.requirement == violation.requirement for one in findings_of(harness, found, ALWAYS)):
                    return found
    return None


def operations_of(program: Program, fault: Fault) -> tuple[Program, Program]:
    """Every write and every read on the first few keys and values of a program."""
    keys = keys_in(tuple(one for one in program if not isinstance(one, ListKeys)))[:MOST_KEYS]
    values = list(dict.fromkeys(repr(one.value) for one in program if isinstance(one, WRITES)))
    by_repr = {repr(one.value): one.value for one in program if isinstance(one, WRITES)}
    chosen = [by_repr[text] for text in values[:MOST_VALUES]]
    return tuple(_writes(program, keys, chosen, fault)), tuple(_reads(keys))


def _writes(program: Program, keys: Sequence[Key], values: list[object], fault: Fault) -> Iterator[Operation]:
    for key in keys:
        yield RemoveKey(key)
        yield from (kind(key, value) for kind in (Set, Add, Update, AddOrUpdate) for value in values)
        yield from (Move(key, other) for other in keys)
    yield from {repr(one): one for one in program if isinstance(one, SetMany)}.values()
    if fault.subject.claims.durable:
        yield Reopen()


def _reads(keys: Sequence[Key]) -> Iterator[Operation]:
    yield from (kind(key) for key in keys for kind in (Get, HasKey))
    prefixes = dict.fromkeys(((), *(key[:length] for key in keys for length in (1, 2))))
    yield from map(ListKeys, prefixes)
    yield GetAll()


def main(arguments: Sequence[str]) -> int:
    """Look for the faults, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    chosen = [one.name for one in FAULTS if is_sequential(one) and (not options.names or one.name in options.names)]
    if not chosen:
        parser.error("no planted fault that one operation at a time shows has such a name")
    with ProcessPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(outcome_of, chosen))
    shares = shares_of(outcomes)
    for what, (count, of) in shares.items():
        print(f"{what}: {count} of {of} ({count / max(of, 1):.1%})")
    return int(any(count < AT_LEAST[what] * of for what, (count, of) in shares.items()))


def shares_of(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """How many of how many; what falls short is printed."""
    found = [one for one in outcomes if one.found]
    shown = [one for one in found if one.size]
    for one in outcomes:
        if not one.found:
            print(f"not found: {one.name}")
        elif one.seconds > 1:
            print(f"seen after {one.seconds:.1f} CPU seconds: {one.name}")
        if one.minimum < one.size:
            print(f"{one.size} operations, {one.minimum} would do: {one.name}: {one.shorter}")
    return {
        "found": (len(found), len(outcomes)),
        "seen within a CPU second": (sum(one.seconds <= 1 for one in found), len(found)),
        "as short as can be": (sum(one.minimum == one.size for one in shown), len(shown)),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
