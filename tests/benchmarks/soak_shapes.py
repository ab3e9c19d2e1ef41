"""A soak of what is not drawn in a run: the shapes of its sweeps and batches, with drawn parameters, accuse nobody.

Run: python tests/benchmarks/soak_shapes.py [OPERATIONS] [NAME ...]
The sweeps and batches of a run are the same every time, and so a correct store that they accuse would be known. Here
each program has the shape of one of them, and is made of what chance gives: any relations in any order and at any
place, any length with any text, any number of siblings, any operations by backends that take turns. Each goes through
the reference, the correct stores and the correct odd ones, beside the reference, until so many operations were made on
all of them together.
Ends with status 1 and the program if anything is accused.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random

import attrs

from conformance.campaign import quiet
from conformance.faults.catalogue import ODD
from conformance.faults.selftest import CORRECT
from conformance.harness.harness import Harness
from conformance.harness.preflight import missing_of
from conformance.programs.covering import BROUGHT_BY, HANDLES, KEY_CLASSES, ODD_TEXTS, REFUSED_TEXT, Combination
from conformance.programs.covering import program_of as combined
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    Switch,
    Update,
)
from conformance.programs.transformations.catalogue import RELATIONS
from conformance.sequential.bare import divergences
from conformance.subject.subject import Subject
from spec_store import Key

LONGEST = 70_000
"""Characters of the longest value: past a packet, a page, and a buffer."""

MOST_SIBLINGS = 140
MOST_RELATIONS = 12
MOST_STEPS = 120


def related(random: Random, harness: Harness) -> Program:
    """Keys that code takes for one another, at any place of a key, and any operations on them."""
    x, y = harness.material.elements[0], harness.material.elements[-1]
    keys: list[Key] = []
    for relation in random.sample(RELATIONS, random.randint(1, MOST_RELATIONS)):
        for key in random.choice(relation.groups):
            place = random.choice([(), (x,), (x, y)])
            keys.append((*place, *key, *random.choice([(), (x,)])))
    return tuple(_steps(random, harness, _fitting(harness, keys)))


def combination(random: Random, harness: Harness) -> Program:
    """Any row of the covering array, and not only those that it has."""
    text = random.choice(list(ODD_TEXTS.values()))
    manner = "set" if text == REFUSED_TEXT else random.choice(BROUGHT_BY)
    key = random.choice(_fitting(harness, list(KEY_CLASSES.values())))
    handles = random.choice(HANDLES) if harness.subject.claims.durable else HANDLES[0]
    row = Combination(int(LONGEST ** random.random()), text, manner, key, handles)
    return combined(row, harness.material)


def siblings(random: Random, harness: Harness) -> Program:
    """So many siblings, read and counted, and removed again in any order."""
    parent = harness.material.plain_key(0)[: harness.material.lengths[1] - 1]
    keys = [(*parent, f"k{number}") for number in range(random.randint(1, MOST_SIBLINGS))]
    random.shuffle(keys)
    program: list[Operation] = []
    for number, key in enumerate(keys):
        program += [Set(key, harness.material.value(number, random.randrange(12))), Get(random.choice(keys))]
        if not random.randrange(8):
            program += [ListKeys(parent), ListKeys(), GetAll()]
    random.shuffle(keys)
    for key in keys:
        program += [RemoveKey(key), HasKey(random.choice(keys))]
        if not random.randrange(8):
            program += [ListKeys(parent), Get(key)]
    return tuple(program)


def turns(random: Random, harness: Harness) -> Program:
    """Any operations on a few keys, by backends that take turns, where the subject is durable."""
    family = random.choice([family for family in harness.material.families if family])
    return tuple(_steps(random, harness, family, turns=harness.subject.claims.durable))


SHAPES: tuple[Callable[[Random, Harness], Program], ...] = (related, combination, siblings, turns)


def _fitting(harness: Harness, keys: Sequence[Key]) -> list[Key]:
    fewest, most = harness.material.lengths
    fitting = [key for key in keys if fewest <= len(key) <= most and harness.permits((Get(key),))]
    return fitting or [harness.material.plain_key(0)]


def _steps(random: Random, harness: Harness, keys: Sequence[Key], turns: bool = False) -> Iterator[Operation]:
    for number in range(random.randint(len(keys), MOST_STEPS)):
        key, other = random.choice(keys), random.choice(keys)
        value = harness.material.value(number, random.randrange(12))
        writes = (Set(key, value), Set(key, value), Add(key, value), Update(key, value), AddOrUpdate(key, value))
        changes = (Move(key, other), RemoveKey(key))
        prefix = key[: random.randint(0, len(key))]
        reads = (Get(key), HasKey(key), ListKeys(prefix), ListKeys(), GetAll(), ReadId())
        opens = (Switch(), Switch(), Reopen()) if turns else ()
        yield random.choice((*writes, *changes, *reads, *opens))
    yield from map(Get, keys)
    yield ListKeys()


@attrs.define
class Soaked:
    """A subject, and how many operations it has made."""

    harness: Harness
    operations: int = 0


def soaked(subject: Subject) -> Soaked | None:
    """What is known of a subject before its programs; None for one that takes only what its claims list."""
    if subject.claims.elements is not None or subject.claims.values is not None:
        return None
    harness = Harness(subject, confined=True)
    harness = attrs.evolve(harness, avoid=missing_of(harness).methods)
    return Soaked(harness)


def main() -> None:
    operations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    subjects = {one.name: one.subject for one in (*CORRECT, *ODD)}
    every = {name: one for name in sys.argv[2:] or subjects if (one := soaked(subjects[name])) is not None}
    random, start, failed = Random(0), time.process_time(), set[str]()
    with quiet():
        while sum(one.operations for one in every.values()) < operations:
            shape, state = random.choice(SHAPES), random.getrandbits(64)
            for name, one in every.items():
                program = shape(Random(state), one.harness)
                one.operations += len(program)
                for found in divergences(one.harness, program):
                    if name not in failed:
                        print(f"{name}: {shape.__name__} {state}: {found}", flush=True)
                    failed.add(name)
    print(f"{time.process_time() - start:.0f} CPU s:")
    for name, one in every.items():
        print(f"{name}: {one.operations} operations: {'ACCUSED' if name in failed else 'nothing raised'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
