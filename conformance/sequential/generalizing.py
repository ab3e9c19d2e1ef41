"""Plainer variants of a program."""

from collections.abc import Callable, Iterator

from conformance.programs.material import Material
from conformance.programs.operations import Add, AddOrUpdate, Program, Set, SetMany, Update, keys_in, map_keys
from spec_store import Key


def plainer_programs(program: Program, material: Material) -> Iterator[Program]:
    for number in range(len(program)):
        if len(program) > 1:
            yield program[:number] + program[number + 1 :]
    for number, operation in enumerate(program):
        if isinstance(operation, Add | Update | AddOrUpdate):
            plain = Set(operation.key, operation.value, operation.extra)
            yield (*program[:number], plain, *program[number + 1 :])
        if isinstance(operation, SetMany):
            yield (*program[:number], Set(*operation.items()[0]), *program[number + 1 :])
    yield _with_keys(program, _plain_elements(program, material))
    if material.values is None:
        yield _with_keys(program, lambda key: tuple(_lettered(element) for element in key))
    yield _with_keys(program, _unrelated(program, material))


def _with_keys(program: Program, change: Callable[[Key], Key]) -> Program:
    return tuple(map_keys(operation, change) for operation in program)


def _plain_elements(program: Program, material: Material) -> Callable[[Key], Key]:
    elements = dict.fromkeys(element for key in keys_in(program) for element in key)
    plain = dict(zip(elements, material.elements, strict=False))
    if len(plain) < len(elements):
        return lambda key: key
    empty = () if material.lengths[0] == 0 and len(elements) == len(material.elements) else (material.elements[-1],)
    return lambda key: tuple(plain[element] for element in key) if key else empty


def _lettered(element: str) -> str:
    """The element with a plain letter for every odd character: as alike to others as before, but plain."""
    return "".join(one if one.isascii() and (one.islower() or one.isdigit()) else "z" for one in element) or "z"


def _unrelated(program: Program, material: Material) -> Callable[[Key], Key]:
    written = dict.fromkeys(key for operation in program for key in operation.keys)
    plain = {key: material.plain_key(number) for number, key in enumerate(written)}
    return lambda key: plain.get(key, key)
