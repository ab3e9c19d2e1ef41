"""Plainer variants of a program: each with one respect less in which the fault may lie.

A minimal program has the fewest operations and the plainest keys with which the *same* finding shows. The variants here
go on where that ends: they may show the fault under another requirement. If `Add(a, "1")` loses the key ("b",), the
finding is put to ADD-1; if `Set(a, "1")` loses it too, the fault is not about `add`, and the requirement is SET-2.

    variant                          if the fault stays, it is not about   as it is in
    -------------------------------  ------------------------------------  ----------------------------
    by one backend alone             two that are open at once             REOPEN-2
    without one of the operations    that operation                        an update after a lost set
    `set` for add, update, ...,      the condition of the write            ADD-1 or SET-1
    for all of them or for one
    `set` of its value for a move    how the value came there, and that    KEY-4 or MOVE-5
                                     the source went
    one `set` for many, the first    how many keys there are               LIST-1, SET-1 or
    of them or the last                                                    KEY-4
    plain elements for odd ones      what the keys consist of              KEY-4, KEY-5
    a plain letter for odd ones      that character                        KEY-4 or KEY-6
    keys that are not related        that one key starts with another      KEY-6, REMOVE-2
"""

from collections.abc import Callable, Iterator

from conformance.programs.material import Material
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Move,
    Program,
    Set,
    SetMany,
    Switch,
    Update,
    keys_in,
    map_keys,
)
from conformance.sequential.naming import reference_after
from spec_store import Key


def plainer_programs(program: Program, material: Material) -> Iterator[Program]:
    """The variants of a program, in the order of the table; some may be the program itself."""
    if Switch() in program:
        yield without_turns(program)
    if len(program) > 1:
        for number in range(len(program)):
            yield program[:number] + program[number + 1 :]
    yield from _with_plain_sets(program)
    yield _with_keys(program, _plain_elements(program, material))
    if material.values is None:
        yield _with_keys(program, lambda key: tuple(_lettered(element) for element in key))
    yield _with_keys(program, _unrelated(program, material))


def without_turns(program: Program) -> Program:
    """The program by one backend alone."""
    return tuple(operation for operation in program if operation != Switch())


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
    written = dict.fromkeys(key for operation in program for key in operation.keys)
    plain = {key: material.plain_key(number) for number, key in enumerate(written)}
    return lambda key: plain.get(key, key)
