"""Programs of two backends that are open on one place and take turns: what one has kept, the other makes stale.

Both read everything; then one writes, and the other, which has seen nothing of that, reads everything again:

    one    sets two keys, reads all           it may keep what it has written, and read
    other  reads all                          it may keep what it has read, and what it has found missing
    one    writes, in one of the ways         what the other keeps is stale
    other  reads all                          it must give what is stored
    other  writes as well                     it must not write back what it has kept
    one    reads all                          nor answer from what it has kept itself

So do they in the life of a key (`lives`), where every operation is performed: first by the two in turn, then by one of
them alone, with a write of the other before each.

In another row of programs each write follows one of the other backend, with nothing read in between: whoever trusts
what it remembers of its own last write has not been told better. And in another each way to read is the first thing
that a backend does after a write of the other: what notices that something has changed may be any call but that.
"""

import itertools
from collections.abc import Iterator

from conformance.programs.lives import life
from conformance.programs.material import Material
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
    Set,
    Switch,
    Update,
)
from spec_store import Key

FEWEST_IN_TURN = 3
"""How many operations in turn there are at least before all is read: the next might hide what the last has done."""


def alternating_programs(material: Material) -> Iterator[Program]:
    """Every such program; some use methods that a subject need not have."""
    keys = tuple(material.plain_key(number) for number in range(3))
    for write in _writes(keys, material):
        yield _seen_by_both(write, keys, material)
        yield _written_beside_stale_values(write, keys, material)
    yield from _lived(keys, material)
    for read in _reads(keys):
        yield tuple(_read_first(read, keys, material))
    for writes in _writes_in_turn(keys, material):
        for end in range(FEWEST_IN_TURN, len(writes) + 1):
            yield (*alternate(writes[:end]), *_reads(keys), Switch(), *_reads(keys))


def _lived(keys: tuple[Key, ...], material: Material) -> Iterator[Program]:
    """The life of a key by two backends."""
    a, b, c = keys
    begin, end = (
        (Set(c, material.telling_value(1)), ReadId(), Switch(), ReadId()),
        (*_reads(keys), Switch(), *_reads(keys)),
    )
    alive = life(a, b, material.telling_value, material)
    yield (*begin, *alternate(alive), *end)
    yield (*begin, *alternate((alive[0], *alive)), *end)
    beside = ((Set(c, material.telling_value(number)), Switch(), one, Switch()) for number, one in enumerate(alive))
    yield (*begin, *itertools.chain.from_iterable(beside), *end)


def alternate(program: Program) -> Program:
    """The same operations, each done by another backend than the one before."""
    return tuple(one for operation in program for one in (operation, Switch()))


def _seen_by_both(write: Program, keys: tuple[Key, ...], material: Material) -> Program:
    _, _, c = keys
    reads, last = _reads(keys), material.value(9)
    return (*_read_by_both(keys, material), *write, Switch(), *reads, Set(c, last), *reads, Switch(), *reads)


def _written_beside_stale_values(write: Program, keys: tuple[Key, ...], material: Material) -> Program:
    """One backend changes both values, and then the other, which has kept the old ones, writes in one of the ways."""
    a, b, _ = keys
    newer = (Set(a, material.value(7)), Set(b, material.value(8)), Switch())
    return (*_read_by_both(keys, material), *newer, *write, *_reads(keys), Switch(), *_reads(keys))


def _read_first(read: Operation, keys: tuple[Key, ...], material: Material) -> Iterator[Operation]:
    """For each way to write: one backend reads in one of the ways, the other writes, and the first reads so again."""
    a, b, c = keys
    for number, write in enumerate(_writes(keys, material)):
        yield from (Set(a, material.telling_value(2 * number)), Set(b, material.telling_value(2 * number + 1)))
        yield from (RemoveKey(c), read, Switch(), *write, Switch(), read)
    yield from (*_reads(keys), Switch(), *_reads(keys))


def _read_by_both(keys: tuple[Key, ...], material: Material) -> Program:
    a, b, _ = keys
    reads = _reads(keys)
    return (Set(a, material.value(1)), Set(b, material.value(2)), *reads, Switch(), *reads, Switch())


def _reads(keys: tuple[Key, ...]) -> Program:
    """Every way to read some keys."""
    of_each = tuple(kind(key) for key in keys for kind in (Get, HasKey, ListKeys))
    return (*of_each, ListKeys(), GetAll(), ReadId())


def _writes(keys: tuple[Key, ...], material: Material) -> Iterator[Program]:
    """Each way to write where the first two keys are stored, and what may be done of it again."""
    a, b, c = keys
    new = material.value(3)
    for stored in (Set, Update, AddOrUpdate):
        yield (stored(a, new),)
    for missing in (Set, Add, AddOrUpdate):
        yield (missing(c, new),)
    yield (Move(a, c),)
    yield (Move(a, b),)
    yield (RemoveKey(a),)
    yield (RemoveKey(a), RemoveKey(b))
    yield (RemoveKey(a), Set(a, new))
    yield (Move(a, c), Move(c, a))
    yield (Move(a, c), Set(a, new))


def _writes_in_turn(keys: tuple[Key, ...], material: Material) -> Iterator[Program]:
    a, b, c = keys
    one, two, three = (material.value(number) for number in (1, 2, 3))
    first: tuple[Operation, ...] = (Set(a, one), Get(a))
    yield (Set(a, one), Set(b, two), Set(c, three), Set(a, two), Set(b, three))
    yield (*first, Set(a, two), Move(a, b), Set(b, three), Move(b, a))
    yield (*first, RemoveKey(a), Add(a, two), RemoveKey(a), Update(a, three))
    yield (*first, Set(a, two), Set(a, one), Get(a), RemoveKey(a), Get(a))
    yield (*first, RemoveKey(a), RemoveKey(a), HasKey(a), Set(a, two), HasKey(a), Move(a, c))
    yield (*first, Move(a, b), Move(a, b), Move(b, a), Get(a), AddOrUpdate(a, two), Get(a))
