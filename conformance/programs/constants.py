"""Keys and values made of what the subject's own code knows (`probes.vocabulary`): its marks, its words, its numbers.

What a store does to a text of its own it may do to the whole, to what begins with it, to what ends with it, or where it
divides two parts; a number of its own may be a length, or how many there are of something:

    made of a text t     which                                               what is done
    -------------------  --------------------------------------------------  -------------------------------------------
    keys                 t, a t, t a, t x t as only element                  each is stored, one is removed, one moved
                         t as the first of two elements, and as the last     away; it is listed as a prefix
    values               t, t a, a t, t x t of one key, t again at the end   each read; has_key besides

    made of a number n   which                                               what is done
    -------------------  --------------------------------------------------  -------------------------------------------
    values               n - 1, n, n + 1, 2 n, 2 n + 1 and 3 n characters    each read
    an element           n - 1, n and n + 1 characters                       all stored at once, and each read
    siblings             one after the other                                 listed at n - 1, n and n + 1

None of it is a text that a correct store may take for another; what it reserves for itself, it refuses.
"""

from collections.abc import Iterator, Sequence

from conformance.programs.changing_values import keys_of_a_value
from conformance.programs.counts import parent_of_many
from conformance.programs.extents import Extent, Sweep, extent
from conformance.programs.keys import ID_KEY
from conformance.programs.material import Material
from conformance.programs.operations import (
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
    SetMany,
    Update,
)
from conformance.programs.pieces import Batch, Piece, packed
from conformance.programs.sizes import about, text_of
from conformance.subject.subject import Claims, Subject
from spec_store import Key

KNOWN_OF_A_STORE = 80
"""How many keys are in one store, about."""

LARGEST = (130, 1100, 5000)
"""The largest number that each extent has."""


def constants_in_keys_and_values(subject: Subject, material: Material) -> Iterator[Batch]:
    """The batches of texts that the subject's code knows: in keys if it takes any elements, in values if any text."""
    texts = material.vocabulary.texts
    if subject.claims.elements is None:
        yield from packed([_in_keys(text, number, material) for number, text in enumerate(texts)], KNOWN_OF_A_STORE)
    if subject.claims.values is None:
        written = [_in_values(text, keys_of_a_value(number, material)[0]) for number, text in enumerate(texts)]
        yield from packed(written, KNOWN_OF_A_STORE // 2)


def _in_keys(text: str, number: int, material: Material) -> Piece:
    """Keys that have a text in every place, each with its own value."""
    fewest, most = material.lengths
    x = material.elements[0]
    alone: list[Key] = [(one,) for one in (text, f"a{text}", f"{text}a", f"{text}x{text}")]
    keys = [key for key in (*alone, (text, x), (x, text)) if fewest <= len(key) <= most and key != ID_KEY]
    keys = keys or [(*(x,) * (fewest - 1), text)[:most]]
    filling = tuple(Set(key, material.value(8 * number + each)) for each, key in enumerate(keys, 1))
    removed, moved = keys[len(keys) // 2], keys[-1]
    dest = (*moved[:-1], f"to{number}")
    using = (HasKey(keys[0]), ListKeys(moved[:1]), RemoveKey(removed), HasKey(removed), Move(moved, dest))
    return Piece(filling, using)


def _in_values(text: str, key: Key) -> Piece:
    read = Get(key)
    written = (Set(key, f"{text}a"), read, Update(key, f"a{text}"), read, Set(key, f"{text}x{text}"), read)
    return Piece((), (Set(key, text), read, HasKey(key), *written, Update(key, text), read, HasKey(key)))


def constant_sweeps(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweep of the numbers that the subject's code knows, but for those that others sweep; none without any."""
    powers = {size for power in range(13) for size in about(power)}
    numbers = sorted(set(material.vocabulary.numbers) - powers)
    if not numbers or claims.elements is not None:
        return ()
    reached = {most: [number for number in numbers if number <= most] for most in LARGEST}
    extents = [_extent(few, claims, material) for most, few in reached.items() if few and most <= _enough(numbers[-1])]
    return (Sweep("numbers that its code knows", tuple(extents)),)


def _enough(largest: int) -> int:
    """The nearest reach that has every number."""
    return next(most for most in LARGEST if largest <= most)


def _extent(numbers: Sequence[int], claims: Claims, material: Material) -> Extent:
    def make() -> Iterator[Program]:
        if claims.values is None:
            yield tuple(_lengths(numbers, material))
        yield tuple(_elements(numbers, material))
        yield tuple(_counts(numbers, material))

    return extent(f"to {numbers[-1]:,}", make)


def _lengths(numbers: Sequence[int], material: Material) -> Iterator[Operation]:
    key = material.plain_key(0)
    yield ReadId()
    for number in numbers:
        for size in (number - 1, number, number + 1, 2 * number, 2 * number + 1, 3 * number):
            yield Set(key, text_of("varied", size))
            yield Get(key)
    yield ReadId()


def _elements(numbers: Sequence[int], material: Material) -> Iterator[Operation]:
    above = material.plain_key(0)[1:]
    sizes = sorted({size for number in numbers for size in (number - 1, number, number + 1)})
    keys = [(*above, "n" * size) for size in sizes]
    yield from (Set(key, material.value(number)) for number, key in enumerate(keys))
    yield from map(Get, keys)
    yield ListKeys()


def _counts(numbers: Sequence[int], material: Material) -> Iterator[Operation]:
    parent = parent_of_many(material)
    listed = {count for number in numbers for count in (number - 1, number, number + 1)}
    for count, (key, value) in enumerate(SetMany(parent, numbers[-1] + 1).items(), 1):
        yield Set(key, value if material.values is None else material.value(count))
        if count in listed:
            yield from (ListKeys(parent), Get(key), HasKey(key))
    yield from (GetAll(), ReadId())
