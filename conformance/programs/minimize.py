"""From a failing program to a minimal one: drop operations, then make what is left simpler.

The minimizer knows programs, not bytes: it drops operations, unifies keys, takes plain keys and values for odd
ones and shorter texts for long ones, and asks after each step whether the fault is still there.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from conformance.programs.keys import related
from conformance.programs.material import Material
from conformance.programs.oddities import oddity, value_oddity
from conformance.programs.operations import WRITES, Move, Operation, Program, SetMany, Switch, keys_in, map_keys
from conformance.system.budget import Effort
from spec_store import Key

Test = Callable[[Program], bool]

COMPARED_KEYS = 20
"""Of so many keys it is counted how many are related: a program of more is not read for that."""

LONG_TEXT = 40

LONG_KEY = 16
"""Keys of more elements than this are made shorter by many at once."""


def minimize(program: Program, test: Test, material: Material, effort: Effort | None = None) -> Program:
    """The simplest program that `test` still holds of, as far as one step at a time leads.

    Args:
        program: a program that `test` holds of.
        test: runs a program on a new store and says whether the fault is there.
        material: the plain keys and values to prefer.
        effort: a limit on the replays.
    """
    effort = effort or Effort()
    memo: dict[str, bool] = {}

    def holds(candidate: Program) -> bool:
        mark = repr(candidate)
        if mark not in memo:
            memo[mark] = effort.spend() and test(candidate)
        return memo[mark]

    # First, for of many keys each would take a test to be made plain, and most tests are spent on dropping operations.
    program = _as_plain_as_at_once(program, holds, material)
    shrinking = True
    while shrinking:
        shorter = shortest(program, holds)
        simpler = _simplify(shorter, holds, material)
        shrinking = simpler != program
        program = simpler
    return program


def shortest(program: Program, holds: Test) -> Program:
    """What is left of a program once every operation is gone, in runs or alone, without which `holds` still holds."""
    size = max(1, len(program) // 2)
    while size:
        start = 0
        while start < len(program):
            shorter = program[:start] + program[start + size :]
            if shorter and holds(shorter):
                program = shorter
            else:
                start += size
        size //= 2
    return _without_two_switches(program, holds)


def _without_two_switches(program: Program, holds: Test) -> Program:
    """The program without pairs of switches, wherever they stand: one alone has another backend do all that follows."""
    switches = [number for number, operation in enumerate(program) if isinstance(operation, Switch)]
    for one, other in itertools.combinations(switches, 2):
        fewer = tuple(operation for number, operation in enumerate(program) if number not in (one, other))
        if fewer and holds(fewer):
            return shortest(fewer, holds)
    return program


def _as_plain_as_at_once(program: Program, holds: Test, material: Material) -> Program:
    """The program, plain in as many respects as can be at once; mostly nothing matters but the operations."""
    own = cost(program, material)
    for candidate in _plainest(program, material):
        if cost(candidate, material) < own and holds(candidate):
            return candidate
    return program


def _simplify(program: Program, holds: Test, material: Material) -> Program:
    program = _as_plain_as_at_once(program, holds, material)
    found = True
    while found:
        found, own = False, cost(program, material)
        for candidate in _simpler(program, material):
            if cost(candidate, material) < own and holds(candidate):
                program = candidate
                found = True
                break
    return program


def _plainest(program: Program, material: Material) -> Iterator[Program]:
    """Programs of the same length that are plain in many respects at once: all keys and values, or all of either."""
    values = tuple(
        attrs.evolve(one, value=material.value(number + 1), extra=False) if isinstance(one, WRITES) else one
        for number, one in enumerate(program)
    )
    keys = {key: material.plain_key(number) for number, key in enumerate(keys_in(program))}
    elements = dict.fromkeys(element for key in keys for element in key)
    plain = dict(zip(elements, material.elements, strict=False))
    for start in (values, program):
        yield tuple(map_keys(one, lambda key: keys.get(key, key)) for one in start)
        if len(plain) == len(elements):
            yield tuple(map_keys(one, lambda key: tuple(plain[element] for element in key)) for one in start)
    yield values


def _simpler(program: Program, material: Material) -> Iterator[Program]:
    """Programs of the same length that are simpler in one respect."""
    for number, operation in enumerate(program):
        if isinstance(operation, (*WRITES, Move)) and operation.extra:
            yield (*program[:number], attrs.evolve(operation, extra=False), *program[number + 1 :])
    keys = keys_in(program)
    plain = [material.plain_key(number) for number in range(3)]
    longer = [(*plain[0], *plain[1])] if len(plain[0]) * 2 <= material.lengths[1] else []
    for key in keys:
        for other in (*keys, *plain, *longer, *_shorter_keys(key, material)):
            if other != key:
                yield with_key(program, key, other)
    for element in dict.fromkeys(element for key in keys for element in key):
        for text in (*material.elements[:3], *_shorter_texts(element)):
            yield _with_element(program, element, text)
    for number, operation in enumerate(program):
        for simpler in _simpler_operations(operation, number, material):
            yield (*program[:number], simpler, *program[number + 1 :])


def with_key(program: Program, old: Key, new: Key) -> Program:
    """The program with one key in the place of another, wherever that stands."""

    def change(key: Key) -> Key:
        return new if key == old else key

    return tuple(map_keys(operation, change) for operation in program)


def _with_element(program: Program, old: str, new: str) -> Program:
    def change(key: Key) -> Key:
        return tuple(new if element == old else element for element in key)

    return tuple(map_keys(operation, change) for operation in program)


def _shorter_keys(key: Key, material: Material) -> Iterator[Key]:
    fewest, size = max(1, material.lengths[0]), len(key)
    if size > LONG_KEY:
        yield from (key[:part] + key[-1:] for part in (size // 2, size * 3 // 4, size - 8, size - 2) if part >= fewest)
    elif size > fewest:
        for number in range(size):
            yield key[:number] + key[number + 1 :]


def _shorter_texts(text: str) -> Iterator[str]:
    size = len(text)
    if size > LONG_TEXT:
        for part in (size // 2, size * 3 // 4, size * 7 // 8, size * 15 // 16, size - 8, size - 1):
            yield text[:part]
        yield text[0] * size
        return
    for number in range(size):
        yield text[:number] + text[number + 1 :]


def _simpler_operations(operation: Operation, number: int, material: Material) -> Iterator[Operation]:
    if isinstance(operation, SetMany):
        for count in (
            operation.count // 2,
            operation.count * 3 // 4,
            operation.count - 100,
            operation.count - 10,
            operation.count - 1,
        ):
            if count > 0:
                yield attrs.evolve(operation, count=count)
    if isinstance(operation, WRITES):
        for value in _simpler_values(operation.value, number, material):
            yield attrs.evolve(operation, value=value)


def _simpler_values(value: Any, number: int, material: Material) -> Iterator[Any]:
    yield material.value(number + 1)
    if isinstance(value, str):
        yield from _shorter_values(value)
    elif isinstance(value, bytes):
        yield from (shorter.encode("latin-1") for shorter in _shorter_values(value.decode("latin-1")))


def _shorter_values(text: str) -> Iterator[str]:
    size = len(text)
    if size > LONG_TEXT:
        for part in (size // 2, size * 3 // 4, size * 7 // 8, size * 15 // 16, size - 64, size - 8, size - 1):
            yield text[:part]
    else:
        for index in range(size):
            yield text[:index] + text[index + 1 :]


def cost(program: Program, material: Material) -> tuple[int, ...]:
    """How complicated a program is to read; each step of the minimizer lessens it."""
    keys = keys_in(program)
    return (
        len(program),
        sum(oddity(key) is not None for key in keys),
        len(keys),
        sum(related(*pair) for pair in itertools.combinations(keys[:COMPARED_KEYS], 2)),
        sum(map(len, keys)),
        sum(len(element) for key in keys for element in key),
        sum(_operation_cost(operation, number, material) for number, operation in enumerate(program)),
        sum(_rank(element, material) for key in keys for element in key),
    )


def _operation_cost(operation: Operation, number: int, material: Material) -> int:
    if isinstance(operation, SetMany):
        return operation.count
    if isinstance(operation, Move):
        return int(operation.extra)
    if not isinstance(operation, WRITES):
        return 0
    value = operation.value
    plain = value == material.value(number + 1)
    size = len(value) if isinstance(value, str | bytes) else 1
    odd = 0 if value_oddity(value) is None else 100
    return 1000 * operation.extra + (0 if plain else 1 + odd + size)


def _rank(element: str, material: Material) -> int:
    known = material.elements
    return known.index(element) if element in known else 10 + sum(map(ord, element[:8]))
