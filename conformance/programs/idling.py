"""Idle time: what is written, then nothing for an hour, and for a year, and then everything read.

what is stale after some time          the program
-------------------------------------  -------------------------------------------------------------------------
an entry that has a time to live       written by each operation there is, waited for, read
a note of what is not there            removed, moved away, asked for when it was missing; waited for, read
what was read, and is kept             read, waited for, written anew, read
a lock, a lease, a token, a connection waited for, written
what lies in storage                   waited for, opened again; opened again, waited for
"""

from collections.abc import Iterator, Sequence

from conformance.programs.calls import HOUR, YEAR
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
    Reopen,
    Set,
    Update,
    Wait,
)
from conformance.subject.subject import Claims
from spec_store import Key

IDLE = (Wait(HOUR), Wait(YEAR))


def idle_programs(claims: Claims, material: Material, idle: Sequence[Wait] = IDLE) -> Iterator[Program]:
    """The programs for a subject, the plainest first, each of so many waits."""
    a, b, c, d = keys = [material.plain_key(number) for number in range(4)]
    value = material.value
    writes: Program = (Set(a, value(1)), Add(b, value(2)))
    yield (*writes, ReadId(), *_waiting(idle, (*_reads(keys[:2]), ReadId())))
    others: Program = (AddOrUpdate(a, value(1)), Set(b, value(2)), Update(b, value(3)), Set(c, value(4)), Move(c, d))
    yield (*others, HasKey(c), RemoveKey(a), Get(a), *_waiting(idle, _reads(keys)))
    anew = (Get(a), Set(a, value(5)), Get(a), Update(a, value(6)), Get(a))
    again = (*anew, Get(b), Move(b, c), Get(c), Add(b, value(7)), RemoveKey(c))
    yield (*writes, *_reads(keys[:3]), *_waiting(idle, (*again, *_reads(keys[:3]))))
    if claims.durable:
        yield (*writes, *_waiting(idle, (Reopen(), *_reads(keys[:2]), ReadId())))
        yield (*writes, Reopen(), Get(a), *_waiting(idle, _reads(keys[:2])))


def _waiting(idle: Sequence[Wait], then: Program) -> Iterator[Operation]:
    for wait in idle:
        yield wait
        yield from then


def _reads(keys: Sequence[Key]) -> Program:
    """Every key read: by get first, for what is gone is told by that best."""
    return (*map(Get, keys), *map(HasKey, keys), ListKeys(), GetAll())
