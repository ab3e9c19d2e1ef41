"""From a program of thousands of operations that goes wrong somewhere to a short one that goes wrong alike.

Sweeps go to the ends of a dimension in one program. Where such a program diverges at its n-th operation, to take the
others out one by one would cost n programs of n operations. But what a sweep has swept is known, and so is what may be
behind it, so that short programs are made first; the first that diverges alike at its end is taken:

    what may be behind it                    the program
    ---------------------------------------  -------------------------------------------------------------------------
    the value, or the key                    the last write of the key, and the operation
    what was there before                    the last two writes of the key
    a key that is taken for another          the last write of each of both, if what came is the other's
    how many keys there are                  that many siblings by one `SetMany`, the last write of the key
    how many writes or calls there were      likewise, with as many siblings as there were calls before
    how often the key was written, or read   its operations alone
    what was written since                   the last two writes of the key, and some dozens of those that follow
    what was done just before, among many    a `SetMany` of as many siblings, and the last few operations, or dozens
    how many were removed                    the writes alone, those of siblings by one `SetMany`

Only what none of these shows is cut: by halves, while its effort lasts. All of that is done barely, and a session sees
none but the program that is left. Example: at 97 siblings `list_keys` omits one, after 400 operations. `SetMany` of 97
siblings and the listing show it too, and triage makes no more of these two.
"""

from collections.abc import Callable, Iterator
from functools import partial

import attrs

from conformance.harness.harness import Harness
from conformance.programs.counts import parent_of_many
from conformance.programs.minimize import shortest
from conformance.programs.operations import (
    Get,
    ListKeys,
    Operation,
    Program,
    ReadId,
    Reopen,
    Set,
    SetMany,
    keys_in,
    map_keys,
)
from conformance.programs.outcomes import Hung, Returned, same
from conformance.sequential.bare import READ_THROUGHOUT, divergences, judge_divergence
from conformance.sequential.candidates import Candidate, Candidates
from conformance.sequential.divergence import Divergence, finding_of, is_on
from conformance.sequential.naming import reference_after
from conformance.sequential.observing import AT_THE_END
from spec_store import Key

TOO_LONG = 60
"""How many operations a program has at most to be put to a session, and made smaller in triage."""

FOLLOWING = (12, 50, 200)
"""After so many further writes a value may be gone that was there when it was written."""

BEFORE = (1, 3, 8, 24, 56)
"""How many operations just before one may be what it takes, among many keys."""

PLAIN_SIZE = 40
"""A key of no more elements, of no more characters each, is short enough."""


@attrs.define
class Cuts:
    """How many operations cutting may cost, in all programs of a search together."""

    operations: float

    def spend(self, program: Program) -> bool:
        """Take what one try costs; False when there is not so much left."""
        cost = sum(operation.count if isinstance(operation, SetMany) else 1 for operation in program)
        if cost > self.operations:
            return False
        self.operations -= cost
        return True


def judge_long(harness: Harness, divergence: Divergence, candidates: Candidates, cuts: Cuts) -> None:
    """Make a program that diverges shorter, and keep what a session finds in it; or what was seen, if that is nothing.

    Args:
        harness: the subject.
        divergence: where a program diverges.
        candidates: what programs have shown, to which it is added.
        cuts: how many operations it may cost.
    """
    short = shortened(harness, divergence, cuts)
    if len(short.program) <= TOO_LONG:
        judge_divergence(harness, short, candidates)
    else:
        told = _by_state(harness, short) or short
        candidates.add(Candidate(told.program, finding_of(told), AT_THE_END))


def shortened(harness: Harness, divergence: Divergence, cuts: Cuts) -> Divergence:
    """The divergence by a shorter program, if one is found, with a key as short as shows it."""
    if isinstance(divergence.actual, Hung):
        return divergence

    def alike(program: Program) -> Divergence | None:
        if not cuts.spend(program):
            return None
        found = (one for one in divergences(harness, program) if one.likeness == divergence.likeness)
        return next(found, None)

    made = {repr(program): program for program in _made(divergence, parent_of_many(harness.material))}  # no hash needed
    for program in made.values():
        if len(program) < len(divergence.program) and (found := alike(program)) is not None:
            divergence = found
            break
    if len(divergence.program) > READ_THROUGHOUT:
        last = divergence.operation
        setup = shortest(divergence.program[:-1], lambda setup: alike((*setup, last)) is not None)
        return alike((*setup, last)) or divergence
    for cut in (_with_elements, _with_characters):
        divergence = _least(divergence, cut, alike)
    return divergence


def _least(
    divergence: Divergence,
    cut: Callable[[Program, int], Program],
    alike: Callable[[Program], Divergence | None],
) -> Divergence:
    """The divergence with a key of the least size that shows it: where one does, all longer ones are taken to do."""
    fails, size = 0, max(map(partial(_size, cut), keys_in(divergence.program)), default=0)
    while size > PLAIN_SIZE and size - fails > 1:
        middle = (fails + size) // 2
        found = alike(cut(divergence.program, middle))
        if found is None:
            fails = middle
        else:
            divergence, size = found, middle
    return divergence


def _size(cut: Callable[[Program, int], Program], key: Key) -> int:
    return len(key) if cut is _with_elements else max(map(len, key), default=0)


def _with_elements(program: Program, most: int) -> Program:
    """A program whose keys have no more elements: of longer ones, the first and the last."""

    def shorter(key: Key) -> Key:
        return key if len(key) <= most else (*key[: most - 1], key[-1])

    return tuple(map_keys(operation, shorter) for operation in program)


def _with_characters(program: Program, most: int) -> Program:
    """A program whose elements have no more characters."""
    return tuple(map_keys(operation, lambda key: tuple(element[:most] for element in key)) for operation in program)


def _made(divergence: Divergence, parent: Key) -> Iterator[Program]:
    """The short programs that may show a divergence, the shortest first."""
    setup, last = divergence.program[:-1], divergence.operation
    key = last.keys[0] if last.keys else None
    writes = [operation for operation in setup if operation.writes]
    own = [_alone(operation, key) for operation in writes if key is not None and is_on(operation, key)]
    reopened = (Reopen(),) if Reopen() in setup else ()
    for ending in ((*reopened, last), (last,)) if reopened else ((last,),):  # a value in them need not have a hash
        yield (*own[-1:], *ending)
        yield (*own[-2:], *ending)
        yield from ((*both, *ending) for both in _taken_for(divergence, own))
    reference = reference_after(setup)
    counts = (len(reference.list_keys()), len(writes) - len(own[-1:]), len(setup) - len(own[-1:]))
    for count in dict.fromkeys(count for count in counts if count > 0):
        many = SetMany(parent, count)
        if key is None or key not in dict(many.items()):  # else nobody could say which of the sets was to blame
            yield (many, last)
        yield (many, *own[-1:], last)
    many_keys = (SetMany(parent, counts[0]),) if counts[0] else ()
    # That an id is another than before shows only where it has been read before.
    first = (last,) if isinstance(last, ReadId) else ()
    for before in BEFORE:
        latest = tuple(one for one in setup[-before:] if not isinstance(one, SetMany))
        yield (*first, *latest, last)
        yield (*many_keys, *first, *latest, last)
    if key is not None:
        yield (*(operation for operation in setup if is_on(operation, key)), last)
        later = writes[max((at for at, one in enumerate(writes) if is_on(one, key)), default=0) + 1 :]
        many_sets = [one for one in writes if isinstance(one, SetMany)]
        for count in FOLLOWING:
            yield (*own[-2:], *later[:count], last)
            yield (*many_sets, *own[-1:], *later[:count], last)
    yield (*_gathered(writes), last)
    yield (*writes, last)


def _alone(operation: Operation, key: Key | None) -> Operation:
    """The operation; of many sets, that of one key."""
    if isinstance(operation, SetMany) and key is not None:
        return Set(key, dict(operation.items())[key])
    return operation


def _taken_for(divergence: Divergence, own: list[Operation]) -> Iterator[Program]:
    """The last write of a key, and of each that holds what came instead of its value: the other one first, and last."""
    actual = divergence.actual
    if not own or not isinstance(actual, Returned) or not isinstance(divergence.operation, Get):
        return
    reference = reference_after(divergence.program[:-1])
    for other in reference.list_keys():
        if other != divergence.operation.key and same(reference.get(other), actual.value):
            written = Set(other, actual.value)
            yield (own[-1], written)
            yield (written, own[-1])


def _gathered(writes: list[Operation]) -> Program:
    """Writes, the first of them as one `SetMany` as far as they set one sibling after the other."""
    first = writes[0] if writes else None
    if not isinstance(first, Set):
        return tuple(writes)
    many = SetMany(first.key[:-1], len(writes)).items()
    count = next(
        (
            number
            for number, (write, (key, _)) in enumerate(zip(writes, many, strict=True))
            if not isinstance(write, Set) or write.key != key
        ),
        len(writes),
    )
    return (SetMany(first.key[:-1], count), *writes[count:]) if count > 1 else tuple(writes)


# What cannot be made short, as a finding


def _by_state(harness: Harness, divergence: Divergence) -> Divergence | None:
    """The divergence of a get in place of a listing, if the state of a key is wrong that is listed wrongly."""
    last, actual = divergence.operation, divergence.actual
    setup = divergence.program[:-1]
    if not isinstance(last, ListKeys) or not isinstance(actual, Returned) or not isinstance(actual.value, list):
        return None
    listed = {key for key in actual.value if isinstance(key, tuple)}
    wrong = sorted(listed.symmetric_difference(reference_after(setup).list_keys(last.prefix)), key=repr)
    program = (*setup, *map(Get, wrong[:1]))
    if not wrong:
        return None
    return next((one for one in divergences(harness, program) if one.operation == Get(wrong[0])), None)
