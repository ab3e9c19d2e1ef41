"""Keys that somebody's code takes for one another, all in one store, at each place that they may have in a key.

A function that is applied to keys (`transformations`) shows where a key and what it is made into are both stored, each
with its own value. Which operation applies it, and to which element, is not known, so every one gets its turn, and each
is spread over as few places as show it: with all at each there would be twice as many calls.

    place     keys                 what is done once all are stored        shows a function of
    --------  -------------------  --------------------------------------  -----------------------------------
    alone     (text,)              the first of each group is removed,     get, set, remove, has_key; the name
                                   all are asked for by has_key
    first     (text, "x")          it is listed as a prefix and removed,   list_keys, add; the first element
                                   and all are added
    last      ("x", text)          it is updated while it is missing,      move to it, update; the second and
                                   another is moved to it, all are         last element
                                   updated
    middle    ("x", text, "y")     it is moved away, and all are added or  move from it, add_or_update; all but
                                   updated                                 the ends
    whole     as they are          the same, but for the listing; the      the joined name, the order
                                   first two in one

A form that is absent is asked for and written as well as those that are stored: which of two keys a function makes of
the other is not known either.

That the others are intact is read in the end, for all at once; which one it was, by each group in a store of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.programs.material import Material
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    HasKey,
    ListKeys,
    Move,
    Operation,
    RemoveKey,
    Set,
    Update,
)
from conformance.programs.pieces import Batch, Piece, packed
from conformance.programs.transformations.catalogue import RELATIONS
from conformance.programs.transformations.ranges import RANGES
from conformance.programs.transformations.transformation import Match, Relation
from conformance.subject.subject import Subject
from spec_store import Key

KEYS_OF_A_STORE = 60
"""How many keys are in one store, about: enough to make an opening worth it, few enough to list them often."""

NEWER = 10_000
"""What the numbers of later values are counted from: more than there are keys."""

Group = tuple[Key, ...]


def transformed_keys(
    subject: Subject, material: Material, relations: Sequence[Relation] = RELATIONS
) -> Iterator[Batch]:
    """The batches of keys for a subject that takes any text as an element; for another there are none."""
    if subject.claims.elements is not None:
        return
    fewest, most = material.lengths
    texts, wholes = _groups(relations, of_texts=True), _groups(relations, of_texts=False)
    for pieces in (*_placed(texts, material), _whole(wholes, material)):
        fitting = [piece for piece in pieces if all(fewest <= len(key) <= most for key in piece.stored)]
        yield from packed(fitting, KEYS_OF_A_STORE)


def range_ends(subject: Subject, material: Material) -> Iterator[Batch]:
    """The batches of keys at the ends of ranges, likewise."""
    fewest, most = material.lengths
    if subject.claims.elements is None and fewest <= 1 and most >= 3:
        for number, (prefixes, keys) in enumerate(RANGES):
            yield Batch((Piece(_stored(keys, number, material), tuple(map(ListKeys, prefixes))),))


def _groups(relations: Sequence[Relation], *, of_texts: bool) -> tuple[Group, ...]:
    """The groups of texts, as keys of one element, or those of whole keys; those of one key as one."""
    merged: dict[Key, dict[Key, None]] = {}
    for one in relations:
        for first, *others in one.groups if _is_of_texts(one) is of_texts else ():
            merged.setdefault(first, {}).update(dict.fromkeys(others))
    return tuple((first, *others) for first, others in merged.items())


def _is_of_texts(one: Relation) -> bool:
    return isinstance(one, Match) or one.change is not None


def _placed(texts: Sequence[Group], material: Material) -> Iterator[list[Piece]]:
    x, y = material.elements[0], material.elements[-1]
    yield [_removed(group, number, material) for number, group in enumerate(texts)]
    yield [_listed(group, number, material) for number, group in _at(texts, lambda text: (text, x))]
    yield [_coming(group, number, material) for number, group in _at(texts, lambda text: (x, text))]
    yield [_going(group, number, material) for number, group in _at(texts, lambda text: (x, text, y))]


def _at(groups: Sequence[Group], place: Callable[[str], Key]) -> Iterator[tuple[int, Group]]:
    for number, group in enumerate(groups):
        yield number, tuple(place(*key) for key in group)


def _whole(wholes: Sequence[Group], material: Material) -> list[Piece]:
    makers = (_removed_and_added, _coming, _going)
    return [make(group, number, material) for make in makers for number, group in enumerate(wholes)]


def _stored(keys: Sequence[Key], number: int, material: Material) -> tuple[Set, ...]:
    """Each key set to a value that hardly any other key of the store has."""
    return tuple(Set(key, material.value(8 * number + each)) for each, key in enumerate(keys, 1))


def _rewritten(
    kind: Callable[[Key, Any], Operation], keys: Sequence[Key], number: int, material: Material
) -> Iterator[Operation]:
    """Each key written once more by operations of a kind, to a value that none had so far."""
    for each, key in enumerate(keys, 1):
        yield kind(key, material.value(NEWER + 8 * number + each))


def _removed(group: Group, number: int, material: Material) -> Piece:
    """The first of a group is removed: which of them are there?"""
    return Piece(_stored(group, number, material), (RemoveKey(group[0]), *map(HasKey, group)))


def _listed(group: Group, number: int, material: Material) -> Piece:
    """The first of a group is a prefix, and is removed; then none can be added but that one."""
    first = group[0]
    added = _added(group, number, material)
    return Piece(_stored(group, number, material), (ListKeys(first[:1]), RemoveKey(first), *added))


def _removed_and_added(group: Group, number: int, material: Material) -> Piece:
    """Both at once."""
    removed = _removed(group, number, material)
    return Piece(removed.filling, (*removed.using, *_added(group, number, material)))


def _added(group: Group, number: int, material: Material) -> Iterator[Operation]:
    first, *others = group
    return _rewritten(Add, (*others, first), number, material)


def _coming(group: Group, number: int, material: Material) -> Piece:
    """The first of a group cannot be updated before it is moved to, from a plain key; then all are updated."""
    first, *others = group
    plain = (*first[:-1], f"from{number}")
    updated = (Update(first, material.value(NEWER)), Move(plain, first), *_rewritten(Update, group, number, material))
    return Piece(_stored((*others, plain), number, material), updated)


def _going(group: Group, number: int, material: Material) -> Piece:
    """The first of a group is moved away, to a plain key; then all are added or updated."""
    first = group[0]
    moved = Move(first, (*first[:-1], f"to{number}"))
    return Piece(_stored(group, number, material), (moved, *_rewritten(AddOrUpdate, group, number, material)))
