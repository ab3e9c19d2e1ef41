"""Plainer variants of a program: each with one respect less in which the fault may lie.

A minimal program has the fewest operations and the plainest keys with which the *same* finding shows. The variants here
go on where that ends: they may show the fault under another requirement. If `Add(a, "1")` loses the key ("b",), the
finding is put to ADD-1; if `Set(a, "1")` loses it too, the fault is not about `add`, and the requirement is SET-2.

    variant                          if the fault stays, it is not about   as it is in
    -------------------------------  ------------------------------------  ----------------------------
    by one backend alone, by one     two that are open at once             REOPEN-2
    after the other, or what one of
    the two has done
    without one of the operations    that operation                        an update after a lost set
    `set` for add, update, ...,      the condition of the write            ADD-1 or SET-1
    for all of them or for one
    `set` of its value for a move    how the value came there, and that    KEY-4 or MOVE-5
                                     the source went
    one `set` for many, the first    how many keys there are               LIST-1, SET-1 or
    of them or the last                                                    KEY-4
    plain elements for odd ones      what the keys consist of              KEY-4, KEY-5
    a plain letter for odd ones      that character                        KEY-4 or KEY-6
    keys that are not related, all   that one key starts with another      KEY-6, REMOVE-2
    of them or one
"""

from collections.abc import Callable, Iterator, Sequence

from conformance.programs.counts import parent_of_many
from conformance.programs.keys import related
from conformance.programs.material import Material
from conformance.programs.minimize import with_key
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Move,
    Program,
    Reopen,
    Set,
    SetMany,
    Switch,
    Update,
    keys_in,
    map_keys,
)
from conformance.sequential.naming import reference_after
from spec_store import Key

DROPPED_FIRST = 8
"""Of a program of more operations, which needs nearly all of them for their number, the variants without one come last:
there are as many, and each costs a replay."""


def plainer_programs(program: Program, material: Material) -> Iterator[Program]:
    """The variants of a program, in the order of the table; some may be the program itself."""
    if Switch() in program:
        yield without_turns(program)
        yield one_after_the_other(program)
        yield from (of_one(program, which) for which in (0, 1))
    drops = (program[:number] + program[number + 1 :] for number in range(len(program)) if len(program) > 1)
    if len(program) <= DROPPED_FIRST:
        yield from drops
    yield from _with_plain_sets(program)
    yield _with_keys(program, _plain_elements(program, material))
    if material.values is None:
        yield _with_keys(program, lambda key: tuple(_lettered(element) for element in key))
    yield _with_keys(program, _unrelated(program, material))
    yield from _with_one_unrelated(program, material)
    yield from drops


def without_turns(program: Program) -> Program:
    """The program by one backend alone."""
    return tuple(operation for operation in program if operation != Switch())


def one_after_the_other(program: Program) -> Program:
    """The program with a backend that is opened anew wherever the other has had its turn."""
    return tuple(Reopen() if operation == Switch() else operation for operation in program)


def of_one(program: Program, which: int) -> Program:
    """What one of two backends that take turns has done, the first (0) or the other (1): its calls count the same."""
    turn, own = 0, []
    for operation in program:
        if operation == Switch():
            turn = 1 - turn
        elif turn == which:
            own.append(operation)
    return tuple(own)


def _with_plain_sets(program: Program) -> Iterator[Program]:
    if sum(isinstance(operation, Add | Update | AddOrUpdate) for operation in program) > 1:
        yield as_sets(program)
    for number, operation in enumerate(program):
        if isinstance(operation, Add | Update | AddOrUpdate):
            plain = Set(operation.key, operation.value, operation.extra)
            yield (*program[:number], plain, *program[number + 1 :])
        if isinstance(operation, Move) and operation.source != operation.dest:
            before = reference_after(program[:number])
            if before.has_key(operation.source):
                plain = Set(operation.dest, before.get(operation.source))
                yield (*program[:number], plain, *program[number + 1 :])
        if isinstance(operation, SetMany):
            for item in (operation.items()[0], operation.items()[-1]):
                yield (*program[:number], Set(*item), *program[number + 1 :])


def as_sets(program: Program) -> Program:
    """The program with `set` for every add, update and add_or_update."""
    return tuple(
        Set(operation.key, operation.value, operation.extra)
        if isinstance(operation, Add | Update | AddOrUpdate)
        else operation
        for operation in program
    )


def _with_keys(program: Program, change: Callable[[Key], Key]) -> Program:
    return tuple(map_keys(operation, change) for operation in program)


def _plain_elements(program: Program, material: Material) -> Callable[[Key], Key]:
    """A plain element for each different one, so that keys are as related, and as equal, as before."""
    elements = dict.fromkeys(element for key in keys_in(program) for element in key)
    plain = dict(zip(elements, material.elements, strict=False))
    if len(plain) < len(elements):
        return lambda key: key
    # The empty key is odd too. It stays where every plain element is taken: another key would not be a new one.
    empty = () if material.lengths[0] == 0 and len(elements) == len(material.elements) else (material.elements[-1],)
    return lambda key: tuple(plain[element] for element in key) if key else empty


def _lettered(element: str) -> str:
    """The element with a plain letter for every odd character: as alike to others as before, but plain."""
    return "".join(one if one.isascii() and (one.islower() or one.isdigit()) else "z" for one in element) or "z"


def _unrelated(program: Program, material: Material) -> Callable[[Key], Key]:
    """A plain key for each, none related to another: siblings where there are more than there are plain elements."""
    written = dict.fromkeys(key for operation in program for key in operation.keys)
    if len(written) > len(material.elements):
        return as_siblings(tuple(written), material)
    plain = {key: material.plain_key(number) for number, key in enumerate(written)}
    return lambda key: plain.get(key, key)


def as_siblings(keys: Sequence[Key], material: Material) -> Callable[[Key], Key]:
    """What makes a plain sibling of each of some keys, and leaves others as they are."""
    many = SetMany(parent_of_many(material), len(keys)).items()
    plain = {key: sibling for key, (sibling, _) in zip(keys, many, strict=True)}
    return lambda key: plain.get(key, key)


def _with_one_unrelated(program: Program, material: Material) -> Iterator[Program]:
    """The program with a plain key for one that is related to others; the others stay as odd, or as long, as before."""
    keys = keys_in(program)
    elements = {element for key in keys for element in key}
    plain = map(material.plain_key, range(len(material.elements)))
    free = next((key for key in plain if elements.isdisjoint(key)), None)
    if free is not None:
        for key in keys:
            if any(related(key, other) for other in keys):
                yield with_key(program, key, free)
